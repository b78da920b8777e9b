//! The same work for many inputs: a pool of workers, a report that grows with each result, and a
//! second run that goes on where the first one stopped.
//!
//!     ls *.txt > list.txt
//!     cargo run --release -- list.txt

use std::any::Any;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::num::NonZero;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{panic, thread};

use anyhow::{Context, anyhow, ensure};
use clap::{Parser, builder::RangedU64ValueParser};
use crossbeam_channel::{bounded, unbounded};
use serde_json::{Deserializer, Value, json};

/// CHANGE THIS: the work for one input, which is a line of the list. It returns what the report
/// should say. Several workers call it at the same time. An error or a panic goes into the report,
/// and the others go on.
fn work(input: &str) -> anyhow::Result<Value> {
    let text = fs::read_to_string(input)?;
    Ok(json!({ "lines": text.lines().count(), "words": text.split_whitespace().count() }))
}

fn main() -> ExitCode {
    run(&Args::parse()).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (name, out) = (args.list.display(), args.report.display());
    // Whatever their names are, and through links as well. A report that isn't there yet is
    // neither.
    let file = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    if file(&args.report).is_some_and(|report| file(&args.list) == Some(report)) {
        eprintln!("error: the list and --report are the same file, {name}");
        return Ok(ExitCode::from(2));
    }
    let list = fs::read_to_string(&args.list).with_context(|| format!("the list {name}"))?;
    let list = list.trim_start_matches('\u{feff}'); // a mark that some editors put there
    let (mut report, mut seen) = open(&args.report).with_context(|| format!("the report {out}"))?;
    let before = seen.len();
    let is_new = |line: &&str| !line.is_empty() && seen.insert(line.to_string());
    let todo: Vec<&str> = list.lines().filter(is_new).collect();

    let mut failed = 0;
    thread::scope(|s| {
        let (inputs, queue) = unbounded();
        let (sender, results) = bounded(args.workers);
        for _ in 0..args.workers {
            let (queue, sender) = (queue.clone(), sender.clone());
            let worker = move || queue.iter().try_for_each(|input| sender.send(attempt(input)));
            let started = thread::Builder::new().spawn_scoped(s, worker);
            started.context("a worker can't be started: try fewer --workers")?;
        }
        todo.iter().for_each(|input| inputs.send(*input).expect("we hold the other end"));
        drop(inputs); // the queue ends once it is empty, and the workers with it
        drop(sender); // the results end with the last worker
        for (n, line) in results.iter().enumerate() {
            // In one piece, straight to the file: what is there outlives this process.
            let written = report.write_all(format!("{line}\n").as_bytes());
            written.with_context(|| format!("the report {out}"))?;
            failed += usize::from(line.get("reason").is_some());
            if io::stderr().is_terminal() {
                let _ = write!(io::stderr(), "{} of {}, {failed} failed\r", n + 1, todo.len());
            }
        }
        anyhow::Ok(())
    })?;
    let done = todo.len() - failed;
    let told = writeln!(io::stdout(), "{done} done, {failed} failed, {before} done before: {out}");
    match told {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("the standard output")
        }
        _ if failed > 0 => Ok(ExitCode::FAILURE),
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(_) => Ok(ExitCode::from(141)), // the reader has gone: a shell says the same
    }
}

/// Opens the report, and returns which inputs are done. If a killed run left a torn line, that is
/// cut off. A pipe is only written to.
fn open(path: &Path) -> anyhow::Result<(File, HashSet<String>)> {
    let report = File::options().append(true).create(true).open(path)?;
    if !report.metadata()?.is_file() {
        return Ok((report, HashSet::new()));
    }
    report.try_lock().context("another run is using it")?;
    let bytes = fs::read(path)?;
    let mut begin = bytes.iter().zip(b"{\"input\":");
    ensure!(begin.all(|(is, must)| is == must), "this file isn't a report, and is left alone");
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut done = HashSet::new();
    for line in Deserializer::from_slice(&bytes[..whole]).into_iter::<Value>() {
        let line = line?;
        if let (Some(input), None) = (line["input"].as_str(), line.get("reason")) {
            done.insert(input.to_owned());
        }
    }
    report.set_len(whole as u64)?;
    Ok((report, done))
}

/// Does the work for one input, and turns whatever comes of it into a line.
fn attempt(input: &str) -> Value {
    let outcome = panic::catch_unwind(|| work(input));
    match outcome.unwrap_or_else(|panic| Err(anyhow!("panicked: {}", message(&*panic)))) {
        Ok(output) => json!({ "input": input, "output": output }),
        Err(error) => json!({ "input": input, "reason": format!("{error:#}") }),
    }
}

fn message(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

/// Does the work for each line of a list, and adds what comes of it to a report. Run it again
/// to go on where it stopped, and to retry what failed.
#[derive(Parser)]
struct Args {
    /// A file with the inputs, one per line
    list: PathBuf,
    /// How many inputs to work on at a time; try more for work that waits
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=9999))]
    #[arg(default_value_t = thread::available_parallelism().map_or(1, NonZero::get))]
    workers: usize,
    /// Where the results go, one line of JSON for each input: a report of this program, or a pipe
    #[arg(long, value_name = "FILE", default_value = "report.jsonl")]
    report: PathBuf,
}
