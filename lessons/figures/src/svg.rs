//! What the pictures of timelines and plots have in common.
//!
//! They are drawn in units: [`WIDTH`] across, however many pixels the page gives them. They bring their
//! colours along, for light and dark alike, and take the colour of their text from the page around them.

/// The width of a picture. A phone gives it about 360 pixels, and text of 16 units is then 9 pixels high.
pub(crate) const WIDTH: f64 = 600.0;
/// The size of the text.
pub(crate) const FONT: f64 = 16.0;
/// What a letter takes on average, in a proportional font of this size.
pub(crate) const LETTER: f64 = 8.6;

/// How many colours there are.
pub(crate) const COLOURS: usize = 6;
/// Colours of areas, as classes `mh-0` to `mh-5`. They differ in lightness too, and dark text is readable
/// on each of them. Of the page's variables, `--mh-0` to `--mh-5` change them.
pub(crate) const BARS: &str = "\
.mh-0{fill:var(--mh-0,#78b6ea);stroke:#1d5c90}\
.mh-1{fill:var(--mh-1,#f3b53f);stroke:#7d5300}\
.mh-2{fill:var(--mh-2,#52b9a3);stroke:#0c5a4b}\
.mh-3{fill:var(--mh-3,#dcc8f3);stroke:#65419a}\
.mh-4{fill:var(--mh-4,#e0714b);stroke:#862f12}\
.mh-5{fill:var(--mh-5,#f4e386);stroke:#6f6200}";
/// The same colours for lines, as classes `mh-line-0` to `mh-line-5`, in a lightness that shows on white and
/// on black (3 : 1 at least).
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

/// The next round number, 1, 2 or 5 times a power of ten, from a rough one: the distance of two ticks.
pub(crate) fn round_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power)
}

/// For text and attributes of HTML and XML alike. What XML cannot say at all becomes a space.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
