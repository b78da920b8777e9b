//! All of a trace as one file.

use hands::timeline::Trace;

use super::picture::responsive;
use super::words::table;
use crate::element::Element;

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:660px;margin:2em auto;padding:0 1em}\
h1{font-size:1.6em}h2{font-size:1.1em;margin:2em 0 .5em}\
table{border-collapse:collapse;font-size:.9em}th,td{text-align:start;padding:.2em 1em .2em 0}";

/// A page of HTML that needs nothing else: each [part](Trace::parts) of the trace with its table,
/// all to one scale, for light and dark, wide and narrow screens.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("my job");
/// drop(span("sleep 4"));
/// let page = figures::timeline::page(&timeline.stop());
/// assert!(page.starts_with("<!doctype html>") && page.contains("<h1>my job</h1>"));
/// ```
pub fn page(trace: &Trace) -> String {
    let parts = trace.parts();
    let scale = parts.iter().map(Trace::length).max().unwrap_or_default();
    let heading = |name, text: &str| Element::new(name).text(text).to_string();
    let figures = parts.iter().map(|part| {
        let heading = if trace.sections().is_empty() {
            String::new()
        } else {
            heading("h2", &format!("{}: {}", part.name(), part.how_long()))
        };
        format!(
            "{heading}\n<figure style=\"margin:0\">\n{}{}</figure>\n",
            responsive(part, scale),
            table(part)
        )
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         {}\n<style>{STYLE}</style>\n{}\n{}</html>\n",
        heading("title", &format!("Timeline of {}", trace.name())),
        heading("h1", trace.name()),
        figures.collect::<String>(),
    )
}
