//! I/O-bound work: files and slow answers, with a process each, a thread each, and pools; then with more and
//! more workers.
//!
//!     cargo run --release --example 06_io_bound
//!     cargo run --release --example 06_io_bound -- --files 1000 --workers 64,128,256,512

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use std::{fmt, fs};

use anyhow::{Context, anyhow};
use clap::builder::RangedU64ValueParser;
use clap::{Parser, ValueEnum};
use lessons::pool::{ProcessPool, ThreadPool};
use lessons::process::{self, Process, Task};
use lessons::timeline::{Timeline, span};
use measure::{PerTask, SlowServer, Sweep, Usage};
use serde::{Deserialize, Serialize};

// ANCHOR: main
const POOL: usize = 8;

fn main() -> anyhow::Result<()> {
    process::init(&[&WORK, &SlowServer::SERVE]);
    let args = Args::parse();
    lessons::args::advise_release("Computing takes several times as long as it must");
    let start = Instant::now();
    let server = SlowServer::start(Duration::from_millis(args.latency))?;
    let folder = tempfile::tempdir().context("there is no place for the files")?;
    println!("A file: write, read back, close. A request: wait {} ms for an answer", args.latency);

    let timeline = Timeline::start("06_io_bound");
    let mut costs = PerTask::new(["file", "request"]);
    for tasks in args.files.iter().copied().collect::<BTreeSet<_>>() {
        for way in Way::value_variants() {
            println!("{tasks} files and {tasks} requests, {way}");
            let files = (0..tasks).map(|n| Job::File(folder.path().join(format!("{n}.txt"))));
            let files = way.cost_of(POOL, files.collect())?;
            timeline.section(format!("{tasks} requests, {way}"));
            let requests = way.cost_of(POOL, vec![Job::Request(server.address()); tasks])?;
            timeline.end_section();
            println!("Files and requests complete.");
            costs.add(tasks, way.to_string(), [files, requests]);
        }
    }
    folder.close()?; // removed, with all that it held
    let trace = timeline.stop(); // of what follows a curve says more
    println!("\n{costs}");
    println!("A process each is so many times as fast as a pool of {POOL} processes:");
    println!("{}", costs.compare("process-each", "process-pool"));

    let sweep = sweep(&args, server.address())?;
    println!("\n{sweep}");
    let plot = sweep.plot("Waiting and computing, by number of workers");
    plot.write(Path::new("target/plots/06_io_bound.json"))?;
    println!("Plot: target/plots/06_io_bound.svg");

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    trace.show(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: job
#[derive(Clone, Serialize, Deserialize)]
enum Job {
    File(PathBuf),
    Request(SocketAddr),
    Compute,
}

fn work(job: Job) -> Result<(), String> {
    match job {
        Job::File(path) => file(&path).map_err(|error| format!("{}: {error}", path.display())),
        Job::Request(server) => request(server).map_err(|error| format!("the server: {error}")),
        Job::Compute => Ok(compute()),
    }
}

fn file(path: &Path) -> io::Result<()> {
    let _span = span("file");
    fs::write(path, [b'x'; 4096])?;
    let text = fs::read(path)?; // each of the two opens and closes it
    fs::remove_file(path)?;
    if text.len() == 4096 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn request(server: SocketAddr) -> io::Result<()> {
    let _span = span("request");
    let mut answer = [0; 4];
    TcpStream::connect(server)?.read_exact(&mut answer)
}

fn compute() {
    let is_prime = |n: &u32| (2..).take_while(|d| d * d <= *n).all(|d| n % d != 0);
    black_box((2..black_box(10_000)).filter(is_prime).count());
}
// ANCHOR_END: job

// ANCHOR: ways
const WORK: Task<Job, Result<(), String>> = Task::new("work", work);

impl Way {
    /// Does all jobs. A pool has so many workers.
    fn cost_of(self, workers: usize, jobs: Vec<Job>) -> anyhow::Result<Usage> {
        let (done, usage) = Usage::of(|| self.run(workers, jobs));
        for result in done? {
            result.map_err(|error| anyhow!(error))?;
        }
        Ok(usage)
    }

    fn run(self, workers: usize, jobs: Vec<Job>) -> anyhow::Result<Vec<Result<(), String>>> {
        Ok(match self {
            Way::OneByOne => jobs.into_iter().map(work).collect(),
            Way::ProcessEach => {
                let children = jobs.into_iter().map(|job| Process::spawn(&WORK, job));
                let children: Vec<_> = children.collect::<io::Result<_>>()?; // all are started here
                children.into_iter().map(Process::join).collect::<Result<_, _>>()?
            }
            Way::ThreadEach => {
                let threads = jobs.into_iter().map(|job| Builder::new().spawn(|| work(job)));
                let threads: Vec<_> = threads.collect::<io::Result<_>>()?;
                threads
                    .into_iter()
                    .map(JoinHandle::join)
                    .map(|done| done.expect("no panic"))
                    .collect()
            }
            Way::ProcessPool => ProcessPool::new(workers)?.map(&WORK, jobs)?,
            Way::ThreadPool => ThreadPool::new(workers)?.map(work, jobs)?,
        })
    }
}
// ANCHOR_END: ways

// ANCHOR: sweep
fn sweep(args: &Args, server: SocketAddr) -> anyhow::Result<Sweep> {
    let mut sweep = Sweep::new(args.tasks);
    for workers in args.workers.iter().copied().collect::<BTreeSet<_>>() {
        println!("{} requests, {0} computations, {workers} worker(s)", args.tasks);
        for (name, job) in [("requests", Job::Request(server)), ("computing", Job::Compute)] {
            let usage = Way::ThreadPool.cost_of(workers, vec![job; args.tasks])?;
            sweep.add(name, workers, usage);
        }
    }
    Ok(sweep)
}
// ANCHOR_END: sweep

/// I/O-bound work: files and slow answers, with a process each, a thread each, and pools; then with more and
/// more workers.
#[derive(Parser)]
struct Args {
    /// How many files, and as many requests: few and many, with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "4,200", value_parser = RangedU64ValueParser::<usize>::new().range(1..=4096))]
    files: Vec<usize>,
    /// How many workers the sweep has: one number, or several with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8,16,32,64,128,256", value_parser = lessons::args::workers)]
    workers: Vec<usize>,
    /// How many requests, and as many computations, each number of workers gets in the sweep
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    tasks: usize,
    /// How long the server waits before it answers, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    latency: u64,
    /// Where the trace of the run goes [default: target/timelines/06_io_bound.json]
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    OneByOne,
    ProcessEach,
    ThreadEach,
    ProcessPool,
    ThreadPool,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.pad(value.get_name()))
    }
}
