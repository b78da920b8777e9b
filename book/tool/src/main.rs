//! Builds the book, records what its steps print, and checks that the two still agree.
//!
//!     cargo book                 build it, serve it on loopback, and open it in the browser
//!     cargo book build           build it into book/book, for any static host
//!     cargo book record          run every recorded step, and keep what it prints and draws
//!     cargo book record 03_pool  the same for the recordings of one step
//!     cargo book check           is the book whole, and still true?
//!     cargo book class FILE...   how far a class is, from what its readers saved
//!     cargo book epub            the book to take along
//!     cargo book pdf             the same on paper; also slides and a handout for the half-day
//!
//! `book/recordings.toml` declares what is recorded, and with which arguments. Each recording
//! becomes
//!
//! - `book/src/recorded/NAME.txt`: the command line, and what the step printed;
//! - `book/src/timelines/NAME.html`: a figure for `{{#include}}`, with the picture and its table,
//!   and `NAME.svg`, the picture alone (`NAME-SECTION.html` and `.svg` for each section, if there
//!   are any);
//! - `book/src/timelines/NAME.json`: the trace, for Perfetto; if it is large, `NAME-SECTION.json`
//!   for each section that is small;
//! - `book/src/plots/NAME.html`, `.svg` and `.json`: the same for the plot of a step, or of a
//!   benchmark that draws one.
//!
//! Text, timeline and plot of a recording come from one run. The check compares them: each point
//! and mark of a plot is in a table or a line of the text, and each timeline of the text is the one
//! that was drawn. A run that says that the machine is busy is not kept without `--busy`.
//!
//! A recording is made in an empty folder, with exactly the arguments that the reader types, so the
//! page shows what the reader gets. The check runs it again with *the same arguments* and compares
//! line by line, after taking out what was measured: times, shares, rates, sizes, pids. What was
//! asked for stays in: a page that says `Sleeping 4 second(s)...` is wrong if the step now sleeps
//! 3. If a run takes too long for that, its recording names `check_args`; then the numbers that
//! were asked for are taken out, too, and the check is that much weaker. Benchmarks can be recorded
//! as well. They take minutes, so they run again only for `cargo book check --benches`. The Python
//! twins of the steps are recorded and checked in the same way, wherever the Python that they need
//! is installed.

mod anchors;
mod check;
mod class;
mod files;
mod html;
mod include;
mod markdown;
mod pool_run;
mod preprocess;
mod problem;
mod record;
mod serve;
mod site;
mod take;

use std::path::PathBuf;
use std::process::{self, ExitCode, Stdio};
use std::time::Duration;

use clap::{Parser, Subcommand};
use hands::{eprintln, println};
use record::How;
use site::For;
use take::{Paper, What};

/// The book: build it, open it, record its runs, check it.
#[derive(Parser)]
#[command(name = "cargo book", bin_name = "cargo book")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// The clone of this repository to use
    #[arg(long, global = true, value_name = "DIR", default_value_os_t = harness::root().to_owned(), hide_default_value = true)]
    root: PathBuf,
}

#[derive(clap::Args)]
struct Serve {
    /// Print where the book is, and open no browser
    #[arg(long)]
    no_open: bool,
    /// The first port to try; 0 takes any free port
    #[arg(long, value_name = "N", default_value_t = 3000)]
    port: u16,
    /// How many seconds a step may run when a page starts it; building is not counted
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    limit: u64,
    /// Build a step only when a page runs it, and none of them in advance
    #[arg(long)]
    no_warm_up: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book, serve it on loopback, and open it in the browser (the default)
    Serve(Serve),
    /// Build the book into book/book
    Build {
        /// The address that the book will have, for its canonical links and its pictures
        #[arg(long, value_name = "URL", value_parser = url)]
        url: Option<String>,
    },
    /// Run the recorded steps again, and keep what they print and draw
    Record {
        /// A recording, or a step to make all its recordings [default: all recordings]
        names: Vec<String>,
        /// Run nothing, but draw timelines and plots again from the traces that are kept
        #[arg(long)]
        redraw: bool,
        /// Keep even a run that says that the machine is busy
        #[arg(long, conflicts_with = "redraw")]
        busy: bool,
    },
    /// Check fences, includes, lessons, links and pictures, and that answers and recordings are
    /// true
    Check {
        /// Run nothing: leave out the recordings and the answers of the quizzes
        #[arg(long)]
        no_run: bool,
        /// Run the recorded benchmarks again as well; it takes minutes, and needs an idle machine
        #[arg(long, conflicts_with = "no_run")]
        benches: bool,
    },
    /// Merge the progress that readers have saved: what most got wrong, and how far each has come
    Class {
        /// The files that they saved on the page `Your progress`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Make an EPUB of the book
    Epub {
        /// Where it goes
        #[arg(long, value_name = "FILE", default_value = "target/book/many-hands.epub")]
        out: PathBuf,
    },
    /// Print the book into a PDF, or slides and a handout for the half-day; needs Chromium
    Pdf {
        /// What to print
        #[arg(value_enum, default_value_t = What::Book)]
        what: What,
        /// The size of the paper; slides have their own
        #[arg(long, value_enum, default_value_t = Paper::A4)]
        paper: Paper,
        /// Where it goes [default: target/book/many-hands-WHAT-PAPER.pdf]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Fill in what chapters leave to the build; mdBook starts this, and speaks JSON to it
    #[command(hide = true)]
    Preprocess {
        #[command(subcommand)]
        question: Option<Question>,
    },
}

/// What mdBook asks before it hands the book over.
#[derive(Subcommand)]
enum Question {
    /// Whether there is anything to do for this renderer; the exit code says so
    Supports { renderer: String },
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let root = &*args.root;
    match args.command.unwrap_or(Command::Serve(args.serve)) {
        Command::Serve(Serve { no_open, port, limit, no_warm_up }) => {
            hands::output::go_on(); // it serves whether anyone reads this or not
            serve::serve(root, port, Duration::from_secs(limit), !no_warm_up, |address| {
                println!("The book: {address} (Ctrl-C ends it)");
                if !no_open && !open(address) {
                    eprintln!("No browser could be started: open this address in one.");
                }
            })?;
        }
        Command::Build { url } => {
            check::warn(root)?;
            let site = root.join("book/book"); // as plain `mdbook build book`
            site::build(root, &site, For::AnyHost, url.as_deref())?;
            println!("The book: {}", site.join("index.html").display());
        }
        Command::Record { names, redraw, busy } => {
            let run = if busy { How::RunBusy } else { How::Run };
            let how = if redraw { How::Redraw } else { run };
            record::record(root, &names, how)?;
        }
        Command::Check { no_run, benches } => {
            return Ok(check::report(&check::all(root, !no_run, benches)?));
        }
        Command::Class { files } => hands::print!("{}", class::table(&root.join("book"), &files)?),
        Command::Epub { out } => {
            take::epub(site::build_apart(root)?.path(), &out)?;
            println!("The book: {}", out.display());
        }
        Command::Pdf { what, paper, out } => {
            let name = || format!("target/book/many-hands-{}-{}.pdf", what.name(), paper.name());
            let out = out.unwrap_or_else(|| name().into());
            take::pdf(&root.join("book"), site::build_apart(root)?.path(), what, paper, &out)?;
            println!("The {}: {}", what.name(), out.display());
        }
        Command::Preprocess { question: None } => preprocess::as_command()?,
        Command::Preprocess { question: Some(Question::Supports { renderer }) } => {
            return Ok(ExitCode::from(u8::from(renderer != "html")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An address on the web, with a slash at its end.
fn url(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if !is_web || text.contains(['?', '#', '"', '<', ' ']) {
        return Err("give an address such as https://example.org/many-hands/".to_owned());
    }
    Ok(format!("{}/", text.trim_end_matches('/')))
}

/// Opens an address in the reader's browser, or says that there is nothing to open it with.
fn open(address: &str) -> bool {
    // From WSL, the browser of Windows comes first.
    let openers: &[&str] =
        if cfg!(target_os = "macos") { &["open"] } else { &["wslview", "xdg-open"] };
    openers.iter().any(|opener| {
        let mut command = process::Command::new(opener);
        let quiet = command.arg(address).stdin(Stdio::null()).stdout(Stdio::null());
        quiet.stderr(Stdio::null()).spawn().is_ok()
    })
}
