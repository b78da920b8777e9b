//! Download and process: every picture becomes a gray, blurred thumbnail.
//!
//!     cargo run --release --example 09_images
//!     cargo run --release --example 09_images -- --using all
//!     cargo run --release --example 09_images -- --nasa

use std::process::ExitCode;
use std::thread;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use hands::{pool::ThreadPool, process};
use pictures::{args::Processing, process_link};
use rayon::prelude::*;
use stealing::ShowSteals;
use step::{Ways, WorkersPerCore};

use processes::{IN_CHILD, IN_WORKER, SET_UP, a_process_each, process_pool};

#[path = "09b_processes.rs"]
#[expect(dead_code, reason = "it is a step, too: its `main` and its flags are of no use here")]
mod processes;

// ANCHOR: main
fn main() -> Result<ExitCode> {
    process::init(&[&SET_UP, &IN_WORKER, &IN_CHILD]);
    let args = Args::parse();
    let setup = args.processing.set_up("09_images", args.pool.workers)?;
    let stop = setup.stop_at_ctrl_c()?;
    let summary = setup.compare(&args.using, |way, round| {
        let work = |link: &String| {
            if !stop.is_cancelled() {
                round.done(process_link(&setup.client, round.dir, &round.progress, link));
            }
        };
        match way {
            Way::OneByOne => round.links.iter().for_each(work),
            Way::Threads => a_thread_each(work, round.links)?,
            Way::Processes => a_process_each(round, &stop)?,
            Way::ThreadPool => thread_pool(work, round.links, args.pool.workers)?,
            Way::ProcessPool => process_pool(round, &stop, args.pool.workers)?,
            Way::Rayon => with_rayon(work, round.links, args.pool.workers)?,
        }
        anyhow::Ok(())
    })?;
    Ok(setup.finish(&summary)?)
}
// ANCHOR_END: main

// ANCHOR: ways
fn a_thread_each(work: impl Fn(&String) + Sync, links: &[String]) -> Result<()> {
    thread::scope(|s| {
        for link in links {
            thread::Builder::new().spawn_scoped(s, || work(link))?;
        }
        Ok(())
    })
}

fn thread_pool(work: impl Fn(&String) + Sync + Send, links: &[String], n: usize) -> Result<()> {
    thread::scope(|s| {
        ThreadPool::scoped(s, n)?.chunk_size(1).map(work, links)?;
        Ok(())
    })
}

fn with_rayon(work: impl Fn(&String) + Sync + Send, links: &[String], n: usize) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
    pool.install(|| links.par_iter().show_steals().for_each(work));
    Ok(())
}
// ANCHOR_END: ways

/// Download and process: every picture becomes a gray, blurred thumbnail of 128 by 128 pixels.
#[derive(Parser)]
struct Args {
    /// How to do the work; `all` does it in each way and compares
    #[arg(long, default_value = "thread-pool")]
    using: Ways<Way>,
    #[command(flatten)]
    pool: WorkersPerCore,
    #[command(flatten)]
    processing: Processing,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    OneByOne,
    Threads,
    Processes,
    ThreadPool,
    ProcessPool,
    Rayon,
}
