//! Step 02: processes, and the same with threads.

use std::collections::HashSet;
use std::time::Duration;

use harness::{Run, Step, compare};

fn run(step: &str) -> Run {
    let run = Step::new(step).args(["--seconds", "0.5"]).run();
    assert!(run.status.success(), "{}", run.stderr);
    run
}

/// What was printed up to the end of the tenth sleep, without the times of day.
fn lines(run: &Run) -> String {
    let (words, _) = run.stdout.rsplit_once("Done sleeping").unwrap();
    let words = words.lines().chain(["Done sleeping"]);
    words.map(|line| line.split(": 2").next().unwrap().to_owned() + "\n").collect()
}

#[test]
fn the_parent_speaks_while_the_child_works_and_waits_for_its_end() {
    let run = run("02_process");
    let expected = "\
Hello from main process
Hello from process
In the child the counter was 0, and is 1 now
Process complete.
In the main process the counter is 7
"
    .to_owned()
        + &"Sleeping 0.75 second(s)...\nDone sleeping\n".repeat(10);
    compare(&expected, &lines(&run), &[""]).unwrap();

    let place = |text: &str| run.stdout.find(text).unwrap();
    assert!(place("Hello from main process") < place("In the child"));
    assert!(place("In the child") < place("Process complete."));
    assert!(place("Process complete.") < place("Sleeping"));
}

#[test]
fn ten_processes_sleep_at_the_same_time_each_on_its_own() {
    let run = run("02_process");
    let trace = run.trace();
    let one = trace.section("one").unwrap();
    assert_eq!((one.spans().len(), one.at_once()), (1, 1));

    let ten = trace.section("ten").unwrap();
    assert_eq!((ten.spans().len(), ten.at_once()), (10, 10));
    let pids: HashSet<u32> = ten.spans().iter().map(|span| ten.rows()[span.row].pid).collect();
    assert_eq!(pids.len(), 10);
    assert!(!pids.contains(&run.pid));
    for span in ten.spans() {
        assert!(span.length() >= Duration::from_millis(750), "{span:?}");
        assert!(!span.overlaps(&one.spans()[0]), "the ten begin once the first has ended");
    }
}

/// The pids in the line `Hello from main process, to pid 7 and pid 8`.
fn greeted(run: &Run) -> [u32; 2] {
    let (_, rest) = run.stdout.split_once("Hello from main process, to pid ").unwrap();
    let (slow, quick) = rest.lines().next().unwrap().split_once(" and pid ").unwrap();
    [slow, quick].map(|pid| pid.parse().unwrap())
}

#[test]
fn a_spawned_task_has_a_process_of_its_own_and_its_result_comes_back() {
    let run = run("02c_spawn");
    let trace = run.trace();
    let [slow, quick] = greeted(&run);
    assert!(slow != quick && slow != run.pid && quick != run.pid, "{slow}, {quick}, {}", run.pid);
    let pids: Vec<u32> = trace.rows().iter().map(|row| row.pid).collect();
    assert!(pids.contains(&slow) && pids.contains(&quick), "{pids:?}");

    // The counter is 7 in the main process, and 0 in one that has just begun.
    let said = |text: &str| assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    said("In the child the counter was 0, and is 1 now");
    said("Process complete. It brought back 1");
    let greeting = trace.spans().iter().find(|span| trace.rows()[span.row].pid == quick).unwrap();
    assert!(greeting.length() >= Duration::from_millis(500), "{greeting:?}");
}

#[test]
fn a_killed_process_is_a_failure_that_says_so_and_harms_no_other() {
    let run = run("02c_spawn");
    let place = |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{}", run.stdout));
    let killed = "The slow one crashed: its process was ended by signal 9 (SIGKILL)";
    assert!(place("It brought back 1") < place(killed), "the other was joined before");

    let trace = run.trace();
    let [slow, _] = greeted(&run);
    assert!(trace.rows().iter().any(|row| row.pid == slow), "it has a row");
    assert!(
        trace.spans().iter().all(|span| trace.rows()[span.row].pid != slow),
        "but no span, because it was killed"
    );
}

#[test]
fn threads_share_the_counter_and_their_process() {
    let run = run("02b_threads");
    assert!(run.stdout.contains("Thread complete. It brought back 42"), "{}", run.stdout);
    assert!(run.stdout.contains("Ten threads have counted to 10"), "{}", run.stdout);
    let trace = run.trace();
    assert!(trace.rows().iter().all(|row| row.pid == run.pid), "{:?}", trace.rows());
    let ten = trace.section("ten").unwrap();
    assert_eq!((ten.spans().len(), ten.at_once()), (10, 10));
}

#[test]
fn the_lazy_chain_is_serial() {
    let chain = run("02b_threads").trace().section("a lazy chain").unwrap();
    assert_eq!((chain.spans().len(), chain.at_once()), (3, 1));
    let rows: HashSet<usize> = chain.spans().iter().map(|span| span.row).collect();
    assert_eq!(rows.len(), 3, "three threads, one after the other");
}

#[test]
fn help_and_bad_values() {
    for step in ["02_process", "02b_threads", "02c_spawn"] {
        let help = Step::new(step).arg("--help").run();
        assert!(help.status.success() && help.stdout.contains("--seconds <S>"), "{}", help.stdout);
        assert!(!help.stdout.contains("--child"), "{}", help.stdout);
        assert_eq!(Step::new(step).arg("--seconds=-1").run().status.code(), Some(2));
    }
}
