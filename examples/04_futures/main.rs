//! Futures: submit now, collect later, as they complete or in order. What goes wrong comes back as
//! a value.
//!
//!     cargo run --example 04_futures
//!     cargo run --example 04_futures -- --kind processes

mod tasks;

use std::time::Duration;

use clap::Parser;
use hands::pool::{Handle, ProcessPool, ThreadPool, as_completed};
use hands::println;
use hands::process::init;
use step::{Kind, Run};

use tasks::{DO_SOMETHING, Fate, TEMPT, do_something, report, tempt};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    init(&[&DO_SOMETHING, &TEMPT]);
    let Args { sleeps, kind, run } = Args::parse();
    let run = Run::start("04_futures", run);

    let times = [4, 3, 2, 1, 5].map(|units| sleeps.seconds * units);
    match kind {
        Kind::Threads => {
            let pool = ThreadPool::new(sleeps.workers)?;
            collect(&run, times, |time| pool.submit(do_something, time))?;

            run.section("what goes wrong");
            let fates = [Fate::Well, Fate::Well, Fate::Panic, Fate::Error, Fate::Well];
            report(fates, times, |input| pool.submit(tempt, input));
        }
        Kind::Processes => {
            let pool = ProcessPool::new(sleeps.workers)?;
            collect(&run, times, |time| pool.submit(&DO_SOMETHING, time))?;
            pool.join();

            run.section("what goes wrong");
            let limit = sleeps.seconds * 10;
            let pool = ProcessPool::builder(sleeps.workers).task_timeout(limit).start()?;
            let fates = [Fate::Hang, Fate::Crash, Fate::Panic, Fate::Error, Fate::Well];
            report(fates, times, |input| pool.submit(&TEMPT, input));
        }
    }
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: collect
fn collect<S>(run: &Run, times: [Duration; 5], submit: S) -> anyhow::Result<()>
where
    S: Fn(Duration) -> Handle<String>,
{
    run.section("as completed");
    let handles = times.map(|time| (time, submit(time)));
    println!("All submitted. As they complete:");
    for (time, done) in as_completed(handles) {
        println!("{} {} second(s)", done?, time.as_secs_f64());
    }

    run.section("in order");
    let handles = times.map(|time| (time, submit(time)));
    println!("All submitted. In order, with little patience:");
    for (time, handle) in handles {
        let done = handle.join_timeout(times[3]).unwrap_or_else(|handle| {
            println!("Not done yet, and it goes on. Waiting for it again");
            handle.join()
        });
        println!("{} {} second(s)", done?, time.as_secs_f64());
    }
    Ok(())
}
// ANCHOR_END: collect

/// Futures: five sleeps of 4, 3, 2, 1 and 5 units are submitted, and collected in three ways.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    sleeps: step::Sleeps,
    /// What the workers are
    #[arg(long, default_value = "threads")]
    kind: Kind,
    #[command(flatten)]
    run: step::RunArgs,
}
