//! The axis: round times, and the end.

use std::time::Duration;

use hands::timeline::seconds;

use super::layout::Layout;
use crate::element::{Element, line};
use crate::sheet::{round_step, unit};

/// Lines across the rows down to `bottom`, and their times at `axis`.
pub(super) fn grid(layout: &Layout, out: &mut String, bottom: f64, axis: f64) {
    let width = layout.right - layout.left;
    let at = |time: Duration| {
        layout.left + width * time.as_secs_f64() / layout.scale.as_secs_f64().max(1e-9)
    };
    let (end, length) = (layout.right, seconds(layout.scale));
    let half = |label: &str| layout.letter * label.chars().count() as f64 / 2.0;
    let inner = ticks(layout.scale, width).into_iter().map(|(time, label)| (at(time), label));
    // A label that would run into the one at the end is left out.
    let fits = |(x, label): &(f64, String)| *x < end - 14.0 - half(label) - half(&length);
    for (x, label) in inner.filter(fits).chain([(end, length.clone())]) {
        let d = format!("M{} {}V{}", unit(x), unit(layout.head), unit(bottom + 3.0));
        // The last one may not leave the picture.
        let middle = x.min(layout.width - half(&label));
        let label_at = Element::new("text").attr("class", "mh-mid").attr("x", unit(middle));
        line(
            out,
            [
                Element::new("path").attr("class", "mh-grid").attr("d", d),
                label_at.attr("y", unit(axis)).text(&label),
            ],
        );
    }
}

/// Round times along an axis of this width, a multiple of 1, 2 or 5 times a power of ten apart.
pub(super) fn ticks(wall: Duration, width: f64) -> Vec<(Duration, String)> {
    let length = wall.as_secs_f64();
    if length <= 0.0 {
        return Vec::new();
    }
    let step = round_step(length * 70.0 / width);
    let (scale, name) = match length {
        l if l < 0.001 => (1e6, "µs"),
        l if l < 0.1 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    // As many decimals as the step needs.
    let decimals = (-(step * scale).log10().floor()).max(0.0) as usize;
    (0..)
        .map(|n| f64::from(n) * step)
        .take_while(|at| *at < length)
        .map(|at| {
            let label = match at {
                0.0 => "0".to_owned(),
                _ => format!("{:.decimals$} {name}", at * scale),
            };
            (Duration::from_secs_f64(at), label)
        })
        .collect()
}
