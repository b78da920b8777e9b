//! Which spans are drawn as one bar.

use std::cmp::Reverse;
use std::time::Duration;

use hands::timeline::{Span, Trace};

/// Spans narrower than this are joined with their neighbours. They would be less than half a pixel
/// wide on a phone.
pub(super) const THIN: f64 = 0.8;
/// If there are more bars than this, wider ones are joined, too, because a page should open
/// quickly.
const BARS: usize = 1500;

/// A span, or neighbours that are too thin to be told apart.
pub(super) struct Bar<'t> {
    pub(super) spans: usize,
    pub(super) busy: Duration,
    /// How much of that was computing, if that is known of all spans.
    pub(super) computed: Option<Duration>,
    /// Within how many other spans it lies.
    pub(super) depth: usize,
    pub(super) longest: &'t Span,
    pub(super) start: Duration,
    pub(super) end: Duration,
}

/// The bars of the first `rows` rows. `x` says where a moment is in the picture.
pub(super) fn bars(trace: &Trace, rows: usize, x: impl Fn(Duration) -> f64) -> Vec<Vec<Bar<'_>>> {
    let mut spans: Vec<Vec<&Span>> = vec![Vec::new(); trace.rows().len()];
    for span in trace.spans() {
        spans[span.row].push(span);
    }
    for spans in &mut spans {
        // A span that lies within another one is drawn after it, and so on top of it.
        spans.sort_by_key(|span| (span.start, Reverse(span.end)));
    }
    spans.truncate(rows);
    let mut thin = THIN;
    loop {
        let bars: Vec<Vec<Bar<'_>>> = spans.iter().map(|spans| merged(spans, thin, &x)).collect();
        if bars.iter().map(Vec::len).sum::<usize>() <= BARS || thin >= 10.0 {
            return bars;
        }
        thin *= 1.5;
    }
}

/// Joins neighbours that are thinner than `thin`, and as close together.
fn merged<'t>(spans: &[&'t Span], thin: f64, x: impl Fn(Duration) -> f64) -> Vec<Bar<'t>> {
    let is_thin = |span: &Span| x(span.end) - x(span.start) < thin;
    let mut bars: Vec<Bar<'t>> = Vec::new();
    let mut may_grow = false; // the last bar
    let mut around: Vec<Duration> = Vec::new(); // the ends of spans that may go on
    for &span in spans {
        around.retain(|end| *end > span.start && *end >= span.end);
        let depth = around.len();
        around.push(span.end);
        let is_near = |bar: &Bar<'_>| x(span.start) - x(bar.end) < thin;
        match bars.last_mut() {
            Some(bar) if may_grow && is_thin(span) && is_near(bar) => {
                bar.spans += 1;
                bar.busy += span.length();
                bar.computed = bar.computed.zip(span.computed).map(|(a, b)| a + b);
                bar.end = bar.end.max(span.end);
                if span.length() > bar.longest.length() {
                    bar.longest = span;
                }
            }
            _ => {
                may_grow = is_thin(span);
                bars.push(Bar {
                    spans: 1,
                    busy: span.length(),
                    computed: span.computed,
                    depth,
                    longest: span,
                    start: span.start,
                    end: span.end,
                });
            }
        }
    }
    bars
}

impl Bar<'_> {
    /// The share of its time for which its worker computed, from 0 to 1, if that is known.
    pub(super) fn fullness(&self) -> Option<f64> {
        let computed = self.computed?.as_secs_f64();
        Some((computed / self.busy.as_secs_f64().max(1e-9)).clamp(0.0, 1.0))
    }
}
