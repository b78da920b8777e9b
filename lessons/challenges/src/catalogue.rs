//! Which challenges there are, and the files of each.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The list of the challenges, in the folder of this crate.
pub const LIST: &str = "challenges.toml";

/// The package whose tests are the checks, each compiled with an answer.
pub const PACKAGE: &str = "answers";

/// Its feature that makes the checks take their answers from the folder that [`CHALLENGES`] names.
pub const ELSEWHERE: &str = "elsewhere";

/// The environment variable that names the folder with the answers. `.cargo/config.toml` sets it.
pub const CHALLENGES: &str = "CHALLENGES";

/// One challenge, as the list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The name of its folder: `03_imap`.
    pub name: String,
    /// What it asks for, in a few words.
    pub title: String,
    /// How long it takes, about.
    pub minutes: u32,
    /// The page of the book that it belongs to: `03_pool.md`.
    pub page: String,
    /// A feature of [`PACKAGE`], without which its check doesn't compile.
    pub needs: Option<String>,
    /// Where the list has it.
    pub line: usize,
    folder: PathBuf,
}

/// What is wrong with the list, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{LIST}:{}: {}", self.line, self.message)
    }
}

/// The folder of this crate, which has the list and the exercises.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All challenges, in the order of the road. `home` is the folder with the list: [`home`], or that
/// of another clone.
///
/// # Errors
///
/// If there is no list, or if an entry lacks something.
pub fn challenges(home: &Path) -> Result<Vec<Challenge>, Fault> {
    let text =
        read(&home.join(LIST)).map_err(|error| Fault { line: 1, message: error.to_string() })?;
    let fault = |at: usize, message: &str| Fault {
        line: 1 + text[..at].matches('\n').count(),
        message: message.to_owned(),
    };
    let list = DeTable::parse(&text)
        .map_err(|error| fault(error.span().map_or(0, |span| span.start), error.message()))?;
    let entries = list.get_ref().get("challenge").and_then(|list| list.get_ref().as_array());
    let entries = entries.ok_or_else(|| fault(0, "no [[challenge]] in it"))?;
    let challenge = |entry: &Spanned<DeValue<'_>>| {
        let at = |key: &str| entry.get_ref().get(key).map_or(entry.span(), Spanned::span).start;
        let lacks = |key, what| fault(at(key), &format!("`{key}` should be {what}"));
        let text = |key| Some(entry.get_ref().get(key)?.get_ref().as_str()?.to_owned());
        let number = |key| entry.get_ref().get(key)?.get_ref().as_integer()?.as_str().parse().ok();
        let name: String = text("name").ok_or_else(|| lacks("name", "the name of a folder"))?;
        Ok(Challenge {
            title: text("title").ok_or_else(|| lacks("title", "a few words"))?,
            minutes: number("minutes").ok_or_else(|| lacks("minutes", "a whole number"))?,
            page: text("page").ok_or_else(|| lacks("page", "a page of the book"))?,
            needs: text("needs"),
            line: fault(at("name"), "").line,
            folder: home.join("exercises").join(&name),
            name,
        })
    };
    entries.iter().map(challenge).collect()
}

impl Challenge {
    /// A file of the challenge: `challenge.rs`, `check.rs`, `solution.rs`.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Reads a file of the challenge.
    ///
    /// # Errors
    ///
    /// If it can't be read. The error names it.
    pub fn read(&self, file: &str) -> io::Result<String> {
        read(&self.path(file))
    }

    /// Both hints, the stronger one last.
    ///
    /// # Errors
    ///
    /// If `hint.md` can't be read, or has something else than `## Hint 1` and `## Hint 2`.
    pub fn hints(&self) -> io::Result<[String; 2]> {
        let text = self.read("hint.md")?;
        let hints =
            text.strip_prefix("## Hint 1\n").and_then(|rest| rest.split_once("\n## Hint 2\n"));
        let hints = hints.map(|(first, second)| [first, second].map(|hint| hint.trim().to_owned()));
        hints
            .filter(|hints| hints.iter().all(|hint| !hint.is_empty() && !hint.contains("## ")))
            .ok_or_else(|| {
                io::Error::other(format!(
                    "{}: hint.md should have ## Hint 1 and ## Hint 2",
                    self.name
                ))
            })
    }

    /// The answers that its check must refuse, in the order of their names.
    ///
    /// # Errors
    ///
    /// If the folder can't be read.
    pub fn wrong_answers(&self) -> io::Result<Vec<PathBuf>> {
        let files = fs::read_dir(self.path("wrong"))?;
        let mut files: Vec<_> = files.map(|file| Ok(file?.path())).collect::<io::Result<_>>()?;
        files.sort();
        Ok(files)
    }

    /// The chapter that it belongs to: `03`.
    pub fn chapter(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }
}

fn read(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with this list.
    fn home(list: &str) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(LIST), list).unwrap();
        home
    }

    const ONE: &str = "# ours\n[[challenge]]\nname = \"03_one\"\ntitle = \"Do it\"\nminutes = 5\npage = \"03_pool.md\"\n";

    #[test]
    fn an_entry_is_a_challenge_with_its_line() {
        let home = home(&format!("{ONE}\n[[challenge]]\n{}needs = \"x\"\n", &ONE[21..]));
        let [one, two] = &challenges(home.path()).unwrap()[..] else { panic!("two of them") };
        assert_eq!((&*one.name, &*one.title, one.minutes, one.line), ("03_one", "Do it", 5, 3));
        assert_eq!((one.needs.as_deref(), two.needs.as_deref(), two.line), (None, Some("x"), 9));
        assert_eq!((one.chapter(), &*one.page), ("03", "03_pool.md"));
        assert_eq!(one.path("check.rs"), home.path().join("exercises/03_one/check.rs"));
    }

    #[test]
    fn a_list_that_lacks_something_is_refused_by_its_line() {
        for (list, fault) in [
            (
                ONE.replace("\"03_one\"", "3"),
                "challenges.toml:3: `name` should be the name of a folder",
            ),
            (
                ONE.replace("minutes", "hours"),
                "challenges.toml:2: `minutes` should be a whole number",
            ),
            ("[[challenge]\n".to_owned(), "challenges.toml:1: "),
            (String::new(), "challenges.toml:1: no [[challenge]] in it"),
        ] {
            let found = challenges(home(&list).path()).unwrap_err().to_string();
            assert!(found.starts_with(fault), "{found}");
        }
    }

    #[test]
    fn there_are_two_hints() {
        let home = home(ONE);
        let one = &challenges(home.path()).unwrap()[0];
        fs::create_dir_all(one.path("")).unwrap();
        let says = |text: &str| {
            fs::write(one.path("hint.md"), text).unwrap();
            one.hints().map_err(|error| error.to_string())
        };
        let both = says("## Hint 1\n\nThink.\n\n## Hint 2\n\nType.\n").unwrap();
        assert_eq!(both, ["Think.", "Type."]);
        let refused = "03_one: hint.md should have ## Hint 1 and ## Hint 2";
        for text in ["## Hint 1\n\nThink.\n", "Think.\n", "## Hint 1\n\n## Hint 2\n\nType.\n"] {
            assert_eq!(says(text).unwrap_err(), refused, "{text}");
        }
    }
}
