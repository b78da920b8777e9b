//! Small files and slow answers, by a process each, a thread each and pools, in Rust and in Python.
//!
//!     cargo bench --bench io_bound
//!
//! Runs step 06 and its Python twin as a reader would, and prints their tables again, with medians.
//! Both write, read and close the same files: in memory if the system has a folder for that, so
//! that no busy disk is measured. The answers come from a server in the same language: compare
//! those only within a language.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use benches::child::output;
use benches::{Rounds, median};
use hands::println;
use harness::{Python, Step};
use measure::{PerTask, Usage};

const ROUNDS: usize = 5;
const WORKS: [&str; 3] = ["nothing", "a file", "a request"];

/// A line of the step's table: how many tasks, in which way, and milliseconds for each kind of
/// them.
type Row = (usize, String, [f64; 3]);

fn main() -> anyhow::Result<()> {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
    println!("The files go to {}", place.display());
    let measured = Rounds::new()
        .way("Rust", || {
            let run = Step::new("06_io_bound").release(true).env("TMPDIR", &place).try_run()?;
            ensure!(run.status.success(), "{}", run.stderr);
            rows(&run.stdout)
        })
        .way("Python", || {
            let script = harness::root().join("examples/python/06_io_bound.py");
            rows(&output(Command::new("python3").arg(script).env("TMPDIR", &place))?)
        })
        .run(ROUNDS)?;
    let [rust, python] = [0, 1].map(|language| medians(&measured.0[language].1));
    let version = Python::at("python3").context("python3 isn't installed")?.version;
    for (language, rows) in [("Rust", &rust), (&format!("Python {version}"), &python)] {
        println!("{language}: medians of {ROUNDS} rounds");
        let mut costs = PerTask::new(WORKS);
        for (tasks, way, times) in rows {
            let real = times.map(|time| Duration::from_secs_f64(time / 1e3).mul_f64(*tasks as f64));
            costs.add(*tasks, way, real.map(|real| Usage { real, ..Usage::default() }));
        }
        println!("{}\n{}", costs.times(), costs.compare("process-each", "process-pool"));
    }
    println!("Rust is this many times as fast as Python");
    for ((tasks, way, rust), (_, _, python)) in rust.iter().zip(&python) {
        let ratio = |work: usize| match rust[work] {
            0.0 => "–".to_owned(), // nothing, done by nobody
            time => format!("{:.1} ×", python[work] / time),
        };
        println!("{tasks:>5}  {way:12}  nothing {:>7}   a file {:>7}", ratio(0), ratio(1));
    }
    Ok(())
}

/// Reads the table of times that a run has printed.
fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
    let lines = text.lines().skip_while(|line| !line.starts_with("time for each task")).skip(2);
    let rows = lines.take_while(|line| !line.is_empty()).map(|line| {
        // 4 one-by-one 0.1 ms 0.2 ms 0.3 ms
        let words: Vec<&str> = line.split_whitespace().collect();
        let [tasks, way, nothing, _, file, _, request, _] = words[..] else {
            anyhow::bail!("no line of the table: {line}");
        };
        let times = [nothing.parse()?, file.parse()?, request.parse()?];
        Ok((tasks.parse()?, way.to_owned(), times))
    });
    let rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
    ensure!(!rows.is_empty(), "no table in what it printed:\n{text}");
    Ok(rows)
}

/// The same rows, each with the medians of all rounds.
fn medians(rounds: &[Vec<Row>]) -> Vec<Row> {
    let mut rows = rounds[0].clone();
    for (n, (_, _, times)) in rows.iter_mut().enumerate() {
        for (work, time) in times.iter_mut().enumerate() {
            *time = median(rounds.iter().map(|rows| rows[n].2[work]));
        }
    }
    rows
}
