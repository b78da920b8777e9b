//! How close step 10 comes to the ideal, and how it compares with the ways of step 09 on the same
//! links.
//!
//!     cargo bench --bench pipeline
//!     cargo bench --bench pipeline -- --memory
//!
//! The offline gallery waits 200 ms before each answer. No pipeline is faster than its slower half:
//! downloading with its number of I/O workers, or processing on all cores. Each half is also
//! measured alone. With --memory: up to a million links.

mod with_pictures;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use benches::Rounds;
use clap::Parser;
use hands::pool::ThreadPool;
use hands::println;
use harness::{Child, status_kib};
use pictures::download::{Client, ClientLimits, Fetched};
use pictures::gallery::{DOZEN, Gallery};
use pictures::picture;
use with_pictures::{LATENCY, finished_in, gallery, ten_times};

const IO_WORKERS: [usize; 3] = [8, 32, 64];
const ALL: [&str; 5] = ["threads", "processes", "thread-pool", "process-pool", "rayon"];
const MILLION: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() -> Result<()> {
    let args = Args::parse();
    if args.memory {
        return memory();
    }
    let rounds = usize::from(args.rounds);
    let dozen = gallery(DOZEN)?;
    speed("12 pictures", &dozen, &ALL, rounds)?;
    speed("120 large pictures", &ten_times(&dozen)?, &["threads"], rounds)?;
    speed("400 small pictures", &gallery(400)?, &["threads"], rounds)
}

fn speed(what: &str, gallery: &Gallery, ways: &[&str], rounds: usize) -> Result<()> {
    let links = &gallery.links();
    let cores = num_cpus::get();
    let originals = download(links, IO_WORKERS[1])?;
    let measured = Rounds::new()
        .way("processing by one core", || process(&originals, 1))
        .way("processing by all", || process(&originals, cores))
        .ways(ways.iter().map(|way| {
            (format!("09 {way}"), move || finished_in("09_images", &["--using", way], links))
        }))
        .ways(IO_WORKERS.map(|workers| {
            let download = move || {
                let start = Instant::now();
                download(links, workers)?;
                Ok(start.elapsed().as_secs_f64())
            };
            (format!("downloading with {workers}"), download)
        }))
        .ways(IO_WORKERS.map(|workers| {
            let run =
                move || finished_in("10_pipeline", &["--io-workers", &workers.to_string()], links);
            (format!("10 with {workers} I/O workers"), run)
        }))
        .run(rounds)?;

    let medians = measured.medians();
    let (alone, rest) = medians.split_at(2);
    let (step_09, rest) = rest.split_at(ways.len());
    let (downloading, pipelines) = rest.split_at(IO_WORKERS.len());
    let (one_core, all_cores) = (alone[0], alone[1]);
    println!(
        "{what}, {} ms of latency, {cores} cores, medians of {rounds} rounds",
        LATENCY.as_millis()
    );
    println!("  processing alone: {one_core:.2} s by one core, {all_cores:.2} s by all");
    println!("  {:24}  seconds  downloading alone  ideal / seconds", "");
    for (way, time) in ways.iter().zip(step_09) {
        println!("  {:24}  {time:7.2}", format!("09 {way}"));
    }
    for (workers, (download, time)) in IO_WORKERS.iter().zip(downloading.iter().zip(pipelines)) {
        let name = format!("10 with {workers} I/O workers");
        let share = download.max(all_cores) / time;
        println!("  {name:24}  {time:7.2}  {download:17.2}  {share:15.2}");
    }
    println!();
    Ok(())
}

/// Downloads everything, and saves nothing.
fn download(links: &[String], io_workers: usize) -> Result<Vec<Fetched>> {
    let client = Client::new(ClientLimits { idle_per_host: io_workers, ..ClientLimits::default() });
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, io_workers)?;
        let fetched = pool.chunk_size(1).map(|link: &String| client.fetch(link), links)?;
        Ok(fetched.into_iter().collect::<Result<_, _>>()?)
    })
}

/// Processes everything with this many workers, and saves nothing. Returns how many seconds that
/// takes.
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

/// Links that lead nowhere, so that a million of them take minutes and not days.
fn memory() -> Result<()> {
    let program = harness::example("10_pipeline", true)?;
    let gallery = Gallery::builder().start()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("links.txt");
    println!("links      first line   peak memory   seconds");
    for links in MILLION {
        let line = |n| format!("{}/a/folder/with/a/name/picture-{n:07}.jpg\n", gallery.url());
        fs::write(&file, (0..links).map(line).collect::<String>())?;
        let start = Instant::now();
        let mut command = Command::new(&program);
        command.arg("--fresh").arg("--links").arg(&file).current_dir(folder.path());
        let mut child = Child::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let (mut first, mut peak, mut failed) = (None, 0.0_f64, 0);
        for line in BufReader::new(child.stdout()).lines() {
            first.get_or_insert_with(|| start.elapsed());
            failed += usize::from(line?.starts_with("Failed "));
            if failed % 500 == 0 {
                peak = peak.max(status_kib(child.pid(), "VmHWM").unwrap_or(0.0));
            }
        }
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
    /// How many times each is measured
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}
