//! Builds the book, records what its steps print, and checks that the two still agree.
//!
//!     cargo book                 build it, serve it on loopback, and open it in the browser
//!     cargo book build           build it into book/book, for any static host
//!     cargo book record          run every recorded step, and keep what it printed and drew
//!     cargo book record 03_pool  the same for the recordings of one step
//!     cargo book check           is the book whole, and still true?
//!
//! What is recorded, and with which arguments, stands in `book/recordings.toml`. Each recording becomes
//!
//! - `book/src/recorded/NAME.txt`: the command line, and what the step printed;
//! - `book/src/timelines/NAME.html`: a figure for `{{#include}}`, with the picture and its table, and
//!   `NAME.svg`, the picture alone (with sections: `NAME-SECTION.html` and `.svg` each);
//! - `book/src/timelines/NAME.json`: the trace, for Perfetto; if it is large, `NAME-SECTION.json` for each
//!   section that is small;
//! - `book/src/plots/NAME.html`, `.svg` and `.json`: the same for the plot of a step, or a
//!   benchmark, that draws one.
//!
//! Text, timeline and plot of a recording are of one run. The check compares them: each point and mark of a plot
//! stands in a table or a line of the text, and each timeline that the text has is the one that was drawn. A
//! run that says that the machine is busy is not kept, unless `--busy` is given.
//!
//! A recording is made in an empty folder with just the arguments that the reader types, so the page
//! shows what the reader gets. The check runs it again with *the same arguments* and compares line by
//! line, after taking out what was measured: times, shares, rates, sizes, pids. What was asked for
//! stays in: a page that says `Sleeping 4 second(s)...` is wrong if the step now sleeps 3. For a run too
//! long for that, the recording may name `check_args`; then the numbers of seconds that were asked for
//! are taken out, too, and the check is that much weaker. Benchmarks can be recorded as well. They are run again
//! only by `cargo book check --benches`, for they take minutes. The Python twins of the steps are recorded and
//! checked in the same way, where the Python that they need is there.

mod check;
mod files;
mod pool_run;
mod preprocess;
mod record;
mod serve;
mod site;

use hands::{eprintln, println};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use record::How;
use site::For;
use tempfile::TempDir;

/// The book: build it, open it, record its runs, check it.
#[derive(Parser)]
#[command(name = "cargo book", bin_name = "cargo book")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// The clone whose book it is
    #[arg(long, global = true, value_name = "DIR", default_value_os_t = harness::root().to_owned(), hide_default_value = true)]
    root: PathBuf,
}

#[derive(clap::Args)]
struct Serve {
    /// Print where the book is, and open no browser
    #[arg(long)]
    no_open: bool,
    /// The first port to try; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 3000)]
    port: u16,
    /// How long a step may run from the page, in seconds; building is not counted
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    limit: u64,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book, serve it on loopback, and open it in the browser (this is what no command does, too)
    Serve(Serve),
    /// Build the book into book/book
    Build,
    /// Run the recorded steps again, and keep what they print and draw
    Record {
        /// Recordings by name, or all recordings of a step; without one, all there are
        names: Vec<String>,
        /// Draw timelines and plots again from what is kept, and run nothing
        #[arg(long)]
        redraw: bool,
        /// Keep a run that says that the machine is busy, too
        #[arg(long, conflicts_with = "redraw")]
        busy: bool,
    },
    /// Check the book: fences, includes, lessons, links, pictures, and that answers and recordings are true
    Check {
        /// Leave out the recordings and the answers of the quizzes: nothing is run
        #[arg(long)]
        no_run: bool,
        /// Run the recorded benchmarks again as well: minutes, on an idle machine
        #[arg(long, conflicts_with = "no_run")]
        benches: bool,
    },
    /// Fill in what chapters leave to the build: mdBook starts this and speaks JSON to it
    #[command(hide = true)]
    Preprocess {
        #[command(subcommand)]
        question: Option<Question>,
    },
}

/// What mdBook asks before it hands over the book.
#[derive(Subcommand)]
enum Question {
    /// Whether there is something to do for this renderer: the exit code says so
    Supports { renderer: String },
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let root = &*args.root;
    match args.command.unwrap_or(Command::Serve(args.serve)) {
        Command::Serve(Serve { no_open, port, limit }) => {
            hands::output::go_on(); // it serves, whoever reads this
            serve::serve(root, port, Duration::from_secs(limit), |address| {
                println!("The book: {address} (Ctrl-C ends it)");
                if !no_open && let Err(error) = open::that_detached(address) {
                    eprintln!(
                        "No browser could be started ({error}). Open the address above in one."
                    );
                }
            })?;
        }
        Command::Build => println!("The book: {}", build(root)?.display()),
        Command::Record { names, redraw, busy } => {
            let how = match (redraw, busy) {
                (true, _) => How::Redraw,
                (false, true) => How::RunBusy,
                (false, false) => How::Run,
            };
            record::record(root, &names, how)?;
        }
        Command::Check { no_run, benches } => {
            return check::report(&check::all(root, !no_run, benches)?);
        }
        Command::Preprocess { question: None } => preprocess::as_command()?,
        Command::Preprocess { question: Some(Question::Supports { renderer }) } => {
            return Ok(ExitCode::from(u8::from(renderer != "html")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the book where plain `mdbook build book` would, and says where its first page is.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    warn(root)?;
    let site = root.join("book/book");
    site::build(root, &site, For::AnyHost)?;
    Ok(site.join("index.html"))
}

/// Builds the book into a folder of its own, which goes when it is dropped: pages that are being served
/// must not change under the reader, and two servers must not get into each other's way.
fn built_apart(root: &Path) -> anyhow::Result<TempDir> {
    warn(root)?;
    let site = tempfile::tempdir()?;
    site::build(root, site.path(), For::ThisMachine)?;
    Ok(site)
}

/// Says what is wrong with the book. It is built all the same: a writer wants to see the page.
fn warn(root: &Path) -> anyhow::Result<()> {
    for problem in check::source(root)? {
        eprintln!("warning: {problem}");
    }
    Ok(())
}
