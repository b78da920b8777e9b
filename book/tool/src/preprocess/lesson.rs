//! What a chapter says of itself, in a comment at its beginning, as TOML:
//!
//! ```text
//! <!-- lesson
//! teaching = 10                  # minutes, to teach it or to read it
//! exercises = 5                  # minutes
//! half_day = 15                  # minutes in the first session of a room, if it is taught there
//! second_half_day = 15           # and in the second
//! learn = "to measure"           # a line for the table of the road
//! questions = ["How long?"]
//! objectives = ["Measure."]
//! key_points = ["Times add up."]
//! -->
//! ```
//!
//! Texts are Markdown. The card of the chapter is made of it, its key points, the table of the road and the
//! timetables of the instructor's guide.

use std::fmt::Write;

use serde::Deserialize;
use toml::Spanned;

use super::comment::{self, Comment};

/// What is wrong, and in which line.
pub(crate) type Found = Vec<(usize, String)>;

pub(crate) const WORD: &str = "lesson";
pub(crate) const KEY_POINTS: &str = "key-points";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    teaching: Spanned<u32>,
    exercises: Spanned<u32>,
    half_day: Option<Spanned<u32>>,
    second_half_day: Option<Spanned<u32>>,
    learn: Spanned<String>,
    questions: Spanned<Vec<Spanned<String>>>,
    objectives: Spanned<Vec<Spanned<String>>>,
    key_points: Spanned<Vec<Spanned<String>>>,
}

/// What a chapter says of itself. Nothing in it is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lesson {
    /// Minutes to teach it, or to read it.
    teaching: u32,
    /// Minutes for the exercises.
    exercises: u32,
    half_day: Option<u32>,
    second_half_day: Option<u32>,
    pub(crate) learn: String,
    questions: Vec<String>,
    objectives: Vec<String>,
    key_points: Vec<String>,
}

/// A meeting of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Session {
    HalfDay,
    SecondHalfDay,
}

impl Session {
    pub(crate) const ALL: [Session; 2] = [Session::HalfDay, Session::SecondHalfDay];

    /// As it is called in the data.
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
        let comments = comment::comments(text);
        let mut lessons = comments.iter().filter(|comment| comment.word == WORD);
        let Some(first) = lessons.next() else {
            let what = "the lesson's data are missing: <!-- lesson … -->, after the title";
            return Err(vec![(1, what.to_owned())]);
        };
        if let Some(second) = lessons.next() {
            let what = format!("the lesson's data stand in line {} already", first.line);
            return Err(vec![(second.line, what)]);
        }
        Lesson::parse(first)
    }

    fn parse(comment: &Comment<'_>) -> Result<Lesson, Found> {
        let data: Data = toml::from_str(comment.body).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![(comment.line_at(at), format!("the lesson's data: {}", error.message()))]
        })?;
        let mut found = Found::new();
        let mut wrong = |at: usize, what: String| found.push((comment.line_at(at), what));
        if *data.teaching.get_ref() == 0 {
            wrong(data.teaching.span().start, "teaching takes no time".to_owned());
        }
        if data.learn.get_ref().trim().is_empty() {
            wrong(data.learn.span().start, "learn is empty".to_owned());
        }
        let lists = [
            ("questions", &data.questions),
            ("objectives", &data.objectives),
            ("key_points", &data.key_points),
        ];
        for (name, list) in lists {
            if list.get_ref().is_empty() {
                wrong(list.span().start, format!("{name} has no entry"));
            }
            for (n, text) in list.get_ref().iter().enumerate() {
                if text.get_ref().trim().is_empty() {
                    wrong(text.span().start, format!("{name}: entry {} is empty", n + 1));
                } else if text.get_ref().trim().contains("\n\n") {
                    wrong(text.span().start, format!("{name}: an entry is one paragraph"));
                }
            }
        }
        let whole = data.teaching.get_ref() + data.exercises.get_ref();
        let sessions = [&data.half_day, &data.second_half_day];
        for (session, minutes) in Session::ALL.iter().zip(sessions) {
            if let Some(minutes) = minutes.as_ref().filter(|minutes| *minutes.get_ref() == 0) {
                let what = format!("{} is no time: leave it out", session.key());
                wrong(minutes.span().start, what);
            }
        }
        let taught: u32 = sessions.iter().filter_map(|s| s.as_ref()).map(|s| s.get_ref()).sum();
        if taught > whole {
            let last = sessions.iter().rev().find_map(|s| s.as_ref()).expect("one has minutes");
            let what = format!(
                "the sessions have {taught} minutes for it, teaching and exercises only {whole}"
            );
            wrong(last.span().start, what);
        }
        if taught == 0 {
            let what = "no session teaches it: say half_day or second_half_day, in minutes";
            wrong(0, what.to_owned());
        }
        if !found.is_empty() {
            return Err(found);
        }
        let texts = |list: Spanned<Vec<Spanned<String>>>| {
            list.into_inner().into_iter().map(|text| text.into_inner().trim().to_owned()).collect()
        };
        Ok(Lesson {
            teaching: data.teaching.into_inner(),
            exercises: data.exercises.into_inner(),
            half_day: data.half_day.map(Spanned::into_inner),
            second_half_day: data.second_half_day.map(Spanned::into_inner),
            learn: data.learn.into_inner(),
            questions: texts(data.questions),
            objectives: texts(data.objectives),
            key_points: texts(data.key_points),
        })
    }

    /// Minutes for all of it.
    pub(crate) fn minutes(&self) -> u32 {
        self.teaching + self.exercises
    }

    /// Minutes in a session, if it is taught there.
    pub(crate) fn minutes_in(&self, session: Session) -> Option<u32> {
        match session {
            Session::HalfDay => self.half_day,
            Session::SecondHalfDay => self.second_half_day,
        }
    }

    /// What stands at the beginning of the chapter.
    pub(crate) fn card(&self) -> String {
        let mut out =
            "<section class=\"lesson-card\" aria-label=\"About this chapter\">\n\n".to_owned();
        let time = match self.exercises {
            0 => format!("{} minutes", self.teaching),
            n => format!(
                "{} minutes: {} to read, {n} for the exercises",
                self.minutes(),
                self.teaching
            ),
        };
        let _ = writeln!(out, "Time\n: {time}\n");
        let _ = writeln!(out, "Questions\n{}", entries(&self.questions));
        let _ = writeln!(out, "Objectives\n{}", entries(&self.objectives));
        out + "</section>"
    }

    /// What stands at its end.
    pub(crate) fn key_points(&self) -> String {
        let points: Vec<String> =
            self.key_points.iter().map(|point| format!("- {}", indented(point, "  "))).collect();
        format!("<div class=\"key-points\">\n\n## Key points\n\n{}\n\n</div>", points.join("\n"))
    }
}

/// The definition of a term: a list.
fn entries(texts: &[String]) -> String {
    let mut out = String::new();
    for (n, text) in texts.iter().enumerate() {
        let begin = if n == 0 { ": - " } else { "  - " };
        let _ = writeln!(out, "{begin}{}", indented(text, "    "));
    }
    out
}

/// So that further lines belong to the same entry.
fn indented(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const GOOD: &str = r#"# Title

<!-- lesson
teaching = 10
exercises = 5
half_day = 12
learn = "to measure"
questions = ["How *long*?", "And how\nlong?"]
objectives = ["Measure."]
key_points = ["Times add up.", "`Instant` measures."]
-->

Text.
"#;

    pub(crate) fn lesson(half_day: Option<u32>, second_half_day: Option<u32>) -> Lesson {
        Lesson { half_day, second_half_day, ..Lesson::read(GOOD).unwrap() }
    }

    /// What is said when one line of the data is another.
    fn with(line: &str, other: &str) -> Found {
        assert!(GOOD.contains(line), "{line}");
        Lesson::read(&GOOD.replace(line, other)).unwrap_err()
    }

    #[test]
    fn a_card_and_key_points_are_made_of_the_data() {
        let lesson = Lesson::read(GOOD).unwrap();
        assert_eq!(lesson.minutes(), 15);
        assert_eq!(lesson.minutes_in(Session::HalfDay), Some(12));
        assert_eq!(lesson.minutes_in(Session::SecondHalfDay), None);
        assert_eq!(
            lesson.card(),
            "<section class=\"lesson-card\" aria-label=\"About this chapter\">\n\n\
             Time\n: 15 minutes: 10 to read, 5 for the exercises\n\n\
             Questions\n: - How *long*?\n  - And how\n    long?\n\n\
             Objectives\n: - Measure.\n\n</section>"
        );
        assert_eq!(
            lesson.key_points(),
            "<div class=\"key-points\">\n\n## Key points\n\n- Times add up.\n- `Instant` measures.\n\n</div>"
        );
    }

    #[test]
    fn data_that_are_missing_are_named() {
        let found = with("questions = [\"How *long*?\", \"And how\\nlong?\"]\n", "");
        assert_eq!(found, [(3, "the lesson's data: missing field `questions`".to_owned())]);
        let found = Lesson::read("# Title\n").unwrap_err();
        assert!(found[0].1.contains("are missing"), "{found:?}");
    }

    #[test]
    fn data_that_nobody_knows_are_refused_in_their_line() {
        let found = with("half_day", "halfday");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 6);
        assert!(found[0].1.contains("unknown field `halfday`"), "{found:?}");
    }

    #[test]
    fn what_is_no_toml_is_refused_in_its_line() {
        assert_eq!(with("exercises = 5", "exercises = five")[0].0, 5);
        assert_eq!(with("exercises = 5", "exercises = -5")[0].0, 5);
    }

    #[test]
    fn nothing_may_be_empty() {
        let said = |line, other| with(line, other).remove(0);
        assert_eq!(said("teaching = 10", "teaching = 0"), (4, "teaching takes no time".to_owned()));
        assert_eq!(said("\"to measure\"", "\" \""), (7, "learn is empty".to_owned()));
        assert_eq!(said("[\"Measure.\"]", "[]"), (9, "objectives has no entry".to_owned()));
        assert_eq!(
            said("\"`Instant` measures.\"", "\n\"\""),
            (11, "key_points: entry 2 is empty".to_owned())
        );
        assert_eq!(
            said("\"Measure.\"", "\"One.\\n\\nTwo.\""),
            (9, "objectives: an entry is one paragraph".to_owned())
        );
    }

    #[test]
    fn minutes_must_add_up() {
        let found = with("half_day = 12", "half_day = 12\nsecond_half_day = 4");
        assert_eq!(
            found,
            [(7, "the sessions have 16 minutes for it, teaching and exercises only 15".to_owned())]
        );
        let found = with("half_day = 12\n", "");
        assert!(found[0].1.starts_with("no session teaches it"), "{found:?}");
        let found = with("half_day = 12", "half_day = 0");
        assert_eq!(found[0], (6, "half_day is no time: leave it out".to_owned()));
    }

    #[test]
    fn data_stand_once() {
        let twice = format!("{GOOD}{GOOD}");
        let found = Lesson::read(&twice).unwrap_err();
        assert_eq!(found, [(16, "the lesson's data stand in line 3 already".to_owned())]);
    }
}
