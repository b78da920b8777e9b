//! Who waits for whom: an arrow from a wait to the row that holds its lock.

use std::collections::HashMap;

use hands::timeline::Trace;

use super::layout::Layout;
use crate::element::{Element, line};
use crate::sheet::unit;

/// A wait that is narrower than this gets no arrow: there would be no end of them.
const NARROW: f64 = 24.0;

/// An arrow for each wait that is wide enough.
pub(super) fn arrows(trace: &Trace, layout: &Layout, out: &mut String) {
    let shown = &trace.rows()[..layout.names.len()];
    let rows: HashMap<&str, usize> =
        shown.iter().enumerate().map(|(row, it)| (it.name.as_str(), row)).collect();
    for span in trace.spans() {
        let Some(wait) = &span.waits_for else { continue };
        let (from, width) = (layout.x(span.start), layout.x(span.end) - layout.x(span.start));
        let holder = wait.holder.as_deref().and_then(|name| rows.get(name));
        let Some(&holder) = holder else { continue };
        if width < NARROW || holder == span.row || span.row >= shown.len() {
            continue;
        }
        line(out, [arrow(layout, span.row, holder, from)]);
    }
}

/// Down on one side and up on the other, so that two that wait for each other are told apart.
fn arrow(layout: &Layout, waiter: usize, holder: usize, from: f64) -> Element {
    let (x, begin, end, tip) = if waiter < holder {
        (from + 8.0, layout.top(waiter) + layout.height - 4.0, layout.top(holder) + 2.0, -5.0)
    } else {
        (from + 18.0, layout.top(waiter) + 4.0, layout.top(holder) + layout.height - 2.0, 5.0)
    };
    let d = format!("M{} {}V{}m-4 {tip}l4 {}l4 {tip}", unit(x), unit(begin), unit(end), -tip);
    Element::new("path").attr("class", "mh-wait").attr("d", d)
}
