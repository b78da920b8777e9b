//! Slides and a handout for the half-day: what each chapter that it teaches says about itself, its
//! first timeline and its key points.

use std::path::Path;

use super::chapters::{self, Chapter};
use super::flat::{flatten, length};
use crate::files;
use crate::html::{Piece, pieces};
use crate::preprocess::{Lesson, Session};

/// The parts of a chapter that a slide shows.
struct Taught {
    title: String,
    minutes: u32,
    card: String,
    timeline: String,
    points: String,
}

/// The slides, as HTML: one section a slide.
pub(super) fn slides(book: &Path, site: &Path) -> anyhow::Result<String> {
    let taught = taught(book, site)?;
    let mut out = first_page(&taught);
    for part in &taught {
        let Taught { title, minutes, card, timeline, points } = part;
        let slide = |inside: &str| format!("<section class=\"slide\">\n{inside}\n</section>\n");
        out += &slide(&format!("<h1>{title}</h1>\n<p>{minutes} minutes</p>\n{card}"));
        if !timeline.is_empty() {
            out += &slide(&format!("<h2>{title}</h2>\n{timeline}"));
        }
        out += &slide(points);
    }
    Ok(out)
}

/// The handout, as HTML: a page for each chapter, with room for notes.
pub(super) fn handout(book: &Path, site: &Path) -> anyhow::Result<String> {
    let taught = taught(book, site)?;
    let mut out = first_page(&taught);
    for Taught { title, card, timeline, points, .. } in &taught {
        out += &format!(
            "<section class=\"sheet\">\n<h1>{title}</h1>\n{card}\n{timeline}\n{points}\n\
             <h2>Notes</h2>\n<div class=\"notes\"></div>\n</section>\n"
        );
    }
    Ok(out)
}

fn first_page(taught: &[Taught]) -> String {
    let rows =
        taught.iter().map(|part| format!("<li>{} ({} minutes)</li>\n", part.title, part.minutes));
    format!(
        "<section class=\"slide cover\">\n<h1>Many Hands</h1>\n<p>Concurrency in Rust, one runnable step at a time: \
         the half-day</p>\n<ul>\n{}</ul>\n</section>\n",
        rows.collect::<String>()
    )
}

/// The chapters of the half-day.
fn taught(book: &Path, site: &Path) -> anyhow::Result<Vec<Taught>> {
    let mut taught = Vec::new();
    for mut chapter in chapters::read(site)? {
        let source = files::read(&book.join("src").join(&chapter.name).with_extension("md"))?;
        let lesson = Lesson::read(&source).ok();
        let Some(minutes) = lesson.and_then(|lesson| lesson.minutes_in(Session::HalfDay)) else {
            continue;
        };
        chapter.html = flatten(&chapter).body;
        taught.push(Taught {
            minutes,
            card: part(&chapter, "lesson-card"),
            timeline: part(&chapter, "timeline"),
            points: part(&chapter, "key-points"),
            title: chapter.title,
        });
    }
    Ok(taught)
}

/// The first element of this class, or nothing.
fn part(chapter: &Chapter, class: &str) -> String {
    let all: Vec<Piece<'_>> = pieces(&chapter.html).collect();
    let is_it = |piece: &Piece<'_>| {
        piece.get("class").is_some_and(|classes| classes.split(' ').any(|c| c == class))
    };
    let Some(start) = all.iter().position(is_it) else { return String::new() };
    let inside = &all[start..start + length(&all[start..])];
    let source = inside.iter().map(|piece| match piece {
        Piece::Tag(source) | Piece::Text(source) => *source,
    });
    source.collect()
}
