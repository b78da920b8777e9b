//! Step 05: the same lists by each way and number of workers, and what they cost.

use std::collections::HashSet;
use std::fs;

use figures::plot::Plot;
use hands::timeline::Trace;
use harness::{Run, Step, differs_from_plot};

const SMALL: &str = "50000";
/// Long enough that even on a busy machine a second worker begins before the first has made all
/// lists.
const LARGE: &str = "400000";
const WAYS: [&str; 4] = ["thread-pool", "process-pool", "process-pool-home", "rayon"];

/// In a folder of its own, where the step leaves its timeline and its plot.
fn run(numbers: &str, args: &[&str]) -> Run {
    let step = Step::new("05_cpu_bound").args(["--jobs", "12", "--numbers", numbers]);
    let run = step.args(args).bare().run();
    assert!(run.status.success(), "{}", run.stderr);
    run
}

/// The rows of the table: the way, how many workers, and the rest.
fn rows(run: &Run) -> Vec<(&str, &str, Vec<&str>)> {
    let table = run.stdout.lines().skip_while(|line| !line.starts_with("using"));
    table
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let cells: Vec<&str> = line.split_whitespace().collect();
            (cells[0], cells[1], cells[2..].to_vec())
        })
        .collect()
}

fn workers_of(part: &Trace) -> HashSet<u32> {
    part.spans().iter().map(|span| part.rows()[span.row].pid).collect()
}

#[test]
fn every_way_and_number_of_workers_makes_the_same_lists_and_has_a_row() {
    let run = run(SMALL, &[]); // the step itself compares the checksums
    let rows = rows(&run);
    let mut expected = vec![("one-by-one", "1")];
    expected.extend(WAYS.iter().flat_map(|way| ["1", "2", "4"].map(|workers| (*way, workers))));
    assert_eq!(rows.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>(), expected);
    assert_eq!(run.stdout.matches("\nList processing complete.\n").count(), expected.len());
    for (way, workers, cells) in &rows {
        // real, user and system time with their unit, the speed-up, and what Amdahl's law expects.
        let model = if *way == "one-by-one" { 0 } else { 2 };
        assert_eq!(cells.len(), 6 + 2 + model, "{way} {workers}: {cells:?}");
        assert_eq!((cells[1], cells[3], cells[5], cells[7]), ("s", "s", "s", "×"), "{way}");
    }
    assert!(run.stdout.starts_with("12 lists of 50000 random numbers\nCores: num_cpus::get() "));
    assert!(run.stdout.contains("\nFinished in "), "{}", run.stdout);
    assert!(run.stdout.trim_end().lines().last().unwrap().starts_with("Timeline: "));
}

#[test]
fn threads_and_processes_say_how_much_of_each_list_was_computing() {
    let args = ["--jobs", "4", "--numbers", "100000", "--workers", "2"];
    let run = Step::new("05_cpu_bound").args(args).run();
    assert!(run.status.success(), "{}", run.stderr);
    for part in run.trace().parts() {
        for span in part.spans() {
            let computed = span.computed.expect("threads, rayon and processes have the clock");
            assert!(!computed.is_zero() && computed <= span.length(), "{}: {span:?}", part.name());
        }
    }
}

#[test]
fn as_many_lists_at_once_as_there_are_workers_and_never_more() {
    let trace = run(LARGE, &["--workers", "2"]).trace();
    for way in WAYS {
        let part = trace.section(&format!("{way} with 2")).unwrap();
        assert_eq!((part.spans().len(), part.at_once()), (12, 2), "{way}");
    }
    let one_by_one = trace.section("one-by-one").unwrap();
    assert_eq!((one_by_one.spans().len(), one_by_one.at_once()), (12, 1));
}

#[test]
fn only_the_lists_of_a_process_pool_are_made_in_other_processes() {
    let run = run(LARGE, &["--workers", "2"]);
    let trace = run.trace();
    let mut seen = HashSet::from([run.pid]);
    for way in ["one-by-one", "thread-pool with 2", "rayon with 2"] {
        assert_eq!(workers_of(&trace.section(way).unwrap()), HashSet::from([run.pid]), "{way}");
    }
    for way in ["process-pool with 2", "process-pool-home with 2"] {
        let pids = workers_of(&trace.section(way).unwrap());
        assert_eq!(pids.len(), 2, "{way}");
        assert!(pids.is_disjoint(&seen), "{way}: processes of its own");
        seen.extend(pids);
    }
}

#[test]
fn the_plot_holds_what_the_table_says() {
    let run = run(SMALL, &["--workers", "1,2", "--using", "thread-pool"]);
    let file = run.folder().join("target/plots/05_cpu_bound.json");
    let plot = Plot::read(&file).unwrap();
    assert_eq!(plot.curves().len(), 2, "the pool, and Amdahl's law");
    assert_eq!(differs_from_plot(&run.stdout, &plot), [""; 0]);
    assert!(fs::read_to_string(file.with_extension("svg")).unwrap().starts_with("<svg"));
    let rows = rows(&run);
    assert_eq!(rows.len(), 3, "one by one is always there");
    // With one worker the law has nothing to divide, and that worker is at best as fast as no pool.
    let speed_up = |cell: usize| rows[1].2[cell].parse::<f64>().unwrap();
    assert_eq!(speed_up(8), speed_up(6).min(1.0));
}

#[test]
fn a_way_can_be_chosen_and_workers_are_a_list_of_numbers() {
    let run = run(SMALL, &["--using", "rayon", "--workers", "3,2,3"]);
    let rows = rows(&run);
    let kinds: Vec<_> = rows.iter().map(|row| (row.0, row.1, row.2.len())).collect();
    // Without a run with one worker, nobody knows the serial part.
    assert_eq!(kinds, [("one-by-one", "1", 8), ("rayon", "2", 8), ("rayon", "3", 8)]);
}

#[test]
fn help_and_bad_values() {
    let help = Step::new("05_cpu_bound").arg("--help").run();
    for flag in ["--using <USING>", "--workers <LIST>", "--jobs <N>", "--numbers <N>"] {
        assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
    }
    for bad in [
        "--workers=0",
        "--workers=1,,2",
        "--workers=1,two",
        "--workers=",
        "--jobs=0",
        "--numbers=-1",
        "--numbers=31000000",
        "--using=magic",
    ] {
        let run = Step::new("05_cpu_bound").arg(bad).run();
        assert_eq!(run.status.code(), Some(2), "{bad}: {}", run.stderr);
    }
}
