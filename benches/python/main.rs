//! The same work in Python as it is today, by every kind of worker that it has, and by ours.
//!
//!     cargo bench --bench python
//!     cargo bench --bench python -- --quick
//!     cargo bench --bench python -- --only python3.14,python3.14t
//!
//! It measures every interpreter from python3.11 to python3.15 that it finds on the path or in
//! target/pythons, and says how to get the others: `benches/python/unpack.sh` puts Debian's there.
//! All of them take turns in each round, and the figures are medians.

mod grid;
mod interpreters;
mod ours;
mod request;
mod watched;

use std::collections::HashMap;
use std::env;
use std::process::Command;

use benches::child::again;
use benches::{Measured, Rounds};
use clap::Parser;
use hands::{println, process};

use grid::Grid;
use interpreters::Interpreter;
use request::Request;

/// A way to have work done: its name in work.py, and in the tables.
type Way = (&'static str, &'static str);

const WAYS: [Way; 8] = [
    ("loop", "a for loop"),
    ("threads", "threads"),
    ("interpreters", "InterpreterPoolExecutor"),
    ("fork", "processes, fork"),
    ("forkserver", "processes, forkserver"),
    ("spawn", "processes, spawn"),
    ("joblib", "joblib (loky)"),
    ("ours", "this book's processes"),
];
const POOL: Way = ("mp.Pool", "multiprocessing.Pool");
const RUST: &str = "Rust";

#[derive(Parser)]
struct Arguments {
    /// How many times everything is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// How many workers share the work
    #[arg(long, default_value_t = num_cpus::get().max(2), value_name = "N")]
    workers: usize,
    /// One round of a fiftieth of the work, to see whether everything runs
    #[arg(long)]
    quick: bool,
    /// Only these interpreters, with commas between them
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<String>,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    process::init(ours::TASKS); // a worker never returns from here
    let args: Vec<String> = env::args().skip(1).collect();
    match &args[..] {
        [hold, way] if hold == "hold" => return ours::hold(way, watched::HELD),
        [what, way] if what == "crash" || what == "hang" => return ours::fate(what, way),
        _ => {}
    }
    let arguments = Arguments::parse();
    let pythons = interpreters::start_all(&arguments.only)?;
    let rounds = if arguments.quick { 1 } else { arguments.rounds.into() };
    let workers = arguments.workers;
    let versions: Vec<&str> = pythons.iter().map(|python| &*python.version).collect();
    println!("{} cores; Python {}", num_cpus::get(), versions.join(", "));
    println!("medians of {rounds} round(s); {workers} workers unless it says otherwise\n");

    let bench = Bench { pythons, rounds, share: if arguments.quick { 50 } else { 1 } };
    bench.computing(workers)?;
    bench.passing(workers)?;
    bench.starting()?;
    bench.fates()?;
    bench.memory()
}

struct Bench {
    pythons: Vec<Interpreter>,
    rounds: usize,
    /// Only one part in this many of the work is done.
    share: u64,
}

impl Bench {
    fn computing(&self, workers: usize) -> anyhow::Result<()> {
        let size = 500_000 / self.share;
        let request = Request { what: "lists", workers, count: 8, size, chunk: 1 };
        let measured = self.measure(&WAYS, &request)?;
        let name = format!("8 lists of {size} random numbers");
        self.grid(&format!("{name}, ms"), &WAYS, |way| figure(&measured, way, 1e3)).print();
        let title = format!("{name}: times as fast as the for loop of the same column");
        let speed_up = |way: &str| {
            let (_, column) = way.split_once(' ')?;
            let one = median(&measured, &format!("loop {column}"))?;
            Some(format!("{:.2}", one / median(&measured, way)?))
        };
        self.grid(&title, &WAYS, speed_up).print();
        Ok(())
    }

    fn passing(&self, workers: usize) -> anyhow::Result<()> {
        for (title, what, count, chunk) in [
            ("tasks that do nothing, one by one: tasks/s", "calls", 5_000, 1),
            ("tasks that do nothing, in chunks of 100: tasks/s", "calls", 100_000, 100),
            ("tasks with an argument of 1 MiB each: MiB/s", "blocks", 200, 1),
        ] {
            let count = (count / self.share).max(4);
            let request = Request { what, workers, count, size: 0, chunk };
            let rates = self.measure(&WAYS[1..], &request)?.map(|seconds| count as f64 / seconds);
            let title = format!("{count} {title}");
            self.grid(&title, &WAYS[1..], |way| figure(&rates, way, 1.0)).print();
        }
        Ok(())
    }

    fn starting(&self) -> anyhow::Result<()> {
        let request = Request { what: "start", workers: 8, count: 8, size: 0, chunk: 1 };
        let measured = self.measure(&WAYS[1..], &request)?;
        let title = "to start 8 workers, with a task that does nothing for each, ms";
        self.grid(title, &WAYS[1..], |way| figure(&measured, way, 1e3)).print();
        Ok(())
    }

    /// What becomes of eight tasks on two workers. Each way is tried once, and watched from
    /// outside.
    fn fates(&self) -> anyhow::Result<()> {
        let ways = [&WAYS[1..7], &[POOL], &WAYS[7..]].concat();
        for (what, title) in [
            ("crash", "one of 8 tasks aborts: how many come back, and the pool afterwards"),
            ("hang", "one of 8 tasks never ends: how many come back, and how that one ends"),
        ] {
            let told = self.each(&ways, &[what], watched::fate)?;
            self.grid(title, &ways, |key| told.get(key).cloned()).print();
        }
        Ok(())
    }

    fn memory(&self) -> anyhow::Result<()> {
        let told = self.each(&WAYS[1..], &["hold"], watched::memory_of_each)?;
        let title = format!("memory of each of {} workers, MiB", watched::HELD);
        self.grid(&title, &WAYS[1..], |key| told.get(key).cloned()).print();
        Ok(())
    }

    /// Times each way in each language that has it, in turn. The names are those of `key`.
    fn measure(&self, ways: &[Way], request: &Request) -> anyhow::Result<Measured> {
        let mut rounds = Rounds::new();
        for (way, _) in ways {
            for python in self.pythons.iter().filter(|python| python.has(way)) {
                let line = request.line(way);
                rounds = rounds.way(key(way, &python.version), move || python.time(&line));
            }
            if ours::WAYS.contains(way) {
                rounds = rounds.way(key(way, RUST), || ours::seconds(way, request));
            }
        }
        rounds.run(self.rounds)
    }

    /// Starts a program for each way in each language that has it, one after the other, and notes
    /// what `watch` makes of it.
    fn each(
        &self,
        ways: &[Way],
        args: &[&str],
        watch: fn(Command) -> anyhow::Result<String>,
    ) -> anyhow::Result<HashMap<String, String>> {
        let mut told = HashMap::new();
        for (way, _) in ways {
            let args = [args, &[way]].concat();
            for python in self.pythons.iter().filter(|python| python.has(way)) {
                let command = interpreters::work(&python.program, &args);
                told.insert(key(way, &python.version), watch(command)?);
            }
            if ours::WAYS[1..].contains(way) {
                told.insert(key(way, RUST), watch(again(&args)?)?);
            }
        }
        Ok(told)
    }

    /// A row for each way, a column for each Python and one for Rust.
    fn grid(&self, title: &str, ways: &[Way], cell: impl Fn(&str) -> Option<String>) -> Grid {
        let versions = self.pythons.iter().map(|python| python.version.clone());
        let columns: Vec<String> = versions.chain([RUST.to_owned()]).collect();
        let row = |(way, name): &Way| {
            let cells = columns.iter().map(|column| cell(&key(way, column)));
            (*name, cells.map(|cell| cell.unwrap_or("–".to_owned())).collect())
        };
        Grid { title: title.to_owned(), rows: ways.iter().map(row).collect(), columns }
    }
}

/// What a measurement is called: `threads 3.14.1`.
fn key(way: &str, column: &str) -> String {
    format!("{way} {column}")
}

fn median(measured: &Measured, key: &str) -> Option<f64> {
    let (_, figures) = measured.0.iter().find(|(name, _)| name == key)?;
    Some(benches::median(figures.iter().copied()))
}

/// The median, times a factor, with three digits that count.
fn figure(measured: &Measured, key: &str, factor: f64) -> Option<String> {
    let figure = median(measured, key)? * factor;
    let decimals = match figure {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    Some(format!("{figure:.decimals$}"))
}
