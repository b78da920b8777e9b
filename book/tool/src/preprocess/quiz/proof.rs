//! Proves the answers of a quiz: runs what its questions are about.

use std::path::Path;

use harness::Step;

use super::data::{Choice, Question, Quiz, file};
use crate::files;
use crate::problem::Problem;

impl Quiz {
    /// The questions whose choices are not right or wrong as they claim.
    pub(crate) fn untrue(&self, book: &Path) -> Vec<Problem> {
        let root = book.parent().unwrap_or(book);
        let found = self.questions.iter().filter_map(|asked| {
            let what = match asked.question.happens(book) {
                Ok(happens) => asked.question.denied_by(&happens?)?,
                Err(what) => what,
            };
            Some((asked.line, what))
        });
        Problem::all(root, &file(book, &self.name), found).collect()
    }
}

/// What happens when a program is compiled and run, or a step.
#[derive(Debug)]
enum Happens {
    /// It does not compile. These lines name its errors.
    Refused(String),
    /// It panics, and says this on standard error.
    Panics(String),
    Prints(String),
}

impl Question {
    /// What happens, if the question is about something that can be seen.
    fn happens(&self, book: &Path) -> Result<Option<Happens>, String> {
        if let Some(program) = &self.program {
            let compiled = match harness::compile(&format!("book/quizzes/{program}"), &[]) {
                Ok(compiled) => compiled,
                Err(message) => {
                    return Ok(Some(Happens::Refused(harness::errors(&message).join("\n"))));
                }
            };
            let run = compiled.run(harness::HANGS).map_err(|error| error.to_string())?;
            return match run.status.code() {
                Some(0) => Ok(Some(Happens::Prints(run.stdout))),
                Some(101) => Ok(Some(Happens::Panics(run.stderr))),
                _ => Err(format!("{program} ended with {}:\n{}", run.status, run.stderr)),
            };
        }
        if let Some(step) = &self.step {
            let run = Step::new(step).args(&self.args).bare().try_run();
            let run = run.map_err(|error| error.to_string())?;
            return Ok(Some(Happens::Prints(run.stdout)));
        }
        if let Some(recording) = &self.recording {
            let file = book.join("src/recorded").join(format!("{recording}.txt"));
            let text = files::read(&file).map_err(|error| format!("{error:#}"))?;
            return Ok(Some(Happens::Prints(text)));
        }
        Ok(None)
    }

    /// Which choice is not right or wrong as it claims, given what happens.
    fn denied_by(&self, happens: &Happens) -> Option<String> {
        for choice in &self.choice {
            let choice = choice.get_ref();
            let is = choice.is(happens);
            if is != choice.right {
                let claim = if choice.right { "right" } else { "wrong" };
                return Some(format!(
                    "this choice claims to be {claim}: {}\nwhat happens: {happens:#?}",
                    choice.shown()
                ));
            }
        }
        None
    }
}

impl Choice {
    /// Whether this is what happens.
    fn is(&self, happens: &Happens) -> bool {
        match happens {
            Happens::Refused(errors) => {
                let is = |error: &String| errors.starts_with(&format!("error[{error}"));
                self.error.as_ref().is_some_and(|error| is(&error.replacen(':', "]:", 1)))
            }
            Happens::Panics(stderr) => {
                self.panics.as_ref().is_some_and(|message| stderr.contains(message))
            }
            Happens::Prints(stdout) => match (&self.prints, &self.lines) {
                (Some(prints), _) => prints.trim() == stdout.trim(),
                (None, Some(lines)) => in_order(lines, stdout),
                (None, None) => false,
            },
        }
    }
}

/// Whether these lines, or lines that begin with them, come in this order, perhaps with others in
/// between.
fn in_order(lines: &[String], text: &str) -> bool {
    let mut printed = text.lines();
    lines.iter().all(|line| printed.any(|printed| printed.trim_start().starts_with(line)))
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::{GOOD, read};
    use super::*;

    #[test]
    fn a_choice_that_is_not_what_happens_is_found() {
        let quiz = read(GOOD).unwrap();
        let question = &quiz.questions[0].question;
        let prints = |text: &str| question.denied_by(&Happens::Prints(text.to_owned()));
        assert_eq!(prints("1\n2\n"), None);
        assert!(prints("1\n3\n").unwrap().contains("claims to be right: It prints"));
        let refused = "error[E0382]: borrow of moved value: `a`".to_owned();
        assert!(question.denied_by(&Happens::Refused(refused)).is_some());
        let panics = Happens::Panics("out of luck".to_owned());
        assert!(question.denied_by(&panics).is_some());
        // Even if the right choice is right, a wrong one must be wrong.
        let error = Choice { error: Some("E0382".to_owned()), ..Choice::default() };
        assert!(error.is(&Happens::Refused("error[E0382]: borrow".to_owned())));
        assert!(!error.is(&Happens::Refused("error[E0499]: borrow".to_owned())));
        let lines =
            Choice { lines: Some(vec!["a".to_owned(), "c".to_owned()]), ..Choice::default() };
        assert!(lines.is(&Happens::Prints("a 1\nb\nc".to_owned())));
        assert!(!lines.is(&Happens::Prints("c\nb\na".to_owned())));
    }
}
