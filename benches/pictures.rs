//! The pictures' work, by Pillow and by us: the same files, the same steps, in the same run.
//!
//! ```text
//! cargo bench --bench pictures                  side by side with Pillow
//! cargo bench --bench pictures -- --memory      memory while 500 pictures pass through
//! ```
//!
//! It needs `python3` with `venv`, and PyPI the first time: Pillow and some photographs are installed under
//! target/ (or name a Python that has benches/requirements.txt in `PILLOW_PYTHON`).
//!
//! Both start from a file's bytes in memory and end with a PNG's bytes in memory. Pillow and we take turns,
//! picture by picture, so that whatever else the machine does hits both; the figures are medians over
//! the rounds, of times and of ratios (each of its own round).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio, id};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use benches::median;
use clap::Parser;
use hands::pool::ThreadPool;
use hands::{eprintln, println};
use harness::status_kib;
use pictures::picture::{self, PictureError};

type Error = Box<dyn std::error::Error>;

#[derive(Parser)]
struct Arguments {
    /// How often everything is timed
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Show the memory while pictures of 12 megapixels pass through a pool of two workers
    #[arg(long)]
    memory: bool,
    /// How many, with --memory
    #[arg(long, default_value_t = 500)]
    pictures: usize,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Error> {
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

// ------------------------------------------------------------------ side by side

/// Seconds of each part of the work.
type Parts = BTreeMap<String, f64>;

const PARTS: [&str; 5] = ["decode", "gray", "blur", "resize", "save"];

/// One picture, over the rounds.
struct Picture {
    name: String,
    bytes: Vec<u8>,
    megapixels: f64,
    pillow: Vec<Parts>,
    ours: Vec<Parts>,
}

fn compare(
    python: &Path,
    folder: &Path,
    files: BTreeMap<String, PathBuf>,
    rounds: usize,
) -> Result<(), Error> {
    let mut pictures = Vec::new();
    for (name, path) in files {
        let bytes = std::fs::read(path)?;
        let megapixels = picture::decode_gray(&bytes)?.pixels().len() as f64 / 1e6;
        pictures.push(Picture { name, bytes, megapixels, pillow: Vec::new(), ours: Vec::new() });
    }
    pictures.sort_by_key(|picture| std::cmp::Reverse(picture.bytes.len())); // as Pillow's pool takes them

    let mut server = Server::start(python, folder)?;
    let (mut pillow_two, mut ours_two) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for picture in &mut pictures {
            picture.pillow.push(server.ask(&picture.name)?);
            picture.ours.push(timed(&picture.bytes)?);
        }
        pillow_two.push(server.ask("two")?["total"]);
        ours_two.push(on_two_threads(&pictures)?);
    }
    drop(server);

    println!("\nOne core. Milliseconds per megapixel, medians of {rounds} rounds:\n");
    println!("{:<22}{:>6}{:>9}{:>8}{:>8}", "", "MP", "Pillow", "ours", "ratio");
    for picture in &pictures {
        let ratio =
            (0..rounds).map(|round| total(&picture.pillow[round]) / total(&picture.ours[round]));
        println!(
            "{:<22}{:>6.1}{:>9.1}{:>8.1}{:>7.2}x",
            picture.name,
            picture.megapixels,
            median(picture.pillow.iter().map(total)) * 1e3 / picture.megapixels,
            median(picture.ours.iter().map(total)) * 1e3 / picture.megapixels,
            median(ratio),
        );
    }

    let megapixels: f64 = pictures.iter().map(|picture| picture.megapixels).sum();
    println!(
        "\nThe parts, over all {megapixels:.0} megapixels (ours turns gray while it decodes):\n"
    );
    for part in PARTS {
        let milliseconds = |of: fn(&Picture) -> &Vec<Parts>| {
            let sum = |round: usize| -> Option<f64> {
                pictures.iter().map(|picture| of(picture)[round].get(part)).sum()
            };
            let sums: Option<Vec<f64>> = (0..rounds).map(sum).collect();
            let figure = sums.map(|sums| median(sums) * 1e3 / megapixels);
            figure.map_or("-".to_string(), |figure| format!("{figure:.2}"))
        };
        let (pillow, ours) =
            (milliseconds(|picture| &picture.pillow), milliseconds(|picture| &picture.ours));
        println!("{part:<28}{pillow:>9}{ours:>8}");
    }

    let all = |of: fn(&Picture) -> &Vec<Parts>| -> Vec<f64> {
        let sum = |round: usize| pictures.iter().map(|picture| total(&of(picture)[round])).sum();
        (0..rounds).map(sum).collect()
    };
    let (pillow, ours) = (all(|picture| &picture.pillow), all(|picture| &picture.ours));
    println!("\nAll {} pictures, seconds:\n", pictures.len());
    println!("{:<28}{:>9}{:>8}{:>8}", "", "Pillow", "ours", "ratio");
    for (what, pillow, ours) in
        [("one core", &pillow, &ours), ("two processes, two threads", &pillow_two, &ours_two)]
    {
        let (theirs, own) = (median(pillow.iter().copied()), median(ours.iter().copied()));
        println!("{what:<28}{theirs:>9.2}{own:>8.2}{:>7.2}x", ratio(pillow, ours));
    }
    println!(
        "{:<28}{:>8.2}x{:>7.2}x",
        "what the second core gives",
        ratio(&pillow, &pillow_two),
        ratio(&ours, &ours_two)
    );
    println!("\nLevels: one core at least 1.4 times Pillow; our second core at least 1.75.");
    Ok(())
}

fn total(parts: &Parts) -> f64 {
    parts.values().sum()
}

fn ratio(above: &[f64], below: &[f64]) -> f64 {
    median(above.iter().zip(below).map(|(above, below)| above / below))
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

/// Seconds that two threads take for all pictures, each taking the next when it is done with one.
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
        other.join().expect("process catches panics")
    })?;
    Ok(start.elapsed().as_secs_f64())
}

// ------------------------------------------------------------------ memory

fn memory(files: BTreeMap<String, PathBuf>, count: usize) -> Result<(), Error> {
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
            outcome??;
            if usize::is_multiple_of(done, (count / 10).max(1)) {
                let [resident, peak] = ["VmRSS", "VmHWM"].map(|field| status_kib(id(), field));
                let (resident, peak) = resident.zip(peak).ok_or("this system does not say")?;
                let (resident, peak) = (resident / 1024.0, peak / 1024.0);
                let seconds = start.elapsed().as_secs_f64();
                println!("{done:>8}{seconds:>10.1}{resident:>14.0}{peak:>12.0}");
            }
        }
        Ok(())
    })
}

// ------------------------------------------------------------------ Python

/// `pictures.py serve`: a line in, a line out.
struct Server {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Server {
    fn start(python: &Path, folder: &Path) -> Result<Self, Error> {
        let mut process =
            pillow(python, "serve", folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = BufReader::new(process.stdout.take().ok_or("no stdout")?);
        Ok(Self { process, answers })
    }

    fn ask(&mut self, job: &str) -> Result<Parts, Error> {
        writeln!(self.process.stdin.as_mut().ok_or("no stdin")?, "{job}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take()); // the end of its input ends it
        let _ = self.process.wait();
    }
}

fn pillow(python: &Path, command: &str, folder: &Path) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures.py");
    let mut process = Command::new(python);
    process.arg(script).arg(command).arg(folder);
    process
}

/// A Python with benches/requirements.txt: the one that is named, or a venv under target/.
fn python(home: &Path) -> Result<PathBuf, Error> {
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

fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(())
}
