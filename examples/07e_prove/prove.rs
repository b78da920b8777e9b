//! One bug: what luck says of it, what shuttle finds, and what loom says of the fix.

use std::time::Instant;

use anyhow::{Context, Error, ensure};
use hands::println;
use hands::timeline::{Trace, seconds};
use schedules::Schedule;

use crate::bug::Bug;
use crate::stress;

/// How hard to look.
#[derive(clap::Args)]
pub(crate) struct Search {
    /// How often to try with real threads
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    runs: usize,
    /// How many schedules shuttle may try
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    schedules: usize,
    /// The seed of its random choices: another one finds other schedules
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Run the bug under this schedule instead, as an earlier run has printed it
    #[arg(long, value_name = "SCHEDULE", requires = "bug")]
    replay: Option<Schedule>,
}

// ANCHOR: prove
/// Looks for a schedule that breaks the program, and proves that none breaks the other one.
pub(crate) fn prove(bug: Bug, args: &Search) -> anyhow::Result<Option<Trace>> {
    let [real, random, every] = bug.programs();
    let broken = move || random(false);
    if let Some(schedule) = &args.replay {
        let failed =
            schedules::replay(broken, schedule).context("under this schedule, nothing fails")?;
        println!("  replayed: {}", failed.reason.message);
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
    println!("  replayed from this text: {}", shortest.reason.message);
    let start = Instant::now();
    let count =
        schedules::every::check(move || every(true)).map_err(|(_, reason)| Error::msg(reason))?;
    println!("  loom, with the fix: {count} schedules in {}, and none fails", since(start));
    Ok(Some(shortest.trace.named(bug.name())))
}
// ANCHOR_END: prove

fn since(start: Instant) -> String {
    seconds(start.elapsed())
}
