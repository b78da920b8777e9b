//! Step 07: workers that need each other's results: channels, shared state, shared memory, a
//! deadlock.

use std::collections::HashSet;
use std::time::Duration;

use hands::timeline::Trace;
use harness::{Run, Step};

const SMALL: [&str; 6] = ["--workers", "3", "--size", "100", "--steps", "10"];

/// Large enough that a step takes far longer than the system leaves a core to one of two threads
/// that want it. So the two bands overlap even if they have only one core.
const LARGE: [&str; 6] = ["--workers", "2", "--size", "3000", "--steps", "2"];

#[track_caller]
fn run(step: &str, args: &[&str]) -> Run {
    let run = Step::new(step).args(args).run();
    assert!(run.status.success(), "{}\n{}", run.stdout, run.stderr);
    run
}

fn part(run: &Run, name: &str) -> Trace {
    run.trace().section(name).unwrap_or_else(|| panic!("no section {name}"))
}

/// What follows `checksum` in each line that has it.
fn checksums(run: &Run) -> Vec<&str> {
    let words = run.stdout.lines().filter_map(|line| line.split_once("checksum "));
    words.map(|(_, rest)| rest.split(',').next().unwrap()).collect()
}

#[test]
fn all_ways_find_what_one_worker_finds() {
    let channels = run("07a_channels", &SMALL);
    let expected = checksums(&channels)[0];
    assert_eq!(checksums(&channels), [expected; 2]);
    assert_eq!(checksums(&run("07b_shared", &SMALL)), [expected; 2]);
    assert_eq!(checksums(&run("07c_shared_memory", &SMALL)), [expected; 3]);
    let args = ["--size", "100", "--steps", "10", "--patience", "60", "--cure", "order"];
    assert_eq!(checksums(&run("07d_deadlock", &args)), [expected; 2]);
}

#[test]
fn the_number_of_workers_and_of_steps_changes_nothing_else() {
    for workers in ["1", "2", "7", "64"] {
        for steps in ["0", "1", "5"] {
            let args = ["--workers", workers, "--size", "12", "--steps", steps];
            for step in ["07a_channels", "07b_shared"] {
                let run = run(step, &args);
                let found = checksums(&run);
                assert_eq!(found[0], found[1], "{step} {args:?}");
            }
        }
    }
    let run = run("07c_shared_memory", &["--workers", "7", "--size", "5", "--steps", "3"]);
    assert_eq!(checksums(&run).len(), 3, "three rows are three bands");
}

#[test]
fn bands_are_computed_at_the_same_time() {
    for (step, sections) in [
        ("07a_channels", &["heat"][..]),
        ("07b_shared", &["heat"]),
        ("07c_shared_memory", &["shared memory", "messages"]),
    ] {
        let run = run(step, &LARGE);
        for section in sections {
            let mut part = part(&run, section);
            part.retain_spans(|span| span.name.starts_with("step"));
            let rows: HashSet<usize> = part.spans().iter().map(|span| span.row).collect();
            assert_eq!((part.spans().len(), rows.len()), (4, 2), "{step}: {section}");
            // Sending a band takes longer than computing it, so the first may be done before the
            // second has come.
            if *section != "messages" {
                assert_eq!(part.at_once(), 2, "{step}: {section}");
            }
        }
    }
}

#[test]
fn no_band_is_two_steps_ahead_of_its_neighbour() {
    for step in ["07a_channels", "07b_shared"] {
        let args = ["--workers", "2", "--size", "2000", "--steps", "5"];
        let heat = part(&run(step, &args), "heat");
        let spans = |step: usize| {
            let name = format!("step {step}");
            heat.spans().iter().filter(move |span| span.name == name).collect::<Vec<_>>()
        };
        for step in 1..5 {
            let (now, next) = (spans(step), spans(step + 1));
            assert_eq!((now.len(), next.len()), (2, 2), "step {step}");
            let ended = now.iter().map(|span| span.end).max();
            let begun = next.iter().map(|span| span.start).min();
            assert!(ended <= begun, "with two bands each waits for the other: step {step}");
        }
    }
}

#[test]
fn a_full_queue_makes_the_sender_wait() {
    let run = run("07a_channels", &SMALL);
    let queue = part(&run, "a full queue");
    let span = |name: &str| queue.spans().iter().find(|span| span.name == name).unwrap();
    // Two fit in, and one may have been taken. From the fourth on, the sender waits for the
    // receiver.
    for n in 4..=6 {
        let (sent, used) = (span(&format!("send {n}")), span(&format!("use {}", n - 3)));
        assert!(sent.end >= used.end, "{n} was sent into a full queue");
    }
    let lines: Vec<&str> = run.stdout.lines().collect();
    let open = lines.iter().position(|line| line.starts_with("empty, but a sender")).unwrap();
    assert_eq!(lines[open + 1], "closed: all senders are gone", "{}", run.stdout);
}

#[test]
fn counts_are_lost_between_reading_and_writing_and_nowhere_else() {
    let run = run("07b_shared", &SMALL);
    let lost = |what: &str| -> f64 {
        let line = run.stdout.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim_start_matches(": ").strip_suffix(" % lost").unwrap().parse().unwrap()
    };
    assert!((0.0..100.0).contains(&lost("read, then write")), "{}", run.stdout);
    assert!(lost("read, then write") > 0.0, "after every read, others may write: {}", run.stdout);
    assert_eq!((lost("fetch_add"), lost("Mutex")), (0.0, 0.0));
    assert!(run.stdout.contains("poisoned, and half done: [100, 100, 20, 20]"), "{}", run.stdout);
    assert!(run.stderr.contains("in the middle of the row"), "{}", run.stderr);
}

#[test]
fn while_one_computes_with_the_lock_the_others_wait_for_it() {
    let run = run("07b_shared", &SMALL);
    let contention = part(&run, "contention");
    let (waits, sums): (Vec<_>, Vec<_>) =
        contention.spans().iter().partition(|span| span.waits_for.is_some());
    assert_eq!(sums.len(), 3 * 5);
    for (n, one) in sums.iter().enumerate() {
        assert!(!sums[n + 1..].iter().any(|other| one.overlaps(other)), "{contention:?}");
    }
    for wait in waits {
        assert_eq!(wait.name, "wait for the sums");
        assert!(wait.computed.unwrap() < wait.length() / 2, "{wait:?}");
    }
}

#[test]
fn each_band_has_a_process_of_its_own() {
    let run = run("07c_shared_memory", &SMALL);
    for section in ["shared memory", "messages"] {
        let part = part(&run, section);
        let pids: HashSet<u32> =
            part.spans().iter().map(|span| part.rows()[span.row].pid).collect();
        assert!(!pids.contains(&run.pid), "{section}: nothing is computed in the main process");
        if section == "shared memory" {
            assert_eq!(pids.len(), 3, "a band stays where it is");
        }
    }
}

#[test]
fn a_deadlock_is_found_named_and_drawn_and_ends_the_program() {
    let args = ["--size", "100", "--steps", "10", "--patience", "0.2"];
    let run = Step::new("07d_deadlock").args(args).run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stderr);
    let who = "worker 1 holds the upper band and waits for the lower band, \
               worker 2 holds the lower band and waits for the upper band\n";
    assert!(run.stdout.contains(who), "{}", run.stdout);
    assert_eq!(run.stderr, "Error: a deadlock\n");

    let trace = run.trace();
    let stuck: Vec<_> = trace.spans().iter().filter(|span| span.end == trace.end()).collect();
    let mut named: Vec<_> = stuck
        .iter()
        .map(|span| {
            (&*trace.rows()[span.row].name, &*span.name, span.waits_for.clone().unwrap().holder)
        })
        .collect();
    named.sort();
    let other = |n| Some(format!("worker {n}"));
    let expected = [
        ("worker 1", "wait for the lower band", other(2)),
        ("worker 2", "wait for the upper band", other(1)),
    ];
    assert_eq!(named, expected, "each waits for the other, to the end");
    for span in stuck {
        assert!(span.length() >= Duration::from_millis(200), "{span:?}");
        assert_eq!(span.computed, Some(Duration::ZERO));
    }
    let steps = trace.spans().iter().filter(|span| span.waits_for.is_none()).count();
    assert!((2..=10).contains(&steps), "it got as far as the middle: {steps}");
}

#[test]
fn both_cures_let_it_run_to_its_end() {
    for cure in ["order", "back-off"] {
        let args = ["--size", "100", "--steps", "50", "--cure", cure];
        let run = run("07d_deadlock", &args);
        assert!(run.stdout.contains(", the same\n"), "{cure}: {}", run.stdout);
        let trace = run.trace();
        let steps = trace.spans().iter().filter(|span| span.waits_for.is_none()).count();
        assert_eq!(steps, 100, "{cure}");
    }
}

#[test]
fn help_and_bad_values() {
    for step in ["07a_channels", "07b_shared", "07c_shared_memory"] {
        let help = Step::new(step).arg("--help").run().stdout;
        for flag in ["--workers <N>", "--size <N>", "--steps <N>", "--timeline <FILE>"] {
            assert!(help.contains(flag), "{flag}: {help}");
        }
        for bad in ["--workers=0", "--workers=many", "--size=2", "--steps=-1"] {
            let run = Step::new(step).arg(bad).run();
            assert_eq!(run.status.code(), Some(2), "{step} {bad}: {}", run.stderr);
        }
    }
    let run = Step::new("07d_deadlock").arg("--cure=luck").run();
    assert_eq!(run.status.code(), Some(2), "{}", run.stderr);
}
