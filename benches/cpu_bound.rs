//! CPU-bound work on one and on two workers, in Rust and in Python.
//!
//!     cargo bench --bench cpu_bound
//!
//! Each row of a language makes the same lists. Python makes fewer of them, or we would wait too
//! long: compare ratios, not milliseconds.

use std::process::Command;

use anyhow::{Context, ensure};
use benches::child::output;
use benches::{Compared, Measured, Rounds};
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Task};
use harness::Python;
use measure::{Busy, Usage};
use rayon::prelude::*;

const ROUNDS: usize = 15;

const LIST: Task<Recipe, u64> = Task::new("list", list);

/// The seed of a list, and how many numbers it gets.
type Recipe = (u64, u64);

fn main() -> anyhow::Result<()> {
    process::init(&[&LIST]);
    in_rust(96, 2_000_000, 1)?; // 16 MB a list
    in_rust(768, 250_000, 8)?; // as many numbers, in lists that stay in the cache of a core
    in_python()
}

/// Appends random numbers to a list, and returns its checksum.
fn list((seed, numbers): Recipe) -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut list = Vec::new();
    for _ in 0..numbers {
        list.push(random.f64());
    }
    list.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.to_bits()))
}

/// The lists travel in chunks, so that a trip carries the same work whatever the size of a list.
fn in_rust(lists: u64, numbers: u64, chunk: usize) -> anyhow::Result<()> {
    let sum = |sums: Vec<u64>| sums.iter().fold(0, |sum: u64, one| sum.wrapping_add(*one));
    let recipes = || (0..lists).map(|seed| (seed, numbers));
    let threads =
        |n| anyhow::Ok(sum(ThreadPool::new(n)?.chunk_size(chunk).map(list, recipes())?));
    let processes =
        |n| anyhow::Ok(sum(ProcessPool::new(n)?.chunk_size(chunk).map(&LIST, recipes())?));
    let rayon = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
        let recipes: Vec<Recipe> = recipes().collect();
        anyhow::Ok(sum(pool.install(|| recipes.into_par_iter().map(list).collect())))
    };
    let one_by_one = || anyhow::Ok(sum(recipes().map(list).collect()));

    println!("Rust: {lists} lists of {numbers} random numbers, medians of {ROUNDS} rounds");
    // The workers of these two have their memory from the round before.
    let (one_kept, two_kept) = (ProcessPool::new(1)?, ProcessPool::new(2)?);
    let kept =
        |pool: &ProcessPool| anyhow::Ok(sum(pool.chunk_size(chunk).map(&LIST, recipes())?));
    kept(&one_kept).and_then(|_| kept(&two_kept))?;
    let expected = one_by_one()?; // and now everything is warm
    let used = |run: &dyn Fn() -> anyhow::Result<u64>| {
        let (sum, usage) = Usage::measure(run);
        let sum = sum?;
        ensure!(sum == expected, "not the same lists: their sum is {sum}, not {expected}");
        Ok(usage)
    };
    let measured = Rounds::new()
        .way("one by one", || used(&one_by_one))
        .way("1 thread", || used(&|| threads(1)))
        .way("2 threads", || used(&|| threads(2)))
        .way("1 process", || used(&|| processes(1)))
        .way("2 processes", || used(&|| processes(2)))
        .way("1 process, kept", || used(&|| kept(&one_kept)))
        .way("2 processes, kept", || used(&|| kept(&two_kept)))
        .way("rayon, 1 thread", || used(&|| rayon(1)))
        .way("rayon, 2 threads", || used(&|| rayon(2)))
        .run(ROUNDS)?;
    note_if_busy(&measured);
    let seconds = measured.map(|usage| usage.real.as_secs_f64());
    println!("{}", seconds.table(Compared::Faster { than: 0 }));
    Ok(())
}

/// The first way computes all the time on one core. If it didn't have one, the machine is busy.
fn note_if_busy(measured: &Measured<Usage>) {
    let mut alone = measured.0[0].1.clone();
    alone.sort_by_key(|usage| usage.real);
    let usage = alone[alone.len() / 2];
    if let Some(busy) = Busy::detect("one by one", &usage, usage.real) {
        eprintln!("Note: {busy}");
    }
}

/// Runs the Python twin of step 05, and reads the times from its table.
fn in_python() -> anyhow::Result<()> {
    const ROUNDS: usize = 3;
    let ways = [
        ("one by one", "one-by-one 1"),
        ("1 thread", "thread-pool 1"),
        ("2 threads", "thread-pool 2"),
        ("1 process", "process-pool 1"),
        ("2 processes", "process-pool 2"),
    ];
    let version = Python::at("python3").context("python3 isn't installed")?.version;
    println!("Python {version}: 8 lists of 2000000 random numbers, medians of {ROUNDS} rounds");
    let script = harness::root().join("examples/python/05_cpu_bound.py");
    // One run does them all, in turn.
    let times = |_| {
        let text = output(Command::new("python3").arg(&script).args(["--workers", "1,2"]))?;
        ways.iter().map(|(_, way)| seconds_in(&text, way)).collect::<anyhow::Result<Vec<f64>>>()
    };
    let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(times).collect::<anyhow::Result<_>>()?;
    let figures = |way: usize| rounds.iter().map(|times| times[way]).collect();
    let measured = Measured(
        ways.iter().enumerate().map(|(n, (name, _))| (name.to_string(), figures(n))).collect(),
    );
    println!("{}", measured.table(Compared::Faster { than: 0 }));
    Ok(())
}

/// The real time in the row of a table that begins with these two words.
fn seconds_in(text: &str, way: &str) -> anyhow::Result<f64> {
    let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = lines.find(|words| words.len() > 3 && words[..2].join(" ") == way);
    Ok(row.with_context(|| format!("no row {way} in\n{text}"))?[2].parse()?)
}
