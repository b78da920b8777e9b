//! From 1 to 256 workers, against a slow server and against work that computes: where do more of them stop to
//! help?
//!
//!     cargo run --release --example 06b_sweep
//!     cargo run --release --example 06b_sweep -- --at-once 8 --workers 4,8,16

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::pool::ThreadPool;
use hands::println;
use hands::process;
use hands::timeline::{Timeline, span};
use measure::{SlowServer, Sweep, Usage};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&SlowServer::SERVE]);
    let args = Args::parse();
    step::advise_release("Computing takes several times as long as it must");
    let start = Instant::now();
    let server = SlowServer::start(Duration::from_millis(args.latency), args.at_once)?;
    println!("The server waits {} ms, then answers; {} at a time", args.latency, args.at_once);

    let timeline = Timeline::start("06b_sweep");
    let mut sweep = Sweep::new(args.tasks);
    let numbers: BTreeSet<usize> = args.workers.iter().copied().collect();
    for round in 1..=args.rounds {
        for &workers in &numbers {
            println!(
                "round {round}: {} requests, {0} computations, {workers} worker(s)",
                args.tasks
            );
            for (name, work) in [("requests", request as Work), ("computing", compute)] {
                if round == 1 {
                    timeline.section(format!("{name}, {workers} at work")); // a picture of the first
                }
                let (times, usage) = Usage::of(|| run(workers, args.tasks, work, server.address()));
                timeline.end_section();
                sweep.add(name, workers, usage, &times?);
            }
        }
    }
    println!("\nMedians of {} round(s)\n{sweep}", args.rounds);
    if let Some(busy) = sweep.busy("computing") {
        eprintln!("Note: {busy}");
    }
    let plot = sweep.plot("Waiting and computing, by number of workers");
    plot.write(Path::new("target/plots/06b_sweep.json"))?;
    println!("Plot: target/plots/06b_sweep.svg");

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.stop().save(args.timeline)?; // too many pictures for a terminal
    Ok(())
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

/// How long each task took, from the moment when a worker began with it.
fn run(
    workers: usize,
    tasks: usize,
    work: Work,
    server: SocketAddr,
) -> anyhow::Result<Vec<Duration>> {
    let timed = move |_| {
        let _span = span("task");
        let start = Instant::now();
        work(server).map(|()| start.elapsed())
    };
    let times = ThreadPool::new(workers)?.map(timed, 0..tasks)?;
    times.into_iter().collect::<io::Result<_>>().context("try fewer --workers")
}
// ANCHOR_END: work

/// From 1 to 256 workers, against a slow server and against work that computes.
#[derive(Parser)]
struct Args {
    /// How many workers: one number, or several with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8,16,32,64,128,256", value_parser = step::workers)]
    workers: Vec<usize>,
    /// How often all of it is done; the table shows the round in the middle
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
    /// Where the trace of the run goes [default: target/timelines/06b_sweep.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}
