//! Download and process: every picture becomes a gray, blurred thumbnail.
//!
//!     cargo run --release --example 09_images
//!     cargo run --release --example 09_images -- --using all
//!     cargo run --release --example 09_images -- --using process-pool --workers 4
//!     cargo run --release --example 09_images -- --nasa

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Process, Task};
use hands::timeline::{Timeline, span};
use pictures::args::{Limits, Output, Source};
use pictures::compare::{Round, compare};
use pictures::download::{Client, Entry, Folder, Progress, Settings, Tools, get_links, name};
use pictures::picture;
use rayon::prelude::*;

// ANCHOR: main
fn main() -> Result<ExitCode> {
    process::init(&[&SET_UP, &IN_WORKER, &IN_CHILD]);
    let args = Args::parse();
    let output = args.output.with_originals(args.keep_originals);
    output.files(&args.source, "09_images", args.timeline.as_deref()).check_or_exit();
    pictures::args::advise_release();
    let client = args.limits.client(args.workers);
    let links = get_links(&client, &args.source)?;

    let timeline = Timeline::start("09_images");
    let start = Instant::now();
    let summary = compare(&args.using.ways(), &output, &links, &timeline, |way, round| {
        let work = |link: &String| {
            round.done(process_link(&client, round.dir, &round.progress, link));
        };
        let settings = Settings::new(&client, round.dir);
        match way {
            Using::OneByOne => round.links.iter().for_each(work),
            Using::Threads => a_thread_each(work, round.links)?,
            Using::Processes => a_process_each(settings, round),
            Using::Rayon => with_rayon(work, round.links, args.workers)?,
            Using::ThreadPool | Using::All => thread_pool(work, round.links, args.workers)?,
            Using::ProcessPool => process_pool(settings, round, args.workers)?,
        }
        anyhow::Ok(())
    })?;

    println!("{summary}");
    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(summary.exit_code())
}
// ANCHOR_END: main

// ANCHOR: work
fn process_link(client: &Client, dir: &Folder, progress: &Progress, link: &str) -> Entry {
    dir.save_unless_kept(link, || {
        let name = name::from_link(link);
        let downloading = span(format!("download {name}"));
        progress.line(format!("Downloading {link}"));
        let original = client.fetch(link)?;
        dir.save_original(&original, link)?; // with --keep-originals
        drop(downloading);

        let _processing = span(format!("process {name}"));
        progress.line(format!("Processing {link}"));
        original.processed_with(picture::process)
    })
}
// ANCHOR_END: work

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
        let pool = ThreadPool::scoped(s, n)?;
        pool.chunk_size(1).map(work, links)?;
        Ok(())
    })
}

fn with_rayon(work: impl Fn(&String) + Sync + Send, links: &[String], n: usize) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
    pool.install(|| links.par_iter().for_each(work));
    Ok(())
}
// ANCHOR_END: ways

// ANCHOR: tasks
const SET_UP: Task<Settings, Result<(), String>> = Task::new("set_up", set_up);
const IN_WORKER: Task<String, Entry> = Task::new("in_worker", in_worker);
const IN_CHILD: Task<(Settings, String), Entry> = Task::new("in_child", in_child);

static TOOLS: OnceLock<Tools> = OnceLock::new(); // of this process, if it is a worker

fn set_up(settings: Settings) -> Result<(), String> {
    let _span = span("setup");
    let tools = settings.tools().map_err(|error| error.to_string())?;
    TOOLS.set(tools).map_err(|_| "it is set up already".to_owned())
}

fn in_worker(link: String) -> Entry {
    let Tools { client, dir, progress } = TOOLS.get().expect("set_up was called first");
    process_link(client, dir, progress, &link)
}

fn in_child((settings, link): (Settings, String)) -> Entry {
    match set_up(settings) {
        Ok(()) => in_worker(link),
        Err(reason) => Entry::failed(&link, reason),
    }
}
// ANCHOR_END: tasks

// ANCHOR: processes
fn a_process_each(settings: Settings, round: &Round<'_>) {
    let start = |link: &String| Process::spawn(&IN_CHILD, (settings.clone(), link.clone()));
    let children: Vec<_> = round.links.iter().map(start).collect(); // all start, then we wait
    for (link, child) in round.links.iter().zip(children) {
        let answer = child.map_err(anyhow::Error::from).and_then(|child| Ok(child.join()?));
        round.done(answer.unwrap_or_else(|error| Entry::failed(link, error)));
    }
}

fn process_pool(settings: Settings, round: &Round<'_>, n: usize) -> Result<()> {
    let pool = ProcessPool::builder(n).initializer(&SET_UP, settings).start()?;
    for answer in pool.imap_unordered(&IN_WORKER, round.links.iter().cloned()) {
        round.done(answer.unwrap_or_else(|e| Entry::failed(&round.links[e.task], e.failure)));
    }
    Ok(())
}
// ANCHOR_END: processes

/// Download and process: every picture becomes a gray, blurred thumbnail of 128 by 128 pixels.
#[derive(Parser)]
#[command(mut_arg("out", |out| out.default_value("processed-images")))]
struct Args {
    /// Who does the work; `all` does it in each way and compares
    #[arg(long, default_value = "thread-pool")]
    using: Using,
    /// How many workers a pool has, one per core if not said
    #[arg(long, value_name = "N", default_value_t = num_cpus::get(), value_parser = step::workers)]
    workers: usize,
    /// Keep the originals, too, in this folder; what is not there yet is downloaded again
    #[arg(long, value_name = "DIR")]
    keep_originals: Option<PathBuf>,
    /// Where the trace of the run goes [default: target/timelines/09_images.json]
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Clone, Copy, ValueEnum)]
enum Using {
    OneByOne,
    Threads,
    Processes,
    ThreadPool,
    ProcessPool,
    Rayon,
    All,
}

impl Using {
    fn ways(self) -> Vec<Using> {
        match self {
            Using::All => {
                let ways = Using::value_variants().iter().copied();
                ways.filter(|way| !matches!(way, Using::All)).collect()
            }
            one => vec![one],
        }
    }
}

impl fmt::Display for Using {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}
