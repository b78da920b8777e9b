//! The challenges of a chapter, from the files that `cargo challenge` uses: what to do, the command, hints and
//! solution.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::Deserialize;

use crate::files;
use crate::problem::Found;

/// The comment in whose place they come.
pub(crate) const WORD: &str = "challenges";

/// The folder that holds them, from the root.
pub(crate) const FOLDER: &str = "lessons/challenges";

/// The folder there with a folder for each.
pub(crate) const EXERCISES: &str = "exercises";

/// Their list, in that folder.
pub(crate) const LIST: &str = "challenges.toml";

/// All challenges, by the chapter in which they stand.
#[derive(Debug, Default)]
pub(crate) struct Challenges(BTreeMap<String, Vec<Challenge>>);

/// What `challenges.toml` says of one. It says more: that is for `cargo challenge`.
#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    title: String,
    minutes: u32,
    page: String,
}

#[derive(Debug, Deserialize)]
struct List {
    challenge: Vec<Entry>,
}

#[derive(Debug)]
struct Challenge {
    name: String,
    title: String,
    minutes: u32,
    /// What the stub says is to be done.
    task: String,
    /// The stub without that.
    stub: String,
    hints: [String; 2],
    solution: String,
}

/// The list, by line. A book without challenges has none.
fn entries(root: &Path) -> Result<Vec<(usize, Entry)>, Found> {
    let Ok(text) = files::read(&root.join(FOLDER).join(LIST)) else { return Ok(Vec::new()) };
    let line = |at: usize| 1 + text[..at].matches('\n').count();
    let list: List = toml::from_str(&text).map_err(|error| {
        vec![(line(error.span().map_or(0, |span| span.start)), error.message().to_owned())]
    })?;
    let with_line = |entry: Entry| (line(text.find(&entry.name).unwrap_or(0)), entry);
    Ok(list.challenge.into_iter().map(with_line).collect())
}

impl Challenges {
    /// Reads the list and the folder of each. A book without challenges has none.
    ///
    /// # Errors
    ///
    /// What is wrong with the list, or with one of them, by line of the list.
    pub(crate) fn read(root: &Path) -> Result<Challenges, Found> {
        let folder = root.join(FOLDER).join(EXERCISES);
        let mut challenges = Challenges::default();
        let mut found = Found::new();
        for (line, entry) in entries(root)? {
            let page = entry.page.trim_end_matches(".md").to_owned();
            match Challenge::read(&folder.join(&entry.name), entry) {
                Ok(challenge) => challenges.0.entry(page).or_default().push(challenge),
                Err(error) => found.push((line, format!("{error:#}"))),
            }
        }
        if found.is_empty() { Ok(challenges) } else { Err(found) }
    }

    /// The names of all of them: their folders are not looked into.
    ///
    /// # Errors
    ///
    /// What is wrong with the list, by its line.
    pub(crate) fn names(root: &Path) -> Result<Vec<String>, Found> {
        Ok(entries(root)?.into_iter().map(|(_, entry)| entry.name).collect())
    }

    /// Their names, in a chapter.
    pub(crate) fn of(&self, page: &str) -> impl Iterator<Item = &str> {
        self.0.get(page).into_iter().flatten().map(|challenge| &*challenge.name)
    }

    /// The chapters that have some.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What stands in a chapter: nothing, if it has none.
    pub(crate) fn section(&self, page: &str) -> String {
        let Some(challenges) = self.0.get(page) else { return String::new() };
        let mut out = "## Challenges\n\nYours to write, and `cargo challenge` finds out whether it does what it should. It puts the \
                       beginning into a file of your own, which no `git pull` touches.\n"
            .to_owned();
        for challenge in challenges {
            let _ = write!(out, "\n{}", challenge.section());
        }
        out
    }
}

impl Challenge {
    fn read(folder: &Path, entry: Entry) -> anyhow::Result<Challenge> {
        let stub = files::read(&folder.join("challenge.rs"))?;
        let hints = files::read(&folder.join("hint.md"))?;
        let (task, stub) = task_of(&stub);
        // The title stands above it already.
        let (first, rest) = task.split_once("\n\n").unwrap_or(("", &task));
        let task = if first.trim_end_matches('.') == entry.title { rest.to_owned() } else { task };
        anyhow::ensure!(!task.is_empty(), "{}: the stub does not say what to do", entry.name);
        let hint = |n: usize| {
            let after = hints.split(&format!("## Hint {n}\n")).nth(1)?;
            Some(after.split("## Hint ").next()?.trim().to_owned())
        };
        let (Some(first), Some(second)) = (hint(1), hint(2)) else {
            anyhow::bail!("{}: hint.md has no ## Hint 1 and ## Hint 2", entry.name)
        };
        Ok(Challenge {
            name: entry.name,
            title: entry.title,
            minutes: entry.minutes,
            task,
            stub,
            hints: [first, second],
            solution: files::read(&folder.join("solution.rs"))?.trim_end().to_owned(),
        })
    }

    fn section(&self) -> String {
        let Challenge { name, title, minutes, task, stub, hints: [first, second], solution } = self;
        let folded = |summary: &str, inside: &str| {
            format!("<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>\n")
        };
        let listing = |code: &str| format!("```rust,noplayground\n{code}\n```");
        [
            format!("<section class=\"challenge\" data-challenge=\"{name}\">\n\n### {title}\n\n"),
            format!(
                "*{minutes} minutes*\n\n{task}\n\n```console\n$ cargo challenge {name}\n```\n\n"
            ),
            folded("The beginning", &listing(stub)),
            folded("A hint", first),
            folded("A stronger hint", second),
            folded("One way to do it", &listing(solution)),
            "\n</section>\n".to_owned(),
        ]
        .concat()
    }
}

/// What the comment at the top of a stub says, and the rest of it.
fn task_of(stub: &str) -> (String, String) {
    let is_comment = |line: &&str| line.starts_with("//");
    let task = stub.lines().take_while(is_comment);
    let task: Vec<&str> = task.map(|line| line.trim_start_matches('/').trim_end()).collect();
    // One space stands after the slashes; more of them mean something in a list.
    let task: Vec<&str> = task.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let rest: Vec<&str> = stub.lines().skip_while(is_comment).collect();
    (task.join("\n").trim().to_owned(), rest.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        files::write(&root.join(FOLDER).join(name), text).unwrap();
    }

    const ONE: &str = "[[challenge]]\nname = \"03_one\"\ntitle = \"Do it\"\nminutes = 5\npage = \"03_pool.md\"\nneeds = \"x\"\n";

    #[test]
    fn a_challenge_stands_in_its_chapter_with_all_that_belongs_to_it() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), LIST, ONE);
        write(
            root.path(),
            "exercises/03_one/challenge.rs",
            "// Do it.\n//\n// Do this.\n//\n// - and that\n\nfn one() { todo!() }\n",
        );
        write(root.path(), "exercises/03_one/solution.rs", "fn one() {}\n");
        write(
            root.path(),
            "exercises/03_one/hint.md",
            "## Hint 1\n\nThink.\n\n## Hint 2\n\nType.\n",
        );
        let challenges = Challenges::read(root.path()).unwrap();
        assert_eq!(challenges.of("03_pool").collect::<Vec<_>>(), ["03_one"]);
        let section = challenges.section("03_pool");
        for part in [
            "### Do it\n",
            "*5 minutes*\n\nDo this.\n\n- and that\n\n",
            "$ cargo challenge 03_one\n",
            "Think.\n\n</details>",
            "Type.\n\n</details>",
            "```rust,noplayground\nfn one() { todo!() }\n```",
            "```rust,noplayground\nfn one() {}\n```",
        ] {
            assert!(section.contains(part), "{part:?} in {section}");
        }
        assert_eq!(challenges.section("04_futures"), "");
    }

    #[test]
    fn what_is_missing_is_told_with_the_line_of_the_list() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), LIST, ONE);
        write(root.path(), "exercises/03_one/challenge.rs", "// Do this.\n");
        write(root.path(), "exercises/03_one/hint.md", "## Hint 1\n\nThink.\n");
        let found = Challenges::read(root.path()).unwrap_err();
        assert_eq!(found, [(2, "03_one: hint.md has no ## Hint 1 and ## Hint 2".to_owned())]);
        write(root.path(), LIST, "[[challenge]]\nname = 3\n");
        assert_eq!(Challenges::read(root.path()).unwrap_err()[0].0, 2);
    }
}
