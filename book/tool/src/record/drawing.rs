//! What a run leaves to be drawn, and what the book keeps of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use figures::plot::Plot;
use figures::timeline;
use hands::timeline::Trace;

use super::manifest::{Program, Recording};
use super::prediction::{Answer, Asked};
use crate::files;
use crate::html::escape;
use crate::pool_run::PoolRun;

/// Larger traces are kept in parts, and larger parts not at all: the book isn't an archive.
const SMALL: u64 = 200_000;

/// What a run leaves to be drawn, as JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
    Timelines,
    Plots,
}

impl Drawing {
    pub(super) const ALL: [Drawing; 2] = [Drawing::Timelines, Drawing::Plots];

    fn folder(self) -> &'static str {
        match self {
            Drawing::Timelines => "timelines",
            Drawing::Plots => "plots",
        }
    }

    pub(super) fn in_book(self, root: &Path) -> PathBuf {
        root.join("book/src").join(self.folder())
    }

    /// Draws what the book keeps of the recording `name`: its files, by name.
    pub(super) fn kept_figures(
        self,
        root: &Path,
        name: &str,
        compared: bool,
    ) -> std::io::Result<Vec<(String, String)>> {
        let folder = self.in_book(root);
        match self {
            Drawing::Plots => {
                self.figures(root, name, &folder.join(format!("{name}.json")), compared)
            }
            Drawing::Timelines => {
                Ok(self.drawn(kept_traces(&folder, name)?, &folder, name, compared))
            }
        }
    }

    /// Draws what is in this JSON: the files of the recording `name`, by name.
    pub(super) fn figures(
        self,
        root: &Path,
        name: &str,
        json: &Path,
        compared: bool,
    ) -> std::io::Result<Vec<(String, String)>> {
        match self {
            Drawing::Plots => {
                let plot = Plot::read(json)?;
                let inside = plot.responsive() + &plot.table();
                Ok(self.figure(name, plot.svg(), &inside).into())
            }
            Drawing::Timelines => {
                let parts = by_name(name, &Trace::read(json)?);
                Ok(self.drawn(parts, &self.in_book(root), name, compared))
            }
        }
    }

    /// Each part to the same scale as the same part of the step's twin in Python, or of the twin's
    /// step. If its parts are compared, all of them to one scale.
    fn drawn(
        self,
        parts: Vec<(String, Trace)>,
        folder: &Path,
        recording: &str,
        compared: bool,
    ) -> Vec<(String, String)> {
        let others = kept_traces(folder, &twin(recording)).unwrap_or_default();
        let scale = |part: &Trace| {
            let all = parts.iter().chain(&others).map(|(_, other)| other);
            let same = all.filter(|other| compared || other.name() == part.name());
            same.map(Trace::length).max().unwrap_or_default()
        };
        let figure = |(name, part): &(String, Trace)| {
            let drawn = timeline::responsive(part, scale(part)) + &timeline::table(part);
            let caption = if name == recording { String::new() } else { caption(part, recording) };
            self.figure(name, timeline::svg(part), &(caption + &drawn))
        };
        parts.iter().flat_map(figure).collect()
    }

    /// What a chapter includes, and the picture alone.
    fn figure(self, name: &str, svg: String, inside: &str) -> [(String, String); 2] {
        // No blank line, which would end the HTML in a chapter.
        let class = self.folder().trim_end_matches('s');
        let html =
            format!("<figure class=\"{class}\" data-recording=\"{name}\">\n{inside}</figure>\n");
        [(format!("{name}.html"), html), (format!("{name}.svg"), svg)]
    }
}

/// What stands above one of several parts: `thread-pool with 2, in Python: 3.21 s`.
fn caption(part: &Trace, recording: &str) -> String {
    let language = if recording.ends_with("-python") { ", in Python" } else { "" };
    let name = escape(part.name());
    format!("<figcaption>{name}{language}: {}</figcaption>\n", part.how_long())
}

/// The recording beside which a page shows this one: `01_sync-python` for `01_sync`, and the other
/// way round.
pub(super) fn twin(recording: &str) -> String {
    match recording.strip_suffix("-python") {
        Some(step) => step.to_owned(),
        None => format!("{recording}-python"),
    }
}

/// The parts of a run, each by the name of its picture.
fn by_name(recording: &str, trace: &Trace) -> Vec<(String, Trace)> {
    let name = |part: &Trace| format!("{recording}-{}", slug(part.name()));
    let is_whole = trace.sections().is_empty();
    let parts = trace.parts().into_iter();
    parts.map(|part| (if is_whole { recording.to_owned() } else { name(&part) }, part)).collect()
}

/// What the book keeps of a run: one trace for all of it or, if that would be large, one for each
/// part.
pub(super) fn kept_traces(folder: &Path, recording: &str) -> std::io::Result<Vec<(String, Trace)>> {
    let whole = folder.join(format!("{recording}.json"));
    if whole.exists() {
        return Ok(by_name(recording, &Trace::read(&whole)?));
    }
    let mut parts = Vec::new();
    for entry in folder.read_dir()? {
        let file = entry?.path();
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Another recording's name may begin with this one's: `03_pool-processes`.
        let Some(section) = stem.strip_prefix(&format!("{recording}-")) else { continue };
        if file.extension().is_some_and(|e| e == "json")
            && let Ok(part) = Trace::read(&file)
            && part.sections().is_empty()
            && slug(part.name()) == section
        {
            parts.push((stem, part));
        }
    }
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    if parts.is_empty() {
        return Err(std::io::Error::other(format!("the book has no trace of {recording}")));
    }
    Ok(parts)
}

/// The trace behind a picture, and the file of this folder that holds it.
pub(crate) fn kept_trace(folder: &Path, picture: &str) -> Option<(String, Trace)> {
    let ends = picture.match_indices('-').map(|(end, _)| end).chain([picture.len()]);
    ends.rev().find_map(|end| {
        let file = format!("{}.json", &picture[..end]);
        let trace = Trace::read(&folder.join(&file)).ok()?;
        let (_, part) =
            by_name(&picture[..end], &trace).into_iter().find(|(name, _)| name == picture)?;
        Some((file, part))
    })
}

/// One part of the reader's run beside the same part of the recorded run, both drawn to one scale.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Figure {
    /// What the part is called.
    title: String,
    /// How long the reader's part took, and how long the axis of both is, in seconds.
    seconds: f64,
    axis: f64,
    mine: String,
    /// How long the reader thought that it would take, if that was the question.
    guess: Option<f64>,
    /// What the page can schedule again, if a pool did the tasks.
    pool: Option<PoolRun>,
    /// `None` if the book has no trace of it.
    recorded: Option<String>,
}

impl Recording {
    /// What a reader is asked before a run, with the answers there are to choose from.
    pub(crate) fn asked(&self, root: &Path) -> Asked {
        let recorded = match self.predict.has_choices().then(|| self.kept(root)) {
            Some(kept) => kept.into_iter().map(|(_, part)| part).collect(),
            None => Vec::new(),
        };
        self.predict.asked(&recorded)
    }

    /// How another run answers what was asked. `None` if the question was how long it took.
    pub(crate) fn answer(&self, mine: &Trace) -> Option<Answer> {
        self.predict.answer(&mine.parts())
    }

    fn kept(&self, root: &Path) -> Vec<(String, Trace)> {
        kept_traces(&Drawing::Timelines.in_book(root), &self.name).unwrap_or_default()
    }

    /// The parts of another run beside those of the recorded run. The axis of the one whose time
    /// was guessed is long enough for the guess.
    pub(crate) fn compared(
        &self,
        root: &Path,
        mine: &Trace,
        guess: Option<Duration>,
    ) -> Vec<Figure> {
        let is_whole = mine.sections().is_empty();
        let recorded = self.kept(root);
        let parts = mine.parts().into_iter().map(|mine| {
            let other =
                recorded.iter().map(|(_, part)| part).find(|part| part.name() == mine.name());
            let length = other.map_or(mine.length(), |other| other.length().max(mine.length()));
            let is_guessed = self.predict.is_length_of(mine.name(), is_whole);
            let guess = if is_guessed { guess } else { None };
            let length = length.max(guess.unwrap_or_default());
            let draw =
                |trace: &Trace| timeline::responsive(trace, length) + &timeline::table(trace);
            Figure {
                title: mine.name().to_owned(),
                seconds: mine.length().as_secs_f64(),
                axis: length.as_secs_f64(),
                mine: draw(&mine),
                guess: guess.map(|guess| guess.as_secs_f64()),
                pool: PoolRun::from_part(&mine),
                recorded: other.map(draw),
            }
        });
        parts.collect()
    }

    /// What it may draw: a benchmark has no timeline, and Python no plot.
    pub(super) fn drawings(&self) -> &'static [Drawing] {
        match self.program {
            Program::Step(_) => &Drawing::ALL,
            Program::Bench(_) => &[Drawing::Plots],
            Program::Python(_) if self.timelines => &[Drawing::Timelines],
            Program::Python(_) => &[], // it records nothing
        }
    }

    pub(super) fn keep_drawing(
        &self,
        drawing: Drawing,
        root: &Path,
        left: &Path,
    ) -> anyhow::Result<()> {
        let kept = self.json(drawing, root);
        let is_wanted = match drawing {
            Drawing::Timelines => self.timelines,
            Drawing::Plots => self.plot,
        };
        if !left.exists() || !is_wanted {
            let _ = std::fs::remove_file(kept); // an earlier run drew it
            return Ok(());
        }
        for (name, content) in drawing.figures(root, &self.name, left, self.compared)? {
            files::write(&drawing.in_book(root).join(name), &content)?;
        }
        let is_small = |file: &Path| anyhow::Ok(file.metadata()?.len() <= SMALL);
        let in_parts = drawing == Drawing::Timelines && !is_small(left)?;
        if in_parts {
            let _ = std::fs::remove_file(kept);
        } else {
            std::fs::copy(left, kept)?;
        }
        if drawing == Drawing::Timelines {
            self.keep_parts(root, &Trace::read(left)?, in_parts)?;
        }
        Ok(())
    }

    /// Keeps the small parts of a trace one by one, or removes those that an earlier run left.
    fn keep_parts(&self, root: &Path, trace: &Trace, keep: bool) -> anyhow::Result<()> {
        for (name, part) in by_name(&self.name, trace) {
            let file = Drawing::Timelines.in_book(root).join(format!("{name}.json"));
            if file == self.json(Drawing::Timelines, root) {
                continue; // the whole trace is its only part
            }
            if keep {
                part.write(&file)?;
            }
            if file.metadata().is_ok_and(|found| !keep || found.len() > SMALL) {
                std::fs::remove_file(&file)?;
            }
        }
        Ok(())
    }

    pub(super) fn json(&self, drawing: Drawing, root: &Path) -> PathBuf {
        drawing.in_book(root).join(format!("{}.json", self.name))
    }
}

/// The name of a section, for a file.
fn slug(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mapped: String = text.chars().map(plain).collect();
    let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::recording;
    use super::*;

    #[test]
    fn the_trace_behind_a_picture_is_found_whole_or_in_parts() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("book/src/timelines");
        let timeline = hands::timeline::Timeline::start("03_pool");
        for name in ["map", "imap in chunks"] {
            timeline.section(name);
            drop(hands::timeline::span(name));
        }
        let trace = timeline.stop();
        // One recording's name begins with another's.
        trace.write(&folder.join("03_pool-processes.json")).unwrap();
        let file = |picture: &str| {
            kept_trace(&folder, picture).map(|(file, part)| (file, part.name().to_owned()))
        };
        let found = |file: &str, part: &str| Some((file.to_owned(), part.to_owned()));
        let processes = "03_pool-processes-imap-in-chunks";
        assert_eq!(file("03_pool-map"), None);
        assert_eq!(file(processes), found("03_pool-processes.json", "imap in chunks"));

        let recording = Recording { name: "03_pool".to_owned(), ..recording(&[]) };
        recording.keep_parts(root.path(), &trace, true).unwrap();
        assert_eq!(file("03_pool-map"), found("03_pool-map.json", "map"));
        let names = |kept: Vec<(String, Trace)>| kept.into_iter().map(|(name, _)| name);
        let mut kept: Vec<String> = names(kept_traces(&folder, "03_pool").unwrap()).collect();
        kept.sort();
        assert_eq!(kept, ["03_pool-imap-in-chunks", "03_pool-map"]);
        let drawn = Drawing::Timelines.kept_figures(root.path(), "03_pool", true).unwrap();
        assert_eq!(drawn.len(), 4);

        recording.keep_parts(root.path(), &trace, false).unwrap();
        assert!(kept_traces(&folder, "03_pool").is_err());
        assert_eq!(file(processes), found("03_pool-processes.json", "imap in chunks"));
    }

    #[test]
    fn a_section_makes_a_file_name() {
        assert_eq!(slug("imap, chunk size 2"), "imap-chunk-size-2");
        assert_eq!(slug("thread-pool"), "thread-pool");
    }
}
