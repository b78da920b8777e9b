//! How close step 10 comes to the ideal, and how it compares with the ways of step 09 on the same links.
//!
//!     cargo bench --bench pipeline
//!     cargo bench --bench pipeline -- --memory
//!
//! The offline gallery, 200 ms before each answer. No pipeline is faster than its slower half: downloading
//! with so many I/O workers, or processing on all cores. Each half is measured alone, in turn with the
//! programs themselves; medians of several rounds. With --memory: up to a million links.

mod with_pictures;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use benches::median;
use clap::Parser;
use hands::pool::ThreadPool;
use hands::println;
use harness::status_kib;
use pictures::download::{Client, ClientLimits, Fetched};
use pictures::gallery::{DOZEN, Gallery};
use pictures::picture;
use with_pictures::{LATENCY, Programs, gallery, ten_times};

const IO_WORKERS: [usize; 3] = [8, 32, 64];
const ALL: [&str; 5] = ["threads", "processes", "thread-pool", "process-pool", "rayon"];
const MILLION: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() -> Result<()> {
    let args = Args::parse();
    let programs = Programs::build(&["09_images", "10_pipeline"])?;
    match args.memory {
        true => memory(&programs),
        false => {
            let rounds = usize::from(args.rounds);
            let dozen = gallery(DOZEN)?;
            speed(&programs, "12 pictures", &dozen, &ALL, rounds)?;
            speed(&programs, "120 large pictures", &ten_times(&dozen)?, &["threads"], rounds)?;
            speed(&programs, "400 small pictures", &gallery(400)?, &["threads"], rounds)
        }
    }
}

fn speed(
    programs: &Programs,
    what: &str,
    gallery: &Gallery,
    ways: &[&str],
    rounds: usize,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("links.txt");
    let links = gallery.links();
    fs::write(&file, links.join("\n"))?;
    let cores = num_cpus::get();

    let (mut one_core, mut all_cores) = (Vec::new(), Vec::new());
    let mut others = vec![Vec::new(); ways.len()];
    let mut pipelines = IO_WORKERS.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..rounds {
        for (way, times) in ways.iter().zip(&mut others) {
            let args = ["--using", way];
            times.push(programs.run("09_images", &args, &file, folder.path())?);
        }
        let mut originals = Vec::new();
        for (workers, (downloading, times)) in IO_WORKERS.iter().zip(&mut pipelines) {
            let start = Instant::now();
            originals = download(&links, *workers)?;
            downloading.push(start.elapsed().as_secs_f64());
            let args = ["--io-workers", &workers.to_string()];
            times.push(programs.run("10_pipeline", &args, &file, folder.path())?);
        }
        one_core.push(process(&originals, 1)?);
        all_cores.push(process(&originals, cores)?);
    }
    let (one_core, all_cores) = (median(one_core), median(all_cores));
    println!(
        "{what}, {} ms of latency, {cores} cores, medians of {rounds} rounds",
        LATENCY.as_millis()
    );
    println!("  processing alone: {one_core:.2} s by one core, {all_cores:.2} s by all");
    println!("  {:24}  seconds  downloading alone  ideal / seconds", "");
    for (way, times) in ways.iter().zip(others) {
        println!("  {:24}  {:7.2}", format!("09 {way}"), median(times));
    }
    for (workers, (downloading, times)) in IO_WORKERS.iter().zip(pipelines) {
        let (download, time) = (median(downloading), median(times));
        let name = format!("10 with {workers} I/O workers");
        let share = download.max(all_cores) / time;
        println!("  {name:24}  {time:7.2}  {download:17.2}  {share:15.2}");
    }
    println!();
    Ok(())
}

/// Downloads all, and saves nothing.
fn download(links: &[String], io_workers: usize) -> Result<Vec<Fetched>> {
    let client = Client::new(ClientLimits { idle_per_host: io_workers, ..ClientLimits::default() });
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, io_workers)?;
        let fetched = pool.chunk_size(1).map(|link: &String| client.fetch(link), links)?;
        Ok(fetched.into_iter().collect::<Result<_, _>>()?)
    })
}

/// Processes all with so many workers, and saves nothing: how long that takes, in seconds.
fn process(originals: &[Fetched], workers: usize) -> Result<f64> {
    let start = Instant::now();
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers)?;
        let made = pool
            .chunk_size(1)
            .map(|original: &Fetched| picture::process(&original.bytes), originals)?;
        made.into_iter().try_for_each(|made| made.map(drop))?;
        Ok(start.elapsed().as_secs_f64())
    })
}

/// Links that lead nowhere, so that a million of them takes minutes and not days.
fn memory(programs: &Programs) -> Result<()> {
    let gallery = Gallery::builder().start()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("links.txt");
    println!("links      first line   peak memory   seconds");
    for links in MILLION {
        let line = |n| format!("{}/a/folder/with/a/name/picture-{n:07}.jpg\n", gallery.url());
        fs::write(&file, (0..links).map(line).collect::<String>())?;
        let start = Instant::now();
        let mut child = programs
            .command("10_pipeline", &[], &file, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (mut first, mut peak, mut failed) = (None, 0.0_f64, 0);
        for line in BufReader::new(child.stdout.take().context("it has an output")?).lines() {
            first.get_or_insert_with(|| start.elapsed());
            failed += usize::from(line?.starts_with("Failed "));
            if failed % 500 == 0 {
                peak = peak.max(status_kib(child.id(), "VmHWM").unwrap_or(0.0));
            }
        }
        child.wait()?;
        ensure!(failed == links, "{failed} of {links} links have ended");
        let (first, all) = (first.unwrap_or_default(), start.elapsed());
        println!(
            "{links:<9}  {:8.2} s   {:8.1} MB   {:7.1}",
            first.as_secs_f64(),
            peak / 1e3,
            all.as_secs_f64()
        );
    }
    Ok(())
}

/// How close step 10 comes to the ideal.
#[derive(Parser)]
struct Args {
    /// Measure memory and the start with up to a million links instead
    #[arg(long)]
    memory: bool,
    /// How often each is measured
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}
