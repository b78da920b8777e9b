//! Small files and slow answers, by a process each, a thread each and pools, in Rust and in Python.
//!
//!     cargo bench --bench io_bound
//!
//! Runs step 06 and its twin in Python as a reader would, in turn, several times over, and prints their tables
//! again, with medians. Both write, read and close the same files. The answers come from a server in the same
//! language: compare those within a language.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use measure::{PerTask, Usage};
use steps::Step;

const ROUNDS: usize = 5;
const WORKS: [&str; 3] = ["nothing", "a file", "a request"];

/// A line of the step's tables: how many tasks, in which way, and what each kind of them has cost.
type Row = (usize, String, [Usage; 3]);

fn main() -> anyhow::Result<()> {
    let (mut rust, mut python) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let run = Step::new("06_io_bound").release(true).try_run()?;
        ensure!(run.status.success(), "{}", run.stderr);
        rust.push(rows(&run.stdout)?);
        python.push(rows(&in_python()?)?);
    }
    let (rust, python) = (medians(&rust), medians(&python));
    for (language, rows) in [("Rust", &rust), ("Python", &python)] {
        println!("{language}: medians of {ROUNDS} rounds");
        let mut costs = PerTask::new(WORKS);
        for (tasks, way, usages) in rows {
            costs.add(*tasks, way, *usages);
        }
        println!("{costs}\n{}", costs.compare("process-each", "process-pool"));
    }
    println!("Rust is so many times as fast as Python");
    for ((tasks, way, rust), (_, _, python)) in rust.iter().zip(&python) {
        let ratio = |work: usize| python[work].real.as_secs_f64() / rust[work].real.as_secs_f64();
        println!("{tasks:>5}  {way:12}  nothing {:>6.1} ×  a file {:>6.1} ×", ratio(0), ratio(1));
    }
    Ok(())
}

fn in_python() -> anyhow::Result<String> {
    let script = steps::root().join("examples/python/06_io_bound.py");
    let output = Command::new("python3").arg(script).output();
    let output = output.context("python3 cannot be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Reads the two tables that a run has printed.
fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
    let table = |title: &'static str| {
        let lines = text.lines().skip_while(move |line| !line.starts_with(title)).skip(2);
        lines.take_while(|line| !line.is_empty())
    };
    let mut rows = Vec::new();
    for (times, switches) in table("time for each task").zip(table("context switches")) {
        let times: Vec<&str> = times.split_whitespace().collect(); // 4 alone 0.1 ms 0.2 ms 0.3 ms
        let switches: Vec<&str> = switches.split_whitespace().collect(); // 4 alone 1.0 + 0.1 …
        let tasks: usize = times[0].parse()?;
        let all = |cell: &str| Ok::<_, anyhow::Error>(cell.parse::<f64>()? * tasks as f64);
        let mut usages = [Usage::default(); 3];
        for (work, usage) in usages.iter_mut().enumerate() {
            usage.real = Duration::from_secs_f64(all(times[2 + 2 * work])? / 1e3);
            usage.voluntary = all(switches[2 + 3 * work])?.round() as u64;
            usage.involuntary = all(switches[4 + 3 * work])?.round() as u64;
        }
        rows.push((tasks, times[1].to_owned(), usages));
    }
    ensure!(!rows.is_empty(), "no table in what it printed:\n{text}");
    Ok(rows)
}

/// The same rows, each with the medians of all rounds.
fn medians(rounds: &[Vec<Row>]) -> Vec<Row> {
    let mut rows = rounds[0].clone();
    for (n, (_, _, usages)) in rows.iter_mut().enumerate() {
        for (work, usage) in usages.iter_mut().enumerate() {
            let each = || rounds.iter().map(|rows| rows[n].2[work]);
            usage.real = median(each().map(|usage| usage.real));
            usage.voluntary = median(each().map(|usage| usage.voluntary));
            usage.involuntary = median(each().map(|usage| usage.involuntary));
        }
    }
    rows
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values[values.len() / 2]
}
