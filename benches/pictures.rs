//! The work on the pictures, by Pillow and by us: the same files, the same steps, in the same run.
//!
//! ```text
//! cargo bench --bench pictures                  side by side with Pillow
//! cargo bench --bench pictures -- --memory      memory while 500 pictures pass through
//! ```
//!
//! It needs `python3` with `venv`, and the first time PyPI: Pillow and some photographs are
//! installed under target/. Or let `PILLOW_PYTHON` name a Python that has benches/requirements.txt
//! installed.
//!
//! Both start from the bytes of a file in memory and end with the bytes of a PNG in memory. Pillow
//! and we take turns, picture by picture.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use benches::child::Service;
use benches::{Measured, Rounds, median};
use clap::Parser;
use hands::pool::ThreadPool;
use hands::{eprintln, println};
use harness::status_kib;
use pictures::picture::{self, PictureError};

#[derive(Parser)]
struct Arguments {
    /// How many times everything is timed
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Show the memory while pictures of 12 megapixels pass through a pool of two workers
    #[arg(long)]
    memory: bool,
    /// How many, with --memory
    #[arg(long, default_value_t = 500)]
    pictures: usize,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-pictures");
    std::fs::create_dir_all(&home)?;
    let python = python(&home)?;
    let folder = home.join("pictures");
    run(pillow(&python, "make", &folder).args(["--size", "bench"]))?;
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, path);
    }
    if arguments.memory {
        return memory(files, arguments.pictures);
    }
    compare(&python, &folder, files, arguments.rounds)
}

/// Seconds of each part of the work.
type Parts = BTreeMap<String, f64>;

const PARTS: [&str; 5] = ["decode", "gray", "blur", "resize", "save"];

struct Picture {
    name: String,
    bytes: Vec<u8>,
    megapixels: f64,
}

fn compare(
    python: &Path,
    folder: &Path,
    files: BTreeMap<String, PathBuf>,
    rounds: usize,
) -> Result<()> {
    let mut pictures = Vec::new();
    for (name, path) in files {
        let bytes = std::fs::read(path)?;
        let megapixels = picture::decode_gray(&bytes)?.pixels().len() as f64 / 1e6;
        pictures.push(Picture { name, bytes, megapixels });
    }
    // As Pillow's pool takes them.
    pictures.sort_by_key(|picture| std::cmp::Reverse(picture.bytes.len()));

    let server = RefCell::new(Service::start(&mut pillow(python, "serve", folder))?);
    let ask = |task: &str| -> Result<Parts> {
        Ok(serde_json::from_str(&server.borrow_mut().ask(task)?)?)
    };
    let mut ways = Rounds::new();
    for picture in &pictures {
        let Picture { name, bytes, .. } = picture;
        ways = ways.way(name, move || ask(name)).way(name, || Ok(timed(bytes)?));
    }
    let two = || Ok([("total".to_owned(), on_two_threads(&pictures)?)].into());
    let measured = ways.way("two", || ask("two")).way("two", two).run(rounds)?;
    // Each way of Pillow's is followed by the same of ours.
    let seconds = measured.map(|parts| parts.values().sum());
    let medians = seconds.medians();
    println!("\nOne core. Milliseconds per megapixel, medians of {rounds} rounds:\n");
    println!("{:<22}{:>6}{:>9}{:>8}{:>8}", "", "MP", "Pillow", "ours", "ratio");
    for (n, Picture { name, megapixels, .. }) in pictures.iter().enumerate() {
        let [pillow, ours] = [2 * n, 2 * n + 1].map(|way| medians[way] * 1e3 / megapixels);
        let ratio = seconds.ratios(2 * n + 1)[2 * n];
        println!("{name:<22}{megapixels:>6.1}{pillow:>9.1}{ours:>8.1}{ratio:>7.2}x");
    }
    let (on_one, on_two) = (2 * pictures.len(), 2 * pictures.len() + 2);
    part_by_part(&measured.0[..on_one], pictures.iter().map(|p| p.megapixels).sum(), rounds);
    println!("\nAll {} pictures, seconds:\n", pictures.len());
    all_together(&seconds.0[..on_one], &seconds.0[on_one..on_two], rounds);
    Ok(())
}

/// The sums of the figures of Pillow or of ours, over all pictures, in each round. `None` if one of
/// them has no such figure.
fn sums<T>(
    ways: &[(String, Vec<T>)],
    side: usize,
    rounds: usize,
    figure: impl Fn(&T) -> Option<f64>,
) -> Option<Vec<f64>> {
    let ways = ways.iter().skip(side).step_by(2);
    let sum = |round: usize| ways.clone().map(|(_, figures)| figure(&figures[round])).sum();
    (0..rounds).map(sum).collect()
}

fn part_by_part(ways: &[(String, Vec<Parts>)], megapixels: f64, rounds: usize) {
    println!(
        "\nThe parts, over all {megapixels:.0} megapixels (ours turns gray while it decodes):\n"
    );
    for part in PARTS {
        let [pillow, ours] = [0, 1].map(|side| {
            let sums = sums(ways, side, rounds, |parts| parts.get(part).copied());
            let figure = sums.map(|sums| median(sums) * 1e3 / megapixels);
            figure.map_or("-".to_owned(), |figure| format!("{figure:.2}"))
        });
        println!("{part:<28}{pillow:>9}{ours:>8}");
    }
}

/// Both on one core, and both on two.
fn all_together(on_one: &[(String, Vec<f64>)], on_two: &[(String, Vec<f64>)], rounds: usize) {
    let one = [0, 1].map(|side| sums(on_one, side, rounds, |seconds| Some(*seconds)));
    let one = one.into_iter().flatten().map(|sums| (String::new(), sums));
    let all = Measured(one.chain(on_two.iter().cloned()).collect());
    let medians = all.medians();
    println!("{:<28}{:>9}{:>8}{:>8}", "", "Pillow", "ours", "ratio");
    for (what, n) in [("one core", 0), ("two processes, two threads", 2)] {
        let (pillow, ours, ratio) = (medians[n], medians[n + 1], all.ratios(n + 1)[n]);
        println!("{what:<28}{pillow:>9.2}{ours:>8.2}{ratio:>7.2}x");
    }
    let [pillow, ours] = [0, 1].map(|side| all.ratios(side + 2)[side]);
    println!("{:<28}{pillow:>8.2}x{ours:>7.2}x", "what the second core gives");
    println!("\nLevels: one core at least 1.4 times Pillow; our second core at least 1.75.");
}

/// `picture::process`, a part at a time.
fn timed(bytes: &[u8]) -> Result<Parts, PictureError> {
    let start = Instant::now();
    let gray = picture::decode_gray(bytes)?;
    let decoded = Instant::now();
    let blurred = picture::blur(&gray, picture::SIGMA);
    drop(gray);
    let done_blurring = Instant::now();
    let thumbnail = picture::thumbnail(&blurred, picture::SIDE);
    let resized = Instant::now();
    picture::encode_png(&thumbnail)?;
    let end = Instant::now();
    let parts = [
        ("decode", decoded - start),
        ("blur", done_blurring - decoded),
        ("resize", resized - done_blurring),
        ("save", end - resized),
    ];
    Ok(parts.map(|(part, time)| (part.to_string(), time.as_secs_f64())).into())
}

/// How many seconds two threads take for all pictures. Each takes the next one as soon as it is
/// free.
fn on_two_threads(pictures: &[Picture]) -> Result<f64, PictureError> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), PictureError> {
        while let Some(picture) = pictures.get(next.fetch_add(1, Relaxed)) {
            picture::process(&picture.bytes)?;
        }
        Ok(())
    };
    let start = Instant::now();
    thread::scope(|scope| {
        let other = scope.spawn(work);
        work()?;
        other.join().expect("`process` catches panics")
    })?;
    Ok(start.elapsed().as_secs_f64())
}

fn memory(files: BTreeMap<String, PathBuf>, count: usize) -> Result<()> {
    let mut pictures = Vec::new();
    for (name, path) in files {
        let megapixels = picture::decode_gray(&std::fs::read(&path)?)?.pixels().len() as f64 / 1e6;
        if (11.0..13.0).contains(&megapixels) {
            pictures.push((name, path));
        }
    }
    let names: Vec<&str> = pictures.iter().map(|(name, _)| name.as_str()).collect();
    println!("{count} pictures of 12 megapixels through a pool of 2 ({}):\n", names.join(", "));
    println!("{:>8}{:>10}{:>14}{:>12}", "done", "seconds", "resident MiB", "peak MiB");
    let start = Instant::now();
    let work = |number: usize| -> Result<(), String> {
        let (name, path) = &pictures[number % pictures.len()];
        let bytes = std::fs::read(path).map_err(|error| format!("{name}: {error}"))?;
        picture::process(&bytes).map_err(|error| format!("{name}: {error}"))?;
        Ok(())
    };
    thread::scope(|scope| {
        let pool = ThreadPool::scoped(scope, 2)?;
        for (done, outcome) in (1..).zip(pool.imap_unordered(work, 0..count)) {
            outcome?.map_err(anyhow::Error::msg)?;
            if usize::is_multiple_of(done, (count / 10).max(1)) {
                let [resident, peak] = ["VmRSS", "VmHWM"].map(|field| status_kib(id(), field));
                let (resident, peak) = resident.zip(peak).context("this system doesn't say")?;
                let (resident, peak) = (resident / 1024.0, peak / 1024.0);
                let seconds = start.elapsed().as_secs_f64();
                println!("{done:>8}{seconds:>10.1}{resident:>14.0}{peak:>12.0}");
            }
        }
        Ok(())
    })
}

fn pillow(python: &Path, command: &str, folder: &Path) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures.py");
    let mut process = Command::new(python);
    process.arg(script).arg(command).arg(folder);
    process
}

/// A Python with benches/requirements.txt installed: the one that is named, or a venv under
/// target/.
fn python(home: &Path) -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("PILLOW_PYTHON") {
        return Ok(python.into());
    }
    let venv = home.join("venv");
    let python = venv.join("bin/python");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let installed = venv.join("installed");
    if std::fs::read(&installed).ok() != Some(std::fs::read(&requirements)?) {
        eprintln!("installing Pillow under {}", venv.display());
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        run(Command::new(&python).args(pip).arg(&requirements))?;
        std::fs::copy(&requirements, &installed)?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
