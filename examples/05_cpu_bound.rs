//! CPU-bound work: lists of random numbers, made by 1, 2 and 4 workers of several kinds.
//!
//!     cargo run --release --example 05_cpu_bound
//!     cargo run --release --example 05_cpu_bound -- --using thread-pool --workers 1,2,3,4

use std::collections::BTreeSet;
use std::fmt;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Instant;

use anyhow::ensure;
use clap::builder::RangedU64ValueParser;
use clap::{Parser, ValueEnum};
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Task};
use hands::timeline::{Timeline, span};
use measure::{SpeedUp, Usage};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&LIST_APPEND, &LIST_CHECKSUM]);
    let args = Args::parse();
    step::advise_release("Computing takes several times as long as it must");
    let jobs: Vec<Job> = (0..args.jobs).map(|seed| Job { seed, numbers: args.numbers }).collect();
    println!("{} lists of {} random numbers", args.jobs, args.numbers);
    println!("Cores: {}", cores());

    // A machine that has rested is quick for a moment: the first way must not have that for itself.
    for job in &jobs {
        black_box(list_append(*job));
    }
    let timeline = Timeline::start("05_cpu_bound");
    let start = Instant::now();
    let mut speed_up = SpeedUp::new();
    let mut expected = None;
    for run in args.runs() {
        println!("{run}");
        timeline.section(run.to_string());
        let (checksums, usage) = Usage::of(|| run.checksums(jobs.clone()));
        let part = timeline.end_section();
        println!("List processing complete.");
        let checksums = checksums?;
        ensure!(*expected.get_or_insert(checksums.clone()) == checksums, "{run}: other lists");
        speed_up.add(run.way.to_string(), run.workers, usage, &part);
    }
    println!("\n{speed_up}");
    if let Some(busy) = speed_up.busy() {
        eprintln!("Note: {busy}");
    }
    let plot = speed_up.plot("Lists of random numbers, by number of workers", num_cpus::get());
    plot.write(Path::new("target/plots/05_cpu_bound.json"))?;
    println!("Plot: target/plots/05_cpu_bound.svg");

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: job
/// What a worker is sent: how to make a list, not the list.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Job {
    seed: u64,
    numbers: usize,
}

fn list_append(job: Job) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(job.seed);
    let mut list = Vec::new();
    for _ in 0..job.numbers {
        list.push(random.f64());
    }
    list
}

/// Makes a list, and answers with one number that depends on all of it. The list stays where it is.
fn list_checksum(job: Job) -> u64 {
    let _span = span(format!("list {}", job.seed));
    checksum(&list_append(job))
}

fn checksum(list: &[f64]) -> u64 {
    list.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.to_bits()))
}
// ANCHOR_END: job

// ANCHOR: ways
const LIST_APPEND: Task<Job, Vec<f64>> = Task::new("list_append", list_append);
const LIST_CHECKSUM: Task<Job, u64> = Task::new("list_checksum", list_checksum);

impl Run {
    fn checksums(self, jobs: Vec<Job>) -> anyhow::Result<Vec<u64>> {
        Ok(match self.way {
            Way::OneByOne => jobs.into_iter().map(list_checksum).collect(),
            Way::ThreadPool => ThreadPool::new(self.workers)?.map(list_checksum, jobs)?,
            Way::ProcessPool => ProcessPool::new(self.workers)?.map(&LIST_CHECKSUM, jobs)?,
            Way::ProcessPoolHome => {
                let pool = ProcessPool::new(self.workers)?;
                let lists = pool.window(2 * self.workers).imap(&LIST_APPEND, jobs);
                lists.map(|list| Ok(checksum(&list?))).collect::<anyhow::Result<_>>()?
            }
            Way::Rayon | Way::All => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(self.workers).build()?;
                pool.install(|| jobs.into_par_iter().map(list_checksum).collect())
            }
        })
    }
}
// ANCHOR_END: ways

// ANCHOR: cores
fn cores() -> String {
    format!(
        "num_cpus::get() {}, num_cpus::get_physical() {}, available_parallelism() {}",
        num_cpus::get(),
        num_cpus::get_physical(),
        available_parallelism().map_or("unknown".to_owned(), |n| n.to_string()),
    )
}
// ANCHOR_END: cores

/// CPU-bound work: lists of random numbers, made by several numbers of workers of several kinds.
#[derive(Parser)]
struct Args {
    /// Who does the work; one-by-one is always done, to compare with
    #[arg(long, default_value = "all")]
    using: Way,
    /// How many workers: one number, or several with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4", value_parser = step::workers)]
    workers: Vec<usize>,
    /// How many lists
    #[arg(long, value_name = "N", default_value_t = 96, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    jobs: u64,
    /// How many numbers each list gets
    #[arg(long, value_name = "N", default_value_t = 2_000_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..=30_000_000))]
    numbers: usize,
    /// Where the trace of the run goes [default: target/timelines/05_cpu_bound.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

impl Args {
    fn runs(&self) -> Vec<Run> {
        let ways = match self.using {
            Way::OneByOne => vec![],
            Way::All => {
                vec![Way::ThreadPool, Way::ProcessPool, Way::ProcessPoolHome, Way::Rayon]
            }
            one => vec![one],
        };
        let numbers: BTreeSet<usize> = self.workers.iter().copied().collect();
        let mut runs = vec![Run { way: Way::OneByOne, workers: 1 }];
        for way in ways {
            runs.extend(numbers.iter().map(|&workers| Run { way, workers }));
        }
        runs
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Run {
    way: Way,
    workers: usize,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.way {
            Way::OneByOne => write!(f, "{}", self.way),
            way => write!(f, "{way} with {}", self.workers),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// One thread, no pool
    OneByOne,
    /// A pool of threads
    #[value(alias = "threads")]
    ThreadPool,
    /// A pool of processes; each list stays in the process that made it
    #[value(alias = "processes")]
    ProcessPool,
    /// A pool of processes; each list is sent home
    ProcessPoolHome,
    /// rayon's threads
    Rayon,
    /// All of them
    All,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.pad(value.get_name()))
    }
}
