//! A function in a process of its own: `hands::process` starts this program again, calls one of its
//! functions there, and brings the result home.
//!
//!     cargo run --example 02c_spawn
//!     cargo run --example 02c_spawn -- --seconds 0.2

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use clap::Parser;
use hands::println;
use hands::process::{self, Process, Task};
use hands::timeline::span;
use humantime::format_rfc3339_millis as utc;
use step::Run;

// ANCHOR: main
const GREET: Task<Duration, u32> = Task::new("greet", greet);

static COUNTER: AtomicU32 = AtomicU32::new(0);

fn main() -> anyhow::Result<()> {
    process::init(&[&GREET]);
    let args = Args::parse();
    let run = Run::start("02c_spawn", args.run);

    COUNTER.store(7, Ordering::Relaxed);
    let mut slow = Process::spawn(&GREET, args.seconds * 60)?;
    let quick = Process::spawn(&GREET, args.seconds)?;
    println!("Hello from main process, to pid {} and pid {}", slow.pid(), quick.pid());
    println!("Process complete. It brought back {}", quick.join()?);

    slow.kill();
    match slow.join() {
        Ok(count) => println!("The slow one brought back {count}"),
        Err(failure) => println!("The slow one {failure}"),
    }
    Ok(run.finish()?)
}

fn greet(time: Duration) -> u32 {
    let _span = span("greet");
    println!("Hello from process: {}", utc(SystemTime::now()));
    thread::sleep(time);
    let before = COUNTER.fetch_add(1, Ordering::Relaxed);
    println!("In the child the counter was {before}, and is {} now", before + 1);
    before + 1
}
// ANCHOR_END: main

/// A function in a process of its own: one brings its result home, and one is killed.
#[derive(Parser)]
struct Args {
    /// How long the quick greeting takes, in seconds; the slow one takes sixty times as long
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    #[command(flatten)]
    run: step::RunArgs,
}
