//! The picture of a trace.

use std::time::Duration;

use hands::timeline::{Mark, Moment, Trace, seconds};

use super::bars::{Bar, THIN, bars};
use super::colours::{first_word, kinds};
use super::words::{description, percent};
use crate::element::{Element, line};
use crate::legend::Legend;
use crate::sheet::{BARS, COLOURS, FONT, LETTER, Sheet, WIDTH, round_step, unit};

/// Room for `100%` at the right.
const SHARE: f64 = 48.0;
/// How many rows are drawn. The rest are counted.
pub(super) const ROWS: usize = 128;
const STYLE: &str = "\
.mh-timeline .mh-track{fill:currentColor;opacity:.07}\
.mh-timeline .mh-grid{stroke:currentColor;opacity:.22}\
.mh-timeline .mh-mark{fill:currentColor}\
.mh-timeline g text{fill:#14171b;font-size:15px;stroke:none;text-anchor:middle;pointer-events:none}\
.mh-timeline .mh-thin{stroke:none}\
.mh-timeline g:hover rect{stroke-width:2.5}";

/// The picture as SVG. Each worker has a row, with a bar for each span, the names of spans if they
/// fit, and the share of the time that the worker was busy. Below is an axis in seconds. The first
/// word of a span's name picks the colour of its bar.
///
/// The picture can be pasted into a page of HTML or Markdown as it is, and is also a file of its
/// own. If a trace has several [`parts`](Trace::parts), draw each of them.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("03_pool");
/// drop(span("sleep 4"));
/// assert!(figures::timeline::svg(&timeline.stop()).contains("<title>Timeline of 03_pool</title>"));
/// ```
pub fn svg(trace: &Trace) -> String {
    svg_to_scale(trace, trace.length())
}

/// The same picture with an axis that ends at `length`, so that two runs can be compared by eye. A
/// run that took longer is drawn to its own end.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("03_pool");
/// drop(span("sleep 4"));
/// let (mine, theirs) = (timeline.stop(), std::time::Duration::from_secs(8));
/// assert!(figures::timeline::svg_to_scale(&mine, theirs).contains(">8.00 s</text>"));
/// ```
pub fn svg_to_scale(trace: &Trace, length: Duration) -> String {
    Picture::new(trace, length.max(trace.length())).svg()
}

/// Where everything goes. All lengths are in units of the picture.
struct Picture<'t> {
    trace: &'t Trace,
    /// The time between the left and the right edge of the bars.
    scale: Duration,
    /// The first words of the spans' names, with their colours.
    kinds: Vec<(&'t str, usize)>,
    /// How many rows are drawn.
    shown: usize,
    /// From one row to the next.
    pitch: f64,
    /// The height of a bar.
    height: f64,
    /// Where the bars begin.
    left: f64,
}

impl<'t> Picture<'t> {
    fn new(trace: &'t Trace, scale: Duration) -> Self {
        let shown = trace.rows().len().min(ROWS);
        let letters = trace.rows()[..shown].iter().map(|row| row.name.chars().count()).max();
        let (pitch, height) = if shown > 24 { (19.0, 16.0) } else { (32.0, 24.0) };
        let left = letters.unwrap_or(0).clamp(4, 16) as f64 * LETTER + 8.0;
        Picture { trace, scale, kinds: kinds(trace), shown, pitch, height, left }
    }

    fn svg(self) -> String {
        let rest = self.trace.rows().len() - self.shown;
        let rows_end = self.shown as f64 * self.pitch;
        let bottom = rows_end + if rest > 0 { 24.0 } else { 0.0 };
        let axis = bottom + 18.0;
        let legend = self.legend(axis + 28.0);
        let mut out = String::new();
        self.tracks(&mut out);
        self.grid(&mut out, bottom, axis);
        let mut moments: Vec<Vec<&Moment>> = vec![Vec::new(); self.trace.rows().len()];
        for moment in self.trace.moments() {
            moments[moment.row].push(moment);
        }
        let bars = bars(self.trace, self.shown, |at| self.x(at));
        for row in 0..self.shown {
            for bar in &bars[row] {
                line(&mut out, [self.bar(row, bar)]);
            }
            self.marks(&mut out, row, &moments[row]);
        }
        if rest > 0 {
            let more = text(0.0, rows_end + 17.0).text(&format!("and {rest} more rows"));
            line(&mut out, [more]);
        }
        Sheet {
            class: "mh-timeline",
            height: legend.bottom().unwrap_or(axis) + 8.0,
            title: &format!("Timeline of {}", self.trace.name()),
            description: &description(self.trace),
            style: &[STYLE, BARS],
        }
        .svg(&(out + legend.lines()))
    }

    fn right(&self) -> f64 {
        WIDTH - SHARE
    }

    fn x(&self, at: Duration) -> f64 {
        let wall = self.scale.as_secs_f64().max(1e-9);
        let share = at.saturating_sub(self.trace.start()).as_secs_f64() / wall;
        self.left + share.min(1.0) * (self.right() - self.left)
    }

    /// The top of a row's bars.
    fn top(&self, row: usize) -> f64 {
        row as f64 * self.pitch + (self.pitch - self.height) / 2.0
    }

    /// The baseline of a row's text.
    fn base(&self, row: usize) -> f64 {
        row as f64 * self.pitch + self.pitch / 2.0 + FONT * 0.35
    }

    /// Names, shares, and the strips that the bars lie on.
    fn tracks(&self, out: &mut String) {
        let summary = self.trace.summary();
        for row in 0..self.shown {
            let name = &self.trace.rows()[row].name;
            let short = fit(name, self.left - 8.0, LETTER).unwrap_or_default();
            line(out, [text(0.0, self.base(row)).text(&short)]);
            let width = self.x(self.trace.start() + self.trace.length()) - self.left;
            let track = Element::new("rect").attr("class", "mh-track");
            line(out, [self.placed(track, row, self.left, width).attr("rx", 3)]);
            let busy = summary.rows[row].busy;
            if !busy.is_zero() {
                let share = Element::new("text")
                    .attr("class", "mh-end")
                    .attr("x", unit(WIDTH))
                    .attr("y", unit(self.base(row)));
                line(out, [share.text(&percent(busy, summary.wall))]);
            }
        }
    }

    /// Places a rectangle in a row.
    fn placed(&self, rect: Element, row: usize, x: f64, width: f64) -> Element {
        rect.attr("x", unit(x))
            .attr("y", unit(self.top(row)))
            .attr("width", unit(width))
            .attr("height", unit(self.height))
    }

    /// The axis: round times, and the end.
    fn grid(&self, out: &mut String, bottom: f64, axis: f64) {
        let (wall, end) = (self.scale, self.right());
        let length = seconds(wall);
        let inner =
            ticks(wall).into_iter().map(|(at, label)| (self.x(self.trace.start() + at), label));
        // A label that would run into the one at the end is left out.
        let fits = |(x, label): &(f64, String)| {
            *x < end - 14.0 - LETTER * (label.len() as f64 / 2.0 + length.len() as f64 / 2.0)
        };
        for (x, label) in inner.filter(fits).chain([(end, length.clone())]) {
            let x = unit(x);
            let d = format!("M{x} 0V{}", unit(bottom + 3.0));
            let label_at = Element::new("text").attr("class", "mh-mid").attr("x", &x);
            line(
                out,
                [
                    Element::new("path").attr("class", "mh-grid").attr("d", d),
                    label_at.attr("y", unit(axis)).text(&label),
                ],
            );
        }
    }

    fn bar(&self, row: usize, bar: &Bar<'_>) -> Element {
        let (from, to) = (self.x(bar.start), self.x(bar.end));
        let width = (to - from).max(THIN);
        let mut rect = self
            .placed(Element::new("rect"), row, from, width)
            .attr("rx", unit(4.0_f64.min(width / 2.0)));
        if bar.spans > 1 {
            // Many short spans with pauses between them are paler.
            let length = bar.end.saturating_sub(bar.start).as_secs_f64();
            let share = bar.busy.as_secs_f64() / length.max(1e-9);
            rect = rect.attr("fill-opacity", format_args!("{:.2}", share.clamp(0.25, 1.0)));
        }
        if width < 4.0 {
            rect = rect.attr("class", "mh-thin");
        }
        let name = if bar.spans == 1 { fit(&bar.longest.name, width - 8.0, 7.5) } else { None };
        let label = name.map(|name| text(from + width / 2.0, self.base(row)).text(&name));
        Element::new("g")
            .attr("class", format_args!("mh-{}", self.colour(&bar.longest.name)))
            .children([Element::new("title").text(&self.title(row, bar)), rect])
            .children(label)
    }

    /// What a bar says when the reader points at it.
    fn title(&self, row: usize, bar: &Bar<'_>) -> String {
        let worker = &self.trace.rows()[row].name;
        let start = seconds(bar.start.saturating_sub(self.trace.start()));
        let length = bar.end.saturating_sub(bar.start);
        match bar.spans {
            1 => {
                let name = &bar.longest.name;
                format!("{name}, {worker}: starts at {start}, takes {}", seconds(length))
            }
            n => format!(
                "{n} spans, {worker}: from {start}, within {}, busy {}",
                seconds(length),
                percent(bar.busy, length),
            ),
        }
    }

    /// `▾` at the upper edge for an input that was taken, `▴` at the lower edge for a result handed
    /// out.
    fn marks(&self, out: &mut String, row: usize, moments: &[&Moment]) {
        let top = self.top(row);
        let taken = moments.iter().filter_map(|moment| match moment.mark {
            Mark::Taken(index) => Some((self.x(moment.at), index)),
            Mark::Yielded(_) => None,
        });
        let yielded = moments.iter().filter_map(|moment| match moment.mark {
            Mark::Yielded(index) => Some((self.x(moment.at), index)),
            Mark::Taken(_) => None,
        });
        for (x, group) in grouped(taken) {
            line(out, [mark(x, top, 9.0, "input taken", &group)]);
        }
        for (x, group) in grouped(yielded) {
            line(out, [mark(x, top + self.height, -9.0, "result handed out", &group)]);
        }
    }

    /// What the colours and marks mean, unless that's obvious.
    fn legend(&self, y: f64) -> Legend {
        let mut legend = Legend::new((self.left, y), 24.0, 0.0);
        let width = |letters: usize| (letters as f64 + 1.0) * LETTER + 14.0;
        if (2..=COLOURS).contains(&self.kinds.len()) {
            for (kind, colour) in &self.kinds {
                let short = fit(kind, 12.0 * LETTER, LETTER).unwrap_or_default();
                let square = Element::new("tspan")
                    .attr("class", format_args!("mh-{colour}"))
                    .attr("stroke-width", 1)
                    .text("■");
                let name = format!(" {short}");
                legend.add(width(name.chars().count()), |x, y| {
                    [text(x, y).children([square]).text(&name)]
                });
            }
        }
        if !self.trace.moments().is_empty() {
            for name in ["▾ input taken", "▴ result handed out"] {
                legend.add(width(name.chars().count()), |x, y| [text(x, y).text(name)]);
            }
        }
        legend
    }

    fn colour(&self, name: &str) -> usize {
        let kind = first_word(name);
        self.kinds.iter().find(|(known, _)| *known == kind).map_or(0, |(_, colour)| *colour)
    }
}

fn text(x: f64, y: f64) -> Element {
    Element::new("text").attr("x", unit(x)).attr("y", unit(y))
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

/// As much of the text as fits. `None` if that would say nothing.
fn fit(text: &str, width: f64, letter: f64) -> Option<String> {
    let room = (width / letter).max(0.0) as usize;
    match text.chars().count() {
        0 => None,
        length if length <= room => Some(text.to_owned()),
        _ if room >= 4 => Some(text.chars().take(room - 1).chain(['…']).collect()),
        _ => None,
    }
}

/// At most seven round times along the axis, a multiple of 1, 2 or 5 times a power of ten apart.
pub(super) fn ticks(wall: Duration) -> Vec<(Duration, String)> {
    let length = wall.as_secs_f64();
    if length <= 0.0 {
        return Vec::new();
    }
    let step = round_step(length / 7.0);
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
