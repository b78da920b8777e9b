//! Step 06: files and slow answers by each way, and the sweep over numbers of workers.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use lessons::plot::Plot;
use lessons::timeline::Trace;
use steps::{Run, Step};

const WAYS: [&str; 5] =
    ["one-by-one", "process-each", "thread-each", "process-pool", "thread-pool"];
/// The workers of a pool, beside the sweep.
const POOL: usize = 8;

/// In a folder of its own, where the step leaves its timeline and its plot, with a folder `temporary` for its
/// files.
fn run(args: &[&str]) -> Run {
    let temporary = tempfile::tempdir().unwrap();
    let small = ["--files", "4,24", "--workers", "1,2,4", "--tasks", "12"];
    let step = Step::new("06_io_bound").args(small.iter().filter(|_| args.is_empty())).args(args);
    let run = step.env("TMPDIR", temporary.path()).bare().run();
    assert!(run.status.success(), "{}", run.stderr);
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "every file and its folder are removed: {left:?}");
    run
}

/// The lines of a table, in cells: after the line that begins so, and to the first that does not fit.
fn table<'r>(run: &'r Run, head: &str, cells: usize) -> Vec<Vec<&'r str>> {
    let lines = run.stdout.lines().skip_while(|line| !line.starts_with(head)).skip(1);
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .take_while(|line| line.len() == cells)
        .collect()
}

fn pids(part: &Trace) -> Vec<u32> {
    part.spans.iter().map(|span| part.rows[span.row].pid).collect()
}

fn rows(part: &Trace) -> usize {
    part.spans.iter().map(|span| span.row).collect::<BTreeSet<_>>().len()
}

#[test]
fn few_and_many_tasks_have_a_row_for_each_way() {
    let run = run(&[]);
    let rows = table(&run, "tasks", 8);
    let expected: Vec<_> = ["4", "24"].iter().flat_map(|n| WAYS.map(|way| (*n, way))).collect();
    assert_eq!(rows.iter().map(|row| (row[0], row[1])).collect::<Vec<_>>(), expected);
    for row in &rows {
        assert_eq!((row[3], row[6]), ("ms", "ms"), "{row:?}");
        assert!(row[4].ends_with("/task") && row[7].ends_with("/task"), "{row:?}");
    }
    assert_eq!(run.stdout.matches("\nFiles and requests complete.\n").count(), rows.len());
    let verdict = table(&run, "A process each is", 4);
    let about: Vec<_> = verdict.iter().map(|row| row[..2].join(" ")).collect();
    assert_eq!(about, ["4 files", "4 requests", "24 files", "24 requests"]);
    assert!(run.stdout.contains("\nFinished in "), "{}", run.stdout);
    assert!(run.stdout.trim_end().lines().last().unwrap().starts_with("Timeline: "));
}

#[test]
fn each_process_is_another_and_a_pool_has_as_many_as_it_says() {
    let run = run(&[]);
    let trace = run.trace();
    assert_eq!(trace.spans.iter().filter(|span| span.name == "file").count(), 5 * (4 + 24));
    let part = |way: &str| trace.section(&format!("24 requests, {way}")).unwrap();
    for way in WAYS {
        assert_eq!(part(way).spans.len(), 24, "{way}");
    }

    let each: HashSet<u32> = pids(&part("process-each")).into_iter().collect();
    let pool: HashSet<u32> = pids(&part("process-pool")).into_iter().collect();
    assert_eq!((each.len(), pool.len()), (24, POOL));
    assert!(each.is_disjoint(&pool) && !each.contains(&run.pid) && !pool.contains(&run.pid));

    for way in ["one-by-one", "thread-each", "thread-pool"] {
        assert!(pids(&part(way)).iter().all(|pid| *pid == run.pid), "{way}: in this process");
    }
    assert_eq!((rows(&part("thread-each")), rows(&part("one-by-one"))), (24, 1));
}

#[test]
fn a_pool_waits_for_as_many_answers_at_once_as_it_has_workers_and_never_more() {
    // Long enough that on a busy machine, too, the last worker begins before the first has its answer.
    let trace = run(&["--files=16", "--latency=400", "--workers=1", "--tasks=1"]).trace();
    let part = |way: &str| trace.section(&format!("16 requests, {way}")).unwrap();
    for way in ["process-pool", "thread-pool"] {
        assert_eq!(part(way).at_once(), POOL, "{way}");
    }
    assert_eq!(part("one-by-one").at_once(), 1);
    assert!(part("thread-each").at_once() > POOL, "nothing holds them back");
}

#[test]
fn the_sweep_has_its_rows_its_knees_and_its_plot() {
    let run = run(&["--files=1", "--workers=4,1,2,4", "--tasks=12", "--latency=5"]);
    let rows = table(&run, "work ", 5);
    let work: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
    let all = ["requests", "computing"].map(|work| ["1", "2", "4"].map(|workers| (work, workers)));
    assert_eq!(work, all.concat());
    for row in &rows {
        assert!(row[2].ends_with("/s") && row[3].ends_with("/task"), "{row:?}");
    }

    let rate = |row: &[&str]| row[2].trim_end_matches("/s").parse::<f64>().unwrap();
    let plot = run.folder().join("target/plots/06_io_bound.json");
    let points = Plot::read(&plot).unwrap().table();
    assert!(fs::read_to_string(plot.with_extension("svg")).unwrap().starts_with("<svg"));
    for work in ["requests", "computing"] {
        assert_eq!(points.matches(&format!("<td>{work}</td>")).count(), 3, "{points}");
        let line = run.stdout.lines().find(|line| line.starts_with(&format!("Knee of {work}: ")));
        let knee = line.unwrap().split_whitespace().nth(3).unwrap();
        assert!(points.contains(&format!("<td>knee: {work}</td><td>{knee}</td>")), "{points}");
        // The fewest that are near the best of the table.
        let of_work = || rows.iter().filter(|row| row[0] == work);
        let best = of_work().map(|row| rate(row)).fold(0.0, f64::max);
        let first = of_work().find(|row| rate(row) >= 0.895 * best).unwrap()[1];
        let exact = of_work().find(|row| rate(row) >= 0.905 * best).unwrap()[1];
        assert!(knee == first || knee == exact, "{work}: {knee}, {rows:?}");
    }
}

/// Runs the step under a limit of the shell's.
fn run_limited(limit: &str, args: &[&str]) -> (Option<i32>, String) {
    Step::new("06_io_bound").arg("--help").run(); // builds it
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().nth(2).unwrap().join("examples/06_io_bound");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")])
        .arg(program)
        .args(args)
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn more_than_the_system_can_start_or_open_is_an_error_that_says_so() {
    let few = ["--files=1", "--tasks=1", "--latency=1"];
    let many = [&few[..], &["--workers=4096"]].concat();
    let (code, error) = run_limited("ulimit -v 2000000", &many);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("of 4096 cannot be started, try fewer"), "{error}");

    let (code, error) = run_limited("ulimit -n 40", &["--files=200", "--latency=1"]);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("Too many open files"), "{error}");
}

#[test]
fn a_place_where_no_file_can_be_written_is_an_error_that_names_it() {
    let step = Step::new("06_io_bound").env("TMPDIR", "/dev/null/nowhere");
    let run = step.run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("there is no place for the files"), "{}", run.stderr);
    assert!(run.stderr.contains("/dev/null/nowhere"), "{}", run.stderr);
    assert!(!Path::new("/dev/null/nowhere").exists());
}

#[test]
fn help_and_bad_values() {
    let help = Step::new("06_io_bound").arg("--help").run();
    for flag in ["--files <LIST>", "--workers <LIST>", "--tasks <N>", "--latency <MS>"] {
        assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
    }
    for bad in [
        "--files=0",
        "--files=4,many",
        "--files=5000",
        "--workers=0",
        "--workers=1,,2",
        "--workers=4097",
        "--tasks=0",
        "--latency=-1",
        "--latency=slow",
    ] {
        let run = Step::new("06_io_bound").arg(bad).run();
        assert_eq!(run.status.code(), Some(2), "{bad}: {}", run.stderr);
    }
}
