//! A trace as a picture for the page: SVG, and the same as a table.
//!
//! The SVG stands in a page or in a file of its own. It brings its colours along, takes the colour
//! of its text from the page around it, uses no ids (two of them may stand on one page), and has no
//! blank line (Markdown would end the block of HTML there).

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use hands::timeline::{Mark, Moment, Span, Trace, seconds};

use crate::svg::{BARS as BAR_COLOURS, COLOURS, FONT, LETTER, WIDTH, escape, round_step, unit};

/// Room at the right, for `100%`.
const SHARE: f64 = 48.0;
/// Spans narrower than this are drawn as one with their neighbours: they would be less than half a
/// pixel on a phone.
const THIN: f64 = 0.8;
/// If there are more bars than this, wider ones are joined, too. A page should open quickly.
const BARS: usize = 1500;
/// Rows of one picture; the rest is counted.
const ROWS: usize = 128;
/// Rows of the table; the rest is counted.
const TABLE: usize = 40;
const STYLE: &str = "\
.mh-timeline{display:block;width:100%;height:auto;font:16px system-ui,sans-serif;font-family:inherit}\
:root.mh-timeline{color-scheme:light dark;color:CanvasText;background:Canvas;font-family:system-ui,sans-serif}\
.mh-timeline text{fill:currentColor;font-variant-numeric:tabular-nums}\
.mh-timeline .mh-end{text-anchor:end}.mh-timeline .mh-mid{text-anchor:middle}\
.mh-timeline .mh-track{fill:currentColor;opacity:.07}\
.mh-timeline .mh-grid{stroke:currentColor;opacity:.22}\
.mh-timeline .mh-mark{fill:currentColor}\
.mh-timeline g text{fill:#14171b;font-size:15px;stroke:none;text-anchor:middle;pointer-events:none}\
.mh-timeline .mh-thin{stroke:none}\
.mh-timeline g:hover rect{stroke-width:2.5}";

/// The picture as SVG: one row a worker, each span a bar with its name if that fits, the share
/// of the time that the worker was busy, and an axis in seconds. The first word of a span's name
/// picks the colour of its bar.
///
/// It can be pasted into a page of HTML or Markdown as it is, and is also a file of its own. For a
/// step with several [`parts`](Trace::parts), draw each of them.
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

/// The same, with an axis that ends at `length`: two runs that are drawn to one scale can be
/// compared by eye. A run that took longer than that is drawn to its own end.
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
    Picture::of(trace, length.max(trace.length())).svg()
}

/// The spans as a table in a folded `<details>`, for those who cannot see the picture. The first
/// forty, in the order in which they began; the rest is counted.
pub fn table(trace: &Trace) -> String {
    let mut out = String::from(
        "<details class=\"mh-table\"><summary>The same as a table</summary>\n<table>\n\
         <thead><tr><th scope=\"col\">Task</th><th scope=\"col\">Worker</th>\
         <th scope=\"col\">Start</th><th scope=\"col\">Length</th></tr></thead>\n<tbody>\n",
    );
    let mut spans: Vec<&Span> = trace.spans.iter().collect();
    spans.sort_by_key(|span| (span.start, span.row));
    for span in spans.iter().take(TABLE) {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&span.name),
            escape(&trace.rows[span.row].name),
            seconds(span.start.saturating_sub(trace.start)),
            seconds(span.length()),
        );
    }
    if spans.len() > TABLE {
        let rest = spans.len() - TABLE;
        let _ = writeln!(out, "<tr><td colspan=\"4\">and {rest} more</td></tr>");
    }
    out + "</tbody>\n</table>\n</details>\n"
}

/// A sentence or two that say what the picture shows.
fn description(trace: &Trace) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut text = format!(
        "{} and {} in {}, at most {} at once.",
        count(trace.rows.len(), "row"),
        count(trace.spans.len(), "span"),
        seconds(trace.length()),
        trace.at_once(),
    );
    let summary = trace.summary();
    let busy: Vec<String> = trace
        .rows
        .iter()
        .zip(&summary.rows)
        .filter(|(_, time)| !time.busy.is_zero())
        .map(|(row, time)| format!("{} {}", row.name, percent(time.busy, summary.wall)))
        .collect();
    if (1..=16).contains(&busy.len()) {
        let _ = write!(text, " Busy: {}.", busy.join(", "));
    }
    if trace.dropped > 0 {
        let _ = write!(text, " {} more were not recorded.", trace.dropped);
    }
    text
}

/// Where things go: all lengths are in units of the picture.
struct Picture<'t> {
    trace: &'t Trace,
    /// From the left edge of the bars to the right one.
    scale: Duration,
    /// The first words of the spans' names, with the colours they got.
    kinds: Vec<(&'t str, usize)>,
    shown: usize,
    /// From one row to the next.
    pitch: f64,
    /// Of a bar.
    height: f64,
    /// Where the bars begin.
    left: f64,
    /// What is too thin to be drawn by itself.
    thin: f64,
}

/// What is drawn as one: a span, or neighbours that are too thin to be told apart.
struct Bar<'t> {
    spans: usize,
    busy: Duration,
    longest: &'t Span,
    start: Duration,
    end: Duration,
}

impl<'t> Picture<'t> {
    fn of(trace: &'t Trace, scale: Duration) -> Self {
        let shown = trace.rows.len().min(ROWS);
        let letters = trace.rows[..shown].iter().map(|row| row.name.chars().count()).max();
        let (pitch, height) = if shown > 24 { (19.0, 16.0) } else { (32.0, 24.0) };
        Picture {
            trace,
            scale,
            kinds: kinds(trace),
            shown,
            pitch,
            height,
            left: letters.unwrap_or(0).clamp(4, 16) as f64 * LETTER + 8.0,
            thin: THIN,
        }
    }

    fn svg(mut self) -> String {
        let mut spans: Vec<Vec<&Span>> = vec![Vec::new(); self.trace.rows.len()];
        for span in &self.trace.spans {
            spans[span.row].push(span);
        }
        for spans in &mut spans {
            // A span that lies within another is drawn after it, that is, on it.
            spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        }
        spans.truncate(self.shown);
        let mut bars: Vec<Vec<Bar<'_>>> = spans.iter().map(|spans| self.merged(spans)).collect();
        while bars.iter().map(Vec::len).sum::<usize>() > BARS && self.thin < 10.0 {
            self.thin *= 1.5;
            bars = spans.iter().map(|spans| self.merged(spans)).collect();
        }
        let (legend, legend_height) = self.legend();
        let bottom = self.shown as f64 * self.pitch;
        let more = if self.trace.rows.len() > self.shown { 24.0 } else { 0.0 };
        let axis = bottom + more + 18.0;
        let mut out = format!(
            "<svg class=\"mh-timeline\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
             role=\"img\">\n<title>Timeline of {}</title>\n<desc>{}</desc>\n\
             <style>{STYLE}{BAR_COLOURS}</style>\n",
            unit(WIDTH),
            unit(axis + 8.0 + legend_height),
            escape(&self.trace.step),
            escape(&description(self.trace)),
        );
        self.tracks(&mut out);
        self.grid(&mut out, bottom + more, axis);
        let mut moments: Vec<Vec<&Moment>> = vec![Vec::new(); self.trace.rows.len()];
        for moment in &self.trace.moments {
            moments[moment.row].push(moment);
        }
        for row in 0..self.shown {
            self.bars(&mut out, row, &bars[row]);
            self.marks(&mut out, row, &moments[row]);
        }
        if more > 0.0 {
            let rest = self.trace.rows.len() - self.shown;
            let _ = writeln!(
                out,
                "<text x=\"0\" y=\"{}\">and {rest} more rows</text>",
                unit(bottom + 17.0)
            );
        }
        for line in legend {
            let _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", line.0, line.1, line.2);
        }
        out + "</svg>\n"
    }

    fn right(&self) -> f64 {
        WIDTH - SHARE
    }

    fn x(&self, at: Duration) -> f64 {
        let wall = self.scale.as_secs_f64().max(1e-9);
        let share = at.saturating_sub(self.trace.start).as_secs_f64() / wall;
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
            let name = &self.trace.rows[row].name;
            let y = unit(self.base(row));
            let short = fit(name, self.left - 8.0, LETTER).unwrap_or_default();
            let _ = writeln!(out, "<text x=\"0\" y=\"{y}\">{}</text>", escape(&short));
            let _ = writeln!(
                out,
                "<rect class=\"mh-track\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/>",
                unit(self.left),
                unit(self.top(row)),
                unit(self.x(self.trace.start + self.trace.length()) - self.left),
                unit(self.height),
            );
            let busy = summary.rows[row].busy;
            if !busy.is_zero() {
                let _ = writeln!(
                    out,
                    "<text class=\"mh-end\" x=\"{}\" y=\"{y}\">{}</text>",
                    unit(WIDTH),
                    percent(busy, summary.wall),
                );
            }
        }
    }

    /// The axis: round times, and the end.
    fn grid(&self, out: &mut String, bottom: f64, axis: f64) {
        let wall = self.scale;
        let end = self.right();
        let mut tick = |x: f64, class: &str, label: &str| {
            let _ = writeln!(
                out,
                "<path class=\"mh-grid\" d=\"M{0} 0V{1}\"/><text class=\"{class}\" x=\"{0}\" y=\"{2}\">\
                 {label}</text>",
                unit(x),
                unit(bottom + 3.0),
                unit(axis),
            );
        };
        for (at, label) in ticks(wall) {
            let x = self.x(self.trace.start + at);
            // The end has its own label, and what would run into it goes without.
            let room =
                14.0 + LETTER * (label.len() as f64 / 2.0 + seconds(wall).len() as f64 / 2.0);
            if x < end - room {
                tick(x, "mh-mid", &label);
            }
        }
        tick(end, "mh-mid", &seconds(wall));
    }

    fn bars(&self, out: &mut String, row: usize, bars: &[Bar<'_>]) {
        for bar in bars {
            let (from, to) = (self.x(bar.start), self.x(bar.end));
            let width = (to - from).max(THIN);
            let worker = &self.trace.rows[row].name;
            let start = seconds(bar.start.saturating_sub(self.trace.start));
            let length = bar.end.saturating_sub(bar.start);
            let title = match bar.spans {
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
            // Many short ones with pauses between them are paler.
            let share = bar.busy.as_secs_f64() / length.as_secs_f64().max(1e-9);
            let opacity = match bar.spans {
                1 => String::new(),
                _ => format!(" fill-opacity=\"{:.2}\"", share.clamp(0.25, 1.0)),
            };
            let outline = if width < 4.0 { " class=\"mh-thin\"" } else { "" };
            let _ = write!(
                out,
                "<g class=\"mh-{}\"><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" \
                 height=\"{}\" rx=\"{}\"{opacity}{outline}/>",
                self.colour(&bar.longest.name),
                escape(&title),
                unit(from),
                unit(self.top(row)),
                unit(width),
                unit(self.height),
                unit(4.0_f64.min(width / 2.0)),
            );
            let label = match bar.spans {
                1 => fit(&bar.longest.name, width - 8.0, 7.5),
                _ => None,
            };
            if let Some(label) = label {
                let _ = write!(
                    out,
                    "<text x=\"{}\" y=\"{}\">{}</text>",
                    unit(from + width / 2.0),
                    unit(self.base(row)),
                    escape(&label),
                );
            }
            out.push_str("</g>\n");
        }
    }

    /// Joins neighbours that are too thin to be told apart.
    fn merged(&self, spans: &[&'t Span]) -> Vec<Bar<'t>> {
        let thin = |span: &Span| self.x(span.end) - self.x(span.start) < self.thin;
        let mut bars: Vec<Bar<'t>> = Vec::new();
        let mut open = false; // whether the last bar may grow
        for &span in spans {
            let near = |bar: &Bar<'_>| self.x(span.start) - self.x(bar.end) < self.thin;
            match bars.last_mut() {
                Some(bar) if open && thin(span) && near(bar) => {
                    bar.spans += 1;
                    bar.busy += span.length();
                    bar.end = bar.end.max(span.end);
                    if span.length() > bar.longest.length() {
                        bar.longest = span;
                    }
                }
                _ => {
                    open = thin(span);
                    let (start, end) = (span.start, span.end);
                    bars.push(Bar { spans: 1, busy: span.length(), longest: span, start, end });
                }
            }
        }
        bars
    }

    /// `▾` at the upper edge for an input that was taken, `▴` at the lower for a result handed out.
    fn marks(&self, out: &mut String, row: usize, moments: &[&Moment]) {
        let top = self.top(row);
        for taken in [true, false] {
            let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
            for moment in moments {
                let index = match (moment.mark, taken) {
                    (Mark::Taken(index), true) | (Mark::Yielded(index), false) => index,
                    _ => continue,
                };
                let x = self.x(moment.at);
                match groups.last_mut() {
                    Some((first, group)) if (x - *first).abs() < 2.0 * THIN => group.push(index),
                    _ => groups.push((x, vec![index])),
                }
            }
            for (x, group) in groups {
                let (edge, tip) = if taken { (top, 9.0) } else { (top + self.height, -9.0) };
                let which = match group[..] {
                    [one] => format!("{one}"),
                    [first, .., last] => format!("{first} to {last}, {} in all", group.len()),
                    [] => continue,
                };
                let what = if taken { "input taken" } else { "result handed out" };
                let _ = writeln!(
                    out,
                    "<path class=\"mh-mark\" d=\"M{} {}h10l-5 {tip}z\"><title>{what}: {which}</title></path>",
                    unit(x - 5.0),
                    unit(edge),
                );
            }
        }
    }

    /// What the colours and the marks mean, where that is not plain: the lines, and their height.
    fn legend(&self) -> (Vec<(String, String, String)>, f64) {
        let mut entries: Vec<String> = Vec::new();
        if (2..=COLOURS).contains(&self.kinds.len()) {
            for (kind, colour) in &self.kinds {
                let short = fit(kind, 12.0 * LETTER, LETTER).unwrap_or_default();
                entries.push(format!(
                    "<tspan class=\"mh-{colour}\" stroke-width=\"1\">■</tspan> {}",
                    escape(&short)
                ));
            }
        }
        if !self.trace.moments.is_empty() {
            entries.push("▾ input taken".to_owned());
            entries.push("▴ result handed out".to_owned());
        }
        let top = self.shown as f64 * self.pitch + 18.0;
        let top = top + if self.trace.rows.len() > self.shown { 24.0 } else { 0.0 };
        let mut lines = Vec::new();
        let (mut x, mut y) = (self.left, top + 28.0);
        for entry in entries {
            let letters = entry.split_once("</tspan>").map_or(&entry[..], |(_, text)| text);
            let width = (letters.chars().count() as f64 + 1.0) * LETTER + 14.0;
            if x + width > WIDTH && x > self.left {
                (x, y) = (self.left, y + 24.0);
            }
            lines.push((unit(x), unit(y), entry));
            x += width;
        }
        let height = if lines.is_empty() { 0.0 } else { y - top };
        (lines, height)
    }

    fn colour(&self, name: &str) -> usize {
        let kind = first_word(name);
        self.kinds.iter().find(|(known, _)| *known == kind).map_or(0, |(_, colour)| *colour)
    }
}

/// Gives each first word its colour: the same word has the same colour in every picture, unless
/// another word in this picture already has it.
fn kinds(trace: &Trace) -> Vec<(&str, usize)> {
    let words: BTreeSet<&str> = trace.spans.iter().map(|span| first_word(&span.name)).collect();
    let few = words.len() <= COLOURS;
    let mut used = [false; COLOURS];
    words
        .into_iter()
        .map(|word| {
            // FNV-1a
            let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            let mut colour = (hash >> 49) as usize % COLOURS;
            while few && used[colour] {
                colour = (colour + 1) % COLOURS;
            }
            used[colour] = true;
            (word, colour)
        })
        .collect()
}

fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or("")
}

/// As much of the text as fits, or `None` if that would say nothing.
fn fit(text: &str, width: f64, letter: f64) -> Option<String> {
    let room = (width / letter).max(0.0) as usize;
    match text.chars().count() {
        0 => None,
        length if length <= room => Some(text.to_owned()),
        _ if room >= 4 => Some(text.chars().take(room - 1).chain(['…']).collect()),
        _ => None,
    }
}

/// Round times along the axis: steps of 1, 2 or 5 times a power of ten, at most seven of them.
fn ticks(wall: Duration) -> Vec<(Duration, String)> {
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

/// A share of a whole: `25%`.
fn percent(part: Duration, whole: Duration) -> String {
    format!("{:.0}%", 100.0 * part.as_secs_f64() / whole.as_secs_f64().max(1e-9))
}

#[cfg(test)]
mod tests {
    use hands::timeline::Row;

    use super::*;

    /// Rows by name, and spans as (row, name, from, to) in milliseconds.
    fn trace(rows: &[&str], spans: &[(usize, &str, u64, u64)], end: u64) -> Trace {
        let start = Duration::from_secs(50);
        let end = start + Duration::from_millis(end);
        let mut trace = Trace { step: "a step".to_owned(), start, end, ..Trace::default() };
        for row in rows {
            trace.rows.push(Row {
                name: (*row).to_owned(),
                pid: 1,
                tid: 0,
                section: None,
                overhead: Duration::ZERO,
            });
        }
        for &(row, name, from, to) in spans {
            let at = |ms| start + Duration::from_millis(ms);
            trace.spans.push(span(row, name, at(from), at(to)));
        }
        trace
    }

    fn span(row: usize, name: &str, start: Duration, end: Duration) -> Span {
        Span { row, name: name.to_owned(), start, end, task: None }
    }

    /// The titles of the bars.
    fn bars(svg: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(svg).expect("well-formed XML");
        let title = |node: roxmltree::Node<'_, '_>| {
            node.children().find(|child| child.has_tag_name("title"))?.text().map(str::to_owned)
        };
        document
            .descendants()
            .filter(|node| node.tag_name().name() == "g")
            .filter_map(title)
            .collect()
    }

    fn tags(svg: &str, name: &str) -> usize {
        let document = roxmltree::Document::parse(svg).expect("well-formed XML");
        document.descendants().filter(|node| node.tag_name().name() == name).count()
    }

    #[test]
    fn each_span_is_a_bar_that_says_who_what_when_and_how_long() {
        let trace = trace(
            &["main", "worker 1"],
            &[(0, "list", 0, 200), (1, "sleep 4", 200, 2200), (1, "sleep 1", 2200, 2700)],
            2700,
        );
        assert_eq!(
            bars(&svg(&trace)),
            [
                "list, main: starts at 0 s, takes 0.20 s",
                "sleep 4, worker 1: starts at 0.20 s, takes 2.00 s",
                "sleep 1, worker 1: starts at 2.20 s, takes 0.50 s",
            ]
        );
    }

    #[test]
    fn the_description_counts_what_is_seen() {
        let trace = trace(
            &["main", "worker 1", "worker 2"],
            &[(1, "a", 0, 1000), (2, "b", 500, 1000)],
            1000,
        );
        let svg = super::svg(&trace);
        assert!(svg.contains("<title>Timeline of a step</title>"), "{svg}");
        assert!(
            svg.contains(
                "<desc>3 rows and 2 spans in 1.00 s, at most 2 at once. \
                 Busy: worker 1 100%, worker 2 50%.</desc>"
            ),
            "{svg}"
        );
    }

    #[test]
    fn names_are_escaped_and_cannot_end_the_block_of_html() {
        let name = "<b>&\"'</b>\n\n\u{1}</title><script>";
        let mut trace = trace(&[name], &[(0, name, 0, 1000)], 1000);
        trace.step = name.to_owned();
        for html in [svg(&trace), table(&trace)] {
            assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
            assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
            roxmltree::Document::parse(&html).expect("well-formed XML");
        }
        assert!(bars(&svg(&trace))[0].starts_with("<b>&\"'</b>   </title><script>, <b>"));
    }

    #[test]
    fn nothing_has_an_id() {
        let svg = svg(&trace(&["main"], &[(0, "sleep", 0, 1000)], 1000));
        assert!(!svg.contains(" id="), "{svg}");
    }

    #[test]
    fn an_empty_trace_is_drawn() {
        for trace in
            [trace(&[], &[], 0), trace(&["main"], &[], 0), trace(&["main"], &[(0, "", 0, 0)], 0)]
        {
            roxmltree::Document::parse(&svg(&trace)).expect("well-formed XML");
            roxmltree::Document::parse(&table(&trace)).expect("well-formed XML");
        }
    }

    #[test]
    fn thousands_of_thin_spans_are_drawn_as_few() {
        let mut many = trace(&["main", "worker 1"], &[(0, "wide", 0, 5000)], 10_000);
        for n in 0..10_000 {
            let at = many.start + Duration::from_millis(n);
            many.spans.push(span(1, "thin", at, at + Duration::from_micros(500)));
        }
        let bars = bars(&svg(&many));
        assert_eq!(bars.len(), 2, "{bars:?}");
        assert_eq!(bars[1], "10000 spans, worker 1: from 0 s, within 10.00 s, busy 50%");
        assert!(table(&many).contains("and 9961 more"));
    }

    #[test]
    fn thin_spans_far_apart_stay_apart() {
        let spans: Vec<(usize, &str, u64, u64)> =
            (0..10).map(|n| (0, "tick", n * 1000, n * 1000 + 1)).collect();
        assert_eq!(bars(&svg(&trace(&["main"], &spans, 10_000))).len(), 10);
    }

    #[test]
    fn two_kinds_in_one_picture_never_share_a_colour() {
        let words = ["download", "gray", "blur", "thumbnail", "save", "sleep"];
        let spans: Vec<(usize, &str, u64, u64)> =
            words.iter().map(|word| (0, *word, 0, 1)).collect();
        let trace = trace(&["main"], &spans, 1);
        let colours: BTreeSet<usize> = kinds(&trace).iter().map(|(_, colour)| *colour).collect();
        assert_eq!(colours.len(), words.len());
    }

    #[test]
    fn marks_are_drawn_and_explained() {
        let mut trace = trace(&["main", "worker 1"], &[(1, "work", 0, 900)], 1000);
        let at = |ms| Duration::from_secs(50) + Duration::from_millis(ms);
        for n in 0..3 {
            trace.moments.push(Moment { row: 0, mark: Mark::Taken(n), at: at(0) });
        }
        trace.moments.push(Moment { row: 0, mark: Mark::Yielded(0), at: at(900) });
        let svg = super::svg(&trace);
        assert!(svg.contains("<title>input taken: 0 to 2, 3 in all</title>"), "{svg}");
        assert!(svg.contains("<title>result handed out: 0</title>"), "{svg}");
        assert!(svg.contains("▾ input taken"), "{svg}");
    }

    #[test]
    fn rows_beyond_what_a_page_can_hold_are_counted() {
        let names: Vec<String> = (0..1000).map(|n| format!("thread {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let svg = svg(&trace(&names, &[(0, "work", 0, 10)], 10));
        assert!(svg.contains("and 872 more rows"), "{svg}");
        assert_eq!(tags(&svg, "rect"), ROWS + 1);
    }

    #[test]
    fn ticks_are_round() {
        let labels = |ms| {
            let ticks = ticks(Duration::from_millis(ms));
            ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(2000), "0 0.5 s 1.0 s 1.5 s");
        assert_eq!(labels(6010), "0 1 s 2 s 3 s 4 s 5 s 6 s");
        assert_eq!(labels(45), "0 10 ms 20 ms 30 ms 40 ms");
    }
}
