//! What a run printed, as the book keeps it: the command line, the output, and anchors around its
//! parts.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, bail};
use harness::Python;
use regex::Regex;

use super::manifest::{Program, Recording};

/// The text of a twin begins with the command that says which Python there is, and its answer.
static WHICH_PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\$ python3 --version\nPython \d+\.\d+\.\d+\S*\n").expect("the pattern is valid")
});

impl Recording {
    pub(super) fn text_file(&self, root: &Path) -> PathBuf {
        root.join("book/src/recorded").join(format!("{}.txt", self.name))
    }

    /// The text to keep. A twin's names the Python that ran it.
    pub(super) fn text_for(&self, output: &str, python: Option<&Python>) -> anyhow::Result<String> {
        let mut text = String::new();
        if let Some(python) = python {
            text = format!("$ python3 --version\nPython {}\n", python.version);
        }
        text += &(self.command() + "\n");
        for line in output.trim_end().lines() {
            text += line.trim_end();
            text.push('\n');
        }
        self.with_anchors(&text)
    }

    /// What follows the command line in a text that was kept. `None` if its command line is another
    /// one, or if a twin's text does not name the Python.
    pub(super) fn output_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let after = match self.program {
            Program::Python(_) => &text[WHICH_PYTHON.find(text)?.end()..],
            Program::Step(_) | Program::Bench(_) => text,
        };
        after.strip_prefix(&self.command())?.strip_prefix('\n')
    }

    /// Puts an anchor around each part. The lines stay as they are.
    pub(super) fn with_anchors(&self, text: &str) -> anyhow::Result<String> {
        let lines: Vec<&str> = text.lines().collect();
        // A part without a beginning starts at the top, but ends at the command line or after it.
        let command = WHICH_PYTHON.find(text).map_or(0, |found| found.as_str().lines().count());
        let mut begins = vec![String::new(); lines.len() + 1];
        let mut ends = vec![String::new(); lines.len() + 1];
        for (name, part) in &self.parts {
            let find = |start: &str, from: usize| {
                let found = lines[from..].iter().position(|line| line.starts_with(start));
                let what = || format!("part {name}: no line begins with {start:?}");
                found.map(|index| from + index).with_context(what)
            };
            let first = part.from.as_deref().map_or(Ok(0), |start| find(start, command))?;
            let after = first.max(command);
            let mut end = match (&part.to, &part.before) {
                (Some(to), None) => find(to, after)? + 1,
                (None, Some(before)) => find(before, after)?,
                (None, None) => lines.len(),
                (Some(_), Some(_)) => bail!("part {name} has both `to` and `before`"),
            };
            while end > first + 1 && lines[end - 1].is_empty() {
                end -= 1; // the gap before what follows
            }
            begins[first] += &format!("ANCHOR: {name}\n");
            ends[end] += &format!("ANCHOR_END: {name}\n");
        }
        let mut out = String::new();
        for (index, line) in lines.iter().enumerate() {
            out += &ends[index];
            out += &begins[index];
            out += line;
            out.push('\n');
        }
        Ok(out + &ends[lines.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::Part;
    use super::super::manifest::tests::recording;
    use super::*;
    use crate::anchors;

    fn part(from: Option<&str>, to: Option<&str>, before: Option<&str>) -> Part {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Part { from: owned(from), to: owned(to), before: owned(before) }
    }

    #[test]
    fn parts_become_anchors_and_are_no_part_of_the_text() {
        let text = "$ run\none\ntwo\nthree\n";
        let parts = [
            ("a".to_owned(), part(None, Some("one"), None)),
            ("b".to_owned(), part(Some("two"), None, Some("thr"))),
            ("c".to_owned(), part(Some("thr"), None, None)),
        ];
        let recording = Recording { parts: parts.into(), ..recording(&[]) };
        let anchored = recording.with_anchors(text).unwrap();
        assert_eq!(
            anchored,
            "ANCHOR: a\n$ run\none\nANCHOR_END: a\nANCHOR: b\ntwo\nANCHOR_END: b\nANCHOR: c\nthree\nANCHOR_END: c\n"
        );
        assert_eq!(anchors::without(&anchored), text);
        assert!(recording.with_anchors("$ run\n").is_err());
    }

    #[test]
    fn the_output_follows_the_very_command() {
        let kept = recording(&["--workers", "2"]).text_for("one\n\n", None).unwrap();
        assert_eq!(recording(&["--workers", "2"]).output_in(&kept), Some("one\n"));
        assert_eq!(recording(&[]).output_in(&kept), None);
    }

    #[test]
    fn a_twin_names_its_python_also_where_a_page_shows_the_command_alone() {
        let parts = [("command".to_owned(), part(None, Some("$"), None))];
        let twin = Recording {
            program: Program::Python("03_pool".to_owned()),
            parts: parts.into(),
            ..recording(&[])
        };
        let python = Python { program: "python3".into(), version: "3.14.1".to_owned() };
        let kept = twin.text_for("one\n", Some(&python)).unwrap();
        let command = "$ python3 examples/python/03_pool.py";
        assert_eq!(
            kept,
            format!(
                "ANCHOR: command\n$ python3 --version\nPython 3.14.1\n{command}\nANCHOR_END: command\none\n"
            )
        );
        assert_eq!(twin.output_in(&anchors::without(&kept)), Some("one\n"));
        assert_eq!(twin.output_in(&format!("{command}\none\n")), None, "which Python was it?");
    }
}
