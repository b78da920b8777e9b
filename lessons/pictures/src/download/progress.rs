//! A bar that fills while links are done, and lines above it.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
        let target = match io::stdout().is_terminal() {
            true => ProgressDrawTarget::stdout(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(links as u64), target);
        Progress { bar: bar.with_style(style), speaks: true }
    }

    /// For a worker process: no bar, and on a terminal no lines either.
    ///
    /// The bar there belongs to the main process, which redraws it where it believes that it is. Two
    /// processes that draw on one terminal do not know of each other's lines.
    pub fn of_worker() -> Progress {
        Progress { bar: ProgressBar::hidden(), speaks: !io::stdout().is_terminal() }
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.speaks {
            return;
        }
        let text = super::report::plain(text.as_ref());
        // Without a terminal to draw on, the bar would swallow the line.
        match self.bar.is_hidden() {
            // In one piece, because several processes may write here. Whoever closed the pipe reads no
            // more lines; that is no reason to stop the work.
            true => drop(io::stdout().write_all(format!("{text}\n").as_bytes())),
            false => self.bar.println(text),
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
