//! I/O-bound work: small files and slow answers, with a process each, a thread each, and pools. What does it cost
//! to create the workers, and when is that worth it?
//!
//!     cargo run --release --example 06_io_bound
//!     cargo run --release --example 06_io_bound -- --tasks 8,1000 --workers 32

use std::collections::BTreeSet;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use anyhow::Context;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Process, Task};
use hands::timeline::{Timeline, span};
use measure::{PerTask, Scratch, SlowServer, Usage};
use serde::{Deserialize, Serialize};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&WORK, &SlowServer::SERVE]);
    let args = Args::parse();
    let counts: BTreeSet<usize> = args.tasks.iter().copied().collect();
    let start = Instant::now();
    let most = counts.last().copied().unwrap_or(1);
    let server = SlowServer::start(Duration::from_millis(args.latency), most)?;
    let scratch = Scratch::new()?; // a folder that goes with the program, also on Ctrl-C
    println!("A file: write, read back, close. A request: wait {} ms for an answer", args.latency);

    let timeline = Timeline::start("06_io_bound");
    let mut costs = PerTask::new(["nothing", "a file", "a request"]);
    for &tasks in &counts {
        for (name, way) in WAYS {
            println!("{tasks} tasks of each kind, {name}");
            let folder = scratch.folder()?;
            let files = (0..tasks).map(|n| Job::File(folder.join(format!("{n}.txt")))).collect();
            let requests = vec![Job::Request(server.address()); tasks];

            let nothing = cost(way, vec![Job::Nothing; tasks], args.workers)?;
            let files = cost(way, files, args.workers)?;
            if counts.first() == Some(&tasks) {
                timeline.section(format!("{tasks} requests, {name}")); // a picture of the few
            }
            let requests = cost(way, requests, args.workers)?;
            timeline.end_section();
            costs.add(tasks, name, [nothing, files, requests]);
            fs::remove_dir_all(folder)?;
        }
    }
    println!("\n{costs}");
    println!("{}", costs.compare("process-each", "process-pool"));
    println!("{}", costs.compare("process-each", "thread-each"));

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: job
#[derive(Clone, Serialize, Deserialize)]
enum Job {
    Nothing,
    File(PathBuf),
    Request(SocketAddr),
}

type Done = Result<(), String>;

fn work(job: Job) -> Done {
    match job {
        Job::Nothing => Ok(()),
        Job::File(path) => file(&path)
            .map_err(|e| format!("{}: {e}; TMPDIR can name another place", path.display())),
        Job::Request(server) => request(server).map_err(|e| format!("the server: {e}")),
    }
}

fn file(path: &Path) -> io::Result<()> {
    fs::write(path, [b'x'; 4096])?;
    let text = fs::read(path)?; // each of the two opens the file, and closes it
    if text.len() == 4096 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn request(server: SocketAddr) -> io::Result<()> {
    let _span = span("request");
    let mut answer = [0; 4];
    TcpStream::connect(server)?.read_exact(&mut answer)
}
// ANCHOR_END: job

// ANCHOR: ways
type Way = fn(Vec<Job>, usize) -> anyhow::Result<Vec<Done>>;

const WAYS: [(&str, Way); 5] = [
    ("one-by-one", |jobs, _| Ok(jobs.into_iter().map(work).collect())),
    ("process-each", process_each),
    ("thread-each", thread_each),
    ("process-pool", |jobs, workers| Ok(ProcessPool::new(workers)?.map(&WORK, jobs)?)),
    ("thread-pool", |jobs, workers| Ok(ThreadPool::new(workers)?.map(work, jobs)?)),
];

const WORK: Task<Job, Done> = Task::new("work", work);

fn process_each(jobs: Vec<Job>, _: usize) -> anyhow::Result<Vec<Done>> {
    let started = jobs.into_iter().map(|job| Process::spawn(&WORK, job));
    let processes: Vec<_> = started.collect::<Result<_, _>>().context(TOO_MANY)?;
    Ok(processes.into_iter().map(Process::join).collect::<Result<_, _>>()?)
}

fn thread_each(jobs: Vec<Job>, _: usize) -> anyhow::Result<Vec<Done>> {
    thread::scope(|s| {
        let start = |job| thread::Builder::new().spawn_scoped(s, || work(job));
        let threads: Vec<_> =
            jobs.into_iter().map(start).collect::<Result<_, _>>().context(TOO_MANY)?;
        Ok(threads.into_iter().map(|thread| thread.join().expect("no panic")).collect())
    })
}
// ANCHOR_END: ways

fn cost(way: Way, jobs: Vec<Job>, workers: usize) -> anyhow::Result<Usage> {
    let (done, usage) = Usage::of(|| way(jobs, workers));
    done?.into_iter().collect::<Done>().map_err(anyhow::Error::msg)?;
    Ok(usage)
}

const TOO_MANY: &str = "one for each task is more than the system can start: try fewer --tasks";

/// I/O-bound work: small files and slow answers, with a process each, a thread each, and pools.
#[derive(Parser)]
struct Args {
    /// How many tasks of each kind: few and many, with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "4,200", value_parser = RangedU64ValueParser::<usize>::new().range(1..=4096))]
    tasks: Vec<usize>,
    /// How many workers the pools have
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = step::workers)]
    workers: usize,
    /// How long the server waits before it answers, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    latency: u64,
    /// Where the trace of the run goes [default: target/timelines/06_io_bound.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}
