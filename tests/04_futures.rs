//! Step 04: submit now, collect later; what goes wrong arrives as a value.

use std::collections::HashSet;
use std::time::Duration;

use hands::cancel::Token;
use hands::panics::Panicked;
use hands::pool::{Failure, ThreadPool};
use hands::timeline::{Span, Trace};
use harness::{Run, Step};

/// Long enough that all workers have started before the first sleep ends.
const UNIT: &str = "0.2";
const IN_ORDER: [&str; 5] = ["0.8", "0.6", "0.4", "0.2", "1"];

fn run(kind: &str, workers: &str) -> Run {
    run_with(UNIT, kind, workers)
}

/// Tasks of at most two seconds with a limit of four: even a busy machine keeps to that.
fn run_slowly(workers: &str) -> Run {
    run_with("0.4", "processes", workers)
}

fn run_with(unit: &str, kind: &str, workers: &str) -> Run {
    let args = ["--seconds", unit, "--kind", kind, "--workers", workers];
    let run = Step::new("04_futures").args(args).run();
    assert!(run.status.success(), "{}", run.stderr);
    run
}

fn part(run: &Run, name: &str) -> Trace {
    run.trace().section(name).unwrap_or_else(|| panic!("no section {name}"))
}

/// The seconds in the lines `Done sleeping N second(s)`, in the order in which they were printed.
fn done(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .filter_map(|line| line.strip_prefix("Done sleeping ")?.strip_suffix(" second(s)"))
        .collect()
}

/// Each fate, and what was printed about it, in that order.
fn fates(run: &Run) -> Vec<(&str, &str)> {
    let (_, last_part) = run.stdout.split_once("And what becomes of these:").unwrap();
    let before = last_part.split("Finished").next().unwrap();
    before.lines().filter_map(|line| line.split_once(": ")).collect()
}

fn pids(part: &Trace) -> HashSet<u32> {
    part.spans().iter().map(|span| part.rows()[span.row].pid).collect()
}

#[test]
fn results_come_as_they_complete_and_then_in_order() {
    for kind in ["threads", "processes"] {
        let run = run(kind, "4");
        let done = done(&run.stdout);
        assert_eq!(done[5..], IN_ORDER, "{kind}");

        let part = part(&run, "as completed");
        let end = |seconds: &&str| {
            let name = format!("sleep {seconds}");
            part.spans().iter().find(|span| span.name == name).unwrap().end
        };
        let ends: Vec<_> = done[..5].iter().map(end).collect();
        // Tasks that ended at nearly the same moment may come in either order.
        let near = Duration::from_millis(100);
        assert!(ends.is_sorted_by(|a, b| *a < *b + near), "{kind}: {:?}", &done[..5]);
        assert_eq!(done[..5].iter().collect::<HashSet<_>>().len(), 5, "{kind}: {:?}", &done[..5]);
    }
}

#[test]
fn all_workers_are_busy_at_once_and_the_first_submitted_starts_first() {
    for (kind, workers) in [("threads", 4), ("processes", 4), ("processes", 1)] {
        let run = run(kind, &workers.to_string());
        for name in ["as completed", "in order"] {
            let part = part(&run, name);
            assert_eq!((part.spans().len(), part.at_once()), (5, workers), "{kind}, {name}");
            let mut starts: Vec<&Span> = part.spans().iter().collect();
            starts.sort_by_key(|span| span.start);
            if workers == 1 {
                let names: Vec<_> = starts.iter().map(|s| s.name.replace("sleep ", "")).collect();
                assert_eq!(names, IN_ORDER, "{name}: first in, first out");
            }
            assert_eq!(starts[4].name, "sleep 1", "{kind}, {name}: the last one starts last");
            let mains = pids(&part).contains(&run.pid);
            assert_eq!(mains, kind == "threads", "{kind}, {name}: which process did the work?");
        }
    }
}

#[test]
fn a_join_timeout_stops_the_waiting_and_not_the_task() {
    for kind in ["threads", "processes"] {
        let run = run(kind, "4");
        assert!(run.stdout.contains("Not done yet, and it goes on"), "{}", run.stdout);
        let part = part(&run, "in order");
        let names: Vec<_> = part.spans().iter().filter(|s| s.name == "sleep 0.8").collect();
        assert_eq!(names.len(), 1, "{kind}: it ran once, and to its end");
    }
}

#[test]
fn on_threads_an_error_and_a_panic_are_values() {
    let run = run("threads", "4");
    let mut fates = fates(&run);
    fates.sort_unstable();
    assert_eq!(fates.len(), 5, "{fates:?}");
    assert_eq!(fates[0].0, "Error");
    assert!(fates[0].1.starts_with("it ran, and returned: No such file"), "{fates:?}");
    assert_eq!(fates[1].0, "Panic");
    assert!(
        fates[1].1.starts_with("task 12 panicked at examples/04_futures/tasks.rs:"),
        "{fates:?}"
    );
    assert!(fates[1].1.ends_with(": out of luck"), "{fates:?}");
    assert_eq!(fates[2..], [("Well", "Done sleeping"); 3]);
    assert!(!run.stderr.contains("panicked"), "it is reported once: {}", run.stderr);
}

#[test]
fn on_processes_a_crash_and_a_timeout_are_values_too_and_harm_no_other() {
    let run = run_slowly("4");
    let mut fates = fates(&run);
    assert_eq!(fates.last().unwrap().0, "Hang", "nobody waits longer: {fates:?}");
    fates.sort_unstable();
    let said: Vec<&str> = fates.iter().map(|(fate, _)| *fate).collect();
    assert_eq!(said, ["Crash", "Error", "Hang", "Panic", "Well"], "{fates:?}");
    assert_eq!(fates[0].1, "task 1 crashed: its process was ended by signal 6 (SIGABRT)");
    assert!(fates[1].1.starts_with("it ran, and returned: No such file"), "{fates:?}");
    assert_eq!(fates[2].1, "task 0 timed out: it ran for more than 4 second(s)");
    assert!(fates[3].1.ends_with(": out of luck"), "{fates:?}");
    assert_eq!(fates[4].1, "Done sleeping");

    // Tasks that were killed have no span. The others are all there.
    let part = part(&run, "what goes wrong");
    let mut names: Vec<_> = part.spans().iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["sleep 0.4", "sleep 0.8", "sleep 2"]);
}

#[test]
fn a_worker_that_replaces_a_crashed_one_does_the_rest() {
    let run = run_slowly("2");
    let part = part(&run, "what goes wrong");
    let all: HashSet<u32> =
        part.rows().iter().map(|row| row.pid).filter(|pid| *pid != run.pid).collect();
    assert_eq!(all.len(), 3, "one hangs, one crashes, one is new: {:?}", part.rows());
    assert_eq!(part.spans().len(), 3, "{:?}", part.spans());
    assert_eq!(pids(&part).len(), 1, "{:?}", part.spans());
}

// ANCHOR: failures
fn what_to_do(failure: Failure) -> String {
    match failure {
        Failure::Panicked(Panicked { message, place }) => {
            format!("fix the bug at {place}: {message}")
        }
        Failure::Crashed { signal: Some(9), .. } => "give it more memory: it was killed".to_owned(),
        Failure::Crashed { signal: Some(n), .. } => format!("try it once more: signal {n}"),
        Failure::Crashed { code, .. } => format!("find out who calls exit: {code:?}"),
        Failure::TimedOut { limit } => format!("skip this input: it takes more than {limit:?}"),
        Failure::Codec { reason } => format!("send a value of another type: {reason}"),
        Failure::Cancelled => "nothing: that was the idea".to_owned(),
        Failure::OwnPool => "use a second pool inside of the task".to_owned(),
        Failure::Unregistered { name } => format!("name {name} in init"),
        Failure::NoWorker { reason } => format!("ask for fewer workers: {reason}"),
        other => other.to_string(), // there may be more of them one day
    }
}
// ANCHOR_END: failures

#[test]
fn each_failure_says_what_to_do_about_it() {
    let pool = ThreadPool::new(1).unwrap();
    let panicked = pool.submit(|n: u32| assert_eq!(n, 7), 8).join().unwrap_err().failure;
    assert!(what_to_do(panicked).starts_with("fix the bug at tests/04_futures.rs:"));
    let refused = pool.token(&cancelled()).submit(|n: u32| n, 7).join().unwrap_err().failure;
    assert_eq!(what_to_do(refused), "nothing: that was the idea");
    let crashed = |signal, code| what_to_do(Failure::Crashed { signal, code });
    assert_eq!(crashed(Some(9), None), "give it more memory: it was killed");
    assert_eq!(crashed(Some(11), None), "try it once more: signal 11");
    assert_eq!(crashed(None, Some(1)), "find out who calls exit: Some(1)");
}

fn cancelled() -> Token {
    let token = Token::new();
    token.cancel();
    token
}

#[test]
fn help_and_bad_values() {
    let help = Step::new("04_futures").arg("--help").run();
    for flag in ["--seconds <S>", "--workers <N>", "--kind <KIND>", "--timeline <FILE>"] {
        assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
    }
    for bad in ["--workers=0", "--seconds=x", "--kind=async"] {
        let run = Step::new("04_futures").arg(bad).run();
        assert_eq!(run.status.code(), Some(2), "{bad}: {}", run.stderr);
    }
}
