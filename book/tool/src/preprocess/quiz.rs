//! The quiz of a chapter, in `book/quizzes/NAME.toml` for the chapter `NAME.md`.
//!
//! ```toml
//! [[question]]
//! ask = "What does it print?"            # Markdown
//! program = "03_panic.rs"                # in book/quizzes
//! [[question.choice]]
//! prints = "5\n2\n"
//! right = true
//! why = "…"
//! ```
//!
//! An answer is proved, not only claimed, by what the question is about:
//!
//! | the question has | a choice has | the right one is proved by |
//! |---|---|---|
//! | `program` | `prints`, `panics` or `error` | compiling it and running it |
//! | `step` and `args` | `lines` | running the step: it prints these lines in this order |
//! | `recording` | `lines` | the recorded run |
//! | none of these | `text` | nobody; but there is exactly one, and each choice says why |
//!
//! A wrong choice must not be what happens, either. A choice that has a `text` as well is shown by it.
//!
//! On the page a choice is a disclosure: it opens on the answer to it, and closes the others of its
//! question. That needs no script, works by keyboard, and a screen reader says what it is.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::Step;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::Deserialize;
use toml::Spanned;

use super::lesson::Found;
use crate::check::Problem;
use crate::files;

pub(crate) const WORD: &str = "quiz";
/// A program of a question may run this long, and a step.
const LIMIT: Duration = harness::HANGS;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[serde(default)]
    question: Vec<Spanned<Question>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    ask: String,
    program: Option<String>,
    step: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    recording: Option<String>,
    #[serde(default)]
    choice: Vec<Spanned<Choice>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    text: Option<String>,
    prints: Option<String>,
    panics: Option<String>,
    error: Option<String>,
    lines: Option<Vec<String>>,
    #[serde(default)]
    right: bool,
    why: String,
}

/// The questions of a chapter.
#[derive(Debug, Default)]
pub(crate) struct Quiz {
    /// The chapter's file, without `.md`.
    name: String,
    questions: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    line: usize,
    /// The listing, if it is about one.
    listing: Option<String>,
}

/// The file of a chapter's quiz.
pub(crate) fn file(book: &Path, name: &str) -> PathBuf {
    book.join("quizzes").join(format!("{name}.toml"))
}

impl Quiz {
    /// Reads the quiz of the chapter `name`, or says what is wrong with it.
    pub(crate) fn read(book: &Path, name: &str) -> Result<Quiz, Found> {
        let file = file(book, name);
        let text = std::fs::read_to_string(&file)
            .map_err(|error| vec![(1, format!("the chapter {name} has no quiz here: {error}"))])?;
        let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
        let data: Data = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![(line(at), error.message().to_owned())]
        })?;
        let mut found = Found::new();
        if !(2..=3).contains(&data.question.len()) {
            let what = format!("a quiz has two or three questions, not {}", data.question.len());
            found.push((1, what));
        }
        let mut questions = Vec::new();
        for question in data.question {
            let at = line(question.span().start);
            let question = question.into_inner();
            found.extend(question.wrong(at, line));
            let listing = question.program.as_ref().map(|program| {
                let path = file.with_file_name(program);
                files::read(&path).map_err(|error| format!("{error:#}"))
            });
            match listing.transpose() {
                Ok(listing) => questions.push(Asked { question, line: at, listing }),
                Err(what) => found.push((at, what)),
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Quiz { name: name.to_owned(), questions })
    }

    /// The programs that its questions are about.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().filter_map(|asked| asked.question.program.as_deref())
    }

    /// What stands in the chapter.
    pub(crate) fn section(&self) -> String {
        let mut out =
            "## Quiz\n\nMake up your mind first. Then open the answer that you would give.\n\n\
                       <div class=\"quiz\">\n"
                .to_owned();
        for (n, asked) in self.questions.iter().enumerate() {
            let (question, n) = (&asked.question, n + 1);
            let _ = writeln!(out, "\n**{n}.** {}\n", question.ask.trim());
            if let Some(listing) = &asked.listing {
                let _ = writeln!(out, "```rust,noplayground,ignore\n{}\n```\n", listing.trim());
            }
            for choice in &question.choice {
                choice.get_ref().write(&mut out, &format!("quiz-{}-{n}", self.name));
            }
        }
        out + "\n</div>"
    }

    /// Runs what the questions are about. A choice that is not as it claims is a problem.
    pub(crate) fn untrue(&self, book: &Path) -> Vec<Problem> {
        let root = book.parent().unwrap_or(book);
        let problem =
            |line, what: String| Problem::new(root, &file(book, &self.name), what).line(line);
        let mut problems = Vec::new();
        for asked in &self.questions {
            let what = match asked.question.happens(book) {
                Ok(None) => continue,
                Ok(Some(happens)) => asked.question.denied_by(&happens),
                Err(what) => Some(what),
            };
            problems.extend(what.map(|what| problem(asked.line, what)));
        }
        problems
    }
}

/// What happens when a program is compiled and run, or a step.
#[derive(Debug)]
enum Happens {
    /// The lines that name its errors.
    Refused(String),
    /// What it says on standard error.
    Panics(String),
    Prints(String),
}

impl Question {
    /// What can be said without running anything.
    fn wrong(&self, at: usize, line: impl Fn(usize) -> usize) -> Found {
        let mut found = Found::new();
        if self.ask.trim().is_empty() {
            found.push((at, "the question asks nothing".to_owned()));
        }
        let about = [&self.program, &self.step, &self.recording];
        if about.iter().filter(|about| about.is_some()).count() > 1 {
            let what = "a question is about one thing: a program, a step or a recording";
            found.push((at, what.to_owned()));
        }
        if self.step.is_none() && !self.args.is_empty() {
            found.push((at, "args are for a step".to_owned()));
        }
        if self.choice.len() < 2 {
            found.push((at, "a question has two choices or more".to_owned()));
        }
        match self.choice.iter().filter(|choice| choice.get_ref().right).count() {
            1 => {}
            n => found.push((at, format!("exactly one choice is right, not {n}"))),
        }
        let mut seen = Vec::new();
        for choice in &self.choice {
            let at = line(choice.span().start);
            let choice = choice.get_ref();
            found.extend(self.wrong_choice(choice).map(|what| (at, what)));
            let shown = choice.shown();
            if seen.contains(&shown) {
                found.push((at, "another choice says the same".to_owned()));
            }
            seen.push(shown);
        }
        found
    }

    fn wrong_choice(&self, choice: &Choice) -> Option<String> {
        let claims = [
            choice.prints.is_some(),
            choice.panics.is_some(),
            choice.error.is_some(),
            choice.lines.is_some(),
        ];
        let claims = claims.iter().filter(|claim| **claim).count();
        let (has_lines, prints) =
            (choice.lines.is_some(), self.step.is_some() || self.recording.is_some());
        let what = if choice.why.trim().is_empty() {
            "the choice does not say why"
        } else if choice.text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            "the text is empty"
        } else if choice.lines.as_ref().is_some_and(Vec::is_empty) {
            "lines are what is printed: name one"
        } else if self.program.is_some() && (claims != 1 || has_lines) {
            "a choice about a program has one of prints, panics and error"
        } else if prints && (claims != 1 || !has_lines) {
            "a choice about a step or a recording has lines"
        } else if self.program.is_none() && !prints {
            match (claims, &choice.text) {
                (0, Some(_)) => return None,
                _ => "a choice has a text; what it claims is for a program, a step or a recording",
            }
        } else {
            return None;
        };
        Some(what.to_owned())
    }

    /// What happens, if the question is about something that can be seen.
    fn happens(&self, book: &Path) -> Result<Option<Happens>, String> {
        if let Some(program) = &self.program {
            let compiled = match harness::compile(&format!("book/quizzes/{program}")) {
                Ok(compiled) => compiled,
                Err(message) => {
                    return Ok(Some(Happens::Refused(harness::errors(&message).join("\n"))));
                }
            };
            let run = compiled.run(LIMIT).map_err(|error| error.to_string())?;
            return match run.status.code() {
                Some(0) => Ok(Some(Happens::Prints(run.stdout))),
                Some(101) => Ok(Some(Happens::Panics(run.stderr))),
                _ => Err(format!("{program} ended with {}:\n{}", run.status, run.stderr)),
            };
        }
        if let Some(step) = &self.step {
            let run = Step::new(step).args(&self.args).bare().limit(LIMIT).try_run();
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

    /// Why the choices are not right and wrong as they claim, after what has happened.
    fn denied_by(&self, happens: &Happens) -> Option<String> {
        for choice in &self.choice {
            let choice = choice.get_ref();
            let is = choice.is(happens);
            if is != choice.right {
                let claim = if choice.right { "right" } else { "wrong" };
                return Some(format!(
                    "this choice is said to be {claim}: {}\nwhat happens: {happens:#?}",
                    choice.shown()
                ));
            }
        }
        None
    }
}

impl Choice {
    /// Whether it is what has happened.
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

    /// What it says on the page, as HTML.
    fn shown(&self) -> String {
        if let Some(text) = &self.text {
            return inline(text);
        }
        let code = |text: &str| {
            let class = if text.trim().contains('\n') { " class=\"quiz-lines\"" } else { "" };
            // A line break of its own, and a blank line all the more, would end the HTML around it.
            format!("<code{class}>{}</code>", escape(text.trim()).replace('\n', "&#10;"))
        };
        match self {
            Choice { prints: Some(text), .. } if text.trim().is_empty() => {
                "It prints nothing.".to_owned()
            }
            Choice { prints: Some(text), .. } => format!("It prints {}", code(text)),
            Choice { panics: Some(message), .. } => format!("It panics: {}", code(message)),
            Choice { error: Some(error), .. } => {
                let shown = error.split_once(':').map_or_else(
                    || format!("error[{error}]"),
                    |(number, message)| format!("error[{number}]:{message}"),
                );
                format!("It does not compile: {}", code(&shown))
            }
            Choice { lines: Some(lines), .. } => code(&lines.join("\n")),
            _ => String::new(),
        }
    }

    fn write(&self, out: &mut String, question: &str) {
        let (class, verdict) = match self.right {
            true => ("quiz-right", "Right."),
            false => ("quiz-wrong", "No."),
        };
        let _ = writeln!(
            out,
            "<details class=\"{class}\" name=\"{question}\">\n<summary><span>{}</span></summary>\n\
             <p><strong>{verdict}</strong> {}</p>\n</details>",
            self.shown(),
            inline(&self.why)
        );
    }
}

/// Whether these lines, or lines that begin with them, come in this order. Others may come in between.
fn in_order(lines: &[String], text: &str) -> bool {
    let mut printed = text.lines();
    lines.iter().all(|line| printed.any(|printed| printed.trim_start().starts_with(line)))
}

/// A paragraph of Markdown as HTML, without the paragraph, and on one line: a blank line would end the HTML
/// around it.
fn inline(markdown: &str) -> String {
    let events = Parser::new_ext(markdown.trim(), Options::empty()).filter(|event| {
        !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    });
    let events = events.map(|event| match event {
        Event::SoftBreak => Event::Text(" ".into()),
        event => event,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html.trim().to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[question]]
ask = "What does it *print*?"
program = "99_two.rs"
[[question.choice]]
prints = "1\n2\n"
right = true
why = "It says so."
[[question.choice]]
error = "E0382: borrow of moved value: `a`"
why = "Nothing <moves>."
[[question.choice]]
panics = "out of luck"
why = "No luck is needed."

[[question]]
ask = "Which?"
[[question.choice]]
text = "`a`"
why = "Not *a*."
[[question.choice]]
text = "`b`"
right = true
why = "Because."
"#;
    const PROGRAM: &str = "fn main() {\n    println!(\"1\\n2\");\n}\n";

    fn read(text: &str) -> Result<Quiz, Found> {
        let book = tempfile::tempdir().unwrap();
        files::write(&file(book.path(), "99_end"), text).unwrap();
        files::write(&book.path().join("quizzes/99_two.rs"), PROGRAM).unwrap();
        Quiz::read(book.path(), "99_end")
    }

    /// What is said when this part of the file is another.
    fn with(part: &str, other: &str) -> Found {
        assert!(GOOD.contains(part), "{part}");
        read(&GOOD.replacen(part, other, 1)).unwrap_err()
    }

    #[track_caller]
    fn assert_said(found: &Found, line: usize, what: &str) {
        assert!(found.iter().any(|(at, said)| *at == line && said.contains(what)), "{found:?}");
    }

    #[test]
    fn a_quiz_is_disclosures_of_which_one_is_right() {
        let section = read(GOOD).unwrap().section();
        for part in [
            "**1.** What does it *print*?",
            "```rust,noplayground,ignore\nfn main() {",
            "<details class=\"quiz-right\" name=\"quiz-99_end-1\">\n\
             <summary><span>It prints <code class=\"quiz-lines\">1&#10;2</code></span></summary>\n\
             <p><strong>Right.</strong> It says so.</p>\n</details>",
            "<summary><span>It does not compile: <code>error[E0382]: borrow of moved value: `a`</code></span></summary>",
            "<summary><span>It panics: <code>out of luck</code></span></summary>",
            "<details class=\"quiz-wrong\" name=\"quiz-99_end-2\">\n<summary><span><code>a</code></span></summary>\n\
             <p><strong>No.</strong> Not <em>a</em>.</p>",
        ] {
            assert!(section.contains(part), "{part}\n--- is not in\n{section}");
        }
        assert_eq!(section.matches("quiz-right").count(), 2);
    }

    #[test]
    fn exactly_one_choice_is_right() {
        let found = with("right = true\nwhy = \"It says so.\"", "why = \"It says so.\"");
        assert_said(&found, 2, "exactly one choice is right, not 0");
        let found = with("why = \"Nothing", "right = true\nwhy = \"Nothing");
        assert_said(&found, 2, "exactly one choice is right, not 2");
    }

    #[test]
    fn each_choice_says_why() {
        assert_said(&with("\"No luck is needed.\"", "\" \""), 12, "does not say why");
        assert_said(&with("why = \"No luck is needed.\"", ""), 12, "missing field `why`");
    }

    #[test]
    fn a_choice_claims_what_its_question_can_show() {
        let found = with("panics = \"out of luck\"", "lines = [\"out of luck\"]");
        assert_said(&found, 12, "has one of prints, panics and error");
        let found = with("panics = \"out of luck\"", "text = \"It panics\"");
        assert_said(&found, 12, "has one of prints, panics and error");
        assert_said(&with("text = \"`a`\"", "prints = \"a\""), 18, "a choice has a text");
        let found = with("ask = \"Which?\"", "ask = \"Which?\"\nstep = \"03_pool\"");
        assert_said(&found, 19, "a choice about a step or a recording has lines");
    }

    #[test]
    fn questions_are_two_or_three_and_about_one_thing() {
        let one = GOOD.split("[[question]]\nask = \"Which?\"").next().unwrap();
        assert_said(&read(one).unwrap_err(), 1, "two or three questions, not 1");
        let found = with("program = ", "recording = \"01_sync\"\nprogram = ");
        assert_said(&found, 2, "about one thing");
        assert_said(&with("\"Which?\"", "\"\""), 16, "asks nothing");
        assert_said(&with("\"Which?\"", "\"Which?\"\nargs = [\"-h\"]"), 16, "args are for a step");
        assert_said(&with("text = \"`b`\"", "text = \"`a`\""), 21, "another choice says the same");
        assert_said(&with("99_two.rs", "99_three.rs"), 2, "cannot be read");
    }

    #[test]
    fn what_nobody_knows_is_refused_in_its_line() {
        assert_said(&with("ask = \"Which?\"", "asks = \"Which?\""), 17, "unknown field `asks`");
        let none = Quiz::read(Path::new("/no-book-of-a-test"), "99_end").unwrap_err();
        assert_said(&none, 1, "has no quiz here");
    }

    #[test]
    fn a_choice_that_is_not_what_happens_is_found() {
        let quiz = read(GOOD).unwrap();
        let question = &quiz.questions[0].question;
        let prints = |text: &str| question.denied_by(&Happens::Prints(text.to_owned()));
        assert_eq!(prints("1\n2\n"), None);
        assert!(prints("1\n3\n").unwrap().contains("said to be right: It prints"));
        let refused = "error[E0382]: borrow of moved value: `a`".to_owned();
        assert!(question.denied_by(&Happens::Refused(refused)).is_some());
        let panics = Happens::Panics("out of luck".to_owned());
        assert!(question.denied_by(&panics).is_some());
        // Also where the right choice is right, a wrong one must be wrong.
        let error = Choice { error: Some("E0382".to_owned()), ..choice() };
        assert!(error.is(&Happens::Refused("error[E0382]: borrow".to_owned())));
        assert!(!error.is(&Happens::Refused("error[E0499]: borrow".to_owned())));
        let lines = Choice { lines: Some(vec!["a".to_owned(), "c".to_owned()]), ..choice() };
        assert!(lines.is(&Happens::Prints("a 1\nb\nc".to_owned())));
        assert!(!lines.is(&Happens::Prints("c\nb\na".to_owned())));
    }

    fn choice() -> Choice {
        Choice {
            text: None,
            prints: None,
            panics: None,
            error: None,
            lines: None,
            right: false,
            why: String::new(),
        }
    }

    #[test]
    fn markdown_is_one_line_of_html() {
        assert_eq!(inline("a *b*\nand `<c>`"), "a <em>b</em> and <code>&lt;c&gt;</code>");
    }
}
