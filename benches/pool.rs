//! What a pool costs, and when it is worth that: trips, chunks, memory.
//!
//!     cargo bench --bench pool
//!
//! Ratios carry over to other machines, milliseconds don't.

use std::hint::black_box;
use std::process::id;
use std::{env, thread};

use anyhow::Context;
use benches::child::{again, output};
use benches::compare_all;
use crossbeam::channel;
use hands::pool::ThreadPool;
use hands::println;
use harness::status_kib;
use rayon::prelude::*;

const ROUNDS: usize = 7;

fn main() -> anyhow::Result<()> {
    let mut args = env::args().skip(1);
    if args.next().as_deref() == Some("memory-of") {
        return memory_of(&args.next().context("of what?")?);
    }
    println!("{} workers, medians of {ROUNDS} rounds\n", num_cpus::get());
    let one_by_one = tiny_tasks()?;
    uneven_tasks()?;
    memory()?;
    levels(one_by_one)
}

/// A task of a few hundred nanoseconds: far too small to hand over.
fn tiny(n: u64) -> u64 {
    (0..128).fold(n, |x, i| black_box(x.rotate_left(7) ^ i))
}

/// Parallel can be slower than serial, and chunks help. Returns how many times as many tasks per
/// second pass through `imap` as through a bare channel.
fn tiny_tasks() -> anyhow::Result<f64> {
    const TASKS: u64 = 200_000;
    let pool = ThreadPool::new(num_cpus::get())?;
    let sum =
        |chunk| pool.chunk_size(chunk).imap(tiny, 0..TASKS).map(|r| r.expect("no panic")).sum();

    println!("{TASKS} tiny tasks");
    let measured = compare_all(
        ROUNDS,
        &[
            ("a for loop", &|| (0..TASKS).map(tiny).sum()),
            ("imap, one by one", &|| sum(1)),
            ("imap, chunks of 10", &|| sum(10)),
            ("imap, chunks of 100", &|| sum(100)),
            ("imap, chunks of 1000", &|| sum(1000)),
            ("map, automatic chunks", &|| pool.map(tiny, 0..TASKS).expect("no panic").iter().sum()),
            ("rayon, into_par_iter", &|| (0..TASKS).into_par_iter().map(tiny).sum()),
            ("a bare channel, same window", &|| bare_channel(TASKS)),
        ],
    )?;
    println!();
    Ok(measured.ratios(1)[7])
}

/// The least that a pool with a window can be: two channels, and no order, panics or cancelling.
fn bare_channel(tasks: u64) -> u64 {
    let (tasks_in, queue) = channel::unbounded::<Box<dyn FnOnce() -> u64 + Send>>();
    let (sender, results) = channel::unbounded();
    thread::scope(|s| {
        for _ in 0..num_cpus::get() {
            let (queue, sender) = (queue.clone(), sender.clone());
            s.spawn(move || queue.iter().for_each(|task| sender.send(task()).expect("it is read")));
        }
        let mut sum = 0;
        for n in 0..tasks {
            if n >= 8 * num_cpus::get() as u64 {
                sum += results.recv().expect("a worker answers");
            }
            tasks_in.send(Box::new(move || tiny(n))).expect("a worker listens");
        }
        drop((tasks_in, sender));
        sum + results.iter().sum::<u64>()
    })
}

/// Larger chunks divide uneven work less evenly: a single worker does the last chunk while the
/// others wait.
fn uneven_tasks() -> anyhow::Result<()> {
    const TASKS: u64 = 64;
    let pool = ThreadPool::new(num_cpus::get())?;
    // Each task takes longer than the one before: from next to nothing to two milliseconds.
    let sum = |chunk| {
        let sums = pool.chunk_size(chunk).map(|n| (0..n * 100).map(tiny).sum::<u64>(), 0..TASKS);
        sums.expect("no panic").iter().sum()
    };
    println!("{TASKS} tasks, each longer than the one before");
    compare_all(
        ROUNDS,
        &[
            ("chunks of 1", &|| sum(1)),
            ("chunks of 8", &|| sum(8)),
            ("one chunk for all", &|| sum(TASKS as usize)),
        ],
    )?;
    println!();
    Ok(())
}

/// What we ask of the pool: to come close to what is known to be fast.
fn levels(one_by_one: f64) -> anyhow::Result<()> {
    const TASKS: u64 = 1_000_000;
    let pool = ThreadPool::new(num_cpus::get())?;
    println!("\n{TASKS} tiny tasks, all results in a list");
    let measured = compare_all(
        ROUNDS,
        &[
            ("rayon, into_par_iter", &|| {
                (0..TASKS).into_par_iter().map(tiny).collect::<Vec<_>>().iter().sum()
            }),
            ("map, automatic chunks", &|| pool.map(tiny, 0..TASKS).expect("no panic").iter().sum()),
        ],
    )?;
    let map = measured.ratios(0)[1];
    let verdict = |is_met| if is_met { "met" } else { "not met" };
    println!("\nlevels");
    println!("  time of map / rayon           {map:5.2} ×   at most 2: {}", verdict(map <= 2.0));
    println!(
        "  rate of imap / bare channel   {one_by_one:5.2} ×   at least 0.5: {}",
        verdict(one_by_one >= 0.5)
    );
    Ok(())
}

/// How much memory `map` and `imap` need, each in a process of its own.
fn memory() -> anyhow::Result<()> {
    println!("peak memory, summing the results of 1 and of 10 million tasks");
    for what in ["map 1", "map 10", "imap 1", "imap 10"] {
        let peak = output(&mut again(["memory-of", what])?)?;
        println!("  {what:>7} million   {:>8}", peak.trim());
    }
    Ok(())
}

/// The child: does the work, and prints the most memory that it ever had.
fn memory_of(what: &str) -> anyhow::Result<()> {
    let (how, millions) =
        what.split_once(' ').ok_or_else(|| anyhow::anyhow!("say how, and how many millions"))?;
    let inputs = 0..millions.parse::<u64>()? * 1_000_000;
    let expected: u64 = inputs.clone().sum();
    let pool = ThreadPool::new(num_cpus::get())?;
    let sum: u64 = match how {
        "map" => pool.chunk_size(1000).map(|n| n, inputs)?.iter().sum(),
        _ => pool.chunk_size(1000).imap(|n| n, inputs).sum::<Result<u64, _>>()?,
    };
    anyhow::ensure!(sum == expected, "the sum is wrong");
    let peak = status_kib(id(), "VmHWM").map(|kib| format!("{:.0}", kib / 1024.0));
    println!("{} MiB", peak.unwrap_or("unknown".to_owned()));
    Ok(())
}
