//! One run, of a step or of a challenge's check.
//!
//! A request is a run. Its answer tells what happens as it happens. When the page lets go of the
//! answer (Stop, another page, a closed window), the run ends, and everything that it has started.
//! It also ends at its limit.

use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use hands::timeline::Trace;

use super::book::Book;
use super::http::{self, Refusal, Request};
use super::program::{End, Page, Stopped, Told};
use super::runs::{self, Granted, Wish};
use super::scratch;
use crate::record::{Recording, made_in};

/// How long a check may take with everything that it compiles. It gives the answer itself far less.
const LONGEST_CHECK: Duration = Duration::from_secs(15 * 60);
/// How large a trace the page gets to save, in bytes.
const LARGEST_TRACE: usize = 8 << 20;

/// Runs what a page wishes for, if nothing else runs.
pub(super) fn answer(
    book: &Book,
    request: &Request,
    client: &mut TcpStream,
) -> Result<(), Refusal> {
    let wish: Wish = request.json()?;
    let granted = runs::grant(book, &wish)?;
    let turn = book.take_turn(wish.name()).map_err(|other| {
        Refusal::new(409, format!("{other} is still running, perhaps in another tab\n"))
    })?;
    let headers = [("Content-Type", "application/x-ndjson"), ("Cache-Control", "no-store")];
    http::start(client, 200, &headers)?;
    Page::serve(book, client, |page| match granted {
        Granted::Step(recording, args) => step(page, &recording, &args, &wish),
        Granted::Challenge(name) => challenge(page, &name),
    });
    drop(turn);
    client.shutdown(Shutdown::Write).ok(); // only now, so that the page may ask for the next run
    Ok(())
}

/// Builds a step, or the reader's scratch copy of it, and runs it, with a timeline at the end.
fn step(
    page: &Page<'_>,
    recording: &Recording,
    args: &[String],
    wish: &Wish,
) -> Result<(), Stopped> {
    let book = page.book;
    let step = recording.step().context("it is not a step")?;
    let built = build(page, recording, step, wish.is_of_scratch())?;
    let folder = tempfile::tempdir().context("there is no room for what the step saves")?;
    let trace = folder.path().join("timeline.json");
    let mut command = Command::new(built);
    command.args(args).arg("--timeline").arg(&trace).current_dir(&book.root);
    if step >= "08" {
        command.arg("--out").arg(folder.path().join("out"));
    }
    let shown = [&[step.to_owned()], args].concat().join(" ");
    // The exercises name the file that the step writes when it is run in a terminal.
    let (shown, kept) = if wish.is_of_scratch() {
        (format!("your copy of {shown}"), scratch::folder(step).join("timeline.json"))
    } else {
        (shown, Path::new("target/timelines").join(format!("{step}.json")))
    };
    page.show_trace_as(&trace, &kept);
    let (_, end) = page.run(command, shown, book.limit)?;
    let kept = book.root.join(kept);
    std::fs::create_dir_all(kept.parent().unwrap_or(&book.root)).ok();
    std::fs::copy(&trace, kept).ok(); // it may not have come to write one
    // If it was stopped, it may not have written one.
    let mine = Trace::read(&trace).ok();
    let answer = mine.as_ref().and_then(|mine| recording.answer(mine));
    let figures = mine.map(|mine| recording.compared(&book.root, &mine, wish.guess()));
    let trace = std::fs::read_to_string(&trace).ok().filter(|json| json.len() <= LARGEST_TRACE);
    let pictures = made_in(&folder.path().join("out"));
    let figures = figures.unwrap_or_default();
    page.tell(&Told::End(End { figures, trace, pictures, answer, ..end }))
}

/// The program of a step. That of the scratch copy is compiled with the crates of the step itself,
/// so that one is built first.
fn build(
    page: &Page<'_>,
    recording: &Recording,
    step: &str,
    is_of_scratch: bool,
) -> Result<PathBuf, Stopped> {
    let release = recording.release.then_some("--release");
    let features = harness::features(step).iter().flat_map(|feature| ["--features", feature]);
    let target = ["--example", step].into_iter().chain(release).chain(features);
    let messages = page.build(target)?;
    if is_of_scratch {
        let (compiler, program) = scratch::compiler(&page.book.root, step, &messages)?;
        page.compile(compiler)?;
        return Ok(program);
    }
    Ok(harness::executable(&messages, step)
        .with_context(|| format!("cargo has built no program for {step}"))?)
}

/// Checks a challenge, as `cargo challenge NAME` does.
fn challenge(page: &Page<'_>, name: &str) -> Result<(), Stopped> {
    let messages = page.build(["--package", "challenges", "--bin", "challenge"])?;
    let built = harness::executable(&messages, "challenge")
        .context("cargo has built no program for challenge")?;
    let mut command = Command::new(built);
    command.arg(name).current_dir(&page.book.root);
    let (code, mut end) = page.run(command, format!("cargo challenge {name}"), LONGEST_CHECK)?;
    match code {
        Some(0) => end.how = "done".to_owned(),
        Some(1) => end.how = "not yet".to_owned(),
        _ => {}
    }
    page.tell(&Told::End(end))
}
