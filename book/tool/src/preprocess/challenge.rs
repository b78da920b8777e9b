//! The challenges of a chapter, from the files that `cargo challenge` uses: what to do, the
//! command, the hints and the solution.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::problem::Found;

/// The comment that they replace.
pub(crate) const WORD: &str = "challenges";

/// The folder that has their list and their own folders, from the root.
pub(crate) const FOLDER: &str = "lessons/challenges";

/// Their list, in that folder.
pub(crate) const LIST: &str = challenges::LIST;

/// All challenges, by their chapter.
#[derive(Debug, Default)]
pub(crate) struct Challenges(BTreeMap<String, Vec<Challenge>>);

/// What the page shows of one.
#[derive(Debug)]
struct Challenge {
    entry: challenges::Challenge,
    /// What the stub says is to be done.
    task: String,
    /// The stub without that.
    stub: String,
    hints: [String; 2],
    solution: String,
}

impl Challenges {
    /// Reads the list, and the folder of each challenge.
    ///
    /// # Errors
    ///
    /// What is wrong with the list or with one of the folders, by line of the list.
    pub(crate) fn read(root: &Path) -> Result<Challenges, Found> {
        let mut challenges = Challenges::default();
        let mut found = Found::new();
        for entry in Challenges::entries(root)? {
            let page = entry.page.trim_end_matches(".md").to_owned();
            let line = entry.line;
            match Challenge::read(entry) {
                Ok(challenge) => challenges.0.entry(page).or_default().push(challenge),
                Err(error) => found.push((line, format!("{error:#}"))),
            }
        }
        if found.is_empty() { Ok(challenges) } else { Err(found) }
    }

    /// The list alone, without a look into their folders. A book without challenges has none.
    ///
    /// # Errors
    ///
    /// What is wrong with the list, by line.
    pub(crate) fn entries(root: &Path) -> Result<Vec<challenges::Challenge>, Found> {
        let home = root.join(FOLDER);
        if !home.join(LIST).exists() {
            return Ok(Vec::new());
        }
        challenges::challenges(&home).map_err(|fault| vec![(fault.line, fault.message)])
    }

    /// The names of those in a chapter.
    pub(crate) fn names_on(&self, page: &str) -> impl Iterator<Item = &str> {
        self.0.get(page).into_iter().flatten().map(|challenge| &*challenge.entry.name)
    }

    /// The chapters that have some.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The section with those of a chapter. Empty if it has none.
    pub(crate) fn section(&self, page: &str) -> String {
        let Some(challenges) = self.0.get(page) else { return String::new() };
        let mut out = "## Challenges\n\nYours to write. `cargo challenge` puts the beginning into a file of your own, which \
                       `git pull` never touches, and finds out whether your answer does what it should.\n"
            .to_owned();
        for challenge in challenges {
            let _ = write!(out, "\n{}", challenge.section());
        }
        out
    }
}

impl Challenge {
    fn read(entry: challenges::Challenge) -> anyhow::Result<Challenge> {
        let (task, stub) = split(&entry.read("challenge.rs")?);
        // The page has the title already.
        let (first, rest) = task.split_once("\n\n").unwrap_or(("", &task));
        let task = if first.trim_end_matches('.') == entry.title { rest.to_owned() } else { task };
        anyhow::ensure!(!task.is_empty(), "{}: the stub doesn't say what to do", entry.name);
        Ok(Challenge {
            hints: entry.hints()?,
            solution: entry.read("solution.rs")?.trim_end().to_owned(),
            entry,
            task,
            stub,
        })
    }

    fn section(&self) -> String {
        let Challenge { entry, task, stub, hints: [first, second], solution } = self;
        let challenges::Challenge { name, title, minutes, .. } = entry;
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

/// The comment at the top of a stub, which says what to do, and the rest of it.
fn split(stub: &str) -> (String, String) {
    let is_comment = |line: &&str| line.starts_with("//");
    let task = stub.lines().take_while(is_comment);
    let task: Vec<&str> = task.map(|line| line.trim_start_matches('/').trim_end()).collect();
    // One space follows the slashes. More than one mean something, in a list.
    let task: Vec<&str> = task.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let rest: Vec<&str> = stub.lines().skip_while(is_comment).collect();
    (task.join("\n").trim().to_owned(), rest.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    fn write(root: &Path, name: &str, text: &str) {
        files::write(&root.join(FOLDER).join(name), text).unwrap();
    }

    const ONE: &str = "[[challenge]]\nname = \"03_one\"\ntitle = \"Do it\"\nminutes = 5\npage = \"03_pool.md\"\nneeds = \"x\"\n";

    #[test]
    fn a_chapter_has_its_challenges_with_everything_that_belongs_to_them() {
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
        assert_eq!(challenges.names_on("03_pool").collect::<Vec<_>>(), ["03_one"]);
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
    fn what_is_missing_is_reported_by_its_line_of_the_list() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), LIST, ONE);
        write(root.path(), "exercises/03_one/challenge.rs", "// Do this.\n");
        write(root.path(), "exercises/03_one/hint.md", "## Hint 1\n\nThink.\n");
        let found = Challenges::read(root.path()).unwrap_err();
        assert_eq!(found, [(2, "03_one: hint.md should have ## Hint 1 and ## Hint 2".to_owned())]);
        write(root.path(), LIST, "[[challenge]]\nname = 3\n");
        assert_eq!(Challenges::read(root.path()).unwrap_err()[0].0, 2);
    }
}
