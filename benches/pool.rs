//! What a pool costs, and when it is worth that: trips, chunks, memory.
//!
//!     cargo bench --bench pool
//!
//! Every table does the same work in each of its rows, in turn, several times over; the figures are
//! medians. Ratios carry over to other machines, milliseconds do not.

use std::hint::black_box;
use std::process::{Command, id};
use std::time::{Duration, Instant};
use std::{env, thread};

use crossbeam::channel;
use hands::pool::ThreadPool;
use hands::println;
use harness::status_kib;
use rayon::prelude::*;

const ROUNDS: usize = 7;

fn main() -> anyhow::Result<()> {
    let mut args = env::args().skip(1);
    match (args.next().as_deref(), args.next().as_deref()) {
        (Some("memory-of"), Some(what)) => return memory_of(what),
        _ => println!("{} workers, medians of {ROUNDS} rounds\n", workers()),
    }
    let one_by_one = tiny_tasks()?;
    uneven_tasks()?;
    memory()?;
    levels(one_by_one)
}

fn workers() -> usize {
    num_cpus::get()
}

/// A task of a few hundred nanoseconds: far too small to hand to anybody.
fn tiny(n: u64) -> u64 {
    (0..128).fold(n, |x, i| black_box(x.rotate_left(7) ^ i))
}

/// Parallel can be slower than serial, and what chunks do about it. Returns how many times as many tasks pass
/// through `imap` in a second as through a bare channel.
fn tiny_tasks() -> anyhow::Result<f64> {
    const TASKS: u64 = 200_000;
    let pool = ThreadPool::new(workers())?;
    let sum =
        |chunk| pool.chunk_size(chunk).imap(tiny, 0..TASKS).map(|r| r.expect("no panic")).sum();

    println!("{TASKS} tiny tasks");
    let times = table(&mut [
        ("a for loop", &mut || (0..TASKS).map(tiny).sum()),
        ("imap, one by one", &mut || sum(1)),
        ("imap, chunks of 10", &mut || sum(10)),
        ("imap, chunks of 100", &mut || sum(100)),
        ("imap, chunks of 1000", &mut || sum(1000)),
        ("map, automatic chunks", &mut || pool.map(tiny, 0..TASKS).expect("no panic").iter().sum()),
        ("rayon, into_par_iter", &mut || (0..TASKS).into_par_iter().map(tiny).sum()),
        ("a bare channel, same window", &mut || bare_channel(TASKS)),
    ])?;
    Ok(times[7].as_secs_f64() / times[1].as_secs_f64())
}

/// The least that a pool with a window can be: two channels, no order, no panics, no cancelling.
fn bare_channel(tasks: u64) -> u64 {
    let (jobs, queue) = channel::unbounded::<Box<dyn FnOnce() -> u64 + Send>>();
    let (sender, results) = channel::unbounded();
    thread::scope(|s| {
        for _ in 0..workers() {
            let (queue, sender) = (queue.clone(), sender.clone());
            s.spawn(move || queue.iter().for_each(|job| sender.send(job()).expect("it is read")));
        }
        let mut sum = 0;
        for n in 0..tasks {
            if n >= 8 * workers() as u64 {
                sum += results.recv().expect("a worker answers");
            }
            jobs.send(Box::new(move || tiny(n))).expect("a worker listens");
        }
        drop((jobs, sender));
        sum + results.iter().sum::<u64>()
    })
}

/// Larger chunks share out uneven work less evenly: the last chunk has one worker for itself.
fn uneven_tasks() -> anyhow::Result<()> {
    const TASKS: u64 = 64;
    let pool = ThreadPool::new(workers())?;
    // The later the task, the longer: 64 steps from next to nothing to two milliseconds.
    let sum = |chunk| {
        let sums = pool.chunk_size(chunk).map(|n| (0..n * 100).map(tiny).sum::<u64>(), 0..TASKS);
        sums.expect("no panic").iter().sum()
    };
    println!("{TASKS} tasks, each longer than the one before");
    table(&mut [
        ("chunks of 1", &mut || sum(1)),
        ("chunks of 8", &mut || sum(8)),
        ("one chunk for all", &mut || sum(TASKS as usize)),
    ])?;
    Ok(())
}

/// What we ask of the pool: to be near what is known to be fast.
fn levels(one_by_one: f64) -> anyhow::Result<()> {
    const TASKS: u64 = 1_000_000;
    let pool = ThreadPool::new(workers())?;
    println!("\n{TASKS} tiny tasks, all results in a list");
    let times = table(&mut [
        ("rayon, into_par_iter", &mut || {
            (0..TASKS).into_par_iter().map(tiny).collect::<Vec<_>>().iter().sum()
        }),
        ("map, automatic chunks", &mut || pool.map(tiny, 0..TASKS).expect("no panic").iter().sum()),
    ])?;
    let map = times[1].as_secs_f64() / times[0].as_secs_f64();
    let verdict = |is_met| if is_met { "met" } else { "not met" };
    println!("levels");
    println!("  time of map / rayon           {map:5.2} ×   at most 2: {}", verdict(map <= 2.0));
    println!(
        "  rate of imap / bare channel   {one_by_one:5.2} ×   at least 0.5: {}",
        verdict(one_by_one >= 0.5)
    );
    Ok(())
}

/// Runs each row in turn, several times; prints medians, and ratios to the first row. Returns the medians.
fn table(rows: &mut [(&str, &mut dyn FnMut() -> u64)]) -> anyhow::Result<Vec<Duration>> {
    let mut times = vec![Vec::new(); rows.len()];
    let mut answers = Vec::new();
    for _ in 0..ROUNDS {
        for ((_, run), times) in rows.iter_mut().zip(&mut times) {
            let start = Instant::now();
            answers.push(run());
            times.push(start.elapsed());
        }
    }
    anyhow::ensure!(
        answers.iter().all(|answer| *answer == answers[0]),
        "not the same work: {answers:?}"
    );
    let medians: Vec<Duration> = times
        .iter_mut()
        .map(|times| {
            times.sort();
            times[ROUNDS / 2]
        })
        .collect();
    for ((name, _), median) in rows.iter().zip(&medians) {
        let ratio = median.as_secs_f64() / medians[0].as_secs_f64();
        println!("  {name:28} {:8.2} ms   {ratio:5.2} ×", median.as_secs_f64() * 1e3);
    }
    println!();
    Ok(medians)
}

/// How much memory `map` and `imap` need, each in a process of its own.
fn memory() -> anyhow::Result<()> {
    println!("peak memory, summing the results of 1 and of 10 million tasks");
    for what in ["map 1", "map 10", "imap 1", "imap 10"] {
        let output = Command::new(env::current_exe()?).args(["memory-of", what]).output()?;
        anyhow::ensure!(
            output.status.success(),
            "{what}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        println!("  {what:>7} million   {:>8}", String::from_utf8_lossy(&output.stdout).trim());
    }
    Ok(())
}

/// The child: does the work, prints its own peak.
fn memory_of(what: &str) -> anyhow::Result<()> {
    let (how, millions) =
        what.split_once(' ').ok_or_else(|| anyhow::anyhow!("say how, and how many millions"))?;
    let inputs = 0..millions.parse::<u64>()? * 1_000_000;
    let expected: u64 = inputs.clone().sum();
    let pool = ThreadPool::new(workers())?;
    let sum: u64 = match how {
        "map" => pool.chunk_size(1000).map(|n| n, inputs)?.iter().sum(),
        _ => pool.chunk_size(1000).imap(|n| n, inputs).sum::<Result<u64, _>>()?,
    };
    anyhow::ensure!(sum == expected, "the sum is wrong");
    let peak = status_kib(id(), "VmHWM").map(|kib| format!("{:.0}", kib / 1024.0));
    println!("{} MiB", peak.unwrap_or("unknown".to_owned()));
    Ok(())
}
