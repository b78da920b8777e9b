//! Where everything goes in a picture of a timeline.

use std::time::Duration;

use hands::timeline::{Trace, row_labels};

use crate::element::Element;
use crate::page::Page;
use crate::sheet::{letter, unit};

/// How many rows are drawn. The rest are counted.
pub(super) const ROWS: usize = 128;

/// Where everything goes. All lengths are in units of the picture.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) font: f64,
    /// The average width of a letter.
    pub(super) letter: f64,
    /// What the rows are called.
    pub(super) names: Vec<String>,
    /// The height of the heading.
    pub(super) head: f64,
    /// From one row to the next.
    pub(super) pitch: f64,
    /// The height of a bar.
    pub(super) height: f64,
    /// Where the bars begin, and where they end.
    pub(super) left: f64,
    pub(super) right: f64,
    /// The width of a column of shares.
    pub(super) share: f64,
    start: Duration,
    /// The time between the left and the right edge of the bars.
    pub(super) scale: Duration,
}

impl Layout {
    /// A layout for this trace, with this many columns of shares.
    pub(super) fn new(trace: &Trace, scale: Duration, page: Page, shares: usize) -> Self {
        let (width, font) = (page.width(), page.font());
        let most = if page == Page::Wide { 16 } else { 11 };
        let letter = letter(font);
        let shown = trace.rows().len().min(ROWS);
        let names: Vec<&str> = trace.rows()[..shown].iter().map(|row| row.name.as_str()).collect();
        let names = row_labels(&names, most);
        let letters = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
        let (pitch, height) = if shown > 24 { (19.0, 16.0) } else { (32.0, 24.0) };
        let share = 5.0 * letter + 4.0;
        Layout {
            width,
            font,
            letter,
            names,
            head: if shares > 0 { font + 4.0 } else { 0.0 },
            pitch,
            height,
            left: letters as f64 * letter + 8.0,
            right: width - shares as f64 * share - 6.0,
            share,
            start: trace.start(),
            scale,
        }
    }

    /// When the run began.
    pub(super) fn start(&self) -> Duration {
        self.start
    }

    /// Where a moment is.
    pub(super) fn x(&self, at: Duration) -> f64 {
        let wall = self.scale.as_secs_f64().max(1e-9);
        let share = at.saturating_sub(self.start).as_secs_f64() / wall;
        self.left + share.min(1.0) * (self.right - self.left)
    }

    /// The top of a row's bars.
    pub(super) fn top(&self, row: usize) -> f64 {
        self.head + row as f64 * self.pitch + (self.pitch - self.height) / 2.0
    }

    /// The baseline of a row's text.
    pub(super) fn base(&self, row: usize) -> f64 {
        self.head + row as f64 * self.pitch + self.pitch / 2.0 + self.font * 0.35
    }

    /// Where the rows end.
    pub(super) fn bottom(&self) -> f64 {
        self.head + self.names.len() as f64 * self.pitch
    }
}

/// A text that begins here.
pub(super) fn text(x: f64, y: f64) -> Element {
    Element::new("text").attr("x", unit(x)).attr("y", unit(y))
}

/// A rectangle.
pub(super) fn rect(x: f64, y: f64, width: f64, height: f64) -> Element {
    Element::new("rect")
        .attr("x", unit(x))
        .attr("y", unit(y))
        .attr("width", unit(width))
        .attr("height", unit(height))
}
