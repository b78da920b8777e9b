//! Processes, with the standard library alone: this program starts itself again, and goes on.
//!
//!     cargo run --example 02_process
//!     cargo run --example 02_process -- --seconds 0.2

use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};
use std::{env, io, thread};

use anyhow::ensure;
use clap::Parser;
use hands::println;
use hands::timeline::span;
use humantime::format_rfc3339_millis as utc;
use step::{Run, do_something};

// ANCHOR: main
static COUNTER: AtomicU32 = AtomicU32::new(0);

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(work) = &args.child {
        return child(work, &args);
    }
    let run = Run::start("02_process", args.run);

    run.section("one");
    COUNTER.store(7, Ordering::Relaxed);
    let mut child = start_again("greet", args.seconds, &run)?;
    println!("Hello from main process: {}", utc(SystemTime::now()));
    let status = child.wait()?; // join: returns once the child has ended
    ensure!(status.success(), "the child failed: {status}");
    println!("Process complete.");
    println!("In the main process the counter is {}", COUNTER.load(Ordering::Relaxed));
    // ANCHOR_END: main

    // ANCHOR: ten
    run.section("ten");
    let mut children = Vec::new();
    for _ in 0..10 {
        children.push(start_again("sleep", args.seconds.mul_f64(1.5), &run)?);
    }
    for child in &mut children {
        ensure!(child.wait()?.success(), "a child failed");
    }
    // ANCHOR_END: ten
    Ok(run.finish()?)
}

// ANCHOR: again
fn start_again(work: &str, time: Duration, run: &Run) -> io::Result<Child> {
    let seconds = time.as_secs_f64().to_string();
    let mut again = Command::new(env::current_exe()?);
    again.args(["--child", work, "--seconds", &seconds]);
    again.arg("--timeline").arg(run.timeline().file_for_child()).spawn()
}
// ANCHOR_END: again

// ANCHOR: child
/// What a copy does: it has started at the top of `main`, with other arguments.
fn child(work: &str, args: &Args) -> anyhow::Result<()> {
    let run = Run::child(&args.run);
    match work {
        "greet" => greet(args.seconds),
        _ => do_something(args.seconds),
    }
    Ok(run.tell_parent()?)
}

fn greet(time: Duration) {
    let _span = span("greet");
    println!("Hello from process: {}", utc(SystemTime::now()));
    thread::sleep(time);
    let before = COUNTER.fetch_add(1, Ordering::Relaxed);
    println!("In the child the counter was {before}, and is {} now", before + 1);
}
// ANCHOR_END: child

/// Processes: this program starts itself again, and carries on while the copies work.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds: a greeting child sleeps one, the ten others one and a half
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    #[command(flatten)]
    run: step::RunArgs,
    #[arg(long, hide = true)] // set for the copies: what to do
    child: Option<String>,
}
