//! How close step 10 comes to the ideal, and how it compares with the ways of step 09 on the same links.
//!
//!     cargo bench --bench pipeline
//!     cargo bench --bench pipeline -- --memory
//!
//! The offline gallery, 200 ms before each answer. No pipeline is faster than its slower half: downloading
//! with so many I/O workers, or processing on all cores. Each half is measured alone, in turn with the
//! programs themselves; medians of several rounds. With --memory: up to a million links.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use lessons::pool::ThreadPool;
use pictures::download::{Client, Limits};
use pictures::gallery::Gallery;
use pictures::picture;

const LATENCY: Duration = Duration::from_millis(200);
const IO_WORKERS: [usize; 3] = [8, 32, 64];
/// How many pictures, and which ways of 09 to compare with. Two workers take two minutes for 400.
const SERIES: [(usize, &[&str]); 2] =
    [(12, &["threads", "processes", "thread-pool", "process-pool", "rayon"]), (400, &["threads"])];
const MILLION: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() -> Result<()> {
    let args = Args::parse();
    let programs = Programs::build()?;
    match args.memory {
        true => memory(&programs),
        false => SERIES.into_iter().try_for_each(|(pictures, ways)| {
            speed(&programs, pictures, ways, usize::from(args.rounds))
        }),
    }
}

fn speed(programs: &Programs, pictures: usize, ways: &[&str], rounds: usize) -> Result<()> {
    let gallery = Gallery::builder().pictures(pictures).latency(LATENCY).start()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("links.txt");
    let links = gallery.links();
    fs::write(&file, links.join("\n"))?;
    let cores = num_cpus::get();

    let mut processing = Vec::new();
    let mut others = vec![Vec::new(); ways.len()];
    let mut pipelines = IO_WORKERS.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..rounds {
        for (way, times) in ways.iter().zip(&mut others) {
            let args = ["--using", way];
            times.push(programs.run("09_images", &args, &file, folder.path())?);
        }
        for (workers, (downloading, times)) in IO_WORKERS.iter().zip(&mut pipelines) {
            let (download, process) = halves(&links, *workers)?;
            downloading.push(download);
            processing.push(process / cores as f64);
            let args = ["--io-workers", &workers.to_string()];
            times.push(programs.run("10_pipeline", &args, &file, folder.path())?);
        }
    }
    let process = median(&mut processing);
    println!(
        "{pictures} pictures, {} ms of latency, {cores} cores, medians of {rounds} rounds",
        LATENCY.as_millis()
    );
    println!("  processing alone, on all cores: {process:.2} s");
    println!("                            seconds   downloading alone   ideal / seconds");
    for (way, times) in ways.iter().zip(&mut others) {
        println!("  09 {way:22} {:7.2}", median(times));
    }
    for (workers, (downloading, times)) in IO_WORKERS.iter().zip(&mut pipelines) {
        let (download, time) = (median(downloading), median(times));
        let share = download.max(process) / time;
        println!(
            "  10 with {workers:2} I/O workers     {time:7.2}   {download:17.2}   {share:15.2}"
        );
    }
    println!();
    Ok(())
}

/// How long it takes to download all, and how long a core needs to process all.
fn halves(links: &[String], io_workers: usize) -> Result<(f64, f64)> {
    let client = Client::new(Limits { idle_per_host: io_workers, ..Limits::default() });
    let originals = Mutex::new(Vec::new());
    let start = Instant::now();
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, io_workers)?.chunk_size(1);
        let fetched = pool.map(|link: &String| client.fetch(link), links)?;
        let fetched = fetched.into_iter().collect::<Result<Vec<_>, _>>()?;
        originals.lock().expect("nobody panics").extend(fetched);
        anyhow::Ok(())
    })?;
    let download = start.elapsed().as_secs_f64();
    let start = Instant::now();
    for original in originals.into_inner().expect("nobody panics") {
        picture::process(&original.bytes)?;
    }
    Ok((download, start.elapsed().as_secs_f64()))
}

/// The steps, built as a reader would build them.
struct Programs {
    folder: PathBuf,
}

impl Programs {
    fn build() -> Result<Programs> {
        let examples = ["09_images", "10_pipeline"].map(|step| ["--example", step]).concat();
        let args = [&["build", "--quiet", "--release"][..], &examples].concat();
        ensure!(steps::cargo().args(args).status()?.success(), "the steps do not build");
        let us = std::env::current_exe()?; // in target/release/deps
        let release = us.ancestors().nth(2).context("cargo put us into a folder of its own")?;
        Ok(Programs { folder: release.join("examples") })
    }

    fn command(&self, step: &str, args: &[&str], links: &Path, folder: &Path) -> Command {
        let mut command = Command::new(self.folder.join(step));
        command.args(args).arg("--fresh").arg("--links").arg(links);
        command.arg("--out").arg(folder.join("out"));
        command.arg("--timeline").arg(folder.join("timeline.json"));
        command
    }

    /// How long the work took, in seconds, as the step says.
    fn run(&self, step: &str, args: &[&str], links: &Path, folder: &Path) -> Result<f64> {
        let output = self.command(step, args, links, folder).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{step} {args:?}: {text}");
        let seconds = text
            .lines()
            .find_map(|line| line.strip_prefix("Finished in ")?.strip_suffix(" second(s)"))
            .with_context(|| format!("{step} has not finished: {text}"))?;
        Ok(seconds.parse()?)
    }
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
        let (mut first, mut peak, mut failed) = (None, 0, 0);
        for line in BufReader::new(child.stdout.take().context("it has an output")?).lines() {
            first.get_or_insert_with(|| start.elapsed());
            failed += usize::from(line?.starts_with("Failed "));
            if failed % 500 == 0 {
                peak = peak.max(peak_memory(child.id()).unwrap_or(0));
            }
        }
        child.wait()?;
        ensure!(failed == links, "{failed} of {links} links have ended");
        let (first, all) = (first.unwrap_or_default(), start.elapsed());
        println!(
            "{links:<9}  {:8.2} s   {:8.1} MB   {:7.1}",
            first.as_secs_f64(),
            peak as f64 / 1e3,
            all.as_secs_f64()
        );
    }
    Ok(())
}

/// In kilobytes, while it lives.
fn peak_memory(pid: u32) -> Option<usize> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How close step 10 comes to the ideal.
#[derive(Parser)]
struct Args {
    /// Measure memory and the start with up to a million links instead
    #[arg(long)]
    memory: bool,
    /// How often each is measured
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}
