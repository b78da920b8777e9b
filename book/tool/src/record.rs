//! Runs steps, and keeps what they print and draw for the book.
//!
//! | module | |
//! |---|---|
//! | [`mod@manifest`] | what is recorded, and the command line that a reader types for it |
//! | [`prediction`] | what a reader is asked before a run, and the answer |
//! | [`run`] | runs it |
//! | [`text`] | what it printed, as the book keeps it |
//! | [`drawing`] | what it drew, as the book keeps it |
//! | [`mod@pictures`] | the pictures that it worked on |
//! | [`check`] | is it whole, and still true? |
//!
//! A text and the pictures beside it come from one run: [`stale`] compares their numbers.

mod check;
mod drawing;
mod manifest;
mod pictures;
mod prediction;
mod run;
mod text;

use std::path::Path;

use anyhow::{Context, bail, ensure};
use hands::{eprintln, println};

use crate::files;
use drawing::Drawing;
use manifest::{Program, manifest};

pub(crate) use check::{stale, untrue};
pub(crate) use drawing::{Figure, kept_trace};
pub(crate) use manifest::{Recording, recordings};
pub(crate) use pictures::{Picture, made_in};
pub(crate) use prediction::{Answer, Asked};

/// How a step's note begins if the machine was too busy to measure anything. (`measure::BUSY` has
/// all of it, but that crate brings more along than a text.)
const BUSY: &str = "this machine is busy";

/// How a recording is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a new run, which has the machine to itself.
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
            bail!("{} has no recording {name}, only {}", file.display(), known.join(", "));
        }
    }
    for recording in &all {
        if names.is_empty() || names.iter().any(|name| recording.is_called(name)) {
            let kept = match how {
                How::Redraw => recording.redraw(root),
                How::Run | How::RunBusy => recording.keep(root, how == How::RunBusy),
            };
            kept.with_context(|| format!("cannot record {}", recording.name))?;
            // Its twin is drawn to the same scale.
            let twin = drawing::twin(&recording.name);
            if let Some(twin) = all.iter().find(|other| other.name == twin) {
                twin.redraw(root)?;
            }
        }
    }
    Ok(())
}

impl Recording {
    /// Runs it, and keeps the text and the pictures of this one run.
    fn keep(&self, root: &Path, though_busy: bool) -> anyhow::Result<()> {
        println!("{}", self.command());
        // A twin needs no build, but its gallery does.
        let release = self.release || matches!(self.program, Program::Python(_));
        let ran = self.run(&self.args, release)?;
        let ran = ran.context("the Python that it needs is missing: ./tests/run installs it")?;
        refuse_if_busy(&ran.stderr, though_busy)?;
        files::write(&self.text_file(root), self.text_for(&ran.stdout, ran.python.as_ref())?)?;
        for &drawing in self.drawings() {
            let left = match drawing {
                Drawing::Timelines => &ran.timeline,
                Drawing::Plots => &ran.plot, // few programs draw one
            };
            ensure!(left.exists() || drawing == Drawing::Plots, "it left no timeline");
            self.keep_drawing(drawing, root, left)?;
        }
        match (&self.program, ran.folder()) {
            (Program::Step(_), Some(folder)) => pictures::keep(root, folder),
            _ => Ok(()), // a twin's thumbnails differ in a few pixels
        }
    }

    fn redraw(&self, root: &Path) -> anyhow::Result<()> {
        for &drawing in self.drawings() {
            match drawing.kept_figures(root, &self.name, self.compared) {
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
}

/// A run that was disturbed is kept only on request.
fn refuse_if_busy(said: &str, though_busy: bool) -> anyhow::Result<()> {
    for line in said.lines().filter(|line| line.contains(BUSY)) {
        ensure!(though_busy, "{line} (with --busy it is kept all the same)");
        eprintln!("{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_what_measure_calls_it() {
        assert!(measure::BUSY.starts_with(BUSY));
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
