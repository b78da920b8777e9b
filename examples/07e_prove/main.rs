//! Tests that find what luck doesn't: three bugs, each under chosen schedules, and then under all.
//!
//!     cargo run --example 07e_prove
//!     cargo run --example 07e_prove -- --bug queue --seed 7 --schedules 10000
//!     cargo run --example 07e_prove -- --bug deadlock --replay '0*2 1*2 0 2*2 1 2'

#![expect(clippy::duplicate_mod, reason = "bugs.rs is compiled three times, on purpose")]

mod bug;
mod count;
mod every;
mod orderings;
mod prove;
mod random;
mod real;
mod stress;

use std::time::Duration;

use clap::Parser;
use hands::println;
use hands::timeline::Trace;

use bug::Bug;
use prove::{Search, prove};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    // One picture for each schedule that breaks something. It counts operations, not seconds.
    let mut trace = Trace::new("07e_prove", Duration::ZERO, Duration::ZERO);
    for bug in Bug::ALL.into_iter().filter(|bug| args.bug.is_none_or(|only| only == *bug)) {
        println!("The {}", bug.name());
        if let Some(found) = prove(bug, &args.search)? {
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
// ANCHOR_END: main

/// Finds the schedule that breaks a program, and proves that none breaks it without its bug.
#[derive(Parser)]
struct Args {
    /// Which bug to look for, if not all of them
    #[arg(long, value_enum)]
    bug: Option<Bug>,
    #[command(flatten)]
    search: Search,
    #[command(flatten)]
    run: step::RunArgs,
}
