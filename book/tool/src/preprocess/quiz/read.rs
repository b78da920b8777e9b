//! Reads a quiz, and checks what can be checked without running anything.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::data::{Asked, Choice, Question, Quiz, file};
use crate::files;
use crate::problem::{Found, line_at, parse_toml};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[serde(default)]
    question: Vec<Spanned<Question>>,
}

impl Quiz {
    /// Reads the quiz of the chapter `name`, or says what is wrong with it.
    pub(crate) fn read(book: &Path, name: &str) -> Result<Quiz, Found> {
        let file = file(book, name);
        let text = files::read(&file)
            .map_err(|error| vec![(1, format!("the chapter {name} has no quiz: {error:#}"))])?;
        let data: Data = parse_toml(&text).map_err(|found| vec![found])?;
        let mut found = Found::new();
        if !(2..=3).contains(&data.question.len()) {
            let what = format!("a quiz has two or three questions, not {}", data.question.len());
            found.push((1, what));
        }
        let mut questions = Vec::new();
        for question in data.question {
            let line = line_at(&text, question.span().start);
            let question = question.into_inner();
            found.extend(question.wrong(line, |byte| line_at(&text, byte)));
            let listing = question.program.as_ref().map(|program| {
                let path = file.with_file_name(program);
                files::read(&path).map_err(|error| format!("{error:#}"))
            });
            match listing.transpose() {
                Ok(listing) => questions.push(Asked { question, line, listing }),
                Err(what) => found.push((line, what)),
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Quiz { name: name.to_owned(), questions })
    }
}

impl Question {
    fn wrong(&self, at: usize, line: impl Fn(usize) -> usize) -> Found {
        let mut found = Found::new();
        let mut wrong = |at: usize, what: &str| found.push((at, what.to_owned()));
        if self.ask.trim().is_empty() {
            wrong(at, "the question asks nothing");
        }
        let about = [&self.program, &self.step, &self.recording];
        if about.iter().filter(|about| about.is_some()).count() > 1 {
            wrong(at, "a question is about one thing: a program, a step or a recording");
        }
        if self.step.is_none() && !self.args.is_empty() {
            wrong(at, "only a step takes args");
        }
        if self.choice.len() < 2 {
            wrong(at, "a question has at least two choices");
        }
        let right = self.choice.iter().filter(|choice| choice.get_ref().right).count();
        if right != 1 {
            wrong(at, &format!("exactly one choice is right, not {right}"));
        }
        let mut seen = Vec::new();
        for choice in &self.choice {
            let (at, choice) = (line(choice.span().start), choice.get_ref());
            if let Some(what) = self.wrong_choice(choice) {
                wrong(at, what);
            }
            let shown = choice.shown();
            if seen.contains(&shown) {
                wrong(at, "another choice says the same");
            }
            seen.push(shown);
        }
        found
    }

    fn wrong_choice(&self, choice: &Choice) -> Option<&'static str> {
        let Choice { text, prints, panics, error, lines, right: _, why } = choice;
        let outcomes = [prints, panics, error].iter().filter(|outcome| outcome.is_some()).count();
        let is_output = self.step.is_some() || self.recording.is_some();
        if why.trim().is_empty() {
            Some("the choice does not say why")
        } else if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            Some("the text is empty")
        } else if lines.as_ref().is_some_and(Vec::is_empty) {
            Some("lines is empty: name a line that is printed")
        } else if self.program.is_some() && (outcomes != 1 || lines.is_some()) {
            Some("a choice about a program has one of prints, panics and error")
        } else if is_output && (outcomes != 0 || lines.is_none()) {
            Some("a choice about a step or a recording has lines")
        } else if self.program.is_none()
            && !is_output
            && (outcomes != 0 || lines.is_some() || text.is_none())
        {
            Some("a choice has a text, unless its question has a program, a step or a recording")
        } else {
            None
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
