//! What it costs when workers need each other's results: threads, shared memory, messages.
//!
//!     cargo bench --bench messages
//!
//! Runs the parts of step 07 as a reader would, with --release, and takes the times from their traces. Every
//! table does the same work in each of its rows, in turn, several times over; the figures are medians.
//! Ratios carry over to other machines, milliseconds do not.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hands::pool::ProcessPool;
use hands::println;
use hands::process::{self, Task};
use harness::Step;
use heat;
use serde_bytes::ByteBuf;

const ROUNDS: usize = 5;
const SIZE: usize = 2000;

fn main() -> anyhow::Result<()> {
    process::init(&[&SUM_FILE, &SUM_NUMBERS, &SUM_BYTES]);
    println!("{} workers, medians of {ROUNDS} rounds\n", workers());
    shared(1000)?;
    messages(20)?;
    for megabytes in [1, 32] {
        name_or_bytes(megabytes)?;
    }
    Ok(())
}

fn workers() -> usize {
    num_cpus::get()
}

/// The same plate by threads, and by processes that share memory. Starting them counts.
fn shared(steps: usize) -> anyhow::Result<()> {
    println!("a plate of {SIZE} × {SIZE}, {steps} steps");
    let mut times = vec![Vec::new(); 5];
    for _ in 0..ROUNDS {
        times[0].push(one_by_one(steps));
        times[1].push(section("07b_shared", "heat", steps)?.0);
        times[2].push(section("07a_channels", "heat", steps)?.0);
        let (whole, first) = section("07c_shared_memory", "shared memory", steps)?;
        times[3].push(whole);
        times[4].push(first);
    }
    // Compared to the threads that share.
    let names = [
        "one by one",
        "threads, RwLock and Barrier",
        "threads, channels",
        "processes, shared memory",
        "  until their first step",
    ];
    table(&names, times, 1);
    Ok(())
}

/// Processes that share memory, and processes to which each band is sent in each step.
fn messages(steps: usize) -> anyhow::Result<()> {
    println!("a plate of {SIZE} × {SIZE}, {steps} steps by processes, from their first step on");
    let mut times = vec![Vec::new(); 2];
    for _ in 0..ROUNDS {
        for (name, times) in ["shared memory", "messages"].iter().zip(&mut times) {
            let (whole, first) = section("07c_shared_memory", name, steps)?;
            times.push(whole.saturating_sub(first));
        }
    }
    table(&["shared memory", "bands in messages"], times, 0);
    Ok(())
}

fn one_by_one(steps: usize) -> Duration {
    let start = Instant::now();
    let mut bands = heat::cut(SIZE, 1);
    (0..steps).for_each(|_| bands[0].advance());
    std::hint::black_box(heat::join(&bands));
    start.elapsed()
}

/// How long a section of a step took, and how long until the first span in it.
fn section(step: &str, name: &str, steps: usize) -> anyhow::Result<(Duration, Duration)> {
    let (workers, size, steps) = (workers().to_string(), SIZE.to_string(), steps.to_string());
    let args = ["--workers", &workers, "--size", &size, "--steps", &steps];
    let using = name.replace(' ', "-");
    let using = (step == "07c_shared_memory").then_some(["--using", &using]);
    let run =
        Step::new(step).release(true).args(args).args(using.into_iter().flatten()).try_run()?;
    anyhow::ensure!(run.status.success(), "{step}: {}", run.stderr);
    let part = run.trace().section(name).ok_or_else(|| anyhow::anyhow!("{step}: no {name}"))?;
    let first = part.spans().iter().map(|span| span.start).min().unwrap_or(part.start());
    Ok((part.length(), first.saturating_sub(part.start())))
}

const SUM_FILE: Task<PathBuf, Result<u64, String>> = Task::new("sum_file", |file| {
    let bytes = fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(sum(&bytes))
});
const SUM_NUMBERS: Task<Vec<u8>, u64> = Task::new("sum_numbers", |bytes| sum(&bytes));
const SUM_BYTES: Task<ByteBuf, u64> = Task::new("sum_bytes", |bytes| sum(&bytes));

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte)).sum()
}

/// A worker process adds up the bytes of a file: it is told its name, or sent its contents.
fn name_or_bytes(megabytes: usize) -> anyhow::Result<()> {
    println!("a file of {megabytes} MB for another process");
    let file = tempfile::NamedTempFile::new()?;
    let content: Vec<u8> = (0..megabytes * 1_000_000).map(|n| (n % 251) as u8).collect();
    fs::write(&file, &content)?;
    let expected = sum(&content);
    let pool = ProcessPool::new(1)?;
    let mut times = vec![Vec::new(); 3];
    for _ in 0..ROUNDS {
        for (way, times) in times.iter_mut().enumerate() {
            let start = Instant::now();
            let found = match way {
                0 => pool
                    .submit(&SUM_FILE, file.path().to_owned())
                    .join()?
                    .map_err(anyhow::Error::msg)?,
                1 => pool.submit(&SUM_BYTES, ByteBuf::from(fs::read(&file)?)).join()?,
                _ => pool.submit(&SUM_NUMBERS, fs::read(&file)?).join()?,
            };
            times.push(start.elapsed());
            anyhow::ensure!(found == expected, "not the same work: {found}, {expected}");
        }
    }
    table(&["its name", "its bytes, as bytes", "its bytes, one by one (Vec<u8>)"], times, 0);
    Ok(())
}

/// Prints medians, and ratios to the row `base`.
fn table(names: &[&str], times: Vec<Vec<Duration>>, base: usize) {
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for (name, median) in names.iter().zip(&medians) {
        println!("  {name:32} {:9.2} ms   {:6.2} ×", median * 1e3, median / medians[base]);
    }
    println!();
}
