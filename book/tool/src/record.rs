//! Runs steps, and keeps what they printed and drew for the book.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use lessons::plot::Plot;
use lessons::pool::ThreadPool;
use lessons::timeline::Trace;
use serde::Deserialize;
use steps::{Order, Step};

use crate::check::Problem;
use crate::files;
use crate::pool_run::PoolRun;
use lessons::{eprintln, println};

/// A trace that is larger than this is kept in parts, and a part that is larger not at all: the book is no
/// archive.
const SMALL: u64 = 200_000;

/// How many recordings are checked at a time.
const TOGETHER: usize = 4;
/// A command line that is longer goes on in the next one: a page shows no more of it.
const WIDTH: usize = 100;

/// What a run leaves to be drawn: as JSON in this folder of target/, and in the same of the book.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawing {
    Timelines,
    Plots,
}

impl Drawing {
    const ALL: [Drawing; 2] = [Drawing::Timelines, Drawing::Plots];

    fn folder(self) -> &'static str {
        match self {
            Drawing::Timelines => "timelines",
            Drawing::Plots => "plots",
        }
    }

    fn in_book(self, root: &Path) -> PathBuf {
        root.join("book/src").join(self.folder())
    }

    /// Draws what is kept of the recording `name`, if it is: files by name.
    fn kept_figures(self, root: &Path, name: &str) -> std::io::Result<Vec<(String, String)>> {
        let folder = self.in_book(root);
        match self {
            Drawing::Plots => self.figures(name, &folder.join(format!("{name}.json"))),
            Drawing::Timelines => Ok(self.drawn(kept_traces(&folder, name)?)),
        }
    }

    /// Draws what is in this JSON: files by name, for the recording `name`.
    fn figures(self, name: &str, json: &Path) -> std::io::Result<Vec<(String, String)>> {
        match self {
            Drawing::Plots => {
                let plot = Plot::read(json)?;
                Ok(self.figure(name, plot.svg(), &plot.table()).into())
            }
            Drawing::Timelines => Ok(self.drawn(by_name(name, &Trace::read(json)?))),
        }
    }

    fn drawn(self, parts: Vec<(String, Trace)>) -> Vec<(String, String)> {
        let figure = |(name, part): &(String, Trace)| self.figure(name, part.svg(), &part.table());
        parts.iter().flat_map(figure).collect()
    }

    /// What a chapter includes, and the picture alone.
    fn figure(self, name: &str, svg: String, table: &str) -> [(String, String); 2] {
        // No blank line: Markdown would end the block there.
        let class = self.folder().trim_end_matches('s');
        let html = format!(
            "<figure class=\"{class}\" data-recording=\"{name}\">\n{svg}{table}</figure>\n"
        );
        [(format!("{name}.html"), html), (format!("{name}.svg"), svg)]
    }
}

/// The parts of a run, each by the name of its picture.
fn by_name(recording: &str, trace: &Trace) -> Vec<(String, Trace)> {
    let is_whole = trace.sections.is_empty();
    let name = |part: &Trace| match is_whole {
        true => recording.to_owned(),
        false => format!("{recording}-{}", slug(&part.step)),
    };
    trace.parts().into_iter().map(|part| (name(&part), part)).collect()
}

/// What the book keeps of a run: one trace of it all or, where that would be large, one of each part.
fn kept_traces(folder: &Path, recording: &str) -> std::io::Result<Vec<(String, Trace)>> {
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
            && part.sections.is_empty()
            && slug(&part.step) == section
        {
            parts.push((stem, part));
        }
    }
    match parts.is_empty() {
        true => Err(std::io::Error::other(format!("no trace of {recording} is kept"))),
        false => Ok(parts),
    }
}

/// The trace behind a picture, and the file of this folder that it is in.
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    recording: Vec<Recording>,
}

/// One entry of `book/recordings.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// The names of its files.
    name: String,
    /// The example that is run, or else a benchmark, or the twin of an example in Python.
    step: Option<String>,
    bench: Option<String>,
    python: Option<String>,
    /// Whether the offline gallery is served meanwhile, with its links in `links.txt`.
    #[serde(default)]
    gallery: bool,
    /// What the reader types after `--`.
    #[serde(default)]
    args: Vec<String>,
    /// Whether the reader types `--release`.
    #[serde(default)]
    release: bool,
    /// Lines that begin with one of these come in any order. All, with an empty string among them.
    #[serde(default)]
    any_order: Vec<String>,
    /// Parts of the output that a chapter includes one by one, as anchors.
    #[serde(default)]
    parts: BTreeMap<String, Part>,
    /// What the check types instead, where the recorded run is too long for it.
    check_args: Option<Vec<String>>,
    /// The exit code that the run must have: 0 if not said.
    #[serde(default)]
    status: i32,
    /// Files of the workspace that the command names.
    #[serde(default)]
    files: Vec<PathBuf>,
    /// Whether its timelines are drawn.
    #[serde(default = "yes")]
    timelines: bool,
    /// Whether its plot is drawn, if it makes one.
    #[serde(default = "yes")]
    plot: bool,
    /// How many seconds the run may take.
    #[serde(default = "two_minutes")]
    limit: u64,
}

/// From a line to a line, each the first that begins with these words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The first line of the part. Without it, the command line.
    from: Option<String>,
    /// The last line.
    to: Option<String>,
    /// The line after the last. With neither, the end.
    before: Option<String>,
}

fn two_minutes() -> u64 {
    120
}

fn yes() -> bool {
    true
}

/// The recordings that the manifest declares.
pub(crate) fn recordings(root: &Path) -> anyhow::Result<Vec<Recording>> {
    let file = manifest(root);
    let manifest: Manifest = toml::from_str(&files::read(&file)?)
        .with_context(|| format!("{} is not as expected", file.display()))?;
    let mut names = BTreeSet::new();
    for recording in &manifest.recording {
        let name = &recording.name;
        ensure!(names.insert(name), "{}: two recordings are called {name}", file.display());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        ensure!(
            recording.programs().count() == 1,
            "{}: {name} needs a step, a bench, or a python",
            file.display()
        );
        ensure!(name.chars().all(plain), "{}: {name:?} makes no file name", file.display());
    }
    Ok(manifest.recording)
}

fn manifest(root: &Path) -> PathBuf {
    root.join("book/recordings.toml")
}

/// `cargo book record`.
pub(crate) fn record(root: &Path, names: &[String], redraw: bool) -> anyhow::Result<()> {
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
            let kept = if redraw { recording.redraw(root) } else { recording.keep(root) };
            kept.with_context(|| format!("{} was not recorded", recording.name))?;
        }
    }
    Ok(())
}

/// What is wrong with the recordings, without running anything: those that were never made or whose
/// command has changed, pictures that would be drawn differently now, and files that nobody declares.
pub(crate) fn stale(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut expected = BTreeSet::new();
    for recording in recordings(root)? {
        let text = recording.text_file(root);
        let again = format!("type `cargo book record {}`", recording.name);
        match files::read(&text) {
            Err(_) => problems.push(Problem::new(root, &text, format!("missing: {again}"))),
            Ok(found) => {
                let plain = without_anchors(&found);
                let made = recording.output_in(&plain).is_some()
                    && recording.with_anchors(&plain).is_ok_and(|text| text == found);
                if !made {
                    let what = format!("not what `{}` printed: {again}", recording.command());
                    problems.push(Problem::new(root, &text, what));
                }
            }
        }
        for &drawing in recording.drawings() {
            let (folder, json) = (drawing.in_book(root), recording.json(drawing, root));
            match drawing.kept_figures(root, &recording.name) {
                Ok(figures) => {
                    for (name, content) in figures {
                        let file = folder.join(name);
                        if files::read(&file).ok().as_deref() != Some(&content) {
                            let what =
                                "not as it would be drawn now: type `cargo book record --redraw`";
                            problems.push(Problem::new(root, &file, what));
                        }
                        expected.insert(file.with_extension("json")); // of this part alone
                        expected.insert(file);
                    }
                }
                // Its trace was too large to keep, so the pictures are taken by their names.
                Err(_) if drawing == Drawing::Timelines => {
                    let prefixes = [format!("{}.", recording.name), format!("{}-", recording.name)];
                    for file in pictures(&folder)? {
                        let name =
                            file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                            expected.insert(file);
                        }
                    }
                }
                Err(_) => {} // few steps draw one
            }
            expected.insert(json);
        }
        expected.insert(text);
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
        recordings(root)?.into_iter().partition(|recording| recording.bench.is_some());
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

/// One part of a run, drawn to the scale of the same part of the recorded run, and that one beside it.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Figure {
    /// What the part is called.
    title: String,
    /// How long it took, and how long the axis of both is, in seconds.
    seconds: f64,
    axis: f64,
    mine: String,
    /// What the page can schedule again, if a pool did it.
    pool: Option<PoolRun>,
    /// None, if the book has kept no trace of it.
    recorded: Option<String>,
}

impl Recording {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The example that is run, if it is none of the benchmarks.
    pub(crate) fn step(&self) -> Option<&str> {
        self.step.as_deref()
    }

    /// What the reader types after `--`.
    pub(crate) fn args(&self) -> &[String] {
        &self.args
    }

    /// Whether somebody has to serve the gallery for it.
    pub(crate) fn needs_gallery(&self) -> bool {
        self.gallery
    }

    /// Whether the reader types `--release`.
    pub(crate) fn is_release(&self) -> bool {
        self.release
    }

    /// The parts of another run beside those of the recorded one, each pair to one scale.
    pub(crate) fn compared(&self, root: &Path, mine: &Trace) -> Vec<Figure> {
        let recorded = kept_traces(&Drawing::Timelines.in_book(root), &self.name);
        let recorded = recorded.unwrap_or_default();
        let parts = mine.parts().into_iter().map(|mine| {
            let other = recorded.iter().map(|(_, part)| part).find(|part| part.step == mine.step);
            let length = other.map_or(mine.length(), |other| other.length().max(mine.length()));
            let draw = |trace: &Trace| trace.svg_to_scale(length) + &trace.table();
            Figure {
                title: mine.step.clone(),
                seconds: mine.length().as_secs_f64(),
                axis: length.as_secs_f64(),
                mine: draw(&mine),
                pool: PoolRun::of(&mine),
                recorded: other.map(draw),
            }
        });
        parts.collect()
    }

    /// What cargo is asked for, to build it.
    fn features(&self) -> &'static [&'static str] {
        steps::features(self.step.as_ref().or(self.bench.as_ref()).map_or("", String::as_str))
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.programs().any(|program| program == name)
    }

    fn programs(&self) -> impl Iterator<Item = &String> {
        [&self.step, &self.bench, &self.python].into_iter().flatten()
    }

    /// What the reader types.
    pub(crate) fn command(&self) -> String {
        let with: String = self.features().iter().map(|f| format!(" --features {f}")).collect();
        let mut line = match (&self.step, &self.python) {
            (Some(step), _) if self.release => {
                format!("$ cargo run --release{with} --example {step}")
            }
            (Some(step), _) => format!("$ cargo run{with} --example {step}"),
            (None, Some(twin)) => format!("$ python3 examples/python/{twin}.py"),
            (None, None) => {
                let bench = self.bench.iter().map(|bench| format!(" --bench {bench}"));
                format!("$ cargo bench{with}") + &bench.collect::<String>()
            }
        };
        if !self.args.is_empty() && self.python.is_none() {
            line += " --";
        }
        for arg in &self.args {
            let plain = |c: char| c.is_alphanumeric() || "-_=./:,@%+".contains(c);
            let _ = match arg.chars().all(plain) && !arg.is_empty() {
                true => write!(line, " {arg}"),
                false => write!(line, " '{arg}'"),
            };
        }
        match line.split_once(" -- ") {
            Some((cargo, args)) if line.len() > WIDTH => format!("{cargo} -- \\\n    {args}"),
            _ => line,
        }
    }

    /// What it may draw: a benchmark has no timeline, and Python draws nothing.
    fn drawings(&self) -> &'static [Drawing] {
        match (&self.step, &self.python) {
            (Some(_), _) => &Drawing::ALL,
            (None, Some(_)) => &[],
            (None, None) => &[Drawing::Plots],
        }
    }

    fn run(&self, step: &str, args: &[String], release: bool) -> anyhow::Result<steps::Run> {
        self.finish(Step::new(step).release(release), args, release)
    }

    /// Runs the twin in Python. None, if there is no such Python here.
    fn run_python(&self, args: &[String], release: bool) -> anyhow::Result<Option<steps::Run>> {
        let twin = self.python.as_deref().unwrap_or_default();
        let Some(python) = steps::python_for(twin) else { return Ok(None) };
        self.finish(Step::new(twin).in_python(python), args, release).map(Some)
    }

    fn finish(&self, step: Step, args: &[String], release: bool) -> anyhow::Result<steps::Run> {
        let limit = Duration::from_secs(self.limit);
        let mut step = step.args(args).limit(limit).bare();
        let _gallery; // serves until the run has ended
        if self.gallery {
            let folder = tempfile::tempdir()?;
            let links = folder.path().join("links.txt");
            let gallery = Step::new("gallery").release(release).bare();
            let gallery = gallery.arg("--links").arg(&links).start();
            steps::wait_for("the gallery", || gallery.stdout().contains("Ctrl-C").then_some(()));
            step = step.text("links.txt", files::read(&links)?);
            _gallery = gallery;
        }
        let run = self.files.iter().fold(step, |step, file| step.file(file)).try_run()?;
        let expected = run.status.code() == Some(self.status);
        ensure!(expected, "it ended with {}:\n{}", run.status, run.stderr);
        Ok(run)
    }

    fn keep(&self, root: &Path) -> anyhow::Result<()> {
        println!("{}", self.command());
        if self.python.is_some() {
            let run = self.run_python(&self.args, true)?;
            let run =
                run.context("its Python is not here: ./tests/run says which, and sets it up")?;
            return self.keep_text(root, &run.stdout);
        }
        let Some(step) = &self.step else {
            // It prints tables, may draw a plot, and leaves no trace.
            let bench = self.bench.as_deref().unwrap_or_default();
            let plot = root.join(format!("target/plots/{bench}.json"));
            let _ = std::fs::remove_file(&plot); // another run's
            self.keep_text(root, &self.run_bench()?)?;
            return self.keep_drawing(Drawing::Plots, root, &plot);
        };
        let run = self.run(step, &self.args, self.release)?;
        self.keep_text(root, &run.stdout)?;
        run.trace(); // says what is wrong if there is none
        for drawing in Drawing::ALL {
            let left = run.folder().join("target").join(drawing.folder()).join(step);
            let left = match drawing {
                Drawing::Timelines => run.timeline().to_owned(),
                Drawing::Plots => left.with_extension("json"),
            };
            self.keep_drawing(drawing, root, &left)?;
        }
        Ok(())
    }

    fn keep_drawing(&self, drawing: Drawing, root: &Path, left: &Path) -> anyhow::Result<()> {
        let kept = self.json(drawing, root);
        let is_wanted = match drawing {
            Drawing::Timelines => self.timelines,
            Drawing::Plots => self.plot,
        };
        if !left.exists() || !is_wanted {
            let _ = std::fs::remove_file(kept); // it draws this no more
            return Ok(());
        }
        for (name, content) in drawing.figures(&self.name, left)? {
            files::write(&drawing.in_book(root).join(name), &content)?;
        }
        let is_small = |file: &Path| anyhow::Ok(file.metadata()?.len() <= SMALL);
        let in_parts = drawing == Drawing::Timelines && !is_small(left)?;
        match in_parts {
            false => drop(std::fs::copy(left, kept)?),
            true => drop(std::fs::remove_file(kept)),
        }
        if drawing == Drawing::Timelines {
            self.keep_parts(root, &Trace::read(left)?, in_parts)?;
        }
        Ok(())
    }

    /// Keeps the parts of a trace one by one, those that are small; or sees to it that none is left.
    fn keep_parts(&self, root: &Path, trace: &Trace, keep: bool) -> anyhow::Result<()> {
        for (name, part) in by_name(&self.name, trace) {
            let file = Drawing::Timelines.in_book(root).join(format!("{name}.json"));
            if file == self.json(Drawing::Timelines, root) {
                continue; // it has one part
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

    /// A benchmark has as long as it likes.
    fn run_bench(&self) -> anyhow::Result<String> {
        let mut command = steps::cargo();
        command.args(["bench", "--quiet"]);
        command.args(self.features().iter().flat_map(|feature| ["--features", feature]));
        command.arg("--bench").args(&self.bench);
        if !self.args.is_empty() {
            command.arg("--").args(&self.args);
        }
        let output = command.output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "it ended with {}:\n{errors}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn keep_text(&self, root: &Path, output: &str) -> anyhow::Result<()> {
        let mut text = self.command() + "\n";
        for line in output.trim_end().lines() {
            text += line.trim_end();
            text.push('\n');
        }
        files::write(&self.text_file(root), &self.with_anchors(&text)?)
    }

    /// What follows the command line in the text that was kept. None, if there is another command line.
    fn output_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(&self.command())?.strip_prefix('\n')
    }

    /// Puts an anchor around each part. A line belongs to the text as it is otherwise.
    fn with_anchors(&self, text: &str) -> anyhow::Result<String> {
        let lines: Vec<&str> = text.lines().collect();
        let mut begins = vec![String::new(); lines.len() + 1];
        let mut ends = vec![String::new(); lines.len() + 1];
        for (name, part) in &self.parts {
            let find = |start: &str, from: usize| {
                let found = lines[from..].iter().position(|line| line.starts_with(start));
                let what = || format!("part {name}: no line begins with {start:?}");
                found.map(|index| from + index).with_context(what)
            };
            let first = part.from.as_deref().map_or(Ok(0), |start| find(start, 0))?;
            let mut end = match (&part.to, &part.before) {
                (Some(to), None) => find(to, first)? + 1,
                (None, Some(before)) => find(before, first)?,
                (None, None) => lines.len(),
                (Some(_), Some(_)) => bail!("part {name} has both `to` and `before`"),
            };
            while end > first + 1 && lines[end - 1].is_empty() {
                end -= 1; // the gap before what follows
            }
            begins[first] += &format!("ANCHOR: {name}\n");
            ends[end] += &format!("ANCHOR_END: {name}\n");
        }
        let mut out = String::new();
        for (index, line) in lines.iter().enumerate() {
            out += &ends[index];
            out += &begins[index];
            out += line;
            out.push('\n');
        }
        Ok(out + &ends[lines.len()])
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
        let output = match (&self.step, &self.python) {
            // What it prints does not depend on how it was built, and this build is there already.
            (Some(step), _) => self.run(step, args, false).map(|run| run.stdout),
            (None, Some(twin)) => match self.run_python(args, false) {
                Ok(Some(run)) => Ok(run.stdout),
                // Where everything has to be there, it has to be tried.
                Ok(None) if std::env::var_os("CI").is_none() => {
                    eprintln!("{twin}.py was not run: its Python is not here (see tests/run)");
                    return None;
                }
                Ok(None) => Err(anyhow::anyhow!("its Python is not here")),
                Err(error) => Err(error),
            },
            (None, None) => self.run_bench(),
        };
        let what = match output {
            Err(error) => format!("it does not run any more: {error:#}"),
            Ok(output) => match self.compare(recorded, &output) {
                Ok(()) => return None,
                Err(difference) => format!(
                    "a new run prints something else (type `cargo book record {}`):\n{difference}",
                    self.name
                ),
            },
        };
        Some(Problem::new(root, &file, what))
    }

    fn compare(&self, recorded: &str, fresh: &str) -> Result<(), String> {
        let redact = match self.check_args {
            Some(_) => steps::redact_asked,
            None => steps::redact,
        };
        let free: Vec<&str> = self.any_order.iter().map(String::as_str).collect();
        steps::compare(&redact(recorded), &redact(fresh), Order::Free(&free))
    }

    fn text_file(&self, root: &Path) -> PathBuf {
        root.join("book/src/recorded").join(format!("{}.txt", self.name))
    }

    fn json(&self, drawing: Drawing, root: &Path) -> PathBuf {
        drawing.in_book(root).join(format!("{}.json", self.name))
    }
}

/// The text of a recording without the lines that mark its parts.
fn without_anchors(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("ANCHOR"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn pictures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = files::with_extension(folder, "html")?;
    found.extend(files::with_extension(folder, "svg")?);
    Ok(found)
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
    use super::*;

    fn recording(args: &[&str]) -> Recording {
        Recording {
            name: "03_imap".to_owned(),
            step: Some("03_pool".to_owned()),
            bench: None,
            python: None,
            gallery: false,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            release: false,
            any_order: Vec::new(),
            parts: BTreeMap::new(),
            check_args: None,
            status: 0,
            files: Vec::new(),
            timelines: true,
            plot: true,
            limit: 1,
        }
    }

    #[test]
    fn the_command_is_what_the_reader_types() {
        assert_eq!(recording(&[]).command(), "$ cargo run --example 03_pool");
        let bench = Recording { step: None, bench: Some("downloads".to_owned()), ..recording(&[]) };
        assert_eq!(bench.command(), "$ cargo bench --bench downloads");
        let python = Recording {
            step: None,
            python: Some("03_pool".to_owned()),
            ..recording(&["--kind", "processes"])
        };
        let command = "$ python3 examples/python/03_pool.py --kind processes";
        assert_eq!(python.command(), command);
        let cluster = Recording { step: Some("11_cluster".to_owned()), ..recording(&["status"]) };
        assert_eq!(
            cluster.command(),
            "$ cargo run --features cluster --example 11_cluster -- status"
        );
        let release = Recording { release: true, ..recording(&["--workers", "4", "a b"]) };
        assert_eq!(
            release.command(),
            "$ cargo run --release --example 03_pool -- --workers 4 'a b'"
        );
        let paths = ["a", "b"].map(|folder| format!("{folder}/").repeat(20));
        let long = recording(&["--links", &paths[0], "--out", &paths[1]]);
        assert_eq!(
            long.command(),
            format!(
                "$ cargo run --example 03_pool -- \\\n    --links {} --out {}",
                paths[0], paths[1]
            )
        );
        let kept = long.command() + "\none\n";
        assert_eq!(long.output_in(&kept), Some("one\n"));
        assert_eq!(recording(&[]).output_in(&kept), None);
    }

    #[test]
    fn what_was_asked_counts_unless_the_check_asks_for_something_else() {
        let (four, three) = ("Sleeping 4 second(s)...\n", "Sleeping 3 second(s)...\n");
        assert!(recording(&[]).compare(four, three).is_err());
        let quick = Recording { check_args: Some(Vec::new()), ..recording(&[]) };
        assert!(quick.compare(four, three).is_ok());
        let (slow, fast) = ("Finished in 12.01 second(s)", "Finished in 9.98 second(s)");
        assert!(recording(&[]).compare(slow, fast).is_ok());
    }

    #[test]
    fn parts_become_anchors_and_are_no_part_of_the_text() {
        let text = "$ run\none\ntwo\nthree\n";
        let part = |from: Option<&str>, to: Option<&str>, before: Option<&str>| Part {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            before: before.map(str::to_owned),
        };
        let parts = [
            ("a".to_owned(), part(None, Some("one"), None)),
            ("b".to_owned(), part(Some("two"), None, Some("thr"))),
            ("c".to_owned(), part(Some("thr"), None, None)),
        ];
        let recording = Recording { parts: parts.into(), ..recording(&[]) };
        let anchored = recording.with_anchors(text).unwrap();
        assert_eq!(
            anchored,
            "ANCHOR: a\n$ run\none\nANCHOR_END: a\nANCHOR: b\ntwo\nANCHOR_END: b\nANCHOR: c\nthree\nANCHOR_END: c\n"
        );
        assert_eq!(without_anchors(&anchored), text);
        assert!(recording.with_anchors("$ run\n").is_err());
    }

    #[test]
    fn the_trace_behind_a_picture_is_found_whole_or_in_parts() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("book/src/timelines");
        let timeline = lessons::timeline::Timeline::start("03_pool");
        for name in ["map", "imap in chunks"] {
            timeline.section(name);
            drop(lessons::timeline::span(name));
        }
        let trace = timeline.stop();
        // One recording's name begins with another's.
        trace.write(&folder.join("03_pool-processes.json")).unwrap();
        let file =
            |picture: &str| kept_trace(&folder, picture).map(|(file, part)| (file, part.step));
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
        let drawn = Drawing::Timelines.kept_figures(root.path(), "03_pool").unwrap();
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
