//! What a chapter says about itself, in a comment after its title, as TOML:
//!
//! ```text
//! <!-- lesson
//! teaching = 10                  # minutes, to teach it or to read it
//! exercises = 5                  # minutes
//! half_day = 15                  # minutes in the first session of a class, if it is taught there
//! second_half_day = 15           # and in the second
//! learn = "to measure"           # a line for the table of the road
//! questions = ["How long?"]
//! objectives = ["Measure."]
//! key_points = ["Times add up."]
//! -->
//! ```
//!
//! Texts are Markdown. The build makes the chapter's card and key points from it, its line in the
//! table of the road, and its part of the timetables in the instructor's guide.

use std::fmt::Write;

use serde::Deserialize;
use toml::Spanned;

use crate::markdown::{self, Comment};
use crate::problem::Found;

pub(crate) const WORD: &str = "lesson";
pub(crate) const KEY_POINTS: &str = "key-points";

/// What a chapter says about itself. Nothing in it is empty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lesson {
    /// Minutes to teach it, or to read it.
    teaching: Spanned<u32>,
    /// Minutes for the exercises.
    exercises: u32,
    half_day: Option<Spanned<u32>>,
    second_half_day: Option<Spanned<u32>>,
    learn: Spanned<String>,
    questions: Texts,
    objectives: Texts,
    key_points: Texts,
}

type Texts = Spanned<Vec<Spanned<String>>>;

/// One of the two meetings of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Session {
    HalfDay,
    SecondHalfDay,
}

impl Session {
    pub(crate) const ALL: [Session; 2] = [Session::HalfDay, Session::SecondHalfDay];

    /// Its name in the TOML.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Session::HalfDay => "half_day",
            Session::SecondHalfDay => "second_half_day",
        }
    }
}

impl Lesson {
    /// Reads the comment of a chapter, or says what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Lesson, Found> {
        let mut lessons = markdown::comments(text).filter(|comment| comment.word == WORD);
        let Some(first) = lessons.next() else {
            let what = "the chapter has no <!-- lesson … --> after its title";
            return Err(vec![(1, what.to_owned())]);
        };
        if let Some(second) = lessons.next() {
            let what = format!("line {} already has the lesson", first.line);
            return Err(vec![(second.line, what)]);
        }
        Lesson::parse(&first)
    }

    fn parse(comment: &Comment<'_>) -> Result<Lesson, Found> {
        let lesson: Lesson = comment.parse()?;
        let mut found = lesson.empty();
        found.extend(lesson.wrong_minutes());
        if found.is_empty() {
            return Ok(lesson);
        }
        Err(found.into_iter().map(|(at, what)| (comment.line_at(at), what)).collect())
    }

    /// The texts that are missing, by their byte.
    fn empty(&self) -> Found {
        let mut found = Found::new();
        if self.learn.get_ref().trim().is_empty() {
            found.push((self.learn.span().start, "learn is empty".to_owned()));
        }
        let lists = [
            ("questions", &self.questions),
            ("objectives", &self.objectives),
            ("key_points", &self.key_points),
        ];
        for (name, list) in lists {
            if list.get_ref().is_empty() {
                found.push((list.span().start, format!("{name} has no entry")));
            }
            for (n, entry) in list.get_ref().iter().enumerate() {
                let text = entry.get_ref().trim();
                if text.is_empty() {
                    let what = format!("entry {} of {name} is empty", n + 1);
                    found.push((entry.span().start, what));
                } else if text.contains("\n\n") {
                    let what = format!("entry {} of {name} is more than one paragraph", n + 1);
                    found.push((entry.span().start, what));
                }
            }
        }
        found
    }

    /// Why the minutes don't add up, by their byte.
    fn wrong_minutes(&self) -> Found {
        let mut found = Found::new();
        if *self.teaching.get_ref() == 0 {
            found.push((self.teaching.span().start, "teaching takes no time".to_owned()));
        }
        let mut taught = 0;
        for (session, minutes) in Session::ALL.iter().zip([&self.half_day, &self.second_half_day]) {
            let Some(minutes) = minutes else { continue };
            let (key, at) = (session.key(), minutes.span().start);
            taught += minutes.get_ref();
            if *minutes.get_ref() == 0 {
                found.push((at, format!("{key} takes no time: leave it out")));
            } else if taught > self.minutes() {
                let what = format!(
                    "the sessions give it {taught} minutes, but teaching and exercises take {}",
                    self.minutes()
                );
                found.push((at, what));
            }
        }
        if taught == 0 {
            let what = "no session teaches it: set half_day or second_half_day, in minutes";
            found.push((0, what.to_owned()));
        }
        found
    }

    /// Minutes for all of it.
    pub(crate) fn minutes(&self) -> u32 {
        self.teaching.get_ref() + self.exercises
    }

    /// Minutes in a session, if it is taught there.
    pub(crate) fn minutes_in(&self, session: Session) -> Option<u32> {
        let minutes = match session {
            Session::HalfDay => &self.half_day,
            Session::SecondHalfDay => &self.second_half_day,
        };
        minutes.as_ref().map(|minutes| *minutes.get_ref())
    }

    /// A line for the table of the road.
    pub(crate) fn learn(&self) -> &str {
        self.learn.get_ref()
    }

    /// The card at the start of the chapter.
    pub(crate) fn card(&self) -> String {
        let mut out =
            "<section class=\"lesson-card\" aria-label=\"About this chapter\">\n\n".to_owned();
        let time = match self.exercises {
            0 => format!("{} minutes", self.minutes()),
            n => format!(
                "{} minutes: {} to read, {n} for the exercises",
                self.minutes(),
                self.teaching.get_ref()
            ),
        };
        let _ = writeln!(out, "Time\n: {time}\n");
        let _ = writeln!(out, "Questions\n{}", entries(&self.questions));
        let _ = writeln!(out, "Objectives\n{}", entries(&self.objectives));
        out + "</section>"
    }

    /// The section at its end.
    pub(crate) fn key_points(&self) -> String {
        let points = self.key_points.get_ref().iter();
        let points: Vec<String> =
            points.map(|point| format!("- {}", indented(point, "  "))).collect();
        format!("<div class=\"key-points\">\n\n## Key points\n\n{}\n\n</div>", points.join("\n"))
    }
}

/// The definition of a term, as a list.
fn entries(texts: &Texts) -> String {
    let mut out = String::new();
    for (n, text) in texts.get_ref().iter().enumerate() {
        let begin = if n == 0 { ": - " } else { "  - " };
        let _ = writeln!(out, "{begin}{}", indented(text, "    "));
    }
    out
}

/// Indents all lines but the first, so that they belong to the same entry.
fn indented(text: &Spanned<String>, by: &str) -> String {
    text.get_ref().trim().replace('\n', &format!("\n{by}"))
}

#[cfg(test)]
pub(crate) mod tests;
