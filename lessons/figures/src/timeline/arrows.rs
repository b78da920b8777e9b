//! Arrows between rows: from a wait to the row that holds its lock, and from the row that had
//! queued a task to the one that stole it.

use std::collections::HashMap;

use hands::timeline::Trace;

use super::layout::Layout;
use crate::element::{Element, line};
use crate::sheet::unit;

/// A wait that is narrower than this gets no arrow: there would be no end of them.
const NARROW: f64 = 24.0;

/// An arrow for each wait that is wide enough, and for each task that was stolen. Says which kinds
/// there are.
pub(super) fn arrows(trace: &Trace, layout: &Layout, out: &mut String) -> Drawn {
    let shown = &trace.rows()[..layout.names.len()];
    let rows: HashMap<&str, usize> =
        shown.iter().enumerate().map(|(row, it)| (it.name.as_str(), row)).collect();
    let row_of = |name: Option<&String>| rows.get(name?.as_str()).copied();
    let mut drawn = Drawn::default();
    for span in trace.spans().iter().filter(|span| span.row < shown.len()) {
        let (from, width) = (layout.x(span.start), layout.x(span.end) - layout.x(span.start));
        let holder = row_of(span.waits_for.as_ref().and_then(|wait| wait.holder.as_ref()));
        if let Some(holder) = holder.filter(|holder| width >= NARROW && *holder != span.row) {
            let x = if span.row < holder { from + 8.0 } else { from + 18.0 };
            line(out, [arrow(layout, span.row, holder, x, "mh-wait")]);
            drawn.waits = true;
        }
        if let Some(owner) = row_of(span.stolen_from.as_ref()).filter(|owner| *owner != span.row) {
            line(out, [arrow(layout, owner, span.row, from, "mh-steal")]);
            drawn.steals = true;
        }
    }
    drawn
}

/// Which kinds of arrows are in a picture.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) waits: bool,
    pub(super) steals: bool,
}

impl Drawn {
    /// What they mean.
    pub(super) fn meanings(&self) -> impl Iterator<Item = &'static str> {
        let waits = self.waits.then_some("→ waits for its holder");
        let steals = self.steals.then_some("⇢ stolen from its owner");
        waits.into_iter().chain(steals)
    }
}

/// From one row to another. Arrows that lead down and up are told apart by where they begin.
fn arrow(layout: &Layout, from: usize, to: usize, x: f64, class: &str) -> Element {
    let (begin, end, tip) = if from < to {
        (layout.top(from) + layout.height - 4.0, layout.top(to) + 2.0, -5.0)
    } else {
        (layout.top(from) + 4.0, layout.top(to) + layout.height - 2.0, 5.0)
    };
    let d = format!("M{} {}V{}m-4 {tip}l4 {}l4 {tip}", unit(x), unit(begin), unit(end), -tip);
    Element::new("path").attr("class", class).attr("d", d)
}
