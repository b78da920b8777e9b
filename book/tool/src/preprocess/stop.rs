//! A chapter of the road.

use std::path::{Path, PathBuf};

use mdbook_driver::book::Chapter;

use super::challenge;
use super::lesson::{self, Lesson};
use super::quiz::{self, Quiz};
use crate::markdown;
use crate::problem::{Found, Problem};

/// A chapter of the road.
#[derive(Debug)]
pub(crate) struct Stop {
    /// Its title in SUMMARY.md.
    pub(crate) title: String,
    /// Its file, without `.md`.
    pub(crate) name: String,
    pub(crate) lesson: Lesson,
    pub(crate) quiz: Quiz,
}

impl Stop {
    /// Reads a chapter and its quiz. `folder` is that of the book, `sources` that of its chapters.
    pub(super) fn read(
        folder: &Path,
        sources: &Path,
        chapter: &Chapter,
    ) -> Result<Stop, Vec<Problem>> {
        let root = folder.parent().unwrap_or(folder);
        let (file, name) = (sources.join(path(chapter)), name(chapter));
        let lesson = Lesson::read(&chapter.content);
        let quiz = Quiz::read(folder, &name);
        let marks = marks(&chapter.content);
        match (lesson, quiz) {
            (Ok(lesson), Ok(quiz)) if marks.is_empty() => {
                Ok(Stop { title: chapter.name.clone(), name, lesson, quiz })
            }
            (lesson, quiz) => {
                let found = marks.into_iter().chain(lesson.err().unwrap_or_default());
                let mut problems: Vec<Problem> = Problem::all(root, &file, found).collect();
                let found = quiz.err().unwrap_or_default();
                problems.extend(Problem::all(root, &quiz::file(folder, &name), found));
                Err(problems)
            }
        }
    }

    /// The number of the step, as in the name of its file: `3`, or `4b`.
    pub(super) fn number(&self) -> &str {
        self.name.split('_').next().unwrap_or_default().trim_start_matches('0')
    }

    /// Puts the number of the step before the chapter's name and its heading.
    pub(super) fn put_number(&self, chapter: &mut Chapter) {
        chapter.name = format!("{}. {}", self.number(), chapter.name);
        let heading = markdown::headings(&chapter.content).next();
        if let Some(title) = heading.and_then(|(_, heading)| heading.strip_prefix("# ")) {
            let numbered = format!("# {}. {title}", self.number());
            chapter.content = chapter.content.replacen(&format!("# {title}"), &numbered, 1);
        }
    }

    /// `[3. Title](03_name.md)`
    pub(super) fn link(&self) -> String {
        format!("[{}. {}]({}.md)", self.number(), self.title, self.name)
    }
}

/// A chapter's file, from the folder of the chapters.
pub(super) fn path(chapter: &Chapter) -> PathBuf {
    chapter.source_path.clone().unwrap_or_default()
}

/// A chapter's file, without `.md`.
pub(super) fn name(chapter: &Chapter) -> String {
    path(chapter).with_extension("").to_string_lossy().into_owned()
}

/// What is wrong with the marks of a chapter: it has each once, in this order.
fn marks(text: &str) -> Found {
    let mut found = Found::new();
    let mut last = 0;
    for word in [quiz::WORD, challenge::WORD, lesson::KEY_POINTS] {
        let comments = markdown::comments(text).filter(|comment| comment.word == word);
        match *comments.map(|comment| comment.line).collect::<Vec<_>>() {
            [line] if line > last => last = line,
            [line] => found.push((line, format!("<!-- {word} --> comes too early"))),
            [] => found.push((1, format!("the chapter has no <!-- {word} -->"))),
            [_, second, ..] => {
                found.push((second, format!("there is another <!-- {word} --> above")))
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_has_its_marks_once_and_in_order() {
        let said = |text| marks(text).into_iter().map(|(_, what)| what).collect::<Vec<_>>();
        assert_eq!(said("<!-- quiz -->\n<!-- challenges -->\n<!-- key-points -->"), [""; 0]);
        assert_eq!(
            said("<!-- quiz -->\n<!-- challenges -->"),
            ["the chapter has no <!-- key-points -->"]
        );
        assert_eq!(
            said("<!-- challenges -->\n<!-- key-points -->\n<!-- quiz -->"),
            ["<!-- challenges --> comes too early", "<!-- key-points --> comes too early"]
        );
        assert_eq!(
            said("<!-- quiz -->\n<!-- quiz -->\n<!-- challenges -->\n<!-- key-points -->"),
            ["there is another <!-- quiz --> above"]
        );
    }
}
