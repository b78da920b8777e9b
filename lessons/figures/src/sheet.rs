//! What all pictures have in common: units, colours, and what is around the drawing.
//!
//! Pictures are drawn in units: they are [`WIDTH`] across, or less if they are made for phones,
//! however many pixels the page gives them.

use crate::element::{Element, line};

/// The width of a picture.
pub(crate) const WIDTH: f64 = 600.0;
/// The size of its text.
pub(crate) const FONT: f64 = 16.0;
/// The average width of a letter, in a proportional font of this size.
pub(crate) const fn letter(font: f64) -> f64 {
    0.6 * font // in the widest of the usual ones; in others there is a bit more room
}

/// How many colours there are.
pub(crate) const COLOURS: usize = 6;
/// The colours of areas, as classes `mh-0` to `mh-5`. They differ in lightness, too, and dark text
/// is readable on each of them. Their outlines are the colours of lines. A page can change them
/// with its variables `--mh-0` to `--mh-5`.
pub(crate) const BARS: &str = "\
.mh-0{fill:var(--mh-0,#78b6ea);stroke:var(--mh-line-0,#3a8bcd)}\
.mh-1{fill:var(--mh-1,#f3b53f);stroke:var(--mh-line-1,#b8790a)}\
.mh-2{fill:var(--mh-2,#52b9a3);stroke:var(--mh-line-2,#23987f)}\
.mh-3{fill:var(--mh-3,#dcc8f3);stroke:var(--mh-line-3,#9b72d0)}\
.mh-4{fill:var(--mh-4,#e0714b);stroke:var(--mh-line-4,#d5603c)}\
.mh-5{fill:var(--mh-5,#f4e386);stroke:var(--mh-line-5,#8f8420)}";
/// The same colours for lines, as classes `mh-line-0` to `mh-line-5`, with a lightness that shows
/// on white and on black (a contrast of at least 3 : 1).
pub(crate) const LINES: &str = "\
.mh-line-0{color:var(--mh-line-0,#3a8bcd)}\
.mh-line-1{color:var(--mh-line-1,#b8790a)}\
.mh-line-2{color:var(--mh-line-2,#23987f)}\
.mh-line-3{color:var(--mh-line-3,#9b72d0)}\
.mh-line-4{color:var(--mh-line-4,#d5603c)}\
.mh-line-5{color:var(--mh-line-5,#8f8420)}";

/// A length in the picture, to a tenth of a unit.
pub(crate) fn unit(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The next round number, 1, 2 or 5 times a power of ten, for the distance between ticks.
pub(crate) fn round_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power)
}

/// A picture without its drawing.
pub(crate) struct Sheet<'s> {
    /// The class of the picture, for its style.
    pub(crate) class: &'static str,
    /// Another class, for what pictures of this kind don't have in common.
    pub(crate) variant: &'static str,
    pub(crate) width: f64,
    /// If the page is narrower than this, in pixels, it scrolls the picture instead of shrinking
    /// it.
    pub(crate) least: f64,
    pub(crate) height: f64,
    pub(crate) title: &'s str,
    /// What the picture shows, in words.
    pub(crate) description: &'s str,
    /// The style of what is drawn, beside what all pictures share.
    pub(crate) style: &'s [&'s str],
}

impl Sheet<'_> {
    /// The picture, with these lines of elements as its drawing.
    pub(crate) fn svg(&self, drawing: &str) -> String {
        let mut body = String::from("\n");
        line(&mut body, [Element::new("title").text(self.title)]);
        line(&mut body, [Element::new("desc").text(self.description)]);
        line(
            &mut body,
            [Element::new("style").text(&self.shared_style()).text(&self.style.concat())],
        );
        body += drawing;
        let svg = Element::new("svg")
            .attr("class", format!("{} {}", self.class, self.variant).trim_end())
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .attr("viewBox", format_args!("0 0 {} {}", unit(self.width), unit(self.height)))
            .attr("role", "img");
        let least = format!("min-width:{}px", unit(self.least));
        let svg = if self.least > 0.0 { svg.attr("style", least) } else { svg };
        let mut out = String::new();
        line(&mut out, [svg.lines(&body)]);
        out
    }

    fn shared_style(&self) -> String {
        let of = self.class;
        format!(
            ".{of}{{display:block;width:100%;height:auto;font:16px system-ui,sans-serif;font-family:inherit}}\
             :root.{of}{{color-scheme:light dark;color:CanvasText;background:Canvas;\
             font-family:system-ui,sans-serif}}\
             .{of} text{{fill:currentColor;font-variant-numeric:tabular-nums}}\
             .{of} .mh-end{{text-anchor:end}}.{of} .mh-mid{{text-anchor:middle}}"
        )
    }
}
