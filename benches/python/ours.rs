//! Our side: the same tasks, by this book's pools.

use std::process::abort;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use hands::pool::{Handle, ProcessPool, ThreadPool};
use hands::println;
use hands::process::{Registered, Task};
use serde_bytes::ByteBuf;

use crate::request::Request;

/// The ways that Rust has.
pub(crate) const WAYS: [&str; 3] = ["loop", "threads", "ours"];

const LISTS: Task<(u64, u64), u64> = Task::new("lists", lists);
const SAME: Task<u64, u64> = Task::new("same", same);
const FIRST_BYTE: Task<ByteBuf, u64> = Task::new("first_byte", first_byte);
const NAP: Task<u64, u64> = Task::new("nap", nap);
const CRASH: Task<u64, u64> = Task::new("crash", crash);
const HANG: Task<u64, u64> = Task::new("hang", hang);
pub(crate) const TASKS: &[&dyn Registered] = &[&LISTS, &SAME, &FIRST_BYTE, &NAP, &CRASH, &HANG];

const MIB: usize = 1 << 20;

/// Appends random numbers to a list, as step 05 does, and returns one number that depends on all of
/// them.
fn lists((seed, numbers): (u64, u64)) -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut list = Vec::new();
    for _ in 0..numbers {
        list.push(random.f64());
    }
    list.iter().sum::<f64>().to_bits()
}

fn same(number: u64) -> u64 {
    number
}

fn first_byte(block: ByteBuf) -> u64 {
    block[0].into()
}

fn nap(number: u64) -> u64 {
    thread::sleep(Duration::from_millis(100));
    number
}

fn crash(number: u64) -> u64 {
    nap(number);
    if number == 3 {
        abort();
    }
    number
}

fn hang(number: u64) -> u64 {
    nap(number);
    if number == 3 {
        thread::sleep(Duration::from_secs(3600));
    }
    number
}

/// Each is a new copy, as in work.py.
fn blocks(count: u64) -> impl Iterator<Item = ByteBuf> {
    let mut block = vec![0; MIB];
    (0..count).map(move |number| {
        block[0] = (number % 256) as u8;
        ByteBuf::from(block.clone())
    })
}

/// How many seconds one of our ways takes: `seconds` in work.py.
pub(crate) fn seconds(way: &str, asked: &Request) -> Result<f64> {
    let &Request { what, workers, count, size, chunk } = asked;
    let recipes = (0..count).map(|seed| (seed, size));
    let mut start = Instant::now();
    let results: Vec<u64> = match way {
        "loop" => match what {
            "lists" => recipes.map(lists).collect(),
            "blocks" => blocks(count).map(first_byte).collect(),
            _ => (0..count).map(same).collect(),
        },
        "threads" => {
            let pool = ThreadPool::new(workers)?;
            if what != "start" {
                pool.map(same, 0..100)?;
                start = Instant::now();
            }
            let pool = pool.chunk_size(chunk);
            match what {
                "lists" => pool.map(lists, recipes)?,
                "blocks" => pool.imap(first_byte, blocks(count)).collect::<Result<_, _>>()?,
                _ => pool.imap(same, 0..count).collect::<Result<_, _>>()?,
            }
        }
        "ours" => {
            let pool = ProcessPool::new(workers)?;
            if what != "start" {
                pool.map(&SAME, 0..100)?;
                start = Instant::now();
            }
            let pool = pool.chunk_size(chunk);
            match what {
                "lists" => pool.map(&LISTS, recipes)?,
                "blocks" => pool.imap(&FIRST_BYTE, blocks(count)).collect::<Result<_, _>>()?,
                _ => pool.imap(&SAME, 0..count).collect::<Result<_, _>>()?,
            }
        }
        _ => bail!("Rust has no {way}"),
    };
    let seconds = start.elapsed().as_secs_f64();
    let same_work = match what {
        "lists" => results.len() as u64 == count,
        "blocks" => results.iter().copied().eq((0..count).map(|number| number % 256)),
        _ => results.iter().copied().eq(0..count),
    };
    ensure!(same_work, "not the same work");
    Ok(seconds)
}

/// What becomes of eight tasks, of which one kills its worker or never ends: `fate` in work.py.
pub(crate) fn fate(what: &str, way: &str) -> Result<()> {
    const TASKS: u64 = 8;
    const ENOUGH: Duration = Duration::from_secs(5);
    if way == "threads" {
        let pool = ThreadPool::new(2)?;
        let task = if what == "crash" { crash } else { hang };
        let handles = (0..TASKS).map(|number| pool.submit(task, number));
        println!("{} killed", came(handles.collect(), ENOUGH));
        return Ok(()); // which waits for no task that never ends
    }
    let pool = ProcessPool::builder(2).task_timeout(Duration::from_secs(1)).start()?;
    let task = if what == "crash" { &CRASH } else { &HANG };
    let came = came((0..TASKS).map(|number| pool.submit(task, number)).collect(), ENOUGH);
    let after = if pool.submit(&SAME, 1).join() == Ok(1) { "goes on" } else { "broken" };
    println!("{came} {after}");
    Ok(())
}

/// How many tasks come back well within this time, all in all.
fn came(handles: Vec<Handle<u64>>, enough: Duration) -> usize {
    let end = Instant::now() + enough;
    let left = || end.saturating_duration_since(Instant::now());
    let each = |handle: Handle<u64>| handle.join_timeout(left()).ok()?.ok();
    handles.into_iter().filter_map(each).count()
}

/// Starts workers, and keeps them until a line comes: `hold` in work.py.
pub(crate) fn hold(way: &str, workers: usize) -> Result<()> {
    let wait = |line: &str| {
        println!("{line}");
        std::io::stdin().read_line(&mut String::new())
    };
    wait("before")?;
    let naps = 0..2 * workers as u64;
    if way == "threads" {
        let pool = ThreadPool::new(workers)?;
        pool.chunk_size(1).map(nap, naps)?;
        wait("workers")?;
    } else {
        let pool = ProcessPool::new(workers)?;
        pool.chunk_size(1).map(&NAP, naps)?;
        wait("workers")?;
    }
    Ok(())
}
