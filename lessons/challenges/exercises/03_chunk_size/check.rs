//! Chunks are large enough for tiny tasks, small enough for uneven ones, and of one input for
//! someone who watches.

use std::sync::Arc;
use std::thread::{self, ThreadId};

use answer::{for_a_spectator, for_tiny_tasks, for_uneven_tasks};
use challenges::{Judged, Turns, check, require};
use hands::pool::ThreadPool;

challenges::answer!("../../../../challenges/03_chunk_size.rs");

const WORKERS: usize = 4;
const CHUNKS: &str = "03_pool.md#chunks";

fn main() {
    check("03_chunk_size", |check| {
        check.part("a hundred thousand tiny tasks", tiny)?;
        check.part("sixty tasks, each longer than the one before", uneven)?;
        check.part("pictures for someone who watches", spectator)
    })
}

fn at_least_one(chunk: usize) -> Judged {
    require(chunk > 0, "at least one input in a chunk", "none", CHUNKS)
}

/// Counts the trips in a real pool: a chunk is a row of neighbours that one worker did.
fn tiny() -> Judged {
    const TASKS: usize = 100_000;
    const TASKS_A_TRIP: usize = 10;
    let chunk = for_tiny_tasks();
    at_least_one(chunk)?;
    let pool = ThreadPool::new(WORKERS).expect("four threads start");
    let who =
        pool.chunk_size(chunk).map(|_| thread::current().id(), 0..TASKS).expect("no task panics");
    let trips = TASKS.div_ceil(chunk);
    let hands_over = |pair: &[ThreadId]| pair[0] != pair[1];
    let seen = who.windows(2).filter(|pair| hands_over(pair)).count() + 1;
    assert!(seen <= trips, "a pool that makes {seen} trips of {trips}");
    let share = trips * TASKS_A_TRIP;
    require(
        share * 100 <= TASKS,
        "trips that cost a hundredth of the work at most",
        format!(
            "{trips} trips with {chunk} in a chunk: they cost as much as {share} of {TASKS} tasks"
        ),
        CHUNKS,
    )?;
    require(
        trips >= 5 * WORKERS,
        "so many chunks that no worker has much more to do than another",
        format!(
            "{trips} chunks for {WORKERS} workers: the last to finish may be a whole chunk of {chunk} tasks late"
        ),
        CHUNKS,
    )
}

/// When everything is done, if a worker that is free takes the next chunk.
fn end(tasks: &[u64], chunk: usize) -> u64 {
    let mut free_at = [0; WORKERS];
    for chunk in tasks.chunks(chunk) {
        let next = free_at.iter_mut().min().expect("there are workers");
        *next += chunk.iter().sum::<u64>();
    }
    free_at.into_iter().max().unwrap_or(0)
}

fn uneven() -> Judged {
    let tasks: Vec<u64> = (1..=60).collect();
    let chunk = for_uneven_tasks();
    at_least_one(chunk)?;
    let even = tasks.iter().sum::<u64>().div_ceil(WORKERS as u64);
    let seen = end(&tasks, chunk);
    require(
        seen * 10 <= even * 11,
        format!(
            "that everything is done after at most {} seconds ({even}, and a tenth)",
            even * 11 / 10
        ),
        format!(
            "with {chunk} in a chunk the last worker is done after {seen} seconds: its last chunk has the longest tasks"
        ),
        CHUNKS,
    )
}

/// In a real pool: the second task waits until the first result has been taken.
fn spectator() -> Judged {
    let chunk = for_a_spectator();
    at_least_one(chunk)?;
    let taken = Arc::new(Turns::new());
    let pool = ThreadPool::new(WORKERS).expect("four threads start");
    let mut results = {
        let taken = Arc::clone(&taken);
        // Each of the first ones waits until the one before it has been seen.
        pool.chunk_size(chunk).imap(move |n: usize| n > 20 || taken.wait_for(n), 0..1000)
    };
    for n in 0..20 {
        let was_seen = results.next().expect("a thousand results").expect("no task panics");
        require(
            was_seen,
            "that each picture is seen as soon as it is ready",
            format!(
                "picture {} was ready, but it was kept until the whole chunk of {chunk} was",
                n.max(1)
            ),
            CHUNKS,
        )?;
        taken.end_turn();
    }
    Ok(())
}
