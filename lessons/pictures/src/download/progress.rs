//! Progress bars on the terminal, and lines above them.
//!
//! A program that shows progress has work to do, so it goes on even if nobody reads its output any
//! more: see [`output`].

use std::io::{self, IsTerminal};

use hands::{output, println};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use step::text::shown;

/// A progress bar for links, and lines above it. If the standard output is not a terminal, there
/// are only the lines.
///
/// Threads can share it by reference.
///
/// ```
/// use pictures::download::Progress;
///
/// let progress = Progress::new(2);
/// progress.line("Downloading http://host/a.png");
/// progress.advance();
/// progress.finish();
/// ```
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    prints_lines: bool,
}

impl Progress {
    /// A bar that is full after `links` calls to [`advance`](Progress::advance).
    pub fn new(links: usize) -> Progress {
        Progress::below(&Stages::new(None), links)
    }

    /// The same, below lines of others.
    pub(crate) fn below(stages: &Stages, links: usize) -> Progress {
        let bar = ProgressBar::new(links as u64);
        let bar = stages.bars.add(bar.with_style(style("{wide_bar} {pos}/{len} {elapsed}")));
        Progress { bar, prints_lines: true }
    }

    /// For a worker process: no bar, and no lines either if the standard output is a terminal.
    ///
    /// The bar on the terminal belongs to the main process, which could not know of lines that
    /// another process prints, and would draw over them.
    pub fn for_worker() -> Progress {
        output::go_on();
        Progress { bar: ProgressBar::hidden(), prints_lines: !io::stdout().is_terminal() }
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.prints_lines {
            return;
        }
        let text = shown(text.as_ref());
        // A hidden bar would swallow the line.
        if self.bar.is_hidden() {
            println!("{text}");
        } else {
            self.bar.println(text);
        }
    }

    /// One more link has ended.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress bars of a pipeline, one for each stage, and lines above them. If the standard
/// output is not a terminal, there are only the lines. A clone draws the same bars.
///
/// ```
/// use pictures::download::Stages;
///
/// let stages = Stages::new(Some(2));
/// let (download, process) = (stages.bar("download"), stages.bar("process"));
/// stages.line("Downloading http://host/a.png");
/// download.advance(1); // one is downloaded, and waits for the next stage
/// download.advance(2);
/// process.advance(0);
/// stages.finish();
/// ```
#[derive(Debug, Clone)]
pub struct Stages {
    bars: MultiProgress,
    links: Option<u64>,
}

/// The progress bar of one stage.
#[derive(Debug, Clone)]
pub struct StageBar(ProgressBar);

impl Stages {
    /// For this many links, if the number is known.
    pub fn new(links: Option<usize>) -> Stages {
        let links = links.map(|links| links as u64);
        Stages { bars: MultiProgress::with_draw_target(target()), links }
    }

    /// Adds a bar for the next stage, below the others.
    pub fn bar(&self, stage: &str) -> StageBar {
        let bar = match self.links {
            Some(links) => ProgressBar::new(links)
                .with_style(style("{prefix:9} {wide_bar} {pos}/{len}  {msg:10}")),
            None => ProgressBar::no_length().with_style(style("{prefix:9} {pos}  {msg}")),
        };
        bar.set_prefix(stage.to_owned());
        let bar = self.bars.add(bar);
        bar.tick(); // show it before anything has passed
        StageBar(bar)
    }

    /// Prints a line above the bars.
    pub fn line(&self, text: impl AsRef<str>) {
        let text = shown(text.as_ref());
        if self.bars.is_hidden() {
            println!("{text}");
        } else {
            // It fails if the terminal is gone, which is no reason to stop working.
            self.bars.println(text).ok();
        }
    }

    /// Removes the bars.
    pub fn finish(&self) {
        self.bars.clear().ok();
    }
}

impl StageBar {
    /// One more link has passed this stage, and `waiting` of them wait for the next.
    pub fn advance(&self, waiting: usize) {
        self.0.inc(1);
        if !self.0.is_hidden() {
            self.0.set_message(format!("{waiting} waiting"));
        }
    }
}

fn target() -> ProgressDrawTarget {
    output::go_on();
    if io::stdout().is_terminal() {
        ProgressDrawTarget::stdout()
    } else {
        ProgressDrawTarget::hidden()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
