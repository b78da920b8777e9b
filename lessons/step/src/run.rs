//! What every step does before its idea and after it.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use hands::timeline::{Timeline, Trace};
use hands::{eprintln, output, println};

use crate::flags::RunArgs;

/// One run of a step. It starts a stopwatch and a timeline, and ends with the line `Finished in
/// N.NN second(s)` and the picture.
///
/// ```
/// use clap::Parser;
/// use step::{Run, RunArgs};
///
/// #[derive(Parser)]
/// struct Args {
///     #[command(flatten)]
///     run: RunArgs,
/// }
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("tea.json");
/// let args = Args::parse_from(["tea".as_ref(), "--timeline".as_ref(), file.as_os_str()]);
///
/// let run = Run::start("tea", args.run);
/// run.section("boil");
/// // … the idea of the step …
/// run.finish()?;
/// assert!(file.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a run that is dropped at once records nothing"]
pub struct Run {
    step: &'static str,
    timeline: Timeline,
    file: Option<PathBuf>,
    start: Instant,
}

impl Run {
    /// Starts the stopwatch and the timeline of the step with this name.
    pub fn start(step: &'static str, args: RunArgs) -> Run {
        let timeline = Timeline::start(step);
        Run { step, timeline, file: args.timeline, start: Instant::now() }
    }

    /// The run of a child process that was started with `--timeline` and a
    /// [file for it](Timeline::file_for_child). It records for its parent, and goes on when nobody
    /// reads any more: the parent is the one to stop then.
    pub fn child(args: &RunArgs) -> Run {
        output::go_on();
        Run::start("child", args.clone())
    }

    /// Leaves what a child has recorded for its parent to find.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn tell_parent(self) -> io::Result<()> {
        let trace = self.timeline.stop();
        self.file.map_or(Ok(()), |file| trace.write(&file))
    }

    /// The name of the step.
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// The timeline, for a step that does more with it.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Begins a new [section](Timeline::section) of the timeline, with a picture of its own.
    pub fn section(&self, name: impl Into<String>) {
        self.timeline.section(name);
    }

    /// [Ends the section](Timeline::end_section), and returns what was recorded in it.
    pub fn end_section(&self) -> Trace {
        self.timeline.end_section()
    }

    /// Prints how long the run took, prints the timeline, and writes it to the file that
    /// `--timeline` names, or else to `target/timelines/<step>.json`.
    ///
    /// # Errors
    ///
    /// If the file can't be written. The error names it.
    pub fn finish(self) -> io::Result<()> {
        self.print_time();
        self.finish_untimed()
    }

    /// As [`finish`](Run::finish), but without the time: for a run that was cut short.
    ///
    /// # Errors
    ///
    /// As for `finish`.
    pub fn finish_untimed(self) -> io::Result<()> {
        self.timeline.finish(self.file).map(drop)
    }

    /// As [`finish`](Run::finish), but doesn't print the timeline: for a run with too many sections
    /// for a terminal.
    ///
    /// # Errors
    ///
    /// As for `finish`.
    pub fn finish_unseen(self) -> io::Result<()> {
        self.print_time();
        self.timeline.stop().save(self.file)
    }

    fn print_time(&self) {
        println!("Finished in {:.2} second(s)", self.start.elapsed().as_secs_f64());
    }
}

/// If the program was built without optimisation, says so, and that `--release` is faster. `effect`
/// completes the sentence "It was built without optimisation, so …".
pub fn advise_release(effect: &str) {
    if cfg!(debug_assertions) {
        eprintln!("Note: built without optimisation, so {effect}. This is faster:");
        eprintln!("      cargo run --release --example …");
    }
}
