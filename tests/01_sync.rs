//! Step 01: one thing at a time.

use std::time::Duration;

use harness::{Step, compare, redact};

fn sync(args: &[&str]) -> Step {
    Step::new("01_sync").args(args)
}

#[test]
fn it_says_what_it_does_in_order() {
    let run = sync(&["--seconds", "0.05"]).run();
    assert!(run.status.success(), "{}", run.stderr);
    let expected = "\
Sleeping 0.05 second(s)...
Done sleeping
Computing [TIME]...
Done computing
Finished in [TIME]

  has a task / computes
main [BAR]
[AXIS]
[LEGEND]
working [TIME], waiting [TIME], idle [TIME]
Bound for any number of workers: [BOUND]

(Working computes; waiting has a task, but no answer, lock or core yet; idle has no task.)

Timeline: [FILE] (opens in https://ui.perfetto.dev)
";
    if let Err(difference) = compare(expected, &redact(&run.stdout), &[]) {
        panic!("{difference}");
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn no_two_spans_overlap_and_each_is_as_long_as_asked() {
    let trace = sync(&["--seconds", "0.05"]).run().trace();
    assert_eq!(trace.rows().len(), 1);
    assert_eq!(trace.spans().len(), 2);
    assert!(!trace.spans()[0].overlaps(&trace.spans()[1]), "{trace:?}");
    assert_eq!(trace.at_once(), 1);
    for span in trace.spans() {
        assert!(span.length() >= Duration::from_millis(50), "{span:?}");
    }
}

#[test]
fn the_first_task_waits_and_the_second_computes_unless_it_has_no_core() {
    let trace = sync(&["--seconds", "0.2"]).run().trace();
    let [sleep, compute] = trace.spans() else { panic!("{trace:?}") };
    let share = |span: &hands::timeline::Span| {
        span.computed.unwrap().as_secs_f64() / span.length().as_secs_f64()
    };
    assert!(share(sleep) < 0.1, "{trace:?}");
    // On Linux the trace says how long it had no core: then it would have computed.
    let without_core = trace.rows()[0].delayed.as_secs_f64() / compute.length().as_secs_f64();
    assert!(share(compute) + without_core > 0.8, "{trace:?}");
}

#[test]
fn no_time_at_all_is_a_time_too() {
    let run = sync(&["--seconds", "0"]).run();
    assert!(run.status.success(), "{}", run.stderr);
    assert_eq!(run.trace().spans().len(), 2);
}

#[test]
fn help_explains_the_flags() {
    let run = sync(&["--help"]).run();
    assert!(run.status.success());
    assert!(run.stdout.contains("--seconds <S>"), "{}", run.stdout);
    assert!(run.stdout.contains("--timeline <FILE>"), "{}", run.stdout);
}

#[test]
fn bad_values_are_refused_with_exit_code_2() {
    let run = sync(&["--seconds", "-1"]).run();
    assert!(run.stderr.contains("a number of seconds from 0"), "{}", run.stderr);
    for seconds in ["one", "-1", "nan", "inf", "1e300", ""] {
        let run = sync(&[&format!("--seconds={seconds}")]).run();
        assert_eq!(run.status.code(), Some(2), "--seconds={seconds}: {}", run.stderr);
        assert!(run.stderr.contains("--seconds"), "--seconds={seconds}: {}", run.stderr);
    }
    let run = sync(&["--nonsense"]).run();
    assert_eq!(run.status.code(), Some(2), "{}", run.stderr);
}

#[test]
fn a_trace_that_cannot_be_written_is_said_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let inside = file.join("trace.json"); // a file is no folder, not even for root
    let run = sync(&["--seconds", "0"]).arg("--timeline").arg(&inside).run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("cannot be written"), "{}", run.stderr);
    assert!(run.stderr.contains(&*inside.to_string_lossy()), "{}", run.stderr);
}
