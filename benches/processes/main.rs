//! This project's pool of processes beside the pools that a reader may know, all in one run.
//!
//!     cargo bench --bench processes
//!     cargo bench --bench processes -- --rounds 11
//!
//! It needs `python3`, of any version, for `multiprocessing.Pool` and `ProcessPoolExecutor` in
//! processes.py. procspawn is a crate with the same purpose. No pool can be much faster than the
//! raw pipe: a child that reads, and answers with one byte.
//!
//! Every row of a table does the same tasks, and ends with all results in a list. Pools are
//! started, and have done some work, before the clock starts, and they end after it stops.

mod rivals;
mod tasks;

use std::env;
use std::io::Write;
use std::process::{Command, id};
use std::time::Instant;

use anyhow::ensure;
use benches::child::{again, output};
use benches::{Measured, Rounds};
use clap::Parser;
use hands::pool::ProcessPool;
use hands::process;
use hands::{print, println};
use harness::status_kib;
use serde_bytes::ByteBuf;

use rivals::{
    Python, procspawn_all, procspawn_blocks, procspawn_pool, raw_answer, raw_blocks, raw_child,
    raw_children,
};
use tasks::{
    BLOCK, BLOCKS, CALLS, FIRST_BYTE, MANY, SAME, STARTED, WORKERS, first_bytes, new_blocks, same,
};

#[derive(Parser)]
struct Arguments {
    /// How many times everything is timed
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    process::init(&[&SAME, &FIRST_BYTE]); // a worker of ours never returns from here
    procspawn::init(); // nor does one of procspawn's from here
    match env::args().nth(1).as_deref() {
        Some("raw-child") => return raw_child(),
        Some("memory") => return memory_of_many(),
        _ => {}
    }
    let rounds = Arguments::parse().rounds.into();
    let python = Python::start()?;
    println!("{} cores, {}, {}", num_cpus::get(), rust_version(), python.about);
    println!("medians of {rounds} rounds; {WORKERS} workers unless it says otherwise\n");
    one_by_one(&python, rounds)?;
    map(&python, rounds, 10_000, 20)?;
    map(&python, rounds, 1_000_000, 1)?;
    blocks(&python, rounds)?;
    start(&python, rounds)?;
    memory()
}

fn one_by_one(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let theirs = |how| python.time(how, "calls", WORKERS, CALLS, 1);
    let measured = Rounds::new()
        .way("ours, imap", || {
            let pool = our_pool()?;
            timed(0..CALLS, || Ok(pool.imap(&SAME, 0..CALLS).collect::<Result<_, _>>()?))
        })
        .way("ours, imap_unordered", || {
            let pool = our_pool()?;
            let results = || pool.imap_unordered(&SAME, 0..CALLS);
            timed(0..CALLS, || Ok(results().collect::<Result<_, _>>()?))
        })
        .way("mp.Pool.imap", || theirs("mp.imap"))
        .way("mp.Pool.imap_unordered", || theirs("mp.imap_unordered"))
        .way("ProcessPoolExecutor.map", || theirs("executor"))
        .way("procspawn, 16 in flight", || {
            let pool = procspawn_pool()?;
            timed(0..CALLS, || procspawn_all(&pool, same, 0..CALLS, 16))
        })
        .run(rounds)?;
    let title = format!("{CALLS} tasks that do nothing, one by one");
    print_table(
        &title,
        ("tasks/s", 0),
        &measured.map(|seconds| CALLS as f64 / seconds),
        &[("mp.Pool.imap", Level::AtLeast(5.0)), ("procspawn, 16 in flight", Level::AtLeast(8.0))],
    );
    Ok(())
}

fn map(python: &Python, rounds: usize, tasks: u64, times: u64) -> anyhow::Result<()> {
    let measured = Rounds::new()
        .way("ours, map", || {
            let pool = our_pool()?;
            timed(0..tasks, || {
                let mut results = Vec::new();
                for _ in 0..times {
                    results = pool.map(&SAME, 0..tasks)?;
                }
                Ok(results)
            })
        })
        .way("mp.Pool.map", || python.time("mp.map", "calls", WORKERS, tasks, times))
        .run(rounds)?;
    let title = format!("map: {tasks} tasks that do nothing, in automatic chunks");
    let rates = measured.map(|seconds| (tasks * times) as f64 / seconds);
    print_table(&title, ("tasks/s", 0), &rates, &[("mp.Pool.map", Level::AtLeast(1.0))]);
    Ok(())
}

fn blocks(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let theirs = |how| python.time(how, "blocks", WORKERS, BLOCKS, 1);
    let measured = Rounds::new()
        .way("ours, imap", || {
            let pool = our_pool()?;
            let results = || pool.imap(&FIRST_BYTE, new_blocks().map(ByteBuf::from));
            timed(first_bytes(), || Ok(results().collect::<Result<_, _>>()?))
        })
        .way("mp.Pool.imap", || theirs("mp.imap"))
        .way("ProcessPoolExecutor.map", || theirs("executor"))
        .way("procspawn", || {
            let pool = procspawn_pool()?;
            timed(first_bytes(), || procspawn_blocks(&pool))
        })
        .way("a raw pipe to each of 2", || {
            let mut children = raw_children(WORKERS, BLOCK)?;
            timed(first_bytes(), || raw_blocks(&mut children))
        })
        .run(rounds)?;
    let title = format!("{BLOCKS} tasks with an argument of 1 MiB each, one by one");
    print_table(
        &title,
        ("MiB/s", 0),
        &measured.map(|seconds| BLOCKS as f64 / seconds),
        &[("mp.Pool.imap", Level::AtLeast(1.4)), ("a raw pipe to each of 2", Level::AtLeast(0.55))],
    );
    Ok(())
}

fn start(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let tasks = 0..STARTED as u64;
    let theirs = |how| python.time(how, "start", STARTED, STARTED as u64, 1);
    let measured = Rounds::new()
        .way("ours, map", || {
            let mut pool = None;
            timed(tasks.clone(), || {
                let pool = pool.insert(ProcessPool::new(STARTED)?);
                Ok(pool.chunk_size(1).map(&SAME, tasks.clone())?)
            })
        })
        .way("bare processes, with pipes", || {
            let mut children = Vec::new();
            timed(tasks.clone(), || {
                children = raw_children(STARTED, size_of::<u64>())?;
                for (child, number) in children.iter_mut().zip(tasks.clone()) {
                    child.input.write_all(&number.to_le_bytes())?;
                }
                children.iter_mut().map(raw_answer).collect()
            })
        })
        .way("procspawn", || {
            let mut pool = None;
            timed(tasks.clone(), || {
                let pool = pool.insert(procspawn::Pool::new(STARTED)?);
                procspawn_all(pool, same, tasks.clone(), STARTED)
            })
        })
        .way("mp.Pool.map, fork", || theirs("mp.fork"))
        .way("mp.Pool.map, spawn", || theirs("mp.spawn"))
        .way("ProcessPoolExecutor.map", || theirs("executor"))
        .run(rounds)?;
    let title = format!("to start {STARTED} workers, with a task that does nothing for each");
    let times = measured.map(|seconds| seconds * 1e3);
    print_table(&title, ("ms", 1), &times, &[("bare processes, with pipes", Level::AtMost(1.5))]);
    Ok(())
}

/// In a process of its own, because it's the most that the process ever had that is measured.
fn memory() -> anyhow::Result<()> {
    print!("{}", output(&mut again(["memory"])?)?);
    Ok(())
}

fn memory_of_many() -> anyhow::Result<()> {
    println!("imap over {MANY} inputs: the most memory that the parent ever had");
    let pool = ProcessPool::new(WORKERS)?;
    let peak = || status_kib(id(), "VmHWM").map(|kib| kib / 1024.0);
    let before = peak();
    let mut sum = 0;
    for result in pool.imap(&SAME, 0..MANY) {
        sum += result?;
    }
    ensure!(sum == MANY * (MANY - 1) / 2, "the sum is wrong");
    match before.zip(peak()) {
        Some((before, after)) => {
            println!("  before {before:8.1} MiB\n  after  {after:8.1} MiB");
            let growth = after - before;
            let verdict = if growth < 10.0 { "met" } else { "not met" };
            println!("  growth {growth:8.1} MiB   less than 10: {verdict}");
        }
        None => println!("  unknown: this system doesn't say"),
    }
    Ok(())
}

fn our_pool() -> anyhow::Result<ProcessPool> {
    let pool = ProcessPool::new(WORKERS)?;
    pool.map(&SAME, 0..100)?;
    Ok(pool)
}

/// How many seconds a call takes. It must return as many results as expected, with the same sum.
fn timed<R: Copy + Into<u64>>(
    expected: impl Iterator<Item = u64>,
    call: impl FnOnce() -> anyhow::Result<Vec<R>>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let results = call()?;
    let seconds = start.elapsed().as_secs_f64();
    let sum = |(count, sum): (usize, u64), n: u64| (count + 1, sum + n);
    let theirs = results.into_iter().map(R::into).fold((0, 0), sum);
    let expected = expected.fold((0, 0), sum);
    ensure!(theirs == expected, "not the same work: count and sum {theirs:?}, not {expected:?}");
    Ok(seconds)
}

/// The compiler's name and version, if it is installed.
fn rust_version() -> String {
    let version = output(Command::new("rustc").arg("--version"));
    let short = version.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    short.unwrap_or_else(|_| "rustc unknown".to_owned())
}

/// What we ask of the ratio of ours to another row.
#[derive(Clone, Copy)]
enum Level {
    AtLeast(f64),
    AtMost(f64),
}

impl Level {
    fn verdict(self, ratio: f64) -> String {
        let (what, limit, is_met) = match self {
            Level::AtLeast(limit) => ("at least", limit, ratio >= limit),
            Level::AtMost(limit) => ("at most", limit, ratio <= limit),
        };
        format!("   {what} {limit}: {}", if is_met { "met" } else { "not met" })
    }
}

/// The first row is ours. Each other row is compared to it. With the unit goes how many decimals to
/// show.
fn print_table(
    title: &str,
    (unit, decimals): (&str, usize),
    measured: &Measured,
    levels: &[(&str, Level)],
) {
    println!("{title}");
    println!("  {:26}{unit:>12}{:>14}", "", "ours / this");
    let figures = measured.medians().into_iter().zip(measured.ratios(0));
    for ((name, _), (figure, ratio)) in measured.0.iter().zip(figures) {
        let ratio = 1.0 / ratio;
        let level = levels.iter().find(|(row, _)| row == name);
        let verdict = level.map(|(_, level)| level.verdict(ratio)).unwrap_or_default();
        println!("  {name:26}{figure:>12.decimals$}{ratio:>12.2} ×{verdict}");
    }
    println!();
}
