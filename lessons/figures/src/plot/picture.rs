//! The picture of a plot.

use std::collections::BTreeSet;

use super::data::{Curve, Plot};
use super::words::number;
use crate::element::{Element, line};
use crate::legend::Legend;
use crate::page::Page;
use crate::sheet::{LINES, Sheet, letter, round_step, unit};

/// The upper edge of the area of the curves.
const TOP: f64 = 34.0;
const STYLE: &str = "\
.mh-plot .mh-grid{stroke:currentColor;opacity:.22}\
.mh-plot .mh-limit{stroke:currentColor;stroke-width:1.5;opacity:.6}\
.mh-plot .mh-curve{fill:none;stroke:currentColor;stroke-width:2.5;stroke-linejoin:round}\
.mh-plot .mh-model{stroke-width:2;stroke-dasharray:7 5}\
.mh-plot .mh-point{fill:currentColor}";
/// For the picture that only phones show.
const NARROW: &str = "\
.mh-plot.mh-narrow{display:none;font-size:13px}\
@media(max-width:620px){.mh-plot.mh-wide{display:none}.mh-plot.mh-narrow{display:block}}";

impl Plot {
    /// The picture. It can be pasted into a page of HTML or Markdown as it is, and is also a file
    /// of its own.
    pub fn svg(&self) -> String {
        Picture::new(self, Page::Wide).svg("")
    }

    /// The picture twice, for a page of HTML: for wide screens, and drawn anew for phones. The page
    /// shows the one that fits.
    ///
    /// ```
    /// use figures::plot::{Axis, Plot};
    ///
    /// let plot = Plot::new("Speed-up", Axis::log2("workers"), "times as fast");
    /// assert_eq!(plot.responsive().matches("<svg").count(), 2);
    /// ```
    pub fn responsive(&self) -> String {
        Picture::new(self, Page::Wide).svg("mh-wide")
            + &Picture::new(self, Page::Narrow).svg("mh-narrow")
    }
}

/// Where everything goes. The ranges are those of the axes, from left to right and from bottom to
/// top.
pub(super) struct Picture<'p> {
    plot: &'p Plot,
    width: f64,
    font: f64,
    /// The area of the curves.
    left: f64,
    right: f64,
    bottom: f64,
    x: (f64, f64),
    y: (f64, f64),
    /// From one line of the grid to the next.
    step: f64,
}

impl<'p> Picture<'p> {
    pub(super) fn new(plot: &'p Plot, page: Page) -> Self {
        let (width, font) = (page.width(), page.font());
        let points = || plot.curves.iter().flat_map(|curve| &curve.points);
        let xs = points().map(|point| point.0).chain(plot.marks.iter().map(|mark| mark.0));
        let (from, to) = range(xs.map(|x| plot.x.scale(x))).unwrap_or((0.0, 1.0));
        let ys = points().map(|point| plot.height(point.1)).filter(|y| y.is_finite());
        let (low, high) = range(ys.chain([0.0])).unwrap_or((0.0, 1.0));
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / 6.0);
        let step = if plot.is_log10 { step.max(1.0) } else { step };
        let bounds = ((low / step).floor() * step, (high / step).ceil() * step);
        let labels = steps(bounds, step).map(|height| label(plot, height, step).chars().count());
        let left = labels.max().unwrap_or(1).max(4) as f64 * letter(font) + 12.0;
        Picture {
            plot,
            width,
            font,
            left,
            right: width - 20.0,
            bottom: TOP + 0.48 * width,
            x: if to > from { (from, to) } else { (from - 0.5, from + 0.5) },
            y: bounds,
            step,
        }
    }

    pub(super) fn x(&self, x: f64) -> f64 {
        let share = (self.plot.x.scale(x) - self.x.0) / (self.x.1 - self.x.0);
        self.left + 14.0 + share * (self.right - self.left - 28.0)
    }

    pub(super) fn y(&self, y: f64) -> f64 {
        let share = (self.plot.height(y) - self.y.0) / (self.y.1 - self.y.0);
        self.bottom - share * (self.bottom - TOP)
    }

    fn svg(&self, variant: &'static str) -> String {
        let legend = self.legend();
        let mut out = String::new();
        self.axes(&mut out);
        for (n, (x, label)) in self.plot.marks.iter().enumerate() {
            self.mark(&mut out, n, self.x(*x), label);
        }
        let (models, measured): (Vec<_>, Vec<_>) =
            self.plot.coloured().partition(|(_, curve)| curve.is_model);
        for (colour, curve) in models.into_iter().chain(measured) {
            self.curve(&mut out, colour, curve);
        }
        Sheet {
            class: "mh-plot",
            variant,
            width: self.width,
            least: 0.0,
            height: legend.bottom().unwrap_or(self.legend_top()) + 12.0,
            title: &self.plot.title,
            description: &self.plot.description(),
            style: if variant == "mh-narrow" { &[NARROW] } else { &[STYLE, LINES] },
        }
        .svg(&(out + legend.lines()))
    }

    /// The lines of the grid with their numbers, and what the numbers mean.
    fn axes(&self, out: &mut String) {
        let text = |x: f64, y: f64| Element::new("text").attr("x", unit(x)).attr("y", unit(y));
        let end = |x: f64, y: f64| {
            let text = Element::new("text").attr("class", "mh-end");
            text.attr("x", unit(x)).attr("y", unit(y))
        };
        let x_label = end(self.right, self.bottom + 3.0 * self.font).text(&self.plot.x.label);
        line(out, [text(0.0, self.font).text(&self.plot.y), x_label]);
        for height in steps(self.y, self.step) {
            let y = self.y(self.plot.at(height));
            let d = format!("M{} {}H{}", unit(self.left), unit(y), unit(self.right));
            let number = end(self.left - 8.0, y + self.font * 0.35);
            line(out, [path("mh-grid", &d), number.text(&label(self.plot, height, self.step))]);
        }
        let width = self.x.1 - self.x.0;
        let step = if self.plot.x.is_log2 {
            (width / 12.0).ceil().max(1.0)
        } else {
            round_step(width / 7.0)
        };
        for at in steps((self.x.0, self.x.1), step) {
            let value = if self.plot.x.is_log2 { at.exp2() } else { at };
            let x = unit(self.x(value));
            let label = Element::new("text").attr("class", "mh-mid").attr("x", &x);
            let label = label.attr("y", unit(self.bottom + 1.5 * self.font)).text(&number(value));
            line(out, [path("mh-grid", &format!("M{x} {}v6", unit(self.bottom))), label]);
        }
    }

    /// An upright line with its label, the `n`th.
    fn mark(&self, out: &mut String, n: usize, x: f64, label: &str) {
        // On a line of its own: two marks may be close together.
        let y = TOP + 16.0 + 22.0 * n as f64;
        // Left of the line if there is room for it, because curves that rise are still low there.
        let needed = label.chars().count() as f64 * letter(self.font) + 12.0;
        let has_room = x - self.left > needed;
        let (class, shift) = if has_room { ("mh-end", -6.0) } else { ("", 6.0) };
        let label = Element::new("text")
            .attr("class", class)
            .attr("x", unit(x + shift))
            .attr("y", unit(y))
            .text(label);
        line(out, [path("mh-limit", &format!("M{} {TOP}V{}", unit(x), unit(self.bottom))), label]);
    }

    fn curve(&self, out: &mut String, colour: usize, curve: &Curve) {
        let places: Vec<String> = curve
            .points
            .iter()
            .map(|point| format!("{} {}", unit(self.x(point.0)), unit(self.y(point.1))))
            .collect();
        let joined = path(curve_class(curve), &format!("M{}", places.join("L")));
        let measured = if curve.is_model { &[] } else { &curve.points[..] };
        let points = measured.iter().map(|&(x, y)| {
            let title = format!("{}: {} at {}", curve.name, number(y), number(x));
            path("mh-point", &shape(colour, self.x(x), self.y(y)))
                .children([Element::new("title").text(&title)])
        });
        line(out, [coloured(colour).children([joined].into_iter().chain(points))]);
    }

    fn legend_top(&self) -> f64 {
        self.bottom + 4.9 * self.font
    }

    /// What the lines are, below the axis.
    fn legend(&self) -> Legend {
        let pitch = 1.6 * self.font;
        let mut legend = Legend::new((self.left, self.width), self.legend_top(), pitch, 18.0);
        let mut seen = BTreeSet::new();
        let (models, measured): (Vec<_>, Vec<_>) =
            self.plot.coloured().partition(|(_, curve)| curve.is_model);
        let models = models.into_iter().filter(|(_, model)| seen.insert(&model.name));
        for (colour, curve) in measured.into_iter().chain(models) {
            let width = 44.0 + curve.name.chars().count() as f64 * letter(self.font) + 18.0;
            legend.add(width, |x, y| {
                let stroke =
                    path(curve_class(curve), &format!("M{} {}h34", unit(x), unit(y - 5.0)));
                let sample = if curve.is_model {
                    stroke
                } else {
                    let point = path("mh-point", &shape(colour, x + 17.0, y - 5.0));
                    coloured(colour).children([stroke, point])
                };
                let name = Element::new("text").attr("x", unit(x + 44.0)).attr("y", unit(y));
                [sample, name.text(&curve.name)]
            });
        }
        legend
    }
}

/// What stands beside a line of the grid at this height of the picture.
fn label(plot: &Plot, height: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    format!("{:.decimals$}", plot.at(height))
}

fn path(class: &str, d: &str) -> Element {
    Element::new("path").attr("class", class).attr("d", d)
}

/// A group in which everything has this colour.
fn coloured(colour: usize) -> Element {
    Element::new("g").attr("class", format_args!("mh-line-{colour}"))
}

fn curve_class(curve: &Curve) -> &'static str {
    if curve.is_model { "mh-curve mh-model" } else { "mh-curve" }
}

/// A point. Its shape goes with its colour, because not everybody can tell colours apart.
fn shape(colour: usize, x: f64, y: f64) -> String {
    let from = |dx: f64, dy: f64| format!("M{} {}", unit(x + dx), unit(y + dy));
    match colour % 4 {
        0 => from(-5.0, 0.0) + "a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
        1 => from(-4.5, -4.5) + "h9v9h-9z",
        2 => from(0.0, -6.0) + "l6 11h-12z",
        _ => from(0.0, -6.5) + "l6.5 6.5l-6.5 6.5l-6.5-6.5z",
    }
}

/// The least and the greatest value.
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
