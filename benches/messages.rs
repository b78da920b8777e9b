//! What it costs when workers need each other's results: threads, shared memory, messages.
//!
//!     cargo bench --bench messages
//!
//! Runs the parts of step 07 as a reader would, with --release, and takes the times from their
//! traces. Ratios carry over to other machines, milliseconds don't.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use benches::{Compared, Rounds, seconds};
use hands::pool::ProcessPool;
use hands::println;
use hands::process::{self, Task};
use harness::Step;
use serde_bytes::ByteBuf;

const ROUNDS: usize = 5;
const SIZE: usize = 2000;

fn main() -> anyhow::Result<()> {
    process::init(&[&SUM_FILE, &SUM_NUMBERS, &SUM_BYTES]);
    println!("{} workers, medians of {ROUNDS} rounds\n", num_cpus::get());
    shared(1000)?;
    messages(20)?;
    for megabytes in [1, 32] {
        name_or_bytes(megabytes)?;
    }
    Ok(())
}

/// The same plate by threads, and by processes that share memory. Starting them counts.
fn shared(steps: usize) -> anyhow::Result<()> {
    println!("a plate of {SIZE} × {SIZE}, {steps} steps");
    let whole = |step, name| move || Ok((section(step, name, steps)?.0, 0.0));
    let mut measured = Rounds::new()
        .way("one by one", || Ok((one_by_one(steps), 0.0)))
        .way("threads, RwLock and Barrier", whole("07b_shared", "heat"))
        .way("threads, channels", whole("07a_channels", "heat"))
        .way("processes, shared memory", || section("07c_shared_memory", "shared memory", steps))
        .run(ROUNDS)?;
    let first = measured.0[3].1.iter().map(|(_, first)| (*first, 0.0)).collect();
    measured.0.push(("  until their first step".to_owned(), first));
    // Compared to the threads that share.
    println!("{}", measured.map(|(whole, _)| *whole).table(Compared::Longer { than: 1 }));
    Ok(())
}

/// Processes that share memory, and processes to which each band is sent in each step.
fn messages(steps: usize) -> anyhow::Result<()> {
    println!("a plate of {SIZE} × {SIZE}, {steps} steps by processes, from their first step on");
    let from_first = |name| {
        move || {
            let (whole, first) = section("07c_shared_memory", name, steps)?;
            Ok(whole - first)
        }
    };
    let measured = Rounds::new()
        .way("shared memory", from_first("shared memory"))
        .way("bands in messages", from_first("messages"))
        .run(ROUNDS)?;
    println!("{}", measured.table(Compared::Longer { than: 0 }));
    Ok(())
}

fn one_by_one(steps: usize) -> f64 {
    let start = Instant::now();
    let mut bands = heat::cut(SIZE, 1);
    (0..steps).for_each(|_| bands[0].advance());
    std::hint::black_box(heat::join(&bands));
    start.elapsed().as_secs_f64()
}

/// How many seconds a section of a step took, and how many of them passed before the first span in
/// it.
fn section(step: &str, name: &str, steps: usize) -> anyhow::Result<(f64, f64)> {
    let (workers, size, steps) = (num_cpus::get().to_string(), SIZE.to_string(), steps.to_string());
    let args = ["--workers", &workers, "--size", &size, "--steps", &steps];
    let using = name.replace(' ', "-");
    let using = (step == "07c_shared_memory").then_some(["--using", &using]);
    let run =
        Step::new(step).release(true).args(args).args(using.into_iter().flatten()).try_run()?;
    anyhow::ensure!(run.status.success(), "{step}: {}", run.stderr);
    let part = run.trace().section(name).ok_or_else(|| anyhow::anyhow!("{step}: no {name}"))?;
    let first = part.spans().iter().map(|span| span.start).min().unwrap_or(part.start());
    Ok((part.length().as_secs_f64(), first.saturating_sub(part.start()).as_secs_f64()))
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

/// A worker process adds up the bytes of a file. It gets the file's name, or its contents.
fn name_or_bytes(megabytes: usize) -> anyhow::Result<()> {
    println!("a file of {megabytes} MB for another process");
    let file = tempfile::NamedTempFile::new()?;
    let content: Vec<u8> = (0..megabytes * 1_000_000).map(|n| (n % 251) as u8).collect();
    fs::write(&file, &content)?;
    let expected = sum(&content);
    let pool = ProcessPool::new(1)?;
    let measured = Rounds::new()
        .way("its name", || {
            seconds(&expected, || {
                let file = file.path().to_owned();
                pool.submit(&SUM_FILE, file).join()?.map_err(anyhow::Error::msg)
            })
        })
        .way("its bytes, as bytes", || {
            let sent = || Ok(pool.submit(&SUM_BYTES, ByteBuf::from(fs::read(&file)?)).join()?);
            seconds(&expected, sent)
        })
        .way("its bytes, one by one (Vec<u8>)", || {
            seconds(&expected, || Ok(pool.submit(&SUM_NUMBERS, fs::read(&file)?).join()?))
        })
        .run(ROUNDS)?;
    println!("{}", measured.table(Compared::Longer { than: 0 }));
    Ok(())
}
