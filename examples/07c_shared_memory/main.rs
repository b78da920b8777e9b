//! Processes that need each other's results: memory that they share, and messages that they send.
//!
//!     cargo run --release --example 07c_shared_memory
//!     cargo run --release --example 07c_shared_memory -- --size 3000

mod messages;
mod worker;

use std::io::Write;

use clap::{Parser, ValueEnum};
use hands::pool::{Handle, ProcessPool};
use hands::process;
use step::{Run, Ways};
use tempfile::NamedTempFile;

use messages::{ROWS, messages};
use worker::{OPEN, Place, STEP, map};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&OPEN, &STEP, &ROWS]);
    let args = Args::parse();
    let (size, steps) = (args.plate.size, args.plate.steps);
    let expected = heat::one_by_one(size, steps);
    let run = Run::start("07c_shared_memory", args.run);

    for way in args.using.ways() {
        let name = step::name(way).replace('-', " ");
        run.section(&name);
        let cells = match way {
            Way::SharedMemory => shared_memory(size, steps, args.workers)?,
            Way::Messages => messages(size, steps, args.workers)?,
        };
        run.end_section();
        heat::check(&name, &cells, expected)?;
    }
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: shared
/// The plate lies in a file, twice: as it is and as it will be. Only the step's number is sent.
fn shared_memory(size: usize, steps: usize, workers: usize) -> anyhow::Result<Vec<f64>> {
    let plate = heat::plate(size);
    let mut file = NamedTempFile::new()?;
    file.write_all(bytemuck::cast_slice(&plate))?;
    file.write_all(bytemuck::cast_slice(&plate))?;

    let mut pools = Vec::new();
    for rows in heat::bands(size, workers) {
        let place = Place { file: file.path().to_owned(), size, rows };
        // A pool of one each, so that a band stays with the process that has mapped it.
        pools.push(ProcessPool::builder(1).initializer(&OPEN, place).start()?);
    }
    for step in 0..steps {
        let handles: Vec<_> = pools.iter().map(|pool| pool.submit(&STEP, step)).collect();
        handles.into_iter().try_for_each(Handle::join)?; // all of them, before the next step begins
    }
    let map = map(file.path(), size, steps % 2, 0..size)?;
    Ok(bytemuck::cast_slice(&map).to_vec())
}
// ANCHOR_END: shared

/// Processes: a hot plate in memory that all of them share, and one that travels in messages.
#[derive(Parser)]
struct Args {
    /// How the processes get what they need of each other; `all` does it both ways, to compare
    #[arg(long, default_value = "all")]
    using: Ways<Way>,
    /// How many bands the plate is cut into, each with a process of its own
    #[arg(long, value_name = "N", default_value_t = step::one_per_core(), value_parser = step::workers)]
    workers: usize,
    #[command(flatten)]
    plate: heat::Plate,
    #[command(flatten)]
    run: step::RunArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    SharedMemory,
    Messages,
}
