//! Measurements as a picture: curves over an axis, and the same as a table.
//!
//! ```
//! use figures::plot::{Axis, Plot};
//!
//! let plot = Plot::new("Speed-up", Axis::log2("workers"), "times as fast")
//!     .curve("threads", [(1.0, 1.0), (2.0, 1.9), (4.0, 1.9)])
//!     .model("Amdahl's law", [(1.0, 1.0), (2.0, 1.95), (4.0, 3.7)])
//!     .mark(2.0, "2 cores");
//! let folder = tempfile::tempdir()?;
//! plot.write(&folder.path().join("05_cpu_bound.json"))?; // and 05_cpu_bound.svg beside it
//! assert_eq!(Plot::read(&folder.path().join("05_cpu_bound.json"))?, plot);
//! # Ok::<(), std::io::Error>(())
//! ```

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::svg::{COLOURS, FONT, LETTER, LINES, WIDTH, escape, round_step, unit};

/// Where the area of the curves lies in the picture.
const LEFT: f64 = 52.0;
const RIGHT: f64 = WIDTH - 20.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 320.0;
const STYLE: &str = "\
.mh-plot{display:block;width:100%;height:auto;font:16px system-ui,sans-serif;font-family:inherit}\
:root.mh-plot{color-scheme:light dark;color:CanvasText;background:Canvas;font-family:system-ui,sans-serif}\
.mh-plot text{fill:currentColor;font-variant-numeric:tabular-nums}\
.mh-plot .mh-end{text-anchor:end}.mh-plot .mh-mid{text-anchor:middle}\
.mh-plot .mh-grid{stroke:currentColor;opacity:.22}\
.mh-plot .mh-limit{stroke:currentColor;stroke-width:1.5;opacity:.6}\
.mh-plot .mh-curve{fill:none;stroke:currentColor;stroke-width:2.5;stroke-linejoin:round}\
.mh-plot .mh-model{stroke-width:2;stroke-dasharray:7 5}\
.mh-plot .mh-point{fill:currentColor}";

/// Curves over an axis. Points that are no finite numbers are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    title: String,
    x: Axis,
    y: String,
    curves: Vec<Curve>,
    marks: Vec<(f64, String)>,
}

/// The axis from left to right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    label: String,
    is_log2: bool,
}

impl Axis {
    /// Equal steps for equal differences.
    pub fn linear(label: impl Into<String>) -> Self {
        Axis { label: label.into(), is_log2: false }
    }

    /// Equal steps for each doubling. What is not above 0 has no place on it.
    pub fn log2(label: impl Into<String>) -> Self {
        Axis { label: label.into(), is_log2: true }
    }

    fn scale(&self, x: f64) -> f64 {
        if self.is_log2 { x.log2() } else { x }
    }
}

/// Points, in the order in which a line joins them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// Whether a model says so, and nobody has measured it.
    pub is_model: bool,
    /// From left to right, and how high each of them is.
    pub points: Vec<(f64, f64)>,
}

impl Plot {
    /// An empty plot. `y` says what the height of a point means, and in which unit.
    pub fn new(title: impl Into<String>, x: Axis, y: impl Into<String>) -> Self {
        let (title, y) = (title.into(), y.into());
        Plot { title, x, y, curves: Vec::new(), marks: Vec::new() }
    }

    /// Adds what was measured: points, in the order in which a solid line joins them.
    #[must_use]
    pub fn curve(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.add(name.into(), false, points)
    }

    /// Adds what a model says: a dashed line, in the colour of the curve that was added before it.
    /// Models of the same name share one entry of the legend.
    #[must_use]
    pub fn model(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.add(name.into(), true, points)
    }

    fn add(
        mut self,
        name: String,
        is_model: bool,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let drawn = |&(x, y): &(f64, f64)| self.x.scale(x).is_finite() && y.is_finite();
        let points = points.into_iter().filter(drawn).collect();
        self.curves.push(Curve { name, is_model, points });
        self
    }

    /// Draws an upright line at `x`, with a label.
    #[must_use]
    pub fn mark(mut self, x: f64, label: impl Into<String>) -> Self {
        if self.x.scale(x).is_finite() {
            self.marks.push((x, label.into()));
        }
        self
    }

    /// Writes the plot to `file` as JSON, and the picture beside it as `.svg`. Missing folders are made.
    ///
    /// # Errors
    ///
    /// If a file cannot be written. The error names it.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let save = |file: &Path, text: &str| {
            fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))
                .and_then(|()| fs::write(file, text))
                .map_err(|error| {
                    let what = format!("the plot cannot be written to {}: {error}", file.display());
                    io::Error::new(error.kind(), what)
                })
        };
        save(file, &serde_json::to_string(self)?)?;
        save(&file.with_extension("svg"), &self.svg())
    }

    /// Reads a plot that [`write`](Plot::write) has written.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no plot. The error names it.
    pub fn read(file: &Path) -> io::Result<Plot> {
        let read = || Ok(serde_json::from_str(&fs::read_to_string(file)?)?);
        read().map_err(|error: io::Error| {
            let what = format!("the plot {} cannot be read: {error}", file.display());
            io::Error::new(error.kind(), what)
        })
    }

    /// What is drawn. A model belongs to the measured curve before it.
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// The upright lines, and what stands beside each of them.
    pub fn marks(&self) -> &[(f64, String)] {
        &self.marks
    }

    /// The picture. It can be pasted into a page of HTML or Markdown as it is, and is also a file of
    /// its own.
    pub fn svg(&self) -> String {
        Picture::of(self).svg()
    }

    /// The points as a table in a folded `<details>`, for those who cannot see the picture: a row for each,
    /// which is narrow enough for a phone, however many curves there are.
    pub fn table(&self) -> String {
        let mut out = format!(
            "<details class=\"mh-table\"><summary>The same as a table</summary>\n<table>\n\
             <thead><tr><th scope=\"col\">Curve</th><th scope=\"col\">{}</th>\
             <th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
            escape(&self.x.label),
            escape(&self.y),
        );
        let mut row = |name: &str, x: f64, y: &str| {
            let (name, x) = (escape(name), number(x));
            let _ = writeln!(out, "<tr><td>{name}</td><td>{x}</td><td>{y}</td></tr>");
        };
        for curve in &self.curves {
            let name = self.full_name(curve);
            curve.points.iter().for_each(|&(x, y)| row(&name, x, &number(y)));
        }
        for (x, label) in &self.marks {
            row(label, *x, "");
        }
        out + "</tbody>\n</table>\n</details>\n"
    }

    /// The curves with their colours: a model has that of the curve before it.
    fn coloured(&self) -> impl Iterator<Item = (usize, &Curve)> {
        self.curves.iter().scan(0, |measured, curve| {
            *measured += usize::from(!curve.is_model);
            Some((measured.saturating_sub(1) % COLOURS, curve))
        })
    }

    /// A model's name does not say what it is a model of.
    fn full_name(&self, curve: &Curve) -> String {
        let before = self.curves.iter().take_while(|other| !std::ptr::eq(*other, curve));
        match before.filter(|other| !other.is_model).last() {
            Some(measured) if curve.is_model => format!("{}, {}", measured.name, curve.name),
            _ => curve.name.clone(),
        }
    }

    /// Says in words what the picture shows.
    fn description(&self) -> String {
        let mut text = format!("{} over {}.", self.y, self.x.label);
        for curve in &self.curves {
            let highest = curve.points.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let (Some(first), Some(last), Some(highest)) =
                (curve.points.first(), curve.points.last(), highest)
            else {
                continue;
            };
            let at = |point: &(f64, f64)| format!("{} at {}", number(point.1), number(point.0));
            let name = self.full_name(curve);
            let _ = write!(text, " {name}: from {} to {}", at(first), at(last));
            let _ = match highest == first || highest == last {
                true => write!(text, "."),
                false => write!(text, ", at most {}.", at(highest)),
            };
        }
        for (x, label) in &self.marks {
            let _ = write!(text, " Marked at {}: {label}.", number(*x));
        }
        text
    }
}

/// Where things go. The ranges are those of the axes, from left to right and from bottom to top.
struct Picture<'p> {
    plot: &'p Plot,
    x: (f64, f64),
    y: (f64, f64),
    /// From one line of the grid to the next.
    step: f64,
}

impl<'p> Picture<'p> {
    fn of(plot: &'p Plot) -> Self {
        let points = || plot.curves.iter().flat_map(|curve| &curve.points);
        let xs = points().map(|point| point.0).chain(plot.marks.iter().map(|mark| mark.0));
        let (from, to) = range(xs.map(|x| plot.x.scale(x))).unwrap_or((0.0, 1.0));
        let (low, high) = range(points().map(|point| point.1).chain([0.0])).unwrap_or((0.0, 1.0));
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / 6.0);
        Picture {
            plot,
            x: if to > from { (from, to) } else { (from - 0.5, from + 0.5) },
            y: ((low / step).floor() * step, (high / step).ceil() * step),
            step,
        }
    }

    fn x(&self, x: f64) -> f64 {
        let share = (self.plot.x.scale(x) - self.x.0) / (self.x.1 - self.x.0);
        LEFT + 14.0 + share * (RIGHT - LEFT - 28.0)
    }

    fn y(&self, y: f64) -> f64 {
        BOTTOM - (y - self.y.0) / (self.y.1 - self.y.0) * (BOTTOM - TOP)
    }

    fn svg(&self) -> String {
        let (legend, height) = self.legend();
        let mut out = format!(
            "<svg class=\"mh-plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
             role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n<style>{STYLE}{LINES}</style>\n",
            unit(WIDTH),
            unit(height),
            escape(&self.plot.title),
            escape(&self.plot.description()),
        );
        self.axes(&mut out);
        for (n, (x, label)) in self.plot.marks.iter().enumerate() {
            let x = self.x(*x);
            let y = TOP + 16.0 + 22.0 * n as f64; // a line each: two marks may be close together
            // At the left of its line, where there is room for it: what grows is still low there.
            let has_room = x - LEFT > label.chars().count() as f64 * LETTER + 12.0;
            let (class, shift) = if has_room { ("mh-end", -6.0) } else { ("", 6.0) };
            let _ = writeln!(
                out,
                "<path class=\"mh-limit\" d=\"M{0} {TOP}V{BOTTOM}\"/>\
                 <text class=\"{class}\" x=\"{1}\" y=\"{2}\">{3}</text>",
                unit(x),
                unit(x + shift),
                unit(y),
                escape(label),
            );
        }
        let (models, measured): (Vec<_>, Vec<_>) =
            self.plot.coloured().partition(|(_, curve)| curve.is_model);
        for (colour, curve) in models.into_iter().chain(measured) {
            self.curve(&mut out, colour, curve);
        }
        out + &legend + "</svg>\n"
    }

    /// Lines of the grid with their numbers, and what they mean.
    fn axes(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "<text x=\"0\" y=\"{FONT}\">{}</text><text class=\"mh-end\" x=\"{RIGHT}\" y=\"{}\">{}</text>",
            escape(&self.plot.y),
            unit(BOTTOM + 48.0),
            escape(&self.plot.x.label),
        );
        let decimals = (-self.step.log10().floor()).max(0.0) as usize;
        for y in steps(self.y, self.step) {
            let _ = writeln!(
                out,
                "<path class=\"mh-grid\" d=\"M{LEFT} {0}H{RIGHT}\"/>\
                 <text class=\"mh-end\" x=\"{1}\" y=\"{2}\">{y:.decimals$}</text>",
                unit(self.y(y)),
                unit(LEFT - 8.0),
                unit(self.y(y) + FONT * 0.35),
            );
        }
        let width = self.x.1 - self.x.0;
        let step = if self.plot.x.is_log2 {
            (width / 12.0).ceil().max(1.0)
        } else {
            round_step(width / 7.0)
        };
        for at in steps((self.x.0, self.x.1), step) {
            let value = if self.plot.x.is_log2 { at.exp2() } else { at };
            let _ = writeln!(
                out,
                "<path class=\"mh-grid\" d=\"M{0} {BOTTOM}v6\"/>\
                 <text class=\"mh-mid\" x=\"{0}\" y=\"{1}\">{2}</text>",
                unit(self.x(value)),
                unit(BOTTOM + 24.0),
                number(value),
            );
        }
    }

    fn curve(&self, out: &mut String, colour: usize, curve: &Curve) {
        let _ = write!(out, "<g class=\"mh-line-{colour}\">");
        let places: Vec<String> = curve
            .points
            .iter()
            .map(|point| format!("{} {}", unit(self.x(point.0)), unit(self.y(point.1))))
            .collect();
        let class = if curve.is_model { "mh-curve mh-model" } else { "mh-curve" };
        let _ = write!(out, "<path class=\"{class}\" d=\"M{}\"/>", places.join("L"));
        for &(x, y) in curve.points.iter().filter(|_| !curve.is_model) {
            let _ = write!(
                out,
                "<path class=\"mh-point\" d=\"{}\"><title>{}: {} at {}</title></path>",
                shape(colour, self.x(x), self.y(y)),
                escape(&curve.name),
                number(y),
                number(x),
            );
        }
        out.push_str("</g>\n");
    }

    /// What the lines are, below the axis: the picture's last elements, and its height with them.
    fn legend(&self) -> (String, f64) {
        let mut out = String::new();
        let (mut x, mut y) = (LEFT, BOTTOM + 78.0);
        let mut seen = BTreeSet::new();
        let (models, measured): (Vec<_>, Vec<_>) =
            self.plot.coloured().partition(|(_, curve)| curve.is_model);
        let models = models.into_iter().filter(|(_, model)| seen.insert(&model.name));
        for (colour, curve) in measured.into_iter().chain(models) {
            let width = 44.0 + curve.name.chars().count() as f64 * LETTER + 18.0;
            if x + width > WIDTH + 18.0 && x > LEFT {
                (x, y) = (LEFT, y + 26.0);
            }
            let line = format!("M{} {}h34", unit(x), unit(y - 5.0));
            let _ = match curve.is_model {
                true => write!(out, "<path class=\"mh-curve mh-model\" d=\"{line}\"/>"),
                false => write!(
                    out,
                    "<g class=\"mh-line-{colour}\"><path class=\"mh-curve\" d=\"{line}\"/>\
                     <path class=\"mh-point\" d=\"{}\"/></g>",
                    shape(colour, x + 17.0, y - 5.0),
                ),
            };
            let name = escape(&curve.name);
            let _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{name}</text>", unit(x + 44.0), unit(y));
            x += width;
        }
        (out, y + 12.0)
    }
}

/// A point, of a shape that goes with its colour: not everybody tells colours apart.
fn shape(colour: usize, x: f64, y: f64) -> String {
    let from = |dx: f64, dy: f64| format!("M{} {}", unit(x + dx), unit(y + dy));
    match colour % 4 {
        0 => from(-5.0, 0.0) + "a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
        1 => from(-4.5, -4.5) + "h9v9h-9z",
        2 => from(0.0, -6.0) + "l6 11h-12z",
        _ => from(0.0, -6.5) + "l6.5 6.5l-6.5 6.5l-6.5-6.5z",
    }
}

/// The least and the greatest.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// The multiples of `step` within the range.
fn steps((from, to): (f64, f64), step: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((from / step - 1e-9).ceil() as i64, (to / step + 1e-9).floor() as i64);
    (first..=last).map(move |n| n as f64 * step)
}

/// Three digits, and no more than a whole number needs.
fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let decimals = if value == value.round() { 0.0 } else { (2.0 - digits).clamp(0.0, 6.0) };
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Plot {
        Plot::new("Speed-up", Axis::log2("workers"), "times as fast")
            .curve("threads", [(1.0, 1.0), (2.0, 1.954), (4.0, 1.9)])
            .model("Amdahl's law", [(1.0, 1.0), (2.0, 1.9), (4.0, 3.5)])
            .curve("processes", [(1.0, 0.9), (4.0, 1.8)])
            .model("Amdahl's law", [(1.0, 0.9), (4.0, 3.0)])
            .mark(2.0, "2 cores")
    }

    fn parsed(xml: &str) -> roxmltree::Document<'_> {
        roxmltree::Document::parse(xml).expect("well-formed XML")
    }

    fn texts(xml: &str, tag: &str) -> Vec<String> {
        let text = |node: roxmltree::Node<'_, '_>| node.text().unwrap_or("").to_owned();
        parsed(xml).descendants().filter(|node| node.has_tag_name(tag)).map(text).collect()
    }

    /// The text elements of a picture.
    fn labels(svg: &str) -> Vec<String> {
        let space = "http://www.w3.org/2000/svg";
        parsed(svg)
            .descendants()
            .filter(|node| node.has_tag_name((space, "text")))
            .map(|node| node.text().unwrap_or("").to_owned())
            .collect()
    }

    #[test]
    fn the_picture_says_in_words_what_it_shows() {
        let svg = plot().svg();
        assert!(svg.contains("<title>Speed-up</title>"), "{svg}");
        for words in [
            "times as fast over workers.",
            "threads: from 1 at 1 to 1.90 at 4, at most 1.95 at 2.",
            "threads, Amdahl&#39;s law: from 1 at 1 to 3.50 at 4.",
            "Marked at 2: 2 cores.",
        ] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
    }

    #[test]
    fn the_table_has_a_row_for_each_point_and_mark() {
        let table = plot().table();
        assert_eq!(texts(&table, "th"), ["Curve", "workers", "times as fast"]);
        assert_eq!(texts(&table, "tr").len(), 1 + 3 + 3 + 2 + 2 + 1);
        let cells = texts(&table, "td");
        assert_eq!(cells[3..6], ["threads", "2", "1.95"]);
        assert_eq!(cells[9..12], ["threads, Amdahl's law", "1", "1"]);
        assert_eq!(cells[30..], ["2 cores", "2", ""]);
    }

    #[test]
    fn doublings_are_equally_far_apart_on_a_log2_axis() {
        let plot = plot();
        let picture = Picture::of(&plot);
        let (one, two, four) = (picture.x(1.0), picture.x(2.0), picture.x(4.0));
        assert!((two - one - (four - two)).abs() < 1e-9);
        assert!(picture.y(1.0) > picture.y(2.0), "more is higher");
        let labels = labels(&plot.svg());
        for label in ["1", "2", "4", "workers", "times as fast", "2 cores", "3", "0"] {
            assert!(labels.iter().any(|found| found == label), "{label}: {labels:?}");
        }
    }

    #[test]
    fn models_are_dashed_and_explained_once() {
        let svg = plot().svg();
        let dashed = svg.matches("class=\"mh-curve mh-model\"").count();
        assert_eq!(dashed, 2 + 1, "two curves and one entry of the legend");
        assert_eq!(labels(&svg).iter().filter(|text| *text == "Amdahl's law").count(), 1);
    }

    #[test]
    fn labels_of_marks_do_not_cover_each_other() {
        let svg = plot().mark(2.1, "the knee").svg();
        let document = parsed(&svg);
        let height = |label: &str| {
            let found = document
                .descendants()
                .find(|node| node.tag_name().name() == "text" && node.text() == Some(label));
            found.and_then(|node| node.attribute("y")).unwrap().parse::<f64>().unwrap()
        };
        assert!((height("the knee") - height("2 cores")).abs() >= FONT, "{svg}");
    }

    #[test]
    fn nothing_breaks_the_page_and_nothing_has_an_id() {
        let name = "<b>&\"'</b>\n\n\u{1}</title><script>";
        let plot = Plot::new(name, Axis::linear(name), name)
            .curve(name, [(0.0, 1.0), (5.0, 2.0)])
            .mark(1.0, name);
        for html in [plot.svg(), plot.table()] {
            assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
            assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
            assert!(!html.contains(" id="), "{html}");
            parsed(&html);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        let empty = Plot::new("", Axis::log2(""), "");
        let odd = empty
            .clone()
            .curve("a", [(0.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (8.0, 0.0)])
            .mark(-1.0, "nowhere");
        assert_eq!(odd.curves[0].points, [(8.0, 0.0)]);
        assert_eq!(odd.marks, []);
        for plot in [empty, odd] {
            assert!(!plot.svg().contains("NaN") && !plot.svg().contains("inf"), "{}", plot.svg());
            parsed(&plot.svg());
            parsed(&plot.table());
        }
    }

    #[test]
    fn what_was_written_is_read_again_and_the_picture_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plots/05.json");
        plot().write(&file).unwrap();
        assert_eq!(Plot::read(&file).unwrap(), plot());
        assert_eq!(fs::read_to_string(file.with_extension("svg")).unwrap(), plot().svg());
        let error = Plot::read(&folder.path().join("none.json")).unwrap_err();
        assert!(error.to_string().contains("none.json"), "{error}");
        let error = plot().write(&file.join("below/a.json")).unwrap_err();
        assert!(error.to_string().contains("a.json"), "{error}");
    }

    #[test]
    fn numbers_have_three_digits_where_they_need_them() {
        let numbers = [0.0, 1.0, 1.954, 12.34, 1234.5, 0.01234].map(number);
        assert_eq!(numbers, ["0", "1", "1.95", "12.3", "1234", "0.0123"]);
    }
}
