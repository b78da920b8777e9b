//! Downloads the links of a list, does your work on each, and saves the results. It's safe to stop
//! it at any time: the next run goes on where this one stopped.
//!
//!     cargo run --release -- links.txt

mod fetch;
mod pipeline;
mod report;
mod save;
mod work;

use std::collections::HashSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, builder::RangedU64ValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::fetch::{Client, Download, Limits};
use crate::pipeline::{Shared, Workers};
use crate::report::Report;
use crate::save::{Saved, save};
use crate::work::{Settings, work};

fn main() -> ExitCode {
    run(Args::parse()).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(args: Args) -> Result<ExitCode> {
    let (name, out) = (args.list.display(), args.report.display());
    if same_file(&args.list, &args.report) {
        let _ = writeln!(io::stderr(), "error: the list and --report are the same file, {name}");
        return Ok(ExitCode::from(2));
    }
    let list = fs::read_to_string(&args.list).with_context(|| format!("the list {name}"))?;
    let opened = Report::open(&args.report).with_context(|| format!("the report {out}"))?;
    let (mut report, done) = opened;
    let folder = args.out.clone();
    fs::create_dir_all(&folder).with_context(|| format!("the folder {}", folder.display()))?;

    let is_done = |link: &String| done.get(link).is_some_and(|file| file.exists());
    let (before, links): (Vec<_>, Vec<_>) = links(&list).into_iter().partition(is_done);
    let count = links.len();
    let shared = Arc::new(Shared {
        client: Client::new(args.limits),
        // Move whatever the work needs in here: all workers share it, and nothing has to be static.
        work: move |download: Download| {
            let link = download.link.clone();
            save(&folder, &link, work(&args.settings, download)?)
        },
        links,
        next: AtomicUsize::new(0),
        stopping: stop_at_ctrl_c()?,
    });
    let limit = Duration::from_secs(args.work_time_out);
    let workers = Workers { downloads: args.downloads, work: args.workers, limit };
    let progress = Progress::new(count);
    let (mut saved, mut failed) = (0, 0);
    pipeline::run(&shared, &workers, |link, outcome| {
        report.add(link, &outcome)?;
        *if outcome.is_ok() { &mut saved } else { &mut failed } += 1;
        progress.tell(saved + failed, link, &outcome);
        Ok(())
    })?;
    progress.bar.finish_and_clear();

    let sum = format!("{saved} saved, {failed} failed, {} done before: {out}", before.len());
    Ok(ExitCode::from(match writeln!(io::stdout(), "{sum}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 141, // nobody reads it any more
        Err(error) => return Err(error).context("the standard output"),
        Ok(()) if saved + failed < count => {
            let _ = writeln!(io::stderr(), "Stopped: run it again to go on.");
            130
        }
        Ok(()) => u8::from(failed > 0),
    }))
}

/// The links of a list: one a line, each once; `#` begins a comment.
fn links(list: &str) -> Vec<String> {
    let lines = list.trim_start_matches('\u{feff}').lines().map(str::trim);
    let links = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut seen = HashSet::new();
    links.filter(|link| seen.insert(*link)).map(str::to_owned).collect()
}

/// Whether both paths lead to one file. A file that isn't there yet is different from all others.
fn same_file(one: &Path, two: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| two.canonicalize().is_ok_and(|two| one == two))
}

/// After the first Ctrl-C, the links that were begun are finished; the second ends the program at
/// once. Both are safe.
fn stop_at_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stopping = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopping);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            process::exit(130);
        }
        let _ = writeln!(
            io::stderr(),
            "Stopping once everything that has begun is done (Ctrl-C again: at once)"
        );
    })?;
    Ok(stopping)
}

/// A bar if somebody watches, and otherwise a line for each link.
struct Progress {
    bar: ProgressBar,
    count: usize,
}

impl Progress {
    fn new(count: usize) -> Self {
        let bar = ProgressBar::new(count as u64); // hidden if the standard error is no terminal
        let style = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {eta} to go{msg}");
        Progress { bar: bar.with_style(style.expect("a template")), count }
    }

    fn tell(&self, ended: usize, link: &str, outcome: &Result<Saved>) {
        let line = match outcome {
            Ok(saved) => format!("saved {}", saved.file.display()),
            Err(error) => format!("failed {link}: {error:#}"),
        };
        if !io::stderr().is_terminal() {
            let _ = writeln!(io::stderr(), "{ended} of {}: {line}", self.count);
        } else if outcome.is_err() {
            self.bar.println(line);
        }
        self.bar.inc(1);
    }
}

/// Downloads the links of a list, does the work on each, and saves the results. Run it again to go
/// on where it stopped, and to retry what failed.
#[derive(Parser)]
struct Args {
    /// A file with the links, one a line
    list: PathBuf,
    /// The folder for what is saved
    #[arg(long, value_name = "DIR", default_value = "downloads")]
    out: PathBuf,
    /// Where to say what became of each link, one line of JSON each: a report of this program, or a
    /// pipe
    #[arg(long, value_name = "FILE", default_value = "report.jsonl")]
    report: PathBuf,
    /// How many downloads at a time
    #[arg(long, value_name = "N", default_value = "16", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1000))]
    downloads: usize,
    /// How many workers for the work on what was downloaded
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1000))]
    #[arg(default_value_t = thread::available_parallelism().map_or(1, NonZero::get))]
    workers: usize,
    /// How long the work on one download may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    work_time_out: u64,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    settings: Settings,
}
