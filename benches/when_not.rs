//! Three kinds of work that more workers make slower, or no faster.
//!
//!     cargo bench --bench when_not
//!
//! Tasks that are too small, one thing that all of them share, and a disk. The last table writes
//! some 2 GB.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use benches::{compare_all, time_all};
use figures::plot::{Axis, Plot};
use hands::pool::ThreadPool;
use hands::println;
use rayon::prelude::*;

const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    println!("{} workers, medians of {ROUNDS} rounds\n", workers());
    small_numbers()?;
    task_lengths()?;
    one_for_all()?;
    one_disk()
}

fn workers() -> usize {
    num_cpus::get().max(2)
}

/// The smallest task of all: adding a number.
fn small_numbers() -> anyhow::Result<()> {
    const NUMBERS: usize = 400_000;
    let mut random = fastrand::Rng::with_seed(1);
    let numbers: Vec<u64> = (0..NUMBERS).map(|_| random.u64(..100)).collect();
    let numbers = &numbers;
    let measured = thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers())?;
        println!("the sum of {NUMBERS} small numbers");
        compare_all(
            ROUNDS,
            &[
                ("a for loop", &|| numbers.iter().map(|n| black_box(*n)).sum()),
                ("pool, one by one", &|| sum(&pool, 1, numbers)),
                ("pool, chunks of 1000", &|| sum(&pool, 1000, numbers)),
                ("pool, a slice per worker", &|| {
                    let slices = pool.map(
                        |slice: &[u64]| slice.iter().map(|n| black_box(*n)).sum::<u64>(),
                        numbers.chunks(NUMBERS.div_ceil(workers())),
                    );
                    slices.expect("no panic").iter().sum()
                }),
                ("rayon, par_iter().sum()", &|| numbers.par_iter().map(|n| black_box(*n)).sum()),
            ],
        )
    })?;
    let medians = measured.medians();
    let trip = |row: usize| (medians[row] - medians[0]).max(0.0) * 1e9 / NUMBERS as f64;
    println!("  a number one by one costs {:.0} ns, in chunks {:.0} ns\n", trip(1), trip(2));
    Ok(())
}

fn sum<'s>(pool: &ThreadPool<'s>, chunk: usize, numbers: &'s [u64]) -> u64 {
    let same = pool.chunk_size(chunk).imap(|n: &u64| black_box(*n), numbers);
    same.map(|n| n.expect("no panic")).sum()
}

/// The same work, divided into tasks of several lengths. How long must a task be before a pool is
/// worth it?
fn task_lengths() -> anyhow::Result<()> {
    const WORK: Duration = Duration::from_millis(60);
    let second = turns_in_a_second();
    println!("{} ms of work, cut into tasks: times as fast as a for loop", WORK.as_millis());
    println!(
        "  {:>10} {:>10} {:>12} {:>14} {:>8}",
        "a task", "tasks", "one by one", "1 ms chunks", "rayon"
    );
    let mut curves: [(&str, Vec<(f64, f64)>); 3] =
        ["pool, one by one", "pool, chunks of 1 ms", "rayon"].map(|name| (name, Vec::new()));
    for doubling in [-3, -1, 1, 3, 5, 7, 9] {
        let length = Duration::from_secs_f64(2_f64.powi(doubling) * 1e-6);
        let turns = (length.as_secs_f64() * second) as u64;
        let tasks = (WORK.as_secs_f64() / length.as_secs_f64()) as u64;
        let per_chunk = (1e-3 / length.as_secs_f64()).max(1.0) as usize;
        let task = move |seed: u64| turn(seed, turns);
        let pool = ThreadPool::new(workers())?;
        let all = |chunk| {
            pool.chunk_size(chunk)
                .imap(task, 0..tasks)
                .map(|answer| answer.expect("no panic"))
                .fold(0, u64::wrapping_add)
        };
        let measured = time_all(
            ROUNDS,
            &[
                ("", &|| (0..tasks).map(task).fold(0, u64::wrapping_add)),
                ("", &|| all(1)),
                ("", &|| all(per_chunk)),
                ("", &|| (0..tasks).into_par_iter().map(task).reduce(|| 0, u64::wrapping_add)),
            ],
        )?;
        // As measured in the loop.
        let length = measured.medians()[0] * 1e6 / tasks as f64;
        let longer = measured.ratios(0);
        let ratios = [1, 2, 3].map(|row: usize| 1.0 / longer[row]);
        let [one, chunked, rayon] = ratios;
        println!("  {length:7.2} µs {tasks:10} {one:10.2} × {chunked:12.2} × {rayon:6.2} ×");
        for ((_, curve), ratio) in curves.iter_mut().zip(ratios) {
            curve.push((length, ratio));
        }
    }
    println!();
    let ends = [curves[0].1[0].0, curves[0].1[6].0];
    let mut plot = Plot::new(
        "When is a task long enough?",
        Axis::log2("length of a task, in microseconds"),
        "times as fast as a for loop",
    );
    for (name, curve) in curves {
        plot = plot.curve(name, curve);
    }
    plot = plot.model("a for loop", ends.map(|x| (x, 1.0)));
    plot.write(&harness::root().join("target/plots/when_not.json"))?;
    Ok(())
}

/// Work that takes as many turns as it is told, and that the compiler can't leave out.
fn turn(seed: u64, turns: u64) -> u64 {
    (0..turns).fold(seed, |x, i| black_box(x.rotate_left(7) ^ i))
}

fn turns_in_a_second() -> f64 {
    const TURNS: u64 = 20_000_000;
    let start = Instant::now();
    black_box(turn(1, TURNS));
    TURNS as f64 / start.elapsed().as_secs_f64()
}

/// One counter that every thread needs for each step.
fn one_for_all() -> anyhow::Result<()> {
    const STEPS: u64 = 2_000_000;
    let by = |threads: u64, count: &(dyn Fn(u64) + Sync)| {
        thread::scope(|s| {
            for _ in 0..threads {
                s.spawn(|| count(STEPS / threads));
            }
        });
    };
    // ANCHOR: mutex
    let mutex = |threads| {
        let number = Mutex::new(0);
        by(threads, &|steps| {
            for _ in 0..steps {
                *number.lock().expect("no panic") += 1;
            }
        });
        number.into_inner().expect("no panic")
    };
    // ANCHOR_END: mutex
    let atomic = |threads| {
        let number = AtomicU64::new(0);
        by(threads, &|steps| {
            for _ in 0..steps {
                number.fetch_add(1, Relaxed);
            }
        });
        number.into_inner()
    };
    // ANCHOR: own
    let own = |threads| {
        let number = AtomicU64::new(0);
        by(threads, &|steps| {
            let mut mine = 0;
            for _ in 0..steps {
                mine = black_box(mine + 1); // otherwise the compiler would multiply
            }
            number.fetch_add(mine, Relaxed);
        });
        number.into_inner()
    };
    // ANCHOR_END: own
    println!("to count to {STEPS}");
    compare_all(
        ROUNDS,
        &[
            ("1 thread, a number of its own", &|| own(1)),
            ("1 thread, an atomic", &|| atomic(1)),
            ("2 threads, one atomic", &|| atomic(2)),
            ("1 thread, a Mutex", &|| mutex(1)),
            ("2 threads, one Mutex", &|| mutex(2)),
            ("8 threads, one Mutex", &|| mutex(8)),
            ("2 threads, a number each", &|| own(2)),
        ],
    )?;
    println!();
    Ok(())
}

/// One disk for all. A file is done once the disk has it.
fn one_disk() -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(harness::root().join("target"))?;
    let mut bytes = vec![0; 64 << 20];
    fastrand::Rng::with_seed(1).fill(&mut bytes);
    let bytes = &bytes;
    let write = |name: u64, bytes: &[u8]| {
        save(&folder.path().join(name.to_string()), bytes).expect("room on the disk");
        bytes.len() as u64
    };
    for (what, size, files) in [("large", 4 << 20, 16), ("small", 4 << 10, 512)] {
        let inputs = || bytes.chunks(size).take(files).zip(0..);
        println!("{files} {what} files of {} KB, written and synced", size >> 10);
        let by = |workers: usize| {
            thread::scope(|s| {
                let pool = ThreadPool::scoped(s, workers).expect("a pool");
                let sizes = pool.chunk_size(1).map(|(bytes, name)| write(name, bytes), inputs());
                sizes.expect("no panic").iter().sum()
            })
        };
        compare_all(
            ROUNDS,
            &[
                ("one by one", &|| inputs().map(|(bytes, name)| write(name, bytes)).sum()),
                ("2 workers", &|| by(2)),
                ("4 workers", &|| by(4)),
                ("16 workers", &|| by(16)),
                ("as one file, synced once", &|| write(0, &bytes[..size * files])),
            ],
        )?;
        println!();
    }
    Ok(())
}

fn save(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let _ = fs::remove_file(file);
    let mut file = File::create(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}
