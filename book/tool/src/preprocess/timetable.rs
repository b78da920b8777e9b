//! The timetable of a session, computed from the minutes that the chapters declare.
//!
//! ```text
//! <!-- timetable
//! session = "half_day"
//! minutes = 210
//! part = [
//!   { lesson = "01_sync", how = "Run it." },           # the chapter has its minutes
//!   { what = "Break", minutes = 15, how = "Tea." },
//! ]
//! -->
//! ```

use std::fmt::Write;

use serde::Deserialize;
use toml::Spanned;

use super::lesson::Session;
use super::stop::Stop;
use crate::markdown::Comment;
use crate::problem::Found;

/// A session of a class, and what it does when.
#[derive(Debug)]
pub(super) struct Timetable {
    pub(super) session: Session,
    /// The page that shows it.
    pub(super) page: String,
    /// How long it is, in minutes.
    minutes: u32,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// The number of a chapter, and a link to it.
    chapter: Option<(String, String)>,
    what: Option<String>,
    minutes: u32,
    how: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    session: Session,
    minutes: Spanned<u32>,
    part: Vec<Spanned<Part>>,
}

/// A chapter of the road, which declares its minutes itself; or something else, with its minutes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    lesson: Option<String>,
    what: Option<String>,
    minutes: Option<u32>,
    how: String,
}

impl Timetable {
    /// Reads the comment of a page, or says what is wrong with it.
    pub(super) fn read(
        page: &str,
        comment: &Comment<'_>,
        stops: &[Stop],
    ) -> Result<Timetable, Found> {
        let Data { session, minutes: whole, part } = comment.parse()?;
        let mut found = Found::new();
        let mut rows: Vec<Row> = Vec::new();
        for part in part {
            let line = comment.line_at(part.span().start);
            match part.into_inner().row(session, stops) {
                Ok(row) if row.chapter.is_some() && has(&rows, row.chapter.as_ref()) => {
                    found.push((line, "this chapter is listed above already".to_owned()));
                }
                Ok(row) => rows.push(row),
                Err(what) => found.push((line, what)),
            }
        }
        for stop in stops.iter().filter(|stop| stop.lesson.minutes_in(session).is_some()) {
            if !has(&rows, Some(&(stop.number().to_owned(), stop.link()))) {
                let what = format!("{} sets {}, but is not listed", stop.name, session.key());
                found.push((comment.line, what));
            }
        }
        let (sum, minutes) = (rows.iter().map(|row| row.minutes).sum::<u32>(), *whole.get_ref());
        if found.is_empty() && sum != minutes {
            let line = comment.line_at(whole.span().start);
            found.push((line, format!("the parts take {sum} minutes, not {minutes}")));
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Timetable { session, page: page.to_owned(), minutes, rows })
    }

    /// The table that the page shows.
    pub(super) fn table(&self) -> String {
        let mut out = "| from | minutes | what | how |\n|---|---|---|---|\n".to_owned();
        let mut at = 0;
        for Row { chapter, what, minutes, how } in &self.rows {
            let link = chapter.iter().map(|(_, link)| link);
            let what: Vec<&str> = link.chain(what).map(String::as_str).collect();
            let (from, how) = (clock(at), how.trim().replace('\n', " "));
            let _ = writeln!(out, "| {from} | {minutes} | {} | {how} |", what.join(": "));
            at += minutes;
        }
        out + &format!("| {} | | the end | |", clock(at))
    }

    /// One line: which chapters the session teaches.
    pub(super) fn summary(&self) -> Option<String> {
        let mut chapters: Vec<String> = Vec::new();
        for Row { chapter, what, .. } in &self.rows {
            let Some((number, _)) = chapter else { continue };
            let what = what.iter().map(|what| format!(" ({what})"));
            chapters.push(number.clone() + &what.collect::<String>());
        }
        let last = chapters.pop()?;
        let (page, minutes) = (&self.page, self.minutes);
        Some(format!(
            "- Half a day, {minutes} minutes with a break: chapters {} and {last}, in this order. The \
             [instructor's guide]({page}.md) has the timetable, and what to prepare.",
            chapters.join(", ")
        ))
    }
}

impl Part {
    fn row(self, session: Session, stops: &[Stop]) -> Result<Row, String> {
        let Part { lesson, what, minutes, how } = self;
        if how.trim().is_empty() {
            return Err("how is empty".to_owned());
        }
        match (lesson, minutes) {
            (Some(name), None) => {
                let stop = stops.iter().find(|stop| stop.name == name);
                let stop = stop.ok_or_else(|| format!("the road has no chapter {name}"))?;
                let missing = || format!("{name} does not set {}, in minutes", session.key());
                let minutes = stop.lesson.minutes_in(session).ok_or_else(missing)?;
                Ok(Row {
                    chapter: Some((stop.number().to_owned(), stop.link())),
                    what,
                    minutes,
                    how,
                })
            }
            (None, Some(minutes @ 1..)) if what.is_some() => {
                Ok(Row { chapter: None, what, minutes, how })
            }
            _ => {
                Err("a part has a lesson, which sets its own minutes, or what and minutes"
                    .to_owned())
            }
        }
    }
}

/// Whether one of the rows is this chapter's.
fn has(rows: &[Row], chapter: Option<&(String, String)>) -> bool {
    rows.iter().any(|row| row.chapter.as_ref() == chapter)
}

/// Hours and minutes.
fn clock(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
pub(super) mod tests;
