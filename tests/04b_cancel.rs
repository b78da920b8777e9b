//! Step 04b: what is cancelled ends early, or never begins; what does not listen is killed.

use std::process::Command;

use hands::timeline::Trace;
use harness::{Run, Step, pythons};

/// Long enough that all workers have started before the first sleep ends.
const UNIT: &str = "0.3";

fn run(kind: &str, workers: &str) -> Run {
    let args = ["--seconds", UNIT, "--kind", kind, "--workers", workers];
    let run = Step::new("04b_cancel").args(args).run();
    assert!(run.status.success(), "{}", run.stderr);
    run
}

fn names(part: &Trace) -> Vec<&str> {
    let mut names: Vec<_> = part.spans().iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    names
}

fn part(run: &Run, name: &str) -> Trace {
    run.trace().section(name).unwrap_or_else(|| panic!("no section {name}"))
}

#[test]
fn the_first_failure_ends_what_runs_and_the_rest_never_begins() {
    for kind in ["threads", "processes"] {
        let run = run(kind, "4");
        let failed =
            "task 3, with the input Nap { time: 300ms, ends_badly: true }, failed: out of luck";
        assert!(run.stdout.contains(failed), "{kind}: {}", run.stdout);
        let part = part(&run, "first failure");
        assert_eq!(names(&part), ["sleep 0.3", "sleep 0.6", "sleep 0.9", "sleep 1.2"], "{kind}");
        let of = |name: &str| part.spans().iter().find(|span| span.name == name).unwrap();
        let long = of("sleep 1.2");
        assert!(long.end >= of("sleep 0.3").end, "{kind}: it ran until the shortest had failed");
        assert!((long.end - long.start).as_secs_f64() < 1.2, "{kind}: and then no longer");
    }
}

#[test]
fn a_deadline_keeps_what_is_done_and_ends_the_rest() {
    for kind in ["threads", "processes"] {
        let run = run(kind, "1");
        let (_, rest) = run.stdout.split_once("Until the deadline").unwrap();
        let lines: Vec<&str> = rest.lines().collect();
        assert!(
            lines.contains(&"Stopped in its 1.2 second(s): cancelled at its deadline"),
            "{rest}"
        );
        for task in 1..5 {
            let line = format!("It never began, or did not listen: task {task} was cancelled");
            assert!(lines.contains(&line.as_str()), "{kind}: {rest}");
        }
        assert_eq!(names(&part(&run, "deadline")), ["sleep 1.2"], "{kind}: one worker, one task");
    }
}

#[test]
fn a_task_that_listens_stops_and_one_that_does_not_is_killed_with_its_process() {
    let threads = run("threads", "2");
    assert!(threads.stdout.contains("One that listens:\nIt has listened: cancelled\n"));
    assert!(threads.stdout.contains("A thread that does not listen cannot be ended."));

    let processes = run("processes", "2");
    assert!(processes.stdout.contains("One that listens:\nIt has listened: cancelled\n"));
    let killed = "One that does not listen:\nIt was ended: task 1 was cancelled\n";
    assert!(processes.stdout.contains(killed), "{}", processes.stdout);
    assert_eq!(names(&part(&processes, "One that listens")), ["count"]);
    let killed = part(&processes, "One that does not listen");
    assert!(killed.spans().is_empty(), "what a process has not told dies with it");
}

#[test]
fn a_call_that_blocks_ends_by_its_own_time_limit() {
    let run = Step::new("04c_blocking").args(["--seconds", "0.2"]).run();
    assert!(run.status.success(), "{}", run.stderr);
    for said in
        ["A socket: nothing came in time: ", "A request: no answer in time: timeout: global\n"]
    {
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    assert_eq!(names(&run.trace()), ["get", "read"]);
}

#[test]
fn the_twin_says_the_same_in_every_python() {
    for python in pythons() {
        for kind in ["threads", "processes"] {
            let mut twin = Command::new(&python.program);
            twin.args(["examples/python/04b_cancel.py", "--seconds", "0.3", "--kind", kind]);
            let output = twin.current_dir(harness::root()).output().expect("Python is installed");
            let said = String::from_utf8(output.stdout).unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {errors}", python.version);
            assert_eq!(said.matches("\nIt failed: out of luck\n").count(), 2, "{said}");
            for seconds in ["0.6", "0.9", "1.2"] {
                let runs_on = format!("\nDone sleeping {seconds} second(s)\n");
                let stopped = format!("\nStopped in its {seconds} second(s)\n");
                assert!(said.contains(&runs_on) && said.contains(&stopped), "{said}");
            }
            let killed =
                said.contains("One that does not listen:\nIt was ended: BrokenProcessPool\n");
            assert_eq!(killed, kind == "processes", "{}: {said}", python.version);
        }
    }
}

#[test]
fn help_and_bad_values() {
    let help = Step::new("04b_cancel").arg("--help").run();
    for flag in ["--seconds <S>", "--workers <N>", "--kind <KIND>", "--timeline <FILE>"] {
        assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
    }
    for bad in ["--workers=0", "--seconds=x", "--kind=async"] {
        let run = Step::new("04b_cancel").arg(bad).run();
        assert_eq!(run.status.code(), Some(2), "{bad}: {}", run.stderr);
    }
}
