//! Programs that are watched from outside, because they may die, never end, or need memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use benches::child::Service;
use harness::{Child, Output, children};

/// How many workers are kept while their memory is measured, as in work.py.
pub(crate) const HELD: usize = 8;

/// A program that is silent for this long will never say anything: work.py waits for 5 seconds,
/// once its workers are there.
const SILENT: Duration = Duration::from_secs(180);
/// A program that has said everything, and hasn't ended after this, never will.
const TALKED_OUT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// What a program says of its eight tasks, and whether it ends by itself.
pub(crate) fn fate(mut command: Command) -> Result<String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Child::start(command)?;
    let said = Output::capture(child.stdout());
    let end = Instant::now() + SILENT;
    while said.text().is_empty() && Instant::now() < end && child.wait(POLL)?.is_none() {}
    let ended = child.wait(TALKED_OUT)?.is_some();
    harness::kill_group(child.pid()); // and whatever it has left behind
    said.ends_within(SILENT);
    let told = said.text();
    Ok(match (told.trim().split_once(' '), ended) {
        (None, true) => "dies".to_owned(),
        (None, false) => "hangs".to_owned(),
        (Some((came, how)), true) => format!("{came}, {how}"),
        (Some((came, _)), false) => format!("{came}, hangs"),
    })
}

/// How much more memory a program and its processes have once there are workers, for each of them.
/// What several processes share is divided among them.
pub(crate) fn memory_of_each(mut command: Command) -> Result<String> {
    let mut service = Service::start(&mut command)?;
    ensure!(service.line()? == "before", "it says what it does");
    let before = shared_out(service.pid());
    ensure!(service.ask("")? == "workers", "it says what it does");
    let growth = shared_out(service.pid()).zip(before).map(|(after, before)| after - before);
    service.ask("").ok(); // it ends
    let each = growth.map(|kib| format!("{:.2}", kib / 1024.0 / HELD as f64));
    Ok(each.unwrap_or("unknown".to_owned()))
}

/// The memory of a process and of all that it started, in KiB (Linux's *proportional set size*).
fn shared_out(pid: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let own: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(own + children(pid).into_iter().filter_map(shared_out).sum::<f64>())
}
