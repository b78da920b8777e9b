//! What a quiz consists of.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

/// The questions of a chapter.
#[derive(Debug, Default)]
pub(crate) struct Quiz {
    /// The chapter's file, without `.md`.
    pub(super) name: String,
    pub(super) questions: Vec<Asked>,
}

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    pub(super) line: usize,
    /// The program that it is about, if there is one.
    pub(super) listing: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) ask: String,
    pub(super) program: Option<String>,
    pub(super) step: Option<String>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    pub(super) recording: Option<String>,
    #[serde(default)]
    pub(super) choice: Vec<Spanned<Choice>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) text: Option<String>,
    pub(super) prints: Option<String>,
    pub(super) panics: Option<String>,
    pub(super) error: Option<String>,
    pub(super) lines: Option<Vec<String>>,
    #[serde(default)]
    pub(super) right: bool,
    pub(super) why: String,
}

/// The file of a chapter's quiz.
pub(crate) fn file(book: &Path, name: &str) -> PathBuf {
    book.join("quizzes").join(format!("{name}.toml"))
}

impl Quiz {
    /// How many questions it asks.
    pub(crate) fn count(&self) -> usize {
        self.questions.len()
    }

    /// What a question asks, by its number from 1.
    pub(crate) fn asked(&self, number: usize) -> Option<&str> {
        Some(self.questions.get(number.checked_sub(1)?)?.question.ask.trim())
    }

    /// The programs that its questions are about.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().filter_map(|asked| asked.question.program.as_deref())
    }
}
