//! Download and process at the same time: each kind of work has its own workers, and a bounded channel
//! leads from one to the next.
//!
//!     cargo run --release --example 10_pipeline
//!     cargo run --release --example 10_pipeline -- --io-workers 6 --fresh
//!     cargo run --release --example 10_pipeline -- --links my-links.txt --out my-thumbnails

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread::{self, Scope};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use crossbeam::channel::{Receiver, Sender, bounded, select_biased};
use hands::println;
use hands::timeline::{Timeline, span};
use pictures::args::{Limits, Output, Source};
use pictures::download::{
    Client, Entry, Fetched, Folder, LinkStream, LinksError, Stages, Visit, name, stream_links,
};
use pictures::picture;

// ANCHOR: main
fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let output = args.output.with_originals(args.keep_originals);
    output.files(&args.source, "10_pipeline", args.timeline.as_deref()).check_or_exit();
    pictures::args::advise_release();
    let client = args.limits.client(args.io_workers);
    let mut links = stream_links(&client, &args.source)?;
    let (dir, report) = (output.folder(links.gallery())?, output.report_for_stream()?);
    let stages = Stages::new(links.count_hint());
    let stopped = stop_at_ctrl_c(stages.clone())?;

    let timeline = Timeline::start("10_pipeline");
    let start = Instant::now();
    let all_begun = thread::scope(|s| {
        let queue = args.queue.map_or(args.workers, usize::from);
        let pipeline = Pipeline { s, queue, stages: &stages };
        let (first, visits) = bounded(0); // no link waits in it: what was given is begun
        let source = s.spawn(|| give_each(&mut links, first, stopped));
        let fetched = pipeline.stage("download", args.io_workers, visits, |visit| {
            download(&client, &dir, &stages, visit)
        })?;
        let made = pipeline.stage("process", args.workers, fetched, |p| process(&stages, p))?;
        let ended = pipeline.stage("save", args.workers, made, |p| save(&dir, p))?;
        for Ok(entry) | Err(entry) in ended {
            stages.line(entry.to_string());
            report.add(entry);
        }
        anyhow::Ok(source.join().expect("it has no reason to panic")?)
    })?;
    stages.finish();

    let summary = report.finish();
    println!("{summary}");
    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    if !all_begun {
        println!("Stopped before all links were begun: run again to go on.");
        return Ok(ExitCode::from(STOPPED));
    }
    Ok(summary.exit_code())
}
// ANCHOR_END: main

// ANCHOR: stage
/// What has become of a link so far; or its entry in the report, if it has come to an end.
type Passed<T> = Result<T, Entry>;

struct Pipeline<'s, 'e> {
    s: &'s Scope<'s, 'e>,
    /// How many pictures may wait between two stages.
    queue: usize,
    stages: &'s Stages,
}

impl<'s> Pipeline<'s, '_> {
    /// Workers that take from one channel and give to the next.
    fn stage<A: Send + 's, B: Send + 's>(
        &self,
        name: &str,
        workers: usize,
        input: Receiver<Passed<A>>,
        work: impl Fn(A) -> Passed<B> + Copy + Send + 's,
    ) -> Result<Receiver<Passed<B>>> {
        let (sender, output) = bounded(self.queue);
        let bar = self.stages.bar(name);
        for n in 1..=workers {
            let (input, sender, bar) = (input.clone(), sender.clone(), bar.clone());
            let worker = move || {
                for passed in input {
                    if sender.send(passed.and_then(work)).is_err() {
                        break; // nobody is left to take it
                    }
                    bar.advance(sender.len());
                }
            };
            let thread = thread::Builder::new().name(format!("{name} {n}"));
            thread.spawn_scoped(self.s, worker).with_context(|| {
                format!("cannot start worker {n} of {workers} to {name}: ask for fewer")
            })?;
        }
        Ok(output)
    }
}
// ANCHOR_END: stage

// ANCHOR: source
/// One link after the other, as they are wanted. False if Ctrl-C came before the last.
fn give_each(
    links: &mut LinkStream,
    first: Sender<Passed<Visit>>,
    stopped: Receiver<Infallible>,
) -> Result<bool, LinksError> {
    for link in links {
        let visit = Ok(Visit::begin(link?));
        select_biased! {
            recv(stopped) -> _ => return Ok(false),
            send(first, visit) -> sent => if sent.is_err() { return Ok(false) },
        }
    }
    Ok(true)
}

/// A channel that closes at the first Ctrl-C. The second one ends the program at once.
fn stop_at_ctrl_c(stages: Stages) -> Result<Receiver<Infallible>> {
    let (sender, stopped) = bounded(0);
    let mut sender = Some(sender);
    ctrlc::set_handler(move || match sender.take() {
        Some(_closed) => stages.line("Stopping when what was begun is done (again: at once)"),
        None => process::exit(i32::from(STOPPED)),
    })?;
    Ok(stopped)
}

/// What a shell says of a program that was ended by Ctrl-C.
const STOPPED: u8 = 130;
// ANCHOR_END: source

// ANCHOR: work
type Picture = (Visit, Fetched);

fn download(client: &Client, dir: &Folder, stages: &Stages, visit: Visit) -> Passed<Picture> {
    if let Some(kept) = dir.kept(&visit.link) {
        return Err(visit.skipped(kept));
    }
    let _span = span(format!("download {}", name::from_link(&visit.link)));
    stages.line(format!("Downloading {}", visit.link));
    let original = client.fetch(&visit.link).map_err(|error| visit.failed(error))?;
    dir.save_original(&original, &visit.link).map_err(|error| visit.failed(error))?;
    Ok((visit, original))
}

fn process(stages: &Stages, (visit, original): Picture) -> Passed<Picture> {
    let _span = span(format!("process {}", name::from_link(&visit.link)));
    stages.line(format!("Processing {}", visit.link));
    let thumbnail =
        original.processed_with(picture::process).map_err(|error| visit.failed(error))?;
    Ok((visit, thumbnail))
}

fn save(dir: &Folder, (visit, made): Picture) -> Passed<Entry> {
    let _span = span(format!("save {}", made.name));
    let saved = dir.save(&made, &visit.link).map_err(|error| visit.failed(error))?;
    Ok(visit.saved(saved, made.attempts))
}
// ANCHOR_END: work

/// Download and process at the same time: every picture becomes a gray, blurred thumbnail of 128 by 128
/// pixels.
#[derive(Parser)]
#[command(mut_arg("out", |out| out.default_value("processed-images")))]
struct Args {
    /// How many pictures are downloaded at a time
    #[arg(long, value_name = "N", default_value = "32", value_parser = step::workers)]
    io_workers: usize,
    /// How many pictures are processed at a time, one per core if not said
    #[arg(long, value_name = "N", default_value_t = num_cpus::get(), value_parser = step::workers)]
    workers: usize,
    /// How many pictures may wait between two stages [default: as many as --workers]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=4096))]
    queue: Option<u16>,
    /// Keep the originals, too, in this folder; what is not there yet is downloaded again
    #[arg(long, value_name = "DIR")]
    keep_originals: Option<PathBuf>,
    /// Where the trace of the run goes [default: target/timelines/10_pipeline.json]
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    limits: Limits,
}
