//! Moments on a row: inputs that were taken, and results that were handed out.

use hands::timeline::{Mark, Moment};

use super::bars::THIN;
use super::layout::Layout;
use crate::element::{Element, line};
use crate::sheet::unit;

/// `▾` at the upper edge for an input that was taken, `▴` at the lower edge for a result handed
/// out.
pub(super) fn marks(layout: &Layout, out: &mut String, row: usize, moments: &[&Moment]) {
    let top = layout.top(row);
    let taken = moments.iter().filter_map(|moment| match moment.mark {
        Mark::Taken(index) => Some((layout.x(moment.at), index)),
        Mark::Yielded(_) => None,
    });
    let yielded = moments.iter().filter_map(|moment| match moment.mark {
        Mark::Yielded(index) => Some((layout.x(moment.at), index)),
        Mark::Taken(_) => None,
    });
    for (x, group) in grouped(taken) {
        line(out, [mark(x, top, 9.0, "input taken", &group)]);
    }
    for (x, group) in grouped(yielded) {
        line(out, [mark(x, top + layout.height, -9.0, "result handed out", &group)]);
    }
}

/// Joins marks that are too close together to be told apart.
fn grouped(marks: impl Iterator<Item = (f64, usize)>) -> Vec<(f64, Vec<usize>)> {
    let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
    for (x, index) in marks {
        match groups.last_mut() {
            Some((first, group)) if (x - *first).abs() < 2.0 * THIN => group.push(index),
            _ => groups.push((x, vec![index])),
        }
    }
    groups
}

/// A triangle from the edge of a row to its tip, for one or more inputs or results.
fn mark(x: f64, edge: f64, tip: f64, what: &str, group: &[usize]) -> Element {
    let which = match group {
        [first, .., last] => format!("{first} to {last}, {} in all", group.len()),
        _ => group.iter().map(usize::to_string).collect(),
    };
    Element::new("path")
        .attr("class", "mh-mark")
        .attr("d", format_args!("M{} {}h10l-5 {tip}z", unit(x - 5.0), unit(edge)))
        .children([Element::new("title").text(&format!("{what}: {which}"))])
}
