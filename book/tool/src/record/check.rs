//! Checks recordings: are they whole, and would a new run print the same?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use figures::plot::Plot;
use hands::eprintln;
use hands::pool::ThreadPool;

use super::drawing::{self, Drawing};
use super::manifest::{Program, Recording, recordings};
use super::run::Ran;
use crate::problem::Problem;
use crate::{anchors, files};

/// How many recordings are checked at a time. Most of the time they sleep, or wait for a server.
const AT_ONCE: usize = 4;

/// What is wrong with the recordings, without running anything: those that were never made or whose
/// command has changed, pictures that do not belong to the text beside them or would be drawn
/// differently now, and files that no recording makes.
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
    let mut found = files::with_extensions(&root.join("book/src/recorded"), &["txt"])?;
    for folder in Drawing::ALL.map(|drawing| drawing.in_book(root)) {
        found.extend(files::with_extensions(&folder, &["html", "svg", "json"])?);
    }
    for file in found {
        if !expected.contains(&file) {
            let what =
                "no recording in book/recordings.toml makes this file: add one, or remove it";
            problems.push(Problem::new(root, &file, what));
        }
    }
    Ok(problems)
}

/// Runs every recording again, benchmarks only if `benches` says so. A difference is a problem.
pub(crate) fn untrue(root: &Path, benches: bool) -> anyhow::Result<Vec<Problem>> {
    let (measuring, running): (Vec<_>, Vec<_>) = recordings(root)?
        .into_iter()
        .partition(|recording| matches!(recording.program, Program::Bench(_)));
    let home = root.to_owned();
    let untrue = move |recording: Recording| recording.untrue(&home);
    let mut problems: Vec<Problem> =
        ThreadPool::new(AT_ONCE)?.map(untrue, running)?.into_iter().flatten().collect();
    if benches {
        problems.extend(measuring.iter().filter_map(|recording| recording.untrue(root)));
    }
    Ok(problems)
}

impl Recording {
    /// What is wrong with the text, as far as one can tell without a run.
    fn stale_text(&self, root: &Path) -> Option<Problem> {
        let (file, again) = (self.text_file(root), self.again());
        let Ok(found) = files::read(&file) else {
            return Some(Problem::new(root, &file, format!("missing: {again}")));
        };
        let plain = anchors::without(&found);
        let is_made = self.output_in(&plain).is_some()
            && self.with_anchors(&plain).is_ok_and(|text| text == found);
        let python = match self.program {
            Program::Python(_) => ", or it does not name its Python",
            Program::Step(_) | Program::Bench(_) => "",
        };
        let what = || format!("not what `{}` printed{python}: {again}", self.command());
        (!is_made).then(|| Problem::new(root, &file, what()))
    }

    /// The pictures that show something else than the text, because they come from another run.
    fn two_runs(&self, root: &Path) -> Vec<Problem> {
        let file = self.text_file(root);
        let Ok(text) = files::read(&file) else {
            return Vec::new(); // `stale_text` reports it
        };
        let plain = anchors::without(&text);
        let name = file.strip_prefix(root).unwrap_or(&file).display();
        let mut problems = Vec::new();
        for &drawing in self.drawings() {
            let picture = self.json(drawing, root);
            let differences = match drawing {
                Drawing::Plots => Plot::read(&picture) // few recordings have one
                    .map_or(Vec::new(), |plot| harness::differs_from_plot(&plain, &plot)),
                Drawing::Timelines => drawing::kept_traces(&drawing.in_book(root), &self.name)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|(_, part)| harness::differs_from_timeline(&plain, part))
                    .map(|part| format!("no picture is that of {part}"))
                    .collect(),
            };
            problems.extend(differences.into_iter().map(|difference| {
                let again = self.again();
                let what = format!("from another run than {name}: {difference} there; {again}");
                Problem::new(root, &picture, what)
            }));
        }
        problems
    }

    /// What is wrong with its pictures of one kind, and the files that belong to them.
    fn stale_drawing(
        &self,
        drawing: Drawing,
        root: &Path,
    ) -> anyhow::Result<(Vec<Problem>, Vec<PathBuf>)> {
        let folder = drawing.in_book(root);
        let (mut problems, mut expected) = (Vec::new(), vec![self.json(drawing, root)]);
        match drawing.kept_figures(root, &self.name, self.compared) {
            Ok(figures) => {
                for (name, content) in figures {
                    let file = folder.join(name);
                    if files::read(&file).ok().as_deref() != Some(&content) {
                        let what =
                            "not as it would be drawn now: type `cargo book record --redraw`";
                        problems.push(Problem::new(root, &file, what));
                    }
                    expected.push(file.with_extension("json")); // the trace of this part alone
                    expected.push(file);
                }
            }
            // Its trace was too large to keep, so its pictures are known by their names.
            Err(_) if drawing == Drawing::Timelines => {
                let prefixes = [format!("{}.", self.name), format!("{}-", self.name)];
                for file in files::with_extensions(&folder, &["html", "svg"])? {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                        expected.push(file);
                    }
                }
            }
            Err(_) => {} // few recordings have a plot
        }
        Ok((problems, expected))
    }

    fn again(&self) -> String {
        format!("type `cargo book record {}`", self.name)
    }

    /// What is wrong if a new run does not print what was recorded.
    fn untrue(&self, root: &Path) -> Option<Problem> {
        let file = self.text_file(root);
        let text = anchors::without(&files::read(&file).ok()?); // `stale` reports it
        let recorded = self.output_in(&text)?; // and this
        let args = self.check_args.as_ref().unwrap_or(&self.args);
        // A debug build prints the same, and exists already.
        let what = match self.run(args, false) {
            Ok(Some(ran)) => self.differs(recorded, &ran)?,
            // In CI, every Python must be there.
            Ok(None) if std::env::var_os("CI").is_none() => {
                let twin = self.program.name();
                eprintln!(
                    "{twin}.py was not run: the Python that it needs is missing (see tests/run)"
                );
                return None;
            }
            Ok(None) => "it no longer runs: the Python that it needs is missing".to_owned(),
            Err(error) => format!("it no longer runs: {error:#}"),
        };
        Some(Problem::new(root, &file, what))
    }

    /// How a new run contradicts what is recorded, or itself.
    fn differs(&self, recorded: &str, ran: &Ran) -> Option<String> {
        if let Err(difference) = self.compare(recorded, &ran.stdout) {
            let again = self.again();
            return Some(format!("a new run prints something else ({again}):\n{difference}"));
        }
        let plot = Plot::read(&ran.plot).ok()?; // few programs draw one
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
        harness::compare(&redact(recorded), &redact(fresh), &free)
    }
}

#[cfg(test)]
mod tests {
    use figures::plot::Axis;

    use super::super::manifest::tests::recording;
    use super::super::{How, record};
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
        files::write(&of.text_file(root), of.text_for(&output, None).unwrap()).unwrap();
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
                "no line mentions the mark \"knee: requests\" at 4 there",
            ),
        ] {
            let json = files::read(&file).unwrap();
            assert!(json.contains(ours), "{json}");
            files::write(&file, json.replace(ours, theirs)).unwrap();
            record(root, &[], How::Redraw).unwrap();
            let found = problems(root);
            assert!(found.iter().any(|problem| problem.contains(says)), "{says}: {found:?}");
            assert!(found[0].ends_with("type `cargo book record 03_pool`"), "{found:?}");
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
}
