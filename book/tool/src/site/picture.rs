//! The picture of a page for those who are sent a link to it: its first timeline, as a PNG.
//!
//! Bars on a dark ground need no anti-aliasing, and no text: whoever shows the picture shows the
//! title beside it.

use std::path::Path;

use crate::files;
use crate::html::{Tag, tags};

const WIDTH: usize = 1200;
const HEIGHT: usize = 630;
/// The ground, the tracks, and the colours of bars, as in `lessons/figures`.
const COLOURS: [[u8; 3]; 8] = [
    [0x20, 0x24, 0x2c],
    [0x2e, 0x33, 0x3d],
    [0x78, 0xb6, 0xea],
    [0xf3, 0xb5, 0x3f],
    [0x52, 0xb9, 0xa3],
    [0xdc, 0xc8, 0xf3],
    [0xe0, 0x71, 0x4b],
    [0xf4, 0xe3, 0x86],
];

/// Writes the picture of a page's first timeline. `false` if it has none.
pub(super) fn write(page: &str, file: &Path) -> anyhow::Result<bool> {
    let bars = bars(page);
    if bars.is_empty() {
        return Ok(false);
    }
    files::write(file, png(&paint(&bars))?)?;
    Ok(true)
}

/// A rectangle of the timeline, in its own units, and the number of its colour.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    colour: u8,
}

/// The tracks and bars of the first timeline on a page.
fn bars(page: &str) -> Vec<Bar> {
    let Some(start) = page.find("<svg class=\"mh-timeline mh-wide\"") else { return Vec::new() };
    let svg = page[start..].split("<svg class=\"mh-timeline mh-narrow\"").next().unwrap_or("");
    let mut colour = 0;
    let mut bars = Vec::new();
    for tag in tags(svg.split("</figure>").next().unwrap_or("")) {
        let class = tag.get("class").unwrap_or("");
        match &*tag.name {
            "g" => colour = number_of(class).unwrap_or(colour),
            "rect" => bars.extend(Bar::read(&tag, if class == "mh-track" { 1 } else { colour })),
            _ => {}
        }
    }
    bars
}

/// `mh-3` is the fourth colour of bars.
fn number_of(class: &str) -> Option<u8> {
    let number =
        class.split(' ').find_map(|class| class.strip_prefix("mh-")?.parse::<u8>().ok())?;
    Some(2 + number % 6)
}

impl Bar {
    fn read(tag: &Tag, colour: u8) -> Option<Bar> {
        let number = |name| tag.get(name)?.parse::<f64>().ok();
        let [left, top, width, height] =
            [number("x")?, number("y")?, number("width")?, number("height")?];
        (colour > 0).then_some(Bar { left, top, width, height, colour })
    }
}

/// The bars, as large as the picture has room for: the number of a colour for each pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture"
)]
fn paint(bars: &[Bar]) -> Vec<[u8; WIDTH]> {
    const MARGIN: f64 = 90.0;
    let edge = |side: fn(&Bar) -> f64, pick: fn(f64, f64) -> f64| {
        bars.iter().map(side).reduce(pick).unwrap_or(0.0)
    };
    let (left, right) = (edge(|b| b.left, f64::min), edge(|b| b.left + b.width, f64::max));
    let (top, bottom) = (edge(|b| b.top, f64::min), edge(|b| b.top + b.height, f64::max));
    let across = (WIDTH as f64 - 2.0 * MARGIN) / (right - left).max(1.0);
    let down = ((HEIGHT as f64 - 2.0 * MARGIN) / (bottom - top).max(1.0)).min(4.0);
    let above = (HEIGHT as f64 - (bottom - top) * down) / 2.0;
    let mut rows = vec![[0; WIDTH]; HEIGHT];
    for bar in bars {
        let x = |at: f64| ((MARGIN + (at - left) * across).round().max(0.0) as usize).min(WIDTH);
        let y = |at: f64| ((above + (at - top) * down).round().max(0.0) as usize).min(HEIGHT);
        let (from, to) = (x(bar.left), x(bar.left + bar.width));
        for row in &mut rows[y(bar.top)..y(bar.top + bar.height)] {
            row[from..to.max((from + 2).min(WIDTH))].fill(bar.colour);
        }
    }
    rows
}

/// Encodes rows of eight colours, four bits a pixel.
fn png(rows: &[[u8; WIDTH]]) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(COLOURS.as_flattened());
    encoder.set_filter(png::Filter::Up); // most rows repeat the row above them
    let pixels: Vec<u8> =
        rows.as_flattened().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<figure><svg class=\"mh-timeline mh-wide\" viewBox=\"0 0 600 90\">\
        <rect x=\"80\" y=\"20\" width=\"400\" height=\"24\" class=\"mh-track\"/>\
        <g class=\"mh-1\"><rect x=\"80\" y=\"20\" width=\"200\" height=\"24\"/></g></svg>\
        <svg class=\"mh-timeline mh-narrow\"><rect x=\"1\" y=\"1\" width=\"1\" height=\"1\"/></svg></figure>";

    #[test]
    fn a_page_is_pictured_by_its_first_timeline() {
        let bars = bars(PAGE);
        assert_eq!(
            bars.iter().map(|bar| (bar.left, bar.colour)).collect::<Vec<_>>(),
            [(80.0, 1), (80.0, 3)]
        );
        let rows = paint(&bars);
        assert_eq!([rows[HEIGHT / 2][100], rows[HEIGHT / 2][1000], rows[5][100]], [3, 1, 0]);
        let file = png(&rows).unwrap();
        assert!(file.len() < 60_000, "{} bytes", file.len());
    }

    #[test]
    fn a_page_without_a_timeline_has_no_picture() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!write("<main></main>", &folder.path().join("a.png")).unwrap());
    }
}
