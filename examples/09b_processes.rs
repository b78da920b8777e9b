//! Download and process in worker processes: if one crashes, it takes a single picture with it.
//!
//!     cargo run --release --example 09b_processes
//!     cargo run --release --example 09b_processes -- --using all

use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use hands::cancel::Token;
use hands::process::{self, ErrorText, Process, Task};
use hands::{pool::ProcessPool, timeline::span};
use pictures::download::{Entry, Settings, Tools};
use pictures::{args::Processing, compare::Round, process_link};
use step::{Ways, WorkersPerCore};

fn main() -> Result<ExitCode> {
    process::init(&[&SET_UP, &IN_WORKER, &IN_CHILD]);
    let args = Args::parse();
    let setup = args.processing.set_up("09b_processes", args.pool.workers)?;
    let stop = setup.stop_at_ctrl_c()?;
    let summary = setup.compare(&args.using, |way, round| match way {
        Way::Processes => a_process_each(round, &stop),
        Way::ProcessPool => process_pool(round, &stop, args.pool.workers),
    })?;
    Ok(setup.finish(&summary)?)
}

// ANCHOR: tasks
pub(crate) const SET_UP: Task<Settings, Result<(), ErrorText>> = Task::new("set_up", set_up);
pub(crate) const IN_WORKER: Task<String, Entry> = Task::new("in_worker", in_worker);
pub(crate) const IN_CHILD: Task<(Settings, String), Entry> = Task::new("in_child", in_child);

static TOOLS: OnceLock<Tools> = OnceLock::new(); // of this process, if it is a worker

fn set_up(settings: Settings) -> Result<(), ErrorText> {
    let _span = span("setup");
    TOOLS.set(settings.tools()?).map_err(|_| "it is set up already".into())
}

fn in_worker(link: String) -> Entry {
    let Tools { client, dir, progress } = TOOLS.get().expect("set_up was called first");
    process_link(client, dir, progress, &link)
}

fn in_child((settings, link): (Settings, String)) -> Entry {
    match set_up(settings) {
        Ok(()) => in_worker(link),
        Err(reason) => Entry::failed(&link, reason),
    }
}
// ANCHOR_END: tasks

// ANCHOR: processes
pub(crate) fn a_process_each(round: &Round<'_>, stop: &Token) -> Result<()> {
    let start = |link: &String| Process::spawn(&IN_CHILD, (round.settings(), link.clone()));
    let links = round.links.iter().take_while(|_| !stop.is_cancelled());
    let children: Vec<_> = links.map(start).collect(); // all start, then we wait
    for (link, child) in round.links.iter().zip(children) {
        let answer = child.map_err(anyhow::Error::from).and_then(|child| Ok(child.join()?));
        round.done(answer.unwrap_or_else(|error| Entry::failed(link, error)));
    }
    Ok(())
}

pub(crate) fn process_pool(round: &Round<'_>, stop: &Token, workers: usize) -> Result<()> {
    let pool = ProcessPool::builder(workers).initializer(&SET_UP, round.settings());
    let pool = pool.grace(Duration::MAX).start()?; // what has begun may end, as in a thread
    for answer in pool.token(stop).imap_unordered(&IN_WORKER, round.links.iter().cloned()) {
        round.answered(answer);
    }
    Ok(())
}
// ANCHOR_END: processes

/// Download and process in worker processes: every picture becomes a thumbnail.
#[derive(Parser)]
struct Args {
    /// How to do the work; `all` does it in each way and compares
    #[arg(long, default_value = "process-pool")]
    using: Ways<Way>,
    #[command(flatten)]
    pool: WorkersPerCore,
    #[command(flatten)]
    processing: Processing,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    Processes,
    ProcessPool,
}
