//! Download and process at the same time: each kind of work has its own workers, and a bounded
//! channel leads from one to the next.
//!
//!     cargo run --release --example 10_pipeline
//!     cargo run --release --example 10_pipeline -- --io-workers 6 --fresh
//!     cargo run --release --example 10_pipeline -- --links my-links.txt --out my-thumbnails

mod source;
mod stage;
mod work;

use std::process::ExitCode;
use std::thread;

use anyhow::Result;
use clap::Parser;
use crossbeam::channel::bounded;
use pictures::args::Processing;
use step::WorkersPerCore;

use source::give_each;
use stage::Pipeline;
use work::{download, process, save};

// ANCHOR: main
fn main() -> Result<ExitCode> {
    let Args { io_workers, pool: WorkersPerCore { workers }, queue, processing } = Args::parse();
    let mut setup = processing.set_up_stream("10_pipeline", io_workers)?;
    let (dir, report) = (setup.folder()?, setup.report()?);
    let (stages, stop) = (setup.stages.clone(), setup.stop_at_ctrl_c()?);

    let all_begun = thread::scope(|s| {
        let pipeline = Pipeline { s, queue: queue.map_or(workers, usize::from), stages: &stages };
        let (first, visits) = bounded(0); // no room: once a link is sent, it has been begun
        let source = s.spawn(|| give_each(&mut setup.links, first, &stop));
        let fetched = pipeline.stage("download", io_workers, visits, |visit| {
            download(&setup.client, &dir, &stages, visit)
        })?;
        let made = pipeline.stage("process", workers, fetched, |p| process(&stages, p))?;
        let ended = pipeline.stage("save", workers, made, |p| save(&dir, p))?;
        for Ok(entry) | Err(entry) in ended {
            stages.line(entry.to_string());
            report.add(entry);
        }
        anyhow::Ok(source.join().expect("it has no reason to panic")?)
    })?;
    stages.finish();

    Ok(setup.finish(&report.finish(), all_begun)?)
}
// ANCHOR_END: main

/// Download and process at the same time: every picture becomes a gray, blurred thumbnail of 128
/// by 128 pixels.
#[derive(Parser)]
#[command(mut_arg("workers", |arg| arg.help("How many pictures are processed at a time: one per core by default")))]
struct Args {
    /// How many pictures are downloaded at a time
    #[arg(long, value_name = "N", default_value = "32", value_parser = step::workers)]
    io_workers: usize,
    #[command(flatten)]
    pool: WorkersPerCore,
    /// How many pictures may wait between two stages [default: as many as --workers]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=4096))]
    queue: Option<u16>,
    #[command(flatten)]
    processing: Processing,
}
