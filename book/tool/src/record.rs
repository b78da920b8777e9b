//! Runs steps, and keeps what they printed and drew for the book.
//!
//! | module | |
//! |---|---|
//! | [`mod@manifest`] | what is recorded, and what a reader types for it |
//! | [`run`] | runs it |
//! | [`text`] | what it printed, as it is kept |
//! | [`drawing`] | what it drew, as it is kept |
//!
//! A text and the pictures beside it come from one run: [`stale`] compares their numbers.

mod drawing;
mod manifest;
mod run;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use figures::plot::Plot;
use hands::pool::ThreadPool;
use harness::Order;
use measure::BUSY;

use crate::check::Problem;
use crate::files;
use drawing::{Drawing, pictures};
use hands::{eprintln, println};
use manifest::{Program, manifest};
use run::Ran;
use text::without_anchors;

pub(crate) use drawing::{Figure, kept_trace};
pub(crate) use manifest::{Recording, recordings};

/// How many recordings are checked at a time.
const TOGETHER: usize = 4;

/// How a recording is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a new run, which has the machine for itself.
    Run,
    /// By a new run, however busy the machine is.
    RunBusy,
    /// From what is kept: its pictures are drawn again.
    Redraw,
}

/// `cargo book record`.
pub(crate) fn record(root: &Path, names: &[String], how: How) -> anyhow::Result<()> {
    let all = recordings(root)?;
    for name in names {
        if !all.iter().any(|recording| recording.is_called(name)) {
            let known: Vec<&str> = all.iter().map(|recording| &*recording.name).collect();
            let file = manifest(root);
            bail!(
                "{} declares no recording {name}; there are: {}",
                file.display(),
                known.join(", ")
            );
        }
    }
    for recording in all {
        if names.is_empty() || names.iter().any(|name| recording.is_called(name)) {
            let kept = match how {
                How::Redraw => recording.redraw(root),
                How::Run | How::RunBusy => recording.keep(root, how == How::RunBusy),
            };
            kept.with_context(|| format!("{} was not recorded", recording.name))?;
        }
    }
    Ok(())
}

/// What is wrong with the recordings, without running anything: those that were never made or whose
/// command has changed, pictures that show something else than the text beside them or that would be drawn
/// differently now, and files that nobody declares.
pub(crate) fn stale(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut expected = BTreeSet::new();
    for recording in recordings(root)? {
        problems.extend(recording.stale_text(root));
        problems.extend(recording.two_runs(root));
        for &drawing in recording.drawings() {
            let (found, files) = recording.stale_drawing(drawing, root)?;
            problems.extend(found);
            expected.extend(files);
        }
        expected.insert(recording.text_file(root));
    }
    let mut found = files::with_extension(&root.join("book/src/recorded"), "txt")?;
    for folder in Drawing::ALL.map(|drawing| drawing.in_book(root)) {
        found.extend(pictures(&folder)?);
        found.extend(files::with_extension(&folder, "json")?);
    }
    for file in found {
        if !expected.contains(&file) {
            let what = "no recording in book/recordings.toml makes this file: declare it, or remove the file";
            problems.push(Problem::new(root, &file, what));
        }
    }
    Ok(problems)
}

/// Runs every recording again, benchmarks only if asked to. A difference is a problem.
pub(crate) fn untrue(root: &Path, benches: bool) -> anyhow::Result<Vec<Problem>> {
    let (measuring, running): (Vec<_>, Vec<_>) =
        recordings(root)?.into_iter().partition(Recording::is_bench);
    // Most of the time they sleep, or wait for a server: several at a time.
    let pool = ThreadPool::new(TOGETHER)?;
    let home = root.to_owned();
    let mut problems: Vec<Problem> = pool
        .map(move |recording: Recording| recording.untrue(&home), running)?
        .into_iter()
        .flatten()
        .collect();
    let measuring = measuring.iter().filter(|_| benches);
    problems.extend(measuring.filter_map(|recording| recording.untrue(root)));
    Ok(problems)
}

impl Recording {
    fn is_bench(&self) -> bool {
        matches!(self.program, Program::Bench(_))
    }

    /// What is wrong with the text, as far as it can be seen without a run.
    fn stale_text(&self, root: &Path) -> Option<Problem> {
        let (file, again) = (self.text_file(root), self.again());
        let Ok(found) = files::read(&file) else {
            return Some(Problem::new(root, &file, format!("missing: {again}")));
        };
        let plain = without_anchors(&found);
        let is_made = self.output_in(&plain).is_some()
            && self.with_anchors(&plain).is_ok_and(|text| text == found);
        let what = || match self.program {
            Program::Python(_) => ", and which Python did",
            Program::Step(_) | Program::Bench(_) => "",
        };
        let what = || format!("not what `{}` printed{}: {again}", self.command(), what());
        (!is_made).then(|| Problem::new(root, &file, what()))
    }

    /// Where a picture shows something else than the text: then they are of two runs.
    fn two_runs(&self, root: &Path) -> Vec<Problem> {
        let Ok(text) = files::read(&self.text_file(root)) else {
            return Vec::new(); // `stale_text` says so
        };
        let text = without_anchors(&text);
        let mut found = Vec::new();
        for &drawing in self.drawings() {
            let (file, differences) = match drawing {
                Drawing::Plots => {
                    let file = self.json(drawing, root);
                    let plot = Plot::read(&file).ok(); // few draw one
                    (file, plot.map(|plot| harness::differs_from_plot(&text, &plot)))
                }
                Drawing::Timelines => {
                    let folder = drawing.in_book(root);
                    let parts = drawing::kept_traces(&folder, &self.name).ok();
                    let differs = |parts: Vec<(String, _)>| {
                        parts
                            .iter()
                            .filter_map(|(_, part)| harness::differs_from_timeline(&text, part))
                            .map(|part| format!("no picture is that of {part}"))
                            .collect()
                    };
                    (self.json(drawing, root), parts.map(differs))
                }
            };
            let text = self.text_file(root);
            let text = text.strip_prefix(root).unwrap_or(&text).display().to_string();
            found.extend(differences.unwrap_or_default().into_iter().map(|difference| {
                let what =
                    format!("of another run than {text}: {difference} there. {}", self.again());
                Problem::new(root, &file, what.replace("type `", "Type `"))
            }));
        }
        found
    }

    /// What is wrong with its pictures of one kind, and the files that it has of them.
    fn stale_drawing(
        &self,
        drawing: Drawing,
        root: &Path,
    ) -> anyhow::Result<(Vec<Problem>, Vec<PathBuf>)> {
        let folder = drawing.in_book(root);
        let (mut problems, mut expected) = (Vec::new(), vec![self.json(drawing, root)]);
        match drawing.kept_figures(root, &self.name) {
            Ok(figures) => {
                for (name, content) in figures {
                    let file = folder.join(name);
                    if files::read(&file).ok().as_deref() != Some(&content) {
                        let what =
                            "not as it would be drawn now: type `cargo book record --redraw`";
                        problems.push(Problem::new(root, &file, what));
                    }
                    expected.push(file.with_extension("json")); // of this part alone
                    expected.push(file);
                }
            }
            // Its trace was too large to keep, so the pictures are taken by their names.
            Err(_) if drawing == Drawing::Timelines => {
                let prefixes = [format!("{}.", self.name), format!("{}-", self.name)];
                for file in pictures(&folder)? {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                        expected.push(file);
                    }
                }
            }
            Err(_) => {} // few steps draw one
        }
        Ok((problems, expected))
    }

    fn again(&self) -> String {
        format!("type `cargo book record {}`", self.name)
    }

    /// Runs it, and keeps the text and the pictures of that one run.
    fn keep(&self, root: &Path, though_busy: bool) -> anyhow::Result<()> {
        println!("{}", self.command());
        let bench_plot = root.join(format!("target/plots/{}.json", self.program.name()));
        if self.is_bench() {
            let _ = std::fs::remove_file(&bench_plot); // another run's
        }
        // For a twin it is the gallery that is built so.
        let release = self.release || matches!(self.program, Program::Python(_));
        let ran = self.run(&self.args, release)?;
        let ran = ran.context("its Python is not here: ./tests/run says which, and sets it up")?;
        refuse_if_busy(&ran.stderr, though_busy)?;
        files::write(&self.text_file(root), &self.text_of(&ran.stdout, ran.python.as_ref())?)?;
        match &self.program {
            Program::Bench(_) => self.keep_drawing(Drawing::Plots, root, &bench_plot)?,
            Program::Step(step) => {
                let run = ran.step.as_ref().context("a step has left nothing")?;
                run.trace(); // says what is wrong if there is none
                self.keep_drawing(Drawing::Timelines, root, run.timeline())?;
                self.keep_drawing(Drawing::Plots, root, &plot_of(run, step))?;
            }
            Program::Python(_) => {}
        }
        Ok(())
    }

    fn redraw(&self, root: &Path) -> anyhow::Result<()> {
        for &drawing in self.drawings() {
            match drawing.kept_figures(root, &self.name) {
                Ok(figures) => {
                    for (name, content) in figures {
                        files::write(&drawing.in_book(root).join(name), &content)?;
                    }
                }
                Err(_) if drawing == Drawing::Timelines && self.timelines => {
                    let name = &self.name;
                    println!("{name}: its trace was too large to keep, and cannot be drawn again");
                }
                Err(_) => {} // few steps draw a plot
            }
        }
        Ok(())
    }

    /// What is wrong with the recording, if a new run does not print what it says.
    fn untrue(&self, root: &Path) -> Option<Problem> {
        let file = self.text_file(root);
        let text = without_anchors(&files::read(&file).ok()?); // `stale` says so
        let recorded = self.output_in(&text)?; // `stale` says so, too
        let args = self.check_args.as_ref().unwrap_or(&self.args);
        // What it prints does not depend on how it was built, and this build is there already.
        let what = match self.run(args, false) {
            Ok(Some(ran)) => self.differs(recorded, &ran)?,
            // Where everything has to be there, it has to be tried.
            Ok(None) if std::env::var_os("CI").is_none() => {
                let twin = self.program.name();
                eprintln!("{twin}.py was not run: its Python is not here (see tests/run)");
                return None;
            }
            Ok(None) => "it does not run any more: its Python is not here".to_owned(),
            Err(error) => format!("it does not run any more: {error:#}"),
        };
        Some(Problem::new(root, &file, what))
    }

    /// What a new run says otherwise: to what is recorded, or to itself.
    fn differs(&self, recorded: &str, ran: &Ran) -> Option<String> {
        if let Err(difference) = self.compare(recorded, &ran.stdout) {
            let again = self.again();
            return Some(format!("a new run prints something else ({again}):\n{difference}"));
        }
        let (Program::Step(step), Some(run)) = (&self.program, &ran.step) else { return None };
        let plot = Plot::read(&plot_of(run, step)).ok()?;
        let differences = harness::differs_from_plot(&ran.stdout, &plot);
        (!differences.is_empty()).then(|| {
            format!("a new run draws something else than it prints:\n{}", differences.join("\n"))
        })
    }

    fn compare(&self, recorded: &str, fresh: &str) -> Result<(), String> {
        let redact = match self.check_args {
            Some(_) => harness::redact_asked,
            None => harness::redact,
        };
        let free: Vec<&str> = self.any_order.iter().map(String::as_str).collect();
        harness::compare(&redact(recorded), &redact(fresh), Order::Free(&free))
    }
}

/// A run that was disturbed is kept only if that was asked for.
fn refuse_if_busy(said: &str, though_busy: bool) -> anyhow::Result<()> {
    for line in said.lines().filter(|line| line.contains(BUSY)) {
        ensure!(though_busy, "{line} (or give --busy to keep it all the same)");
        eprintln!("{line}");
    }
    Ok(())
}

/// Where a step has left its plot, if it draws one.
fn plot_of(run: &harness::Run, step: &str) -> PathBuf {
    run.folder().join("target/plots").join(step).with_extension("json")
}

#[cfg(test)]
mod tests {
    use figures::plot::Axis;

    use super::manifest::tests::recording;
    use super::*;

    #[test]
    fn what_was_asked_counts_unless_the_check_asks_for_something_else() {
        let (four, three) = ("Sleeping 4 second(s)...\n", "Sleeping 3 second(s)...\n");
        assert!(recording(&[]).compare(four, three).is_err());
        let quick = Recording { check_args: Some(Vec::new()), ..recording(&[]) };
        assert!(quick.compare(four, three).is_ok());
        let (slow, fast) = ("Finished in 12.01 second(s)", "Finished in 9.98 second(s)");
        assert!(recording(&[]).compare(slow, fast).is_ok());
    }

    /// A clone with one recording, and a plot and a timeline that belong to its text.
    fn clone_with_a_run() -> tempfile::TempDir {
        let clone = tempfile::tempdir().unwrap();
        let root = clone.path();
        let declared = "[[recording]]\nname = \"03_pool\"\nstep = \"03_pool\"\n";
        files::write(&root.join("book/recordings.toml"), declared).unwrap();
        let timeline = hands::timeline::Timeline::start("03_pool");
        timeline.section("map");
        drop(hands::timeline::span("task"));
        let trace = timeline.stop();
        let plot = Plot::new("Speed", Axis::log2("workers"), "tasks per second");
        let plot = plot
            .curve("requests", [(1.0, 9.97), (2.0, 19.3), (4.0, 19.9)])
            .mark(2.0, "knee: requests");
        let table = "work      workers    tasks\nrequests     1   10.0/s\nrequests     2   19.3/s\nrequests     4   19.9/s\n";
        let output = format!("{table}Knee of requests: 2 workers with 19.3/s\n\n{}", trace.text());
        let of = &recordings(root).unwrap()[0];
        files::write(&of.text_file(root), &of.text_of(&output, None).unwrap()).unwrap();
        let (left_plot, left_trace) = (root.join("plot.json"), root.join("trace.json"));
        plot.write(&left_plot).unwrap();
        of.keep_drawing(Drawing::Plots, root, &left_plot).unwrap();
        trace.write(&left_trace).unwrap();
        of.keep_drawing(Drawing::Timelines, root, &left_trace).unwrap();
        clone
    }

    fn problems(root: &Path) -> Vec<String> {
        stale(root).unwrap().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_text_and_pictures_of_one_run_are_whole() {
        let clone = clone_with_a_run();
        assert_eq!(problems(clone.path()), [""; 0]);
    }

    #[test]
    fn a_plot_of_another_run_is_a_problem_though_it_is_drawn_well() {
        let clone = clone_with_a_run();
        let (root, file) = (clone.path(), clone.path().join("book/src/plots/03_pool.json"));
        for (ours, theirs, says) in [
            ("19.9", "19.1", "no table has the points of the curve requests there"),
            (
                "[2.0,\"knee",
                "[4.0,\"knee",
                "no line tells of the mark \"knee: requests\" at 4 there",
            ),
        ] {
            let json = files::read(&file).unwrap();
            assert!(json.contains(ours), "{json}");
            files::write(&file, &json.replace(ours, theirs)).unwrap();
            record(root, &[], How::Redraw).unwrap();
            let found = problems(root);
            assert!(found.iter().any(|problem| problem.contains(says)), "{says}: {found:?}");
            assert!(found[0].contains("Type `cargo book record 03_pool`"), "{found:?}");
            files::write(&file, &json).unwrap();
            record(root, &[], How::Redraw).unwrap();
            assert_eq!(problems(root), [""; 0]);
        }
    }

    #[test]
    fn a_timeline_of_another_run_is_a_problem() {
        let clone = clone_with_a_run();
        let root = clone.path();
        let timeline = hands::timeline::Timeline::start("03_pool");
        timeline.section("map");
        drop(hands::timeline::span("another task"));
        let left = root.join("left.json");
        timeline.stop().write(&left).unwrap();
        recordings(root).unwrap()[0].keep_drawing(Drawing::Timelines, root, &left).unwrap();
        let found = problems(root);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("no picture is that of map there"), "{found:?}");
    }

    #[test]
    fn a_run_on_a_busy_machine_is_not_kept_unless_asked_for() {
        let said =
            format!("Note: built without optimisation.\nNote: {BUSY}. For a run it had 0.5\n");
        let refused = refuse_if_busy(&said, false).unwrap_err().to_string();
        assert!(refused.contains(BUSY) && refused.contains("--busy"), "{refused}");
        assert!(refuse_if_busy(&said, true).is_ok());
        assert!(refuse_if_busy("Note: built without optimisation.\n", false).is_ok());
    }
}
