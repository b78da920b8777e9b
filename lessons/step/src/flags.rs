//! Flags that several steps share: groups to be flattened into a step's own.
//!
//! ```
//! use clap::Parser;
//! use step::{Kind, RunArgs, Sleeps};
//!
//! #[derive(Parser)]
//! struct Args {
//!     #[command(flatten)]
//!     sleeps: Sleeps,
//!     /// What the workers are
//!     #[arg(long, default_value = "threads")]
//!     kind: Kind,
//!     #[command(flatten)]
//!     run: RunArgs,
//! }
//!
//! let args = Args::parse_from(["03_pool", "--seconds", "2", "--kind", "processes"]);
//! assert_eq!(args.sleeps.seconds.as_secs(), 2);
//! assert_eq!(args.sleeps.workers, 4);
//! assert_eq!(args.kind, Kind::Processes);
//! ```

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hands::timeline;

use crate::values;

/// What every [`Run`](crate::Run) needs to know: where its timeline goes.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// Where the trace of the run goes, if not to `target/timelines/<step>.json`.
    #[arg(long, value_name = "FILE", value_parser = values::timeline(), help = timeline_help())]
    pub timeline: Option<PathBuf>,
}

/// The steps in which a few workers share some sleeps.
#[derive(Clone, Debug, Args)]
pub struct Sleeps {
    /// The unit of sleep, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", allow_negative_numbers = true, value_parser = values::seconds)]
    pub seconds: Duration,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "4", value_parser = values::workers)]
    pub workers: usize,
}

/// The steps whose workers compute.
#[derive(Clone, Copy, Debug, Args)]
pub struct WorkersPerCore {
    /// How many workers a pool has: one per core by default
    #[arg(long, value_name = "N", default_value_t = one_per_core(), value_parser = values::workers)]
    pub workers: usize,
}

/// What the workers of a pool are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "they would be shown by --help")]
pub enum Kind {
    Threads,
    Processes,
}

/// The steps that do the same work with several numbers of workers.
#[derive(Clone, Debug, Args)]
pub struct WorkerCounts {
    /// How many workers: one number, or several with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4", value_parser = values::workers)]
    workers: Vec<usize>,
}

impl WorkerCounts {
    /// Each number once, the smallest first.
    pub fn counts(&self) -> BTreeSet<usize> {
        self.workers.iter().copied().collect()
    }
}

/// How many workers to start for work that computes, as far as the system can tell: one for each
/// core that this program may use.
pub fn one_per_core() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Names the default, too, which depends on the step: it is the program that runs.
fn timeline_help() -> String {
    let program = env::current_exe().ok();
    let step = program.as_deref().and_then(|program| program.file_stem()?.to_str());
    let default = timeline::default_file(step.unwrap_or("<step>"));
    format!("Where the trace of the run goes [default: {}]", default.display())
}
