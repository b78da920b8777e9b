//! A standard output whose reader has gone, or that is on a full disk. No step panics, each reports
//! it in the right way, and no task fails because of it.
#![cfg(target_os = "linux")]

use harness::{Run, Step};

const FULL: &str =
    "error: cannot write to the standard output: No space left on device (os error 28)\n";

/// Every step, made short.
fn steps() -> Vec<Step> {
    let sleepers = [
        "01_sync",
        "02_process",
        "02b_threads",
        "02c_spawn",
        "03_pool",
        "03b_by_hand",
        "04_futures",
        "04b_cancel",
    ];
    let short = |name: &&str| Step::new(*name).args(["--seconds", "0.01"]);
    let mut steps: Vec<Step> = sleepers.iter().map(short).collect();
    for name in ["03_pool", "04_futures", "04b_cancel"] {
        steps.push(Step::new(name).args(["--seconds", "0.01", "--kind", "processes"]));
    }
    // Its limit. If it passed before a task began, the step would have something else to say.
    steps.push(Step::new("04c_blocking").args(["--seconds", "2"]));
    steps.push(Step::new("05_cpu_bound").args([
        "--jobs",
        "2",
        "--numbers",
        "10",
        "--workers",
        "1",
    ]));
    steps.push(Step::new("06_io_bound").args(["--tasks", "2", "--workers", "1"]));
    steps.push(Step::new("06b_sweep").args(["--tasks", "2", "--workers", "1"]));
    for name in ["07a_channels", "07b_shared", "07c_shared_memory"] {
        steps.push(Step::new(name).args(["--size", "10", "--workers", "2"]));
    }
    steps.push(Step::new("07d_deadlock").args(["--size", "10", "--cure", "order"]));
    steps.push(Step::new("07e_prove").args(["--bug", "lost-update", "--runs", "10"]));
    steps
}

/// Apart from the notes about the build.
#[track_caller]
fn says_nothing_but(run: &Run, expected: &str) {
    let ours: String = run
        .stderr
        .lines()
        .filter(|line| !line.starts_with("Note: built") && !line.contains("cargo run --release"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(ours, expected);
}

#[test]
fn a_step_whose_reader_has_gone_ends_without_a_word() {
    for step in steps() {
        let run = step.clone().unread().run();
        assert_eq!(run.status.code(), Some(141), "{step:?}: {}", run.stderr);
        says_nothing_but(&run, "");
    }
}

#[test]
fn a_step_on_a_full_disk_says_so_in_one_line() {
    for step in steps() {
        let run = step.clone().on_a_full_disk().run();
        assert_eq!(run.status.code(), Some(1), "{step:?}: {}", run.stderr);
        says_nothing_but(&run, FULL);
    }
}

/// The steps whose work is more than what they print: it's done all the same, and saved.
fn workers() -> Vec<Step> {
    let ways = ["one-by-one", "threads", "processes", "thread-pool", "process-pool", "rayon"];
    let nine = ways.map(|way| Step::new("09_images").args(["--using", way]));
    let others = ["08_downloader", "09b_processes", "10_pipeline"].map(Step::new);
    let small = |step: Step| step.args(["--pictures", "2", "--latency", "0"]);
    nine.into_iter().chain(others).map(small).collect()
}

#[track_caller]
fn all_is_done(run: &Run) {
    let report = run.report().expect("a report");
    let saved = report.as_array().unwrap().iter().filter(|entry| entry["outcome"] == "saved");
    assert_eq!(saved.count(), 2, "{report}");
    assert!(!run.trace().rows().is_empty());
}

#[test]
fn work_goes_on_when_nobody_reads_any_more_and_the_exit_code_says_so() {
    for step in workers() {
        let run = step.clone().unread().run();
        assert_eq!(run.status.code(), Some(141), "{step:?}: {}", run.stderr);
        says_nothing_but(&run, "");
        all_is_done(&run);
    }
}

#[test]
fn work_goes_on_when_the_disk_of_the_output_is_full() {
    for step in workers() {
        let run = step.clone().on_a_full_disk().run();
        assert_eq!(run.status.code(), Some(1), "{step:?}: {}", run.stderr);
        says_nothing_but(&run, FULL);
        all_is_done(&run);
    }
}

#[test]
fn a_link_that_failed_counts_more_than_a_reader_who_has_gone() {
    let step = Step::new("08_downloader").args(["--using", "thread-pool", "--attempts", "1"]);
    let links = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(links.path(), "no link\n").unwrap();
    let run = step.arg("--links").arg(links.path()).unread().run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stderr);
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_goes_on_when_nobody_reads_any_more() {
    let step = || Step::new("11_cluster").args(["drive", "--local", "1", "--pictures", "2"]);
    let run = step().unread().run();
    assert_eq!(run.status.code(), Some(141), "{}", run.stderr);
    says_nothing_but(&run, "");
    all_is_done(&run);
    let run = step().on_a_full_disk().run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stderr);
    says_nothing_but(&run, FULL);
    all_is_done(&run);
}
