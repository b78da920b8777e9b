//! A bar that fills while links are done, and lines above it.
//!
//! Whoever shows progress has work to do, and goes on with it when nobody reads any more: see
//! [`output`](hands::output).

use std::io::{self, IsTerminal};

use hands::{output, println};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use step::text::shown;

/// A progress bar over the links, on the terminal. Where the standard output is no terminal there
/// is no bar, only the lines.
///
/// Share it by reference among threads.
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
    /// Whether lines are printed.
    speaks: bool,
}

impl Progress {
    /// A bar that is full after `links` calls of [`advance`](Progress::advance).
    pub fn new(links: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(links as u64), target());
        Progress { bar: bar.with_style(style("{wide_bar} {pos}/{len} {elapsed}")), speaks: true }
    }

    /// For a worker process: no bar, and on a terminal no lines either.
    ///
    /// The bar there belongs to the main process, which redraws it where it believes that it is. Two
    /// processes that draw on one terminal do not know of each other's lines.
    pub fn of_worker() -> Progress {
        output::go_on();
        Progress { bar: ProgressBar::hidden(), speaks: !io::stdout().is_terminal() }
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.speaks {
            return;
        }
        // Without a terminal to draw on, the bar would swallow the line.
        match self.bar.is_hidden() {
            true => println!("{}", shown(text.as_ref())),
            false => self.bar.println(shown(text.as_ref())),
        }
    }

    /// One more link is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The bars of a pipeline, one for each stage, and lines above them. Where the standard output is no
/// terminal, there are only the lines.
///
/// ```
/// use pictures::download::Stages;
///
/// let stages = Stages::new(Some(2));
/// let (download, process) = (stages.bar("download"), stages.bar("process"));
/// stages.line("Downloading http://host/a.png");
/// download.advance(1); // one is done, and waits for the next stage
/// download.advance(2);
/// process.advance(0);
/// stages.finish();
/// ```
///
/// A copy speaks for the same bars.
#[derive(Debug, Clone)]
pub struct Stages {
    bars: MultiProgress,
    links: Option<u64>,
}

/// How far one stage of a pipeline is.
#[derive(Debug, Clone)]
pub struct StageBar(ProgressBar);

impl Stages {
    /// For so many links, if that is known.
    pub fn new(links: Option<usize>) -> Stages {
        let links = links.map(|links| links as u64);
        Stages { bars: MultiProgress::with_draw_target(target()), links }
    }

    /// A bar for the next stage, below those that are there.
    pub fn bar(&self, stage: &str) -> StageBar {
        let bar = match self.links {
            Some(links) => ProgressBar::new(links)
                .with_style(style("{prefix:9} {wide_bar} {pos}/{len}  {msg:10}")),
            None => ProgressBar::no_length().with_style(style("{prefix:9} {pos}  {msg}")),
        };
        bar.set_prefix(stage.to_owned());
        let bar = self.bars.add(bar);
        bar.tick(); // shown before anything has passed
        StageBar(bar)
    }

    /// Prints a line above the bars.
    pub fn line(&self, text: impl AsRef<str>) {
        match self.bars.is_hidden() {
            true => println!("{}", shown(text.as_ref())),
            // It fails where the terminal is gone: no reason to stop the work.
            false => drop(self.bars.println(shown(text.as_ref()))),
        }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        self.bars.clear().ok();
    }
}

impl StageBar {
    /// One more link has passed, and so many wait for the next stage.
    pub fn advance(&self, waiting: usize) {
        self.0.inc(1);
        if !self.0.is_hidden() {
            self.0.set_message(format!("{waiting} waiting"));
        }
    }
}

fn target() -> ProgressDrawTarget {
    output::go_on();
    match io::stdout().is_terminal() {
        true => ProgressDrawTarget::stdout(),
        false => ProgressDrawTarget::hidden(),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
