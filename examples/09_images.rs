//! Download and process: every picture becomes a gray, blurred thumbnail.
//!
//!     cargo run --release --example 09_images
//!     cargo run --release --example 09_images -- --using all
//!     cargo run --release --example 09_images -- --nasa --workers 4

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use lessons::pool::ThreadPool;
use lessons::timeline::{Timeline, span};
use pictures::args::{Limits, Output, Source};
use pictures::compare::{Round, compare};
use pictures::download::{Client, Failure, Fetched, get_links, name};
use pictures::picture;
use rayon::prelude::*;

// ANCHOR: main
fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    pictures::args::advise_release();
    let client = args.limits.client(args.workers);
    let output = args.output.with_originals(args.keep_originals);
    let links = get_links(&client, &args.source)?;

    let timeline = Timeline::start("09_images");
    let start = Instant::now();
    let summary = compare(&args.using.ways(), &output, &links, &timeline, |way, round| {
        let work = |link: &String| {
            let process = || process_link(&client, round, link);
            round.done(round.dir.unless_kept(link, process));
        };
        match way {
            Using::OneByOne => round.links.iter().for_each(work),
            Using::Threads => a_thread_each(work, round.links)?,
            Using::Rayon => with_rayon(work, round.links, args.workers)?,
            Using::ThreadPool | Using::All => thread_pool(work, round.links, args.workers)?,
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
fn process_link(client: &Client, round: &Round<'_>, link: &str) -> Result<Fetched, Failure> {
    let name = name::of_link(link, "");
    let downloading = span(format!("download {name}"));
    round.say(format!("Downloading {link}"));
    let original = client.fetch(link)?;
    round.dir.save_original(&original, link)?; // with --keep-originals
    drop(downloading);

    let _processing = span(format!("process {name}"));
    round.say(format!("Processing {link}"));
    let thumbnail = picture::process(&original.bytes).map_err(|e| original.failed(e))?;
    Ok(original.made_into(name::processed(&original.name), thumbnail))
}
// ANCHOR_END: work

// ANCHOR: ways
fn a_thread_each(work: impl Fn(&String) + Sync, links: &[String]) -> anyhow::Result<()> {
    thread::scope(|s| {
        for link in links {
            thread::Builder::new().spawn_scoped(s, || work(link))?;
        }
        Ok(())
    })
}

fn thread_pool(
    work: impl Fn(&String) + Send + Sync,
    links: &[String],
    workers: usize,
) -> anyhow::Result<()> {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers)?.chunk_size(1);
        pool.map(work, links)?;
        Ok(())
    })
}

fn with_rayon(
    work: impl Fn(&String) + Send + Sync,
    links: &[String],
    workers: usize,
) -> anyhow::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build()?;
    pool.install(|| links.par_iter().for_each(work));
    Ok(())
}
// ANCHOR_END: ways

/// Download and process: every picture becomes a gray, blurred thumbnail of 128 by 128 pixels.
#[derive(Parser)]
#[command(mut_arg("out", |out| out.default_value("processed-images")))]
struct Args {
    /// Who does the work; `all` does it in each way and compares
    #[arg(long, default_value = "thread-pool")]
    using: Using,
    /// How many workers a pool has, one per core if not said
    #[arg(long, value_name = "N", default_value_t = num_cpus::get(), value_parser = lessons::args::workers)]
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
    ThreadPool,
    Rayon,
    All,
}

impl Using {
    fn ways(self) -> Vec<Using> {
        match self {
            Using::All => {
                vec![Using::OneByOne, Using::Threads, Using::ThreadPool, Using::Rayon]
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
