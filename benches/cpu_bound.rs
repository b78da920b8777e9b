//! CPU-bound work on one and on two workers, in Rust and in Python.
//!
//!     cargo bench --bench cpu_bound
//!
//! The same lists in each row of a language, in turn, several times over. Milliseconds are medians, and
//! so are the ratios, each of two times of one round: what slows the machine for a while slows both.
//! Python makes fewer lists, or we would wait: compare ratios, not milliseconds.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use benches::median;
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Task};
use harness::Python;
use measure::{Busy, Usage};
use rayon::prelude::*;

const ROUNDS: usize = 15;
const LISTS: u64 = 96;
const NUMBERS: u64 = 2_000_000;

/// A way of making all lists; it returns one checksum for them.
type Way<'w> = &'w dyn Fn() -> anyhow::Result<u64>;

const LIST: Task<u64, u64> = Task::new("list", list);

fn main() -> anyhow::Result<()> {
    process::init(&[&LIST]);
    in_rust()?;
    in_python()
}

/// Appends random numbers to a list, and returns its checksum.
fn list(seed: u64) -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut list = Vec::new();
    for _ in 0..NUMBERS {
        list.push(random.f64());
    }
    list.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.to_bits()))
}

fn in_rust() -> anyhow::Result<()> {
    let sum = |sums: Vec<u64>| sums.iter().fold(0, |sum: u64, one| sum.wrapping_add(*one));
    let threads = |n| anyhow::Ok(sum(ThreadPool::new(n)?.map(list, 0..LISTS)?));
    let processes = |n| anyhow::Ok(sum(ProcessPool::new(n)?.map(&LIST, 0..LISTS)?));
    let rayon = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
        anyhow::Ok(sum(pool.install(|| (0..LISTS).into_par_iter().map(list).collect())))
    };
    let one_by_one = || anyhow::Ok(sum((0..LISTS).map(list).collect()));

    println!("Rust: {LISTS} lists of {NUMBERS} random numbers, medians of {ROUNDS} rounds");
    // Their workers have their memory from the round before.
    let (one_kept, two_kept) = (ProcessPool::new(1)?, ProcessPool::new(2)?);
    let kept = |pool: &ProcessPool| anyhow::Ok(sum(pool.map(&LIST, 0..LISTS)?));
    kept(&one_kept).and_then(|_| kept(&two_kept))?;
    let mut rows: [(&str, Way<'_>, Vec<f64>); 9] = [
        ("one by one", &one_by_one, vec![]),
        ("1 thread", &|| threads(1), vec![]),
        ("2 threads", &|| threads(2), vec![]),
        ("1 process", &|| processes(1), vec![]),
        ("2 processes", &|| processes(2), vec![]),
        ("1 process, kept", &|| kept(&one_kept), vec![]),
        ("2 processes, kept", &|| kept(&two_kept), vec![]),
        ("rayon, 1 thread", &|| rayon(1), vec![]),
        ("rayon, 2 threads", &|| rayon(2), vec![]),
    ];
    let expected = one_by_one()?; // and everything is warm
    let mut alone = Vec::new();
    for _ in 0..ROUNDS {
        for (name, run, times) in &mut rows {
            let (sum, usage) = Usage::of(run);
            ensure!(sum? == expected, "{name}: other lists");
            times.push(usage.real.as_secs_f64());
            if *name == "one by one" {
                alone.push(usage);
            }
        }
    }
    let median_of = |time: fn(&Usage) -> Duration| {
        Duration::from_secs_f64(median(alone.iter().map(|usage| time(usage).as_secs_f64())))
    };
    let usage = Usage {
        real: median_of(|usage| usage.real),
        user: median_of(|usage| usage.user),
        system: median_of(|usage| usage.system),
        ..Usage::default()
    };
    if let Some(busy) = Busy::of("one by one", &usage, usage.real) {
        eprintln!("Note: {busy}");
    }
    print(rows.map(|(name, _, times)| (name, times)));
    Ok(())
}

/// Runs the step's twin in Python, and reads the times from its table.
fn in_python() -> anyhow::Result<()> {
    const ROUNDS: usize = 3;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/python/05_cpu_bound.py");
    let names = [
        ("one by one", "one-by-one 1"),
        ("1 thread", "thread-pool 1"),
        ("2 threads", "thread-pool 2"),
        ("1 process", "process-pool 1"),
        ("2 processes", "process-pool 2"),
    ];
    let version = Python::at("python3").context("python3 is not here: install it")?.version;
    println!("Python {version}: 8 lists of 2000000 random numbers, medians of {ROUNDS} rounds");
    let mut rows = names.map(|(name, _)| (name, Vec::new()));
    for _ in 0..ROUNDS {
        let mut command = Command::new("python3");
        let output = command.args([script, "--workers", "1,2"]).output();
        let output = output.context("python3 cannot be started")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        for ((_, way), (_, times)) in names.iter().zip(&mut rows) {
            let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let row = lines.find(|words| words.len() > 3 && words[..2].join(" ") == *way);
            times.push(row.with_context(|| format!("no row {way}"))?[2].parse()?);
        }
    }
    print(rows);
    Ok(())
}

fn print<const N: usize>(rows: [(&str, Vec<f64>); N]) {
    let one_by_one = rows[0].1.clone();
    for (name, times) in rows {
        let ratios: Vec<f64> =
            one_by_one.iter().zip(&times).map(|(one, this)| one / this).collect();
        let (ms, ratio) = (median(times) * 1e3, median(ratios));
        println!("  {name:18} {ms:9.0} ms   {ratio:5.2} times as fast");
    }
    println!();
}
