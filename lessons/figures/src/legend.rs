//! What the colours and lines of a picture mean.

use crate::element::{Element, line};

/// Entries side by side, continued on the next line when one is full.
pub(crate) struct Legend {
    left: f64,
    right: f64,
    /// From one line to the next.
    pitch: f64,
    /// How much of an entry's width is a gap that the last one on a line doesn't need.
    gap: f64,
    x: f64,
    y: f64,
    lines: String,
}

impl Legend {
    /// An empty legend between `left` and `right`, whose first line stands at `y`.
    pub(crate) fn new((left, right): (f64, f64), y: f64, pitch: f64, gap: f64) -> Self {
        Legend { left, right, pitch, gap, x: left, y, lines: String::new() }
    }

    /// Adds an entry of this width, drawn with its lower left corner at the place that `draw` is
    /// given.
    pub(crate) fn add<const N: usize>(
        &mut self,
        width: f64,
        draw: impl FnOnce(f64, f64) -> [Element; N],
    ) {
        if self.x + width > self.right + self.gap && self.x > self.left {
            (self.x, self.y) = (self.left, self.y + self.pitch);
        }
        line(&mut self.lines, draw(self.x, self.y));
        self.x += width;
    }

    /// Where the last line stands. `None` if there are no entries.
    pub(crate) fn bottom(&self) -> Option<f64> {
        (!self.lines.is_empty()).then_some(self.y)
    }

    /// What is drawn, line by line.
    pub(crate) fn lines(&self) -> &str {
        &self.lines
    }
}
