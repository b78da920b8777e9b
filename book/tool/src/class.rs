//! The progress of a class: the files that readers saved on `progress.html`, merged into one table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::files;
use crate::preprocess::Quiz;

/// The version of the format that `theme/road.js` writes.
const VERSION: u32 = 1;
/// How much of a question the table shows, in characters.
const WIDTH: usize = 52;

/// What one reader has saved.
#[derive(Debug, Deserialize)]
struct Reader {
    many_hands: u32,
    #[serde(default)]
    name: String,
    #[serde(default)]
    pages: BTreeMap<String, Page>,
}

/// What a reader has done in one chapter.
#[derive(Debug, Default, Deserialize)]
struct Page {
    #[serde(default)]
    done: bool,
    /// By the number of the question.
    #[serde(default)]
    quiz: BTreeMap<usize, Answer>,
    #[serde(default)]
    challenges: BTreeMap<String, String>,
}

/// The first answer to a question is the one that tells an instructor something.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    first: usize,
    first_right: bool,
}

/// Reads the files and makes the table. `book` is the folder of `book.toml`.
///
/// # Errors
///
/// When a file can't be read or isn't one that the progress page has saved.
pub(crate) fn table(book: &Path, files: &[PathBuf]) -> anyhow::Result<String> {
    let readers: Vec<Reader> =
        files.iter().map(|file| read(file)).collect::<anyhow::Result<_>>()?;
    let mut out = String::new();
    let names: Vec<&str> = readers.iter().map(|reader| &*reader.name).collect();
    let named: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    let what = if readers.len() == 1 { "reader" } else { "readers" };
    let _ = writeln!(out, "{} {what}: {}", readers.len(), list(&named, names.len() - named.len()));
    questions(book, &readers, &mut out);
    steps(&readers, &mut out);
    Ok(out)
}

fn read(file: &Path) -> anyhow::Result<Reader> {
    let advice = "save one on the book's page `Your progress`";
    let text = files::read(file)?;
    let reader: Reader = serde_json::from_str(&text).with_context(|| {
        format!("{} is no file of a reader's progress: {advice}", file.display())
    })?;
    let version = reader.many_hands;
    ensure!(
        version == VERSION,
        "{} is from another version of the book ({version}, not {VERSION}): {advice}",
        file.display()
    );
    Ok(reader)
}

fn list(named: &[&str], nameless: usize) -> String {
    let without = (nameless > 0).then(|| format!("{nameless} without a name"));
    named.iter().map(|name| (*name).to_owned()).chain(without).collect::<Vec<_>>().join(", ")
}

/// The questions, the one that most readers got wrong first.
fn questions(book: &Path, readers: &[Reader], out: &mut String) {
    let mut answers: BTreeMap<(&str, usize), Vec<&Answer>> = BTreeMap::new();
    for (name, page) in readers.iter().flat_map(|reader| &reader.pages) {
        for (number, answer) in &page.quiz {
            answers.entry((name, *number)).or_default().push(answer);
        }
    }
    let wrong = |answers: &[&Answer]| answers.iter().filter(|answer| !answer.first_right).count();
    let mut rows: Vec<_> = answers.into_iter().collect();
    rows.sort_by_key(|(_, answers)| std::cmp::Reverse(wrong(answers) * 1000 / answers.len()));
    let _ = writeln!(out, "\n{:WIDTH$}  wrong at first   most often", "question");
    if rows.is_empty() {
        out.push_str("nobody has answered one yet\n");
    }
    for ((page, number), answers) in rows {
        let quiz = Quiz::read(book, page).unwrap_or_default();
        let asked = quiz.asked(number).unwrap_or_default();
        let question =
            shorten(&format!("{} {number}. {asked}", page.split('_').next().unwrap_or(page)));
        let mistakes = answers.iter().filter(|answer| !answer.first_right);
        let most = most_frequent(mistakes.map(|answer| answer.first));
        let instead = most.map(|choice| {
            quiz.choice(number, choice).unwrap_or_else(|| format!("choice {}", choice + 1))
        });
        let share = format!("{} of {}", wrong(&answers), answers.len());
        let _ = writeln!(
            out,
            "{question:WIDTH$}  {share:15}  {}",
            shorten(&instead.unwrap_or_default())
        );
    }
}

/// The chapters and challenges, with how many readers have done each.
fn steps(readers: &[Reader], out: &mut String) {
    let mut rows: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (name, page) in readers.iter().flat_map(|reader| &reader.pages) {
        *rows.entry((name, "")).or_default() += usize::from(page.done);
        for (challenge, state) in &page.challenges {
            *rows.entry((name, challenge)).or_default() += usize::from(state == "done");
        }
    }
    let _ = writeln!(out, "\n{:WIDTH$}  done by", "step, and its challenges");
    for ((page, challenge), done) in rows {
        let name = if challenge.is_empty() { page.to_owned() } else { format!("  {challenge}") };
        let _ = writeln!(out, "{name:WIDTH$}  {done} of {}", readers.len());
    }
}

fn most_frequent(choices: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    choices.for_each(|choice| *counts.entry(choice).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(choice, _)| choice)
}

/// As much of a text as a row has room for, on one line.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WIDTH {
        return line;
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIZ: &str = "[[question]]\nask = \"Which *one*?\"\n\
        choice = [{ text = \"`a`\", right = true, why = \"a\" }, { text = \"b & c\", why = \"b\" }]\n\
        [[question]]\nask = \"And now?\"\n\
        choice = [{ text = \"a\", right = true, why = \"a\" }, { text = \"b\", why = \"b\" }]\n";

    fn reader(name: &str, first: [usize; 2], done: bool) -> String {
        let answer = |first: usize| {
            format!("{{\"first\":{first},\"firstRight\":{},\"last\":0,\"right\":true}}", first == 0)
        };
        let [one, two] = first.map(answer);
        format!(
            "{{\"many_hands\":1,\"name\":\"{name}\",\"pages\":{{\"03_pool\":{{\"done\":{done},\"quiz\":{{\"1\":{one},\"2\":{two}}},\
             \"guesses\":{{\"03_pool\":\"You guessed 3 s.\"}},\"challenges\":{{\"03_imap\":\"done\"}}}}}}}}"
        )
    }

    #[test]
    fn the_question_that_most_got_wrong_comes_first_with_their_answer() {
        let book = tempfile::tempdir().unwrap();
        files::write(&book.path().join("quizzes/03_pool.toml"), QUIZ).unwrap();
        let all = [("Ada", [0, 1], true), ("Bob", [1, 1], false), ("", [0, 1], true)];
        let files: Vec<PathBuf> = all
            .into_iter()
            .enumerate()
            .map(|(n, (name, first, done))| {
                let file = book.path().join(format!("{n}.json"));
                files::write(&file, reader(name, first, done)).unwrap();
                file
            })
            .collect();
        let table = table(book.path(), &files).unwrap();
        assert!(table.starts_with("3 readers: Ada, Bob, 1 without a name\n"), "{table}");
        let lines: Vec<&str> = table.lines().map(str::trim).collect();
        let at = |start: &str| {
            let found = lines.iter().position(|line| line.starts_with(start));
            found.unwrap_or_else(|| panic!("no line {start:?} in\n{table}"))
        };
        assert!(at("03 2. And now?") < at("03 1. Which *one*?"), "{table}");
        assert!(lines[at("03 2.")].contains("3 of 3") && lines[at("03 2.")].ends_with('b'));
        assert!(lines[at("03 1.")].contains("1 of 3") && lines[at("03 1.")].ends_with("b & c"));
        assert!(lines[at("03_pool")].ends_with("2 of 3"), "{table}");
        assert!(lines[at("03_imap")].ends_with("3 of 3"), "{table}");
    }

    #[test]
    fn another_file_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        for (text, part) in
            [("{}", "is no file of a reader's progress"), ("{\"many_hands\":9}", "another version")]
        {
            files::write(&file, text).unwrap();
            let error = table(folder.path(), std::slice::from_ref(&file)).unwrap_err();
            let said = format!("{error:#}");
            assert!(said.contains(part) && said.contains("Your progress"), "{said}");
        }
    }
}
