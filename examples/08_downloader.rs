//! The image downloader: many slow answers, one by one and then eight at a time.
//!
//!     cargo run --release --example 08_downloader
//!     cargo run --release --example 08_downloader -- --using thread-pool --workers 4 --latency 500
//!     cargo run --release --example 08_downloader -- --links my-links.txt --out my-images

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use hands::pool::ThreadPool;
use hands::println;
use hands::timeline::{Timeline, span};
use pictures::args::{Limits, Output, Source};
use pictures::compare::compare;
use pictures::download::{download_link, get_links, name};

// ANCHOR: main
fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    args.output.files(&args.source, "08_downloader", args.timeline.as_deref()).check_or_exit();
    let client = args.limits.client(args.workers);
    let links = get_links(&client, &args.source)?;

    let timeline = Timeline::start("08_downloader");
    let start = Instant::now();
    let summary = compare(&args.using.ways(), &args.output, &links, &timeline, |way, round| {
        // In Python, `partial(download_link, client, folder)`: the first arguments are bound.
        let download = |link: &String| {
            let _span = span(format!("download {}", name::from_link(link)));
            round.say(format!("Downloading {link}"));
            round.done(download_link(&client, round.dir, link));
        };
        match way {
            Using::OneByOne => round.links.iter().for_each(download),
            _ => thread_pool(download, round.links, args.workers)?,
        }
        anyhow::Ok(())
    })?;

    println!("{summary}");
    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(summary.exit_code())
}
// ANCHOR_END: main

// ANCHOR: pool
fn thread_pool(
    download: impl Fn(&String) + Send + Sync,
    links: &[String],
    workers: usize,
) -> anyhow::Result<()> {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers)?;
        pool.chunk_size(1).map(download, links)?;
        Ok(())
    })
}
// ANCHOR_END: pool

/// The image downloader: many slow answers, one by one and then several at a time.
#[derive(Parser)]
struct Args {
    /// How to download; `all` does it in each way and compares
    #[arg(long, default_value = "all")]
    using: Using,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "8", value_parser = step::workers)]
    workers: usize,
    /// Where the trace of the run goes [default: target/timelines/08_downloader.json]
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
    ThreadPool,
    All,
}

impl Using {
    fn ways(self) -> Vec<Using> {
        match self {
            Using::All => vec![Using::OneByOne, Using::ThreadPool],
            one => vec![one],
        }
    }
}

impl fmt::Display for Using {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}
