//! The first thing that a reader sees: what the book is, as a picture that a slider changes, and
//! three ways into it.

use super::stop::Stop;

/// The comment that it replaces.
pub(super) const WORD: &str = "first-sight";

/// The picture's frame, the text and the buttons. The page's script draws the picture; without it,
/// the recorded timeline further down shows the same.
pub(super) fn section(stops: &[Stop], challenges: Option<&str>) -> String {
    let button = |quiet: &str, href: &str, label: &str| {
        format!("<a class=\"big-button{quiet}\" href=\"{href}\">{label}</a>\n")
    };
    let first = stops.first().map_or_else(String::new, |stop| {
        button("", &format!("{}.html", stop.name), "Read the first step")
    });
    let challenge = challenges.map_or_else(String::new, |page| {
        button(" is-quiet", &format!("{page}.html#challenges"), "Try a challenge")
    });
    format!(
        "<p class=\"welcome-lead\"><strong>Concurrency in Rust, one runnable step at a time.</strong> For \
         everyone who knows Python’s <code>multiprocessing</code>, with its <code>Pool</code>, \
         <code>map</code> and <code>imap</code>, and would like the same power in Rust: small programs \
         that you run, watch, change and run again.</p>\n\n\
         <div class=\"welcome-stage\">\n\
         <div class=\"welcome-form\"><label>Workers <input type=\"range\" min=\"1\" max=\"4\" value=\"1\"></label>\
         <output>1 worker: 7.00 s</output></div>\n\
         <figure><div class=\"welcome-picture\"></div>\n\
         <figcaption>Five tasks, and who does them when. A model: each task takes as long however many workers \
         there are. Your own runs will be drawn like this, from what really happened.</figcaption></figure>\n\
         </div>\n\n\
         <p class=\"welcome-buttons\">\n{first}{}{challenge}</p>\n",
        button(" is-quiet", "#three-things-to-do", "Run a step"),
    )
}
