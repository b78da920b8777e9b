//! Futures: submit now, collect later, as they complete or in order. What goes wrong comes back as a
//! value.
//!
//!     cargo run --example 04_futures
//!     cargo run --example 04_futures -- --kind processes

use std::iter::zip;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use clap::{Parser, ValueEnum};
use hands::pool::{Handle, ProcessPool, ThreadPool, as_completed};
use hands::println;
use hands::process::{Task, init};
use hands::timeline::{Timeline, span};
use serde::{Deserialize, Serialize};

// ANCHOR: main
const DO_SOMETHING: Task<Duration, String> = Task::new("do_something", do_something);
const TEMPT: Task<(Fate, Duration), Result<String, String>> = Task::new("tempt", tempt);

fn main() -> anyhow::Result<()> {
    init(&[&DO_SOMETHING, &TEMPT]);
    let args = Args::parse();
    let timeline = Timeline::start("04_futures");
    let start = Instant::now();

    let sleeps = [4, 3, 2, 1, 5].map(|units| args.seconds * units);
    match args.kind {
        Kind::Threads => {
            let pool = ThreadPool::new(args.workers)?;
            collect(&timeline, sleeps, |time| pool.submit(do_something, time))?;

            timeline.section("what goes wrong");
            let fates = [Fate::Well, Fate::Well, Fate::Panic, Fate::Error, Fate::Well];
            report(zip(fates, sleeps).map(|input| (input.0, pool.submit(tempt, input))));
        }
        Kind::Processes => {
            let pool = ProcessPool::new(args.workers)?;
            collect(&timeline, sleeps, |time| pool.submit(&DO_SOMETHING, time))?;
            pool.join();

            timeline.section("what goes wrong");
            let limit = args.seconds * 10;
            let pool = ProcessPool::builder(args.workers).task_timeout(limit).start()?;
            let fates = [Fate::Hang, Fate::Crash, Fate::Panic, Fate::Error, Fate::Well];
            report(zip(fates, sleeps).map(|input| (input.0, pool.submit(&TEMPT, input))));
        }
    }

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: collect
fn collect(
    timeline: &Timeline,
    sleeps: [Duration; 5],
    submit: impl Fn(Duration) -> Handle<String>,
) -> anyhow::Result<()> {
    timeline.section("as completed");
    let handles = sleeps.map(|time| (time, submit(time)));
    println!("All submitted. As they complete:");
    for (time, done) in as_completed(handles) {
        println!("{} {} second(s)", done?, time.as_secs_f64());
    }

    timeline.section("in order");
    let handles = sleeps.map(|time| (time, submit(time)));
    println!("All submitted. In order, with little patience:");
    for (time, handle) in handles {
        let done = handle.join_timeout(sleeps[3]).unwrap_or_else(|handle| {
            println!("Not done yet, and it goes on. Waiting for it again");
            handle.join()
        });
        println!("{} {} second(s)", done?, time.as_secs_f64());
    }
    Ok(())
}
// ANCHOR_END: collect

// ANCHOR: report
fn report(handles: impl IntoIterator<Item = (Fate, Handle<Result<String, String>>)>) {
    println!("And what becomes of these:");
    for (fate, outcome) in as_completed(handles) {
        match outcome {
            Ok(Ok(done)) => println!("{fate:?}: {done}"),
            Ok(Err(reason)) => println!("{fate:?}: it ran, and returned: {reason}"),
            Err(error) => println!("{fate:?}: {error}"),
        }
    }
}
// ANCHOR_END: report

// ANCHOR: tasks
fn do_something(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    "Done sleeping".to_owned()
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Fate {
    Well,
    Error,
    Panic,
    Crash,
    Hang,
}

fn tempt((fate, time): (Fate, Duration)) -> Result<String, String> {
    let done = do_something(time);
    match fate {
        Fate::Well => Ok(done),
        Fate::Error => fs::read_to_string("no-such-file").map_err(|error| error.to_string()),
        Fate::Panic => panic!("out of luck"),
        Fate::Crash => process::abort(),
        Fate::Hang => loop {
            thread::park(); // waits for a word that nobody says
        },
    }
}
// ANCHOR_END: tasks

/// Futures: five sleeps of 4, 3, 2, 1 and 5 units are submitted, and collected in three ways.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "4", value_parser = step::workers)]
    workers: usize,
    /// What the workers are
    #[arg(long, value_enum, default_value = "threads")]
    kind: Kind,
    /// Where the trace of the run goes [default: target/timelines/04_futures.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Threads,
    Processes,
}
