//! How many workers? From 1 to 256 of them, for tasks that wait and for tasks that compute.
//!
//!     cargo run --release --example 06b_sweep
//!     cargo run --release --example 06b_sweep -- --at-once 8 --workers 4,8,16

use std::hint::black_box;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::pool::ThreadPool;
use hands::{println, process, timeline};
use measure::{SlowServer, Sweep};
use step::Run;

// ANCHOR: main
fn main() -> Result<()> {
    process::init(&[&SlowServer::SERVE]);
    let args = Args::parse();
    step::advise_release("computing takes several times as long");
    let server = SlowServer::start(Duration::from_millis(args.latency), args.at_once)?;
    println!("The server waits {} ms, then answers; {} at a time", args.latency, args.at_once);

    let (run, tasks) = (Run::start("06b_sweep", args.run), args.tasks);
    let mut sweep = Sweep::new(tasks);
    for round in 1..=args.rounds {
        for workers in args.workers.counts() {
            println!("round {round}: {tasks} requests, {tasks} computations, {workers} worker(s)");
            for (name, work) in [("requests", request as Work), ("computing", compute)] {
                let times = || times(workers, tasks, work, server.address());
                sweep.measure(&run, name, workers, times)?;
            }
        }
    }
    sweep.report(&run, "Waiting and computing, by number of workers", "computing")?;
    Ok(run.finish_unseen()?) // there are too many sections for a terminal
}
// ANCHOR_END: main

// ANCHOR: work
/// Both kinds take the server's address. Computing has no use for it.
type Work = fn(SocketAddr) -> io::Result<()>;

fn request(server: SocketAddr) -> io::Result<()> {
    let mut answer = [0; 4];
    TcpStream::connect(server)?.read_exact(&mut answer)
}

fn compute(_: SocketAddr) -> io::Result<()> {
    let is_prime = |n: &u32| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    black_box((2..black_box(20_000)).filter(is_prime).count());
    Ok(())
}

/// How long each task took, from the moment a worker began it.
fn times(workers: usize, tasks: usize, work: Work, server: SocketAddr) -> Result<Vec<Duration>> {
    let timed = move |_| {
        let _span = timeline::span("task");
        let start = Instant::now();
        work(server).map(|()| start.elapsed())
    };
    let times = ThreadPool::new(workers)?.map(timed, 0..tasks)?;
    times.into_iter().collect::<io::Result<_>>().context("try fewer --workers")
}
// ANCHOR_END: work

/// From 1 to 256 workers, against a slow server and against work that computes.
#[derive(Parser)]
#[command(mut_arg("workers", |arg| arg.default_value("1,2,4,8,16,32,64,128,256")))]
struct Args {
    #[command(flatten)]
    workers: step::WorkerCounts,
    /// How many times to do all of it; the table shows the round in the middle
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1000))]
    rounds: usize,
    /// How many requests, and as many computations, each number of workers gets
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    tasks: usize,
    /// How long the server waits before it answers, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    latency: u64,
    /// How many requests the server works on at the same time; the others queue
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = step::workers)]
    at_once: usize,
    #[command(flatten)]
    run: step::RunArgs,
}
