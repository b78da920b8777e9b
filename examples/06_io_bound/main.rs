//! I/O-bound work: small files and slow answers, with a process each, a thread each, and pools.
//! What does it cost to create the workers, and when is it worth it?
//!
//!     cargo run --release --example 06_io_bound
//!     cargo run --release --example 06_io_bound -- --tasks 8,1000 --workers 32

mod tasks;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::{println, process};
use measure::{PerTask, Scratch, SlowServer, Usage};
use step::Run;

use tasks::{Done, Input, WAYS, WORK, Way};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&WORK, &SlowServer::SERVE]);
    let args = Args::parse();
    let counts: BTreeSet<usize> = args.tasks.into_iter().collect();
    let (few, many) = (counts.first().copied(), counts.last().copied().unwrap_or(1));
    let server = SlowServer::start(Duration::from_millis(args.latency), many)?;
    let scratch = Scratch::new()?; // a folder that is removed at the end, even after Ctrl-C
    println!("A file: write, read back, close. A request: wait {} ms for an answer", args.latency);

    let run = Run::start("06_io_bound", args.run);
    let mut costs = PerTask::new(["nothing", "a file", "a request"]);
    for tasks in counts {
        for (name, way) in WAYS {
            println!("{tasks} tasks of each kind, {name}");
            let folder = scratch.folder()?;
            let files = (0..tasks).map(|n| Input::File(folder.join(format!("{n}.txt")))).collect();
            let requests = vec![Input::Request(server.address()); tasks];

            let nothing = cost(way, vec![Input::Nothing; tasks], args.workers)?;
            let files = cost(way, files, args.workers)?;
            if few == Some(tasks) {
                run.section(format!("{tasks} requests, {name}")); // a picture, if there are few
            }
            let requests = cost(way, requests, args.workers)?;
            run.end_section();
            costs.add(tasks, name, [nothing, files, requests]);
            fs::remove_dir_all(folder)?;
        }
    }
    println!("\n{costs}");
    println!("{}", costs.compare("process-each", "process-pool"));
    println!("{}", costs.compare("process-each", "thread-each"));
    Ok(run.finish()?)
}

fn cost(way: Way, inputs: Vec<Input>, workers: usize) -> anyhow::Result<Usage> {
    let (done, usage) = Usage::measure(|| way(inputs, workers));
    done?.into_iter().collect::<Done>().map_err(anyhow::Error::msg)?;
    Ok(usage)
}
// ANCHOR_END: main

/// I/O-bound work: small files and slow answers, with a process each, a thread each, and pools.
#[derive(Parser)]
struct Args {
    /// How many tasks of each kind: few and many, with commas between them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "4,200", value_parser = RangedU64ValueParser::<usize>::new().range(1..=4096))]
    tasks: Vec<usize>,
    /// How many workers the pools have
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = step::workers)]
    workers: usize,
    /// How long the server waits before it answers, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    latency: u64,
    #[command(flatten)]
    run: step::RunArgs,
}
