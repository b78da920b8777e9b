//! The picture of a trace.

use std::time::Duration;

use hands::timeline::{Moment, Summary, Trace, percent};

use super::arrows::{Drawn, arrows};
use super::axis::grid;
use super::bars::bars;
use super::form;
use super::layout::{Layout, rect, text};
use super::marks::marks;
use super::schedule;
use super::style::{NARROW, TIMELINE};
use super::words::{description, is_known};
use crate::element::{Element, line};
use crate::hues::{first_word, hues};
use crate::legend::Legend;
use crate::page::Page;
use crate::sheet::{BARS, COLOURS, Sheet, unit};

/// The picture as SVG. Each worker has a row, with a bar for each span, the names of spans if they
/// fit, and the shares of the time in which the worker had a task and computed. A bar is as full as
/// its worker computed: the hollow part waited. Below is an axis in seconds. The first word of a
/// span's name picks the colour of its bar.
///
/// The picture can be pasted into a page of HTML or Markdown as it is, and is also a file of its
/// own. If a trace has several [`parts`](Trace::parts), draw each of them. A
/// [schedule](Trace::is_schedule) is drawn as such: operation by operation, on any page.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("03_pool");
/// drop(span("sleep 4"));
/// assert!(figures::timeline::svg(&timeline.stop()).contains("<title>Timeline of 03_pool</title>"));
/// ```
pub fn svg(trace: &Trace) -> String {
    if trace.is_schedule() {
        return schedule::svg(trace);
    }
    Picture::new(trace, trace.length(), Page::Wide).svg("")
}

/// The picture twice, for a page of HTML: for wide screens, and drawn anew for phones. The page
/// shows the one that fits. The axis ends at `length`, so that two runs can be compared by eye; a
/// run that took longer is drawn to its own end.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("03_pool");
/// drop(span("sleep 4"));
/// let (mine, theirs) = (timeline.stop(), std::time::Duration::from_secs(8));
/// assert!(figures::timeline::responsive(&mine, theirs).contains(">8.00 s</text>"));
/// ```
pub fn responsive(trace: &Trace, length: Duration) -> String {
    if trace.is_schedule() {
        return schedule::svg(trace);
    }
    let length = length.max(trace.length());
    Picture::new(trace, length, Page::Wide).svg("mh-wide")
        + &Picture::new(trace, length, Page::Narrow).svg("mh-narrow")
}

struct Picture<'t> {
    trace: &'t Trace,
    summary: Summary,
    /// Whether the trace says how much its spans computed.
    is_known: bool,
    /// The first words of the spans' names, with their colours.
    kinds: Vec<(&'t str, usize)>,
    layout: Layout,
}

impl<'t> Picture<'t> {
    fn new(trace: &'t Trace, scale: Duration, page: Page) -> Self {
        let summary = trace.summary();
        let is_known = is_known(&summary);
        let shares = if trace.spans().is_empty() { 0 } else { 1 + usize::from(is_known) };
        let layout = Layout::new(trace, scale, page, shares);
        let kinds = hues(trace.spans().iter().map(|span| first_word(&span.name)));
        Picture { trace, summary, is_known, kinds, layout }
    }

    fn svg(self, variant: &'static str) -> String {
        let layout = &self.layout;
        let shown = layout.names.len();
        let rest = self.trace.rows().len() - shown;
        let rows_end = layout.bottom();
        let bottom = rows_end + if rest > 0 { 24.0 } else { 0.0 };
        let axis = bottom + 18.0;
        let mut out = String::new();
        self.tracks(&mut out);
        grid(layout, &mut out, bottom, axis);
        let mut moments: Vec<Vec<&Moment>> = vec![Vec::new(); self.trace.rows().len()];
        for moment in self.trace.moments() {
            moments[moment.row].push(moment);
        }
        let bars = bars(self.trace, shown, |at| layout.x(at));
        for row in 0..shown {
            for bar in &bars[row] {
                let class = format!("mh-{}", self.colour(&bar.longest.name));
                let worker = &self.trace.rows()[row].name;
                line(&mut out, [form::drawn(layout, row, bar, &class, worker)]);
            }
            marks(layout, &mut out, row, &moments[row]);
        }
        let arrows = arrows(self.trace, layout, &mut out);
        let legend = self.legend(axis + 28.0, &arrows);
        if rest > 0 {
            let more = text(0.0, rows_end + 17.0).text(&format!("and {rest} more rows"));
            line(&mut out, [more]);
        }
        Sheet {
            class: "mh-timeline",
            variant,
            width: layout.width,
            least: 0.0,
            height: legend.bottom().unwrap_or(axis) + 8.0,
            title: &format!("Timeline of {}", self.trace.name()),
            description: &description(self.trace, &self.summary),
            style: if variant == "mh-narrow" { &[NARROW] } else { &[TIMELINE, BARS] },
        }
        .svg(&(out + legend.lines()))
    }

    /// Names, shares with their heading, and the strips that the bars lie on.
    fn tracks(&self, out: &mut String) {
        let layout = &self.layout;
        let column = |n: usize| layout.right + 6.0 + (n + 1) as f64 * layout.share;
        let end =
            |n: usize, y: f64| Element::new("text").attr("x", unit(column(n))).attr("y", unit(y));
        let headings = ["task", "CPU"].into_iter().take(1 + usize::from(self.is_known));
        if layout.head > 0.0 {
            for (n, heading) in headings.enumerate() {
                let heading_at = end(n, layout.head - 3.0).attr("class", "mh-end mh-head");
                line(out, [heading_at.text(heading)]);
            }
        }
        for (row, name) in layout.names.iter().enumerate() {
            line(out, [text(0.0, layout.base(row)).text(name)]);
            let width = layout.x(self.trace.start() + self.trace.length()) - layout.left;
            let track = rect(layout.left, layout.top(row), width, layout.height);
            line(out, [track.attr("class", "mh-track").attr("rx", 3)]);
            let time = &self.summary.rows[row];
            let computed = if self.is_known { time.computed } else { None };
            let shares = [Some(time.busy), computed];
            for (n, share) in shares.into_iter().flatten().enumerate() {
                if !time.busy.is_zero() {
                    let share = percent(share, self.summary.wall);
                    line(out, [end(n, layout.base(row)).attr("class", "mh-end").text(&share)]);
                }
            }
        }
    }

    /// What the colours, forms and marks mean.
    fn legend(&self, y: f64, arrows: &Drawn) -> Legend {
        let layout = &self.layout;
        let mut legend = Legend::new((layout.left, layout.width), y, 24.0, 0.0);
        let width = |letters: usize| (letters as f64 + 1.0) * layout.letter + 14.0;
        if self.kinds.len() <= COLOURS {
            for (kind, colour) in &self.kinds {
                let square = Element::new("tspan")
                    .attr("class", format_args!("mh-{colour}"))
                    .attr("stroke-width", 1)
                    .text("■");
                let name = format!(" {kind}");
                legend.add(width(name.chars().count()), |x, y| {
                    [text(x, y).children([square]).text(&name)]
                });
            }
        }
        let forms = if self.is_known { &["■ computes", "□ waits"][..] } else { &[] };
        let marks = if self.trace.moments().is_empty() {
            &[][..]
        } else {
            &["▾ input taken", "▴ result handed out"]
        };
        for name in forms.iter().chain(marks).copied().chain(arrows.meanings()) {
            legend.add(width(name.chars().count()), |x, y| [text(x, y).text(name)]);
        }
        legend
    }

    fn colour(&self, name: &str) -> usize {
        let kind = first_word(name);
        self.kinds.iter().find(|(known, _)| *known == kind).map_or(0, |(_, colour)| *colour)
    }
}
