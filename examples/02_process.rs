//! Processes: this program starts itself again, and goes on while the copies work. First with
//! nothing but the standard library, then with `hands::process`, which does that for you.
//!
//!     cargo run --example 02_process
//!     cargo run --example 02_process -- --seconds 0.2

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, io, thread};

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use hands::println;
use hands::process::{self, Process, Task};
use hands::timeline::{Timeline, span};
use humantime::format_rfc3339_millis as utc;

// ANCHOR: main
static COUNTER: AtomicU32 = AtomicU32::new(0);

fn main() -> anyhow::Result<()> {
    process::init(&[&GREET]); // for the last part
    let args = Args::parse();
    if let Some(work) = args.child {
        return child(work, args);
    }
    let timeline = Timeline::start("02_process");
    let start = Instant::now();

    timeline.section("one");
    COUNTER.store(7, Ordering::Relaxed);
    let mut child = start_again("greet", args.seconds, &timeline)?;
    println!("Hello from main process: {}", utc(SystemTime::now()));
    let status = child.wait()?; // join: returns when the child has ended
    ensure!(status.success(), "the child failed: {status}");
    println!("Process complete.");
    println!("In the main process the counter is {}", COUNTER.load(Ordering::Relaxed));
    // ANCHOR_END: main

    // ANCHOR: ten
    timeline.section("ten");
    let mut children = Vec::new();
    for _ in 0..10 {
        children.push(start_again("sleep", args.seconds.mul_f64(1.5), &timeline)?);
    }
    for child in &mut children {
        let status = child.wait()?;
        ensure!(status.success(), "a child failed: {status}");
    }
    // ANCHOR_END: ten

    timeline.section("spawn");
    spawn(args.seconds)?;

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}

// ANCHOR: again
fn start_again(work: &str, time: Duration, timeline: &Timeline) -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .args(["--child", work, "--seconds", &time.as_secs_f64().to_string()])
        .arg("--timeline")
        .arg(timeline.file_for_child())
        .spawn()
}
// ANCHOR_END: again

// ANCHOR: child
/// What a copy does: it has started from the top of `main`, with other arguments.
fn child(work: Work, args: Args) -> anyhow::Result<()> {
    hands::output::go_on(); // when nobody reads any more, that is for the main process to say
    let timeline = Timeline::start("child");
    match work {
        Work::Greet => drop(greet(args.seconds)), // the result has no way home
        Work::Sleep => do_something(args.seconds),
    }
    if let Some(file) = args.timeline {
        timeline.stop().write(&file)?;
    }
    Ok(())
}

fn greet(time: Duration) -> u32 {
    let _span = span("greet");
    println!("Hello from process: {}", utc(SystemTime::now()));
    thread::sleep(time);
    let before = COUNTER.fetch_add(1, Ordering::Relaxed);
    println!("In the child the counter was {before}, and is {} now", before + 1);
    before + 1
}
// ANCHOR_END: child

// ANCHOR: spawn
const GREET: Task<Duration, u32> = Task::new("greet", greet);

fn spawn(time: Duration) -> anyhow::Result<()> {
    let mut slow = Process::spawn(&GREET, time * 60)?;
    let quick = Process::spawn(&GREET, time)?;
    println!("Hello from main process, to pid {} and pid {}", slow.pid(), quick.pid());
    println!("Process complete. It brought back {}", quick.join()?);

    slow.kill();
    match slow.join() {
        Ok(count) => println!("The slow one brought back {count}"),
        Err(failure) => println!("The slow one {failure}"),
    }
    Ok(())
}
// ANCHOR_END: spawn

fn do_something(time: Duration) {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    println!("Done sleeping");
}

/// Processes: this program starts itself again, and goes on while the copies work.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds: a greeting child sleeps one, the ten others one and a half
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// Where the trace of the run goes [default: target/timelines/02_process.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
    /// Set for the copies: what to do
    #[arg(long, hide = true)]
    child: Option<Work>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Work {
    Greet,
    Sleep,
}
