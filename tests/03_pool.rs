//! Step 03: a pool of workers, and the pool by hand.

use std::collections::HashSet;
use std::sync::LazyLock;

use hands::timeline::{Mark, Trace};
use harness::Step;

/// Long enough that all workers have started before the first sleep ends.
const UNIT: &str = "0.2";
const IN_ORDER: [&str; 5] = ["0.8", "0.6", "0.4", "0.2", "1"];

/// What a run left behind.
struct Seen {
    stdout: String,
    trace: Trace,
    pid: u32,
}

fn run(step: &str, workers: usize, more: &[&str]) -> Seen {
    let workers = workers.to_string();
    let run = Step::new(step).args(["--seconds", UNIT, "--workers", &workers]).args(more).run();
    assert!(run.status.success(), "{}", run.stderr);
    Seen { trace: run.trace(), pid: run.pid, stdout: run.stdout }
}

fn threads(workers: usize) -> Seen {
    run("03_pool", workers, &[])
}

fn processes(workers: usize) -> Seen {
    run("03_pool", workers, &["--kind", "processes"])
}

/// Four workers of each kind: one run serves many tests.
fn both() -> &'static [Seen; 2] {
    static BOTH: LazyLock<[Seen; 2]> = LazyLock::new(|| [threads(4), processes(4)]);
    &BOTH
}

/// The seconds in the lines `Done sleeping N second(s)`, in the order in which they were printed.
fn done(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .filter_map(|line| line.strip_prefix("Done sleeping ")?.strip_suffix(" second(s)"))
        .collect()
}

fn part(run: &Seen, name: &str) -> Trace {
    run.trace.section(name).unwrap_or_else(|| panic!("no section {name}"))
}

/// The order in which results were handed to the caller.
fn yielded(part: &Trace) -> Vec<usize> {
    let order = |mark| match mark {
        Mark::Yielded(task) => Some(task),
        Mark::Taken(_) => None,
    };
    part.moments().iter().filter_map(|moment| order(moment.mark)).collect()
}

/// The processes that had a row, except for the main one.
fn pids(part: &Trace) -> HashSet<u32> {
    part.rows().iter().filter(|row| row.name != "main").map(|row| row.pid).collect()
}

/// The order in which the tasks ended.
fn ended(part: &Trace) -> Vec<String> {
    let mut spans: Vec<_> = part.spans().iter().collect();
    spans.sort_by_key(|span| span.end);
    spans.iter().map(|span| span.name.replace("sleep ", "")).collect()
}

#[test]
fn map_and_imap_keep_the_order_and_imap_unordered_does_not() {
    for run in both() {
        let done = done(&run.stdout);
        assert_eq!(done[0..5], IN_ORDER, "map");
        assert_eq!(done[5..10], IN_ORDER, "imap");
        assert_eq!(done[15..20], IN_ORDER, "imap in chunks");

        let unordered = part(run, "imap_unordered");
        let in_that_order: Vec<_> =
            yielded(&unordered).iter().map(|&task| IN_ORDER[task]).collect();
        assert_eq!(done[10..15], in_that_order, "imap_unordered");
        assert_eq!(in_that_order, ended(&unordered), "as they ended");
        assert_eq!(yielded(&part(run, "imap")), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn all_workers_are_at_work_at_once_and_never_more() {
    let [four_threads, four_processes] = both();
    let others = [(1, &threads(1)), (2, &threads(2)), (2, &processes(2))];
    for (workers, run) in others.into_iter().chain([(4, four_threads), (4, four_processes)]) {
        for name in ["map", "imap", "imap_unordered"] {
            let part = part(run, name);
            assert_eq!((part.spans().len(), part.at_once()), (5, workers), "{name}");
            let rows: HashSet<usize> = part.spans().iter().map(|span| span.row).collect();
            assert!(rows.len() <= workers, "{name}");
        }
    }
}

#[test]
fn threads_are_all_in_the_main_process() {
    let run = &both()[0];
    for row in run.trace.rows() {
        assert_eq!(row.pid, run.pid, "{row:?}");
    }
}

#[test]
fn the_same_few_processes_do_all_the_work_and_main_does_none() {
    for (workers, run) in [(1, &processes(1)), (4, &both()[1])] {
        let ways = ["map", "imap", "imap_unordered", "imap in chunks of 2"];
        let parts = ways.map(|way| part(run, way));
        let few = pids(&parts[0]);
        assert_eq!(few.len(), workers, "{few:?}");
        assert!(!few.contains(&run.pid), "{few:?} are not {}", run.pid);
        for (way, part) in ways.iter().zip(&parts) {
            assert_eq!(pids(part), few, "{way}: the same processes as before");
            for span in part.spans() {
                assert!(few.contains(&part.rows()[span.row].pid), "{way}: {span:?}");
            }
            // One task at a time in each process.
            for pid in &few {
                let mut own = part.clone();
                own.retain_spans(|span| part.rows()[span.row].pid == *pid);
                assert!(own.at_once() <= 1, "{way}: process {pid}");
            }
        }
    }
}

#[test]
fn the_fifth_task_goes_to_the_worker_that_is_free_first() {
    for run in both() {
        for name in ["map", "imap", "imap_unordered"] {
            let part = part(run, name);
            let free_first = part.spans().iter().min_by_key(|span| span.end).unwrap();
            let fifth = part.spans().iter().find(|span| span.name == "sleep 1").unwrap();
            assert_eq!(fifth.row, free_first.row, "{name}");
        }
    }
}

#[test]
fn imap_yields_each_result_when_its_turn_has_come() {
    for run in both() {
        let imap = part(run, "imap");
        let span = |name: &str| imap.spans().iter().find(|span| span.name == name).unwrap();
        let at = |task| imap.moments().iter().find(|m| m.mark == Mark::Yielded(task)).unwrap().at;
        for (task, seconds) in IN_ORDER.iter().enumerate() {
            assert!(at(task) >= span(&format!("sleep {seconds}")).end, "{task}");
        }
        assert!(at(3) < span("sleep 1").end, "four results don't wait for the fifth");
    }
}

#[test]
fn a_chunk_stays_on_one_worker_and_comes_back_as_a_whole() {
    for run in both() {
        let chunks = part(run, "imap in chunks of 2");
        let span = |name: &str| chunks.spans().iter().find(|span| span.name == name).unwrap();
        let numbers = IN_ORDER
            .map(|seconds| span(&format!("sleep {seconds}")).task.map(|id| (id.task, id.chunk)));
        let expected = [(0, 0), (1, 0), (2, 2), (3, 2), (4, 4)].map(Some);
        assert_eq!(numbers, expected, "the trace says which task it was, and which went with it");
        assert_eq!(span("sleep 0.8").row, span("sleep 0.6").row);
        assert_eq!(span("sleep 0.4").row, span("sleep 0.2").row);
        let first = chunks.moments().iter().find(|m| m.mark == Mark::Yielded(0)).unwrap();
        assert!(first.at >= span("sleep 0.6").end, "the first waits for its whole chunk");
        assert_eq!(chunks.at_once(), 3, "three chunks keep three workers busy");
        assert_eq!(chunks.rows().len(), 5, "and the fourth worker is shown, idle");
    }
}

#[test]
fn the_pool_by_hand_does_the_same_unordered() {
    let run = run("03b_by_hand", 4, &[]);
    let trace = &run.trace;
    assert_eq!(done(&run.stdout), ended(trace));
    assert_eq!((trace.spans().len(), trace.at_once()), (5, 4));
}

#[test]
fn help_and_bad_values() {
    let help = Step::new("03_pool").arg("--help").run();
    for flag in ["--seconds <S>", "--workers <N>", "--kind <KIND>", "--timeline <FILE>"] {
        assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
    }
    for default in ["0.5", "4", "threads", "target/timelines/03_pool.json"] {
        assert!(help.stdout.contains(&format!("[default: {default}]")), "{}", help.stdout);
    }
    for bad in ["--workers=0", "--workers=many", "--workers=-1", "--seconds=x", "--kind=fibres"] {
        let run = Step::new("03_pool").arg(bad).run();
        assert_eq!(run.status.code(), Some(2), "{bad}: {}", run.stderr);
    }
}
