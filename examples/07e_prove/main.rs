//! Tests that find what luck doesn't: three bugs, each under chosen schedules, and then under all.
//!
//!     cargo run --example 07e_prove
//!     cargo run --example 07e_prove -- --bug queue --seed 7 --schedules 10000
//!     cargo run --example 07e_prove -- --bug deadlock --replay '0*2 1*2 0 2*2 1 2'

mod bug;
mod count;
mod every;
mod orderings;
mod random;
mod real;
mod stress;

use std::time::{Duration, Instant};

use anyhow::{Context, Error, ensure};
use clap::Parser;
use hands::println;
use hands::timeline::{Trace, seconds};
use schedules::Schedule;

use bug::Bug;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut trace = Trace::new("07e_prove", Duration::ZERO, Duration::ZERO);
    for bug in Bug::ALL.into_iter().filter(|bug| args.bug.is_none_or(|only| only == *bug)) {
        println!("The {}", bug.name());
        if let Some(found) = prove(bug, &args)? {
            println!("{}", found.text());
            trace.add_section(found);
        }
    }
    if args.bug.is_none() {
        count::every_schedule()?;
        orderings::flag()?;
    }
    Ok(trace.save(args.run.timeline)?)
}

/// Looks for a schedule that breaks the program, and proves that none breaks the other one.
fn prove(bug: Bug, args: &Args) -> anyhow::Result<Option<Trace>> {
    let [real, random, every] = bug.programs();
    let broken = move || random(false);
    if let Some(schedule) = &args.replay {
        let failed =
            schedules::replay(broken, schedule).context("under this schedule, nothing fails")?;
        println!("  replayed: {}", failed.reason);
        return Ok(Some(failed.trace.named(bug.name())));
    }
    let start = Instant::now();
    let failed = stress::stress(real, args.runs);
    println!("  real threads: {failed} of {} runs fail, in {}", args.runs, since(start));
    let Some(found) = schedules::search(broken, args.seed, args.schedules) else {
        println!("  shuttle: none of {} schedules fails; try another --seed", args.schedules);
        return Ok(None);
    };
    let (first, after) = (found.first, seconds(found.after));
    println!(
        "  shuttle: {} of {} schedules fail, the first is number {first}, after {after}",
        found.failed, args.schedules
    );
    let shortest = found.shortest;
    println!("  the shortest: {}", shortest.schedule);
    let again = schedules::replay(broken, &shortest.schedule.to_string().parse()?);
    ensure!(again.as_ref() == Some(&shortest), "the replay took another way");
    println!("  replayed from this text: {}", shortest.reason);
    let start = Instant::now();
    let count =
        schedules::every::check(move || every(true)).map_err(|(_, reason)| Error::msg(reason))?;
    println!("  loom, with the fix: {count} schedules in {}, and none fails", since(start));
    Ok(Some(shortest.trace.named(bug.name())))
}
// ANCHOR_END: main

fn since(start: Instant) -> String {
    seconds(start.elapsed())
}

/// Finds the schedule that breaks a program, and proves that none breaks the program without the bug.
#[derive(Parser)]
struct Args {
    /// Which bug to look for, if not all of them
    #[arg(long, value_enum)]
    bug: Option<Bug>,
    /// How often to try with real threads
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    runs: usize,
    /// How many schedules shuttle may try
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    schedules: usize,
    /// Where its random choices begin
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Runs the bug under this schedule instead, as an earlier run has printed it
    #[arg(long, value_name = "SCHEDULE", requires = "bug")]
    replay: Option<Schedule>,
    #[command(flatten)]
    run: step::RunArgs,
}
