//! How a bar is drawn: as full as its worker computed.

use hands::timeline::{Span, bar_label, percent, seconds};

use super::bars::{Bar, THIN};
use super::layout::{Layout, rect, text};
use crate::element::Element;
use crate::sheet::unit;

/// A bar is drawn as full from this share on, and as hollow up to the rest.
const FULL: f64 = 0.97;

/// The bar as a group with this class. `worker` is the name of its row.
pub(super) fn drawn(
    layout: &Layout,
    row: usize,
    bar: &Bar<'_>,
    class: &str,
    worker: &str,
) -> Element {
    let (from, to) = (layout.x(bar.start), layout.x(bar.end));
    let width = (to - from).max(THIN);
    // A span within another one leaves something of that to be seen.
    let inset = (4.0 * bar.depth as f64).min(layout.height / 3.0);
    let (top, height) = (layout.top(row) + inset, layout.height - 2.0 * inset);
    let radius = 4.0_f64.min(width / 2.0);
    let full = height * shown_fullness(bar);
    let mut outline = rect(from, top, width, height).attr("rx", unit(radius));
    let mut classes = Vec::new();
    if full < height {
        classes.push("mh-hollow");
    }
    if bar.spans > 1 {
        // Many short spans with pauses between them are paler.
        let length = bar.end.saturating_sub(bar.start).as_secs_f64();
        let share = (bar.busy.as_secs_f64() / length.max(1e-9)).clamp(0.25, 1.0);
        if full >= height {
            outline = outline.attr("fill-opacity", format_args!("{share:.2}"));
        }
    }
    if width < 4.0 {
        classes.push("mh-thin");
    }
    if !classes.is_empty() {
        outline = outline.attr("class", classes.join(" "));
    }
    let filled = (0.0 < full && full < height)
        .then(|| filled(from, top + height - full, width, full, radius));
    let room = ((width - 8.0) / (layout.letter * 0.9)).max(0.0) as usize;
    let label = if bar.spans == 1 { bar_label(&bar.longest.name, room) } else { "" };
    let base = layout.base(row);
    let label = (!label.is_empty()).then(|| {
        let label_at = text(from + width / 2.0, base).text(label);
        // Dark where it lies on the colour, and else as the page's text.
        if full > 0.75 * height { label_at } else { label_at.attr("class", "mh-light") }
    });
    Element::new("g")
        .attr("class", class)
        .children([Element::new("title").text(&title(layout, bar, worker)), outline])
        .children(filled)
        .children(label)
}

/// How much of the bar is filled, from 0 to 1: all of it if nobody knows.
fn shown_fullness(bar: &Bar<'_>) -> f64 {
    match bar.fullness() {
        Some(share) if share <= 1.0 - FULL => 0.0,
        Some(share) if share < FULL => share,
        _ => 1.0,
    }
}

/// The lower part of a bar, with its round corners.
fn filled(x: f64, y: f64, width: f64, height: f64, radius: f64) -> Element {
    let r = radius.min(height);
    let d = format!(
        "M{} {}h{}v{}a{r} {r} 0 0 1 -{r} {r}h-{}a{r} {r} 0 0 1 -{r} -{r}z",
        unit(x),
        unit(y),
        unit(width),
        unit(height - r),
        unit(width - 2.0 * r),
        r = unit(r),
    );
    Element::new("path").attr("class", "mh-full").attr("d", d)
}

/// What a bar says when the reader points at it.
fn title(layout: &Layout, bar: &Bar<'_>, worker: &str) -> String {
    let start = seconds(bar.start.saturating_sub(layout.start()));
    let length = bar.end.saturating_sub(bar.start);
    let said = match bar.spans {
        1 => {
            let name = &bar.longest.name;
            format!("{name}, {worker}: starts at {start}, takes {}", seconds(length))
        }
        n => format!(
            "{n} spans, {worker}: from {start}, within {}, busy {}",
            seconds(length),
            percent(bar.busy, length),
        ),
    };
    let computed = bar.computed.map_or(String::new(), |computed| {
        let waited = bar.busy.saturating_sub(computed);
        format!(", computes {}, waits {}", seconds(computed), seconds(waited))
    });
    format!("{said}{computed}{}", if bar.spans == 1 { others(bar.longest) } else { String::new() })
}

/// The other workers that a span has to do with: who holds its lock, whose task it was.
fn others(span: &Span) -> String {
    let holder = span.waits_for.as_ref().and_then(|wait| wait.holder.as_ref());
    let holder = holder.map(|holder| format!(", held by {holder}"));
    let owner = span.stolen_from.as_ref().map(|owner| format!(", stolen from {owner}"));
    holder.into_iter().chain(owner).collect()
}
