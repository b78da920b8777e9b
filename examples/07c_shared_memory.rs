//! Processes that need each other's results: memory that they share, and messages that they send.
//!
//!     cargo run --release --example 07c_shared_memory
//!     cargo run --release --example 07c_shared_memory -- --size 3000

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use hands::pool::{Handle, ProcessPool};
use hands::println;
use hands::process::{self, Task};
use hands::timeline::{Timeline, span};
use heat;
use memmap2::{MmapMut, MmapOptions};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&OPEN, &STEP, &ROWS]);
    let args = Args::parse();
    let expected = heat::one_by_one(args.size, args.steps);
    println!("one by one: checksum {expected:016x}");
    let timeline = Timeline::start("07c_shared_memory");
    let start = Instant::now();

    if args.using != Using::Messages {
        timeline.section("shared memory");
        let cells = shared_memory(&args)?;
        timeline.end_section();
        heat::check("shared memory", &cells, expected)?;
    }
    if args.using != Using::SharedMemory {
        timeline.section("messages");
        let cells = messages(&args)?;
        timeline.end_section();
        heat::check("messages", &cells, expected)?;
    }

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: shared
/// The plate lies in a file, twice: as it is, and as it will be. Only the number of the step is sent.
fn shared_memory(args: &Args) -> anyhow::Result<Vec<f64>> {
    let (size, plate) = (args.size, heat::plate(args.size));
    let mut file = NamedTempFile::new()?;
    file.write_all(bytemuck::cast_slice(&plate))?;
    file.write_all(bytemuck::cast_slice(&plate))?;

    let mut workers = Vec::new();
    for rows in heat::bands(size, args.workers) {
        let place = Place { file: file.path().to_owned(), size, rows };
        // A pool of one each, so that a band stays with the process that has mapped it.
        workers.push(ProcessPool::builder(1).initializer(&OPEN, place).start()?);
    }
    for step in 0..args.steps {
        let handles: Vec<_> = workers.iter().map(|worker| worker.submit(&STEP, step)).collect();
        handles.into_iter().try_for_each(Handle::join)?; // all have done it before the next begins
    }
    let map = map(file.path(), size, args.steps % 2, 0..size)?;
    Ok(bytemuck::cast_slice(&map).to_vec())
}
// ANCHOR_END: shared

// ANCHOR: worker
#[derive(Serialize, Deserialize)]
struct Place {
    file: PathBuf,
    size: usize,
    rows: Range<usize>,
}

/// What a worker process keeps between its tasks: of each plate its rows with those above and below,
/// which it reads, and its rows alone, which it writes.
struct Band {
    size: usize,
    plates: [(MmapMut, MmapMut); 2],
}

static BAND: Mutex<Option<Band>> = Mutex::new(None);

const OPEN: Task<Place, Result<(), String>> = Task::new("open", |place| {
    let _span = span("map");
    let Place { file, size, rows } = place;
    let open = |plate| {
        let around = map(&file, size, plate, rows.start - 1..rows.end + 1)?;
        io::Result::Ok((around, map(&file, size, plate, rows.clone())?))
    };
    let plates = [open(0).map_err(|e| e.to_string())?, open(1).map_err(|e| e.to_string())?];
    *BAND.lock().expect("nobody panics") = Some(Band { size, plates });
    Ok(())
});

const STEP: Task<usize, ()> = Task::new("step", |step| {
    let _span = span(format!("step {}", step + 1));
    let mut band = BAND.lock().expect("nobody panics");
    let Band { size, plates: [even, odd] } = band.as_mut().expect("the worker has opened its band");
    let (now, next) = if step % 2 == 0 { (&even.0, &mut odd.1) } else { (&odd.0, &mut even.1) };
    let now: &[f64] = bytemuck::cast_slice(now);
    let (above, rest) = now.split_at(*size);
    let (rows, below) = rest.split_at(rest.len() - *size);
    heat::advance(above, rows, below, bytemuck::cast_slice_mut(next));
});

/// Maps some rows of one of the two plates into this process's memory.
fn map(file: &Path, size: usize, plate: usize, rows: Range<usize>) -> io::Result<MmapMut> {
    let file = File::options().read(true).write(true).open(file)?;
    let row = size * size_of::<f64>();
    let mut options = MmapOptions::new();
    options.offset(((plate * size + rows.start) * row) as u64).len(rows.len() * row);
    // SAFETY: what nobody else writes while we look at it, and nobody looks at while we write it, is
    // ours as any other memory. The file is a temporary one of our own, which nobody shortens. In each
    // step all read one plate, and of the other each writes only the rows of its own band. No step
    // begins before the one before it has ended everywhere, and no reference outlives its step.
    #[allow(unsafe_code)]
    let map = unsafe { options.map_mut(&file) };
    map
}
// ANCHOR_END: worker

// ANCHOR: messages
/// The same without shared memory: each step sends every band to a worker, and its new rows come back.
fn messages(args: &Args) -> anyhow::Result<Vec<f64>> {
    let (size, mut plate) = (args.size, heat::plate(args.size));
    let bands = heat::bands(size, args.workers);
    let pool = ProcessPool::new(bands.len())?;
    for _ in 0..args.steps {
        let around = |y: &Range<usize>| plate[(y.start - 1) * size..(y.end + 1) * size].to_vec();
        let inputs: Vec<_> = bands.iter().map(|rows| (size, around(rows))).collect();
        let rows = pool.map(&ROWS, inputs)?.concat();
        plate[size..size * (size - 1)].copy_from_slice(&rows);
    }
    Ok(plate)
}

const ROWS: Task<(usize, Vec<f64>), Vec<f64>> = Task::new("rows", |(size, now)| {
    let _span = span("step");
    let (above, rest) = now.split_at(size);
    let (rows, below) = rest.split_at(rest.len() - size);
    let mut next = rows.to_vec();
    heat::advance(above, rows, below, &mut next);
    next
});
// ANCHOR_END: messages

/// Processes: a hot plate in memory that all of them share, and one that travels in messages.
#[derive(Parser)]
struct Args {
    /// How the processes get what they need of each other
    #[arg(long, value_enum, default_value = "all")]
    using: Using,
    /// How many bands the plate is cut into, each with a process of its own
    #[arg(long, value_name = "N", default_value_t = one_per_core(), value_parser = step::workers)]
    workers: usize,
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = heat::size)]
    size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    steps: usize,
    /// Where the trace of the run goes [default: target/timelines/07c_shared_memory.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Using {
    /// One after the other, to compare
    All,
    SharedMemory,
    Messages,
}

fn one_per_core() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
