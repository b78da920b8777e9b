//! CPU-bound work: lists of random numbers, made by 1, 2 and 4 workers of several kinds.
//!
//!     cargo run --release --example 05_cpu_bound
//!     cargo run --release --example 05_cpu_bound -- --using thread-pool --workers 1,2,3,4

mod lists;

use std::hint::black_box;
use std::thread::available_parallelism;

use anyhow::ensure;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::{println, process};
use measure::SpeedUp;
use step::{Run, Ways};

use lists::{LIST_APPEND, LIST_CHECKSUM, Recipe, Way, list_append};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    process::init(&[&LIST_APPEND, &LIST_CHECKSUM]);
    let args = Args::parse();
    step::advise_release("computing takes several times as long");
    println!("{} lists of {} random numbers", args.jobs, args.numbers);
    println!("Cores: {}", cores());
    let recipe = |seed| Recipe { seed, numbers: args.numbers };
    let recipes: Vec<Recipe> = (0..args.jobs).map(recipe).collect();

    // A machine that has rested is fast for a moment. That must not favour the first way.
    for recipe in &recipes {
        black_box(list_append(*recipe));
    }
    let run = Run::start("05_cpu_bound", args.run);
    let mut speed_up = SpeedUp::new();
    let mut expected = None;
    for (way, workers) in measure::runs(Way::OneByOne, &args.using, &args.workers) {
        let make_lists = || way.checksums(workers, recipes.clone());
        let checksums = speed_up.measure(&run, way, workers, make_lists)?;
        println!("List processing complete.");
        ensure!(*expected.get_or_insert(checksums.clone()) == checksums, "the lists have changed");
    }
    speed_up.report(&run, "Lists of random numbers, by number of workers")?;
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: cores
fn cores() -> String {
    format!(
        "num_cpus::get() {}, num_cpus::get_physical() {}, available_parallelism() {}",
        num_cpus::get(),
        num_cpus::get_physical(),
        available_parallelism().map_or("unknown".to_owned(), |n| n.to_string()),
    )
}
// ANCHOR_END: cores

/// CPU-bound work: lists of random numbers, made by several numbers of workers of several kinds.
#[derive(Parser)]
struct Args {
    /// Who does the work; one-by-one is always included, for comparison
    #[arg(long, default_value = "all")]
    using: Ways<Way>,
    #[command(flatten)]
    workers: step::WorkerCounts,
    /// How many lists
    #[arg(long, value_name = "N", default_value_t = 96, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    jobs: u64,
    /// How many numbers each list gets
    #[arg(long, value_name = "N", default_value_t = 2_000_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..=30_000_000))]
    numbers: usize,
    #[command(flatten)]
    run: step::RunArgs,
}
