//! Copies the sources of `hands`, with the bugs in them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::list::{LOOM, Mutation, SHUTTLE};

/// To be called by a build script: copies the sources of `hands` into the folder `hands` of cargo's
/// `OUT_DIR`, with every mutation in them, and sets a `cfg`, which says whose locks and threads the
/// copy has. If the place of a mutation isn't found, the build fails and says so.
///
/// # Errors
///
/// If a file can't be read or written.
///
/// # Panics
///
/// Outside of a build script.
pub fn copy_hands(cfg: &str) -> io::Result<()> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hands/src");
    println!("cargo::rustc-cfg={cfg}");
    println!("cargo::rerun-if-changed={}", sources.display());
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("hands");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut left: Vec<&Mutation> = SHUTTLE.iter().chain(LOOM).collect();
    for file in files(&sources)? {
        let text = fs::read_to_string(sources.join(&file))?;
        let here;
        (here, left) = left.into_iter().partition(|mutation| Path::new(mutation.file) == file);
        let text = mutated(&text, &here).unwrap_or_else(|error| {
            println!("cargo::error={error}");
            text
        });
        let is_root = file == Path::new("lib.rs");
        let text: String = text.lines().map(|line| to_be_included(line, is_root) + "\n").collect();
        fs::create_dir_all(target.join(&file).parent().unwrap_or(&target))?;
        fs::write(target.join(&file), text)?;
    }
    for mutation in left {
        println!("cargo::error={} isn't there: {}", mutation.file, adapt(mutation));
    }
    Ok(())
}

/// What to do if a mutation has no place.
fn adapt(mutation: &Mutation) -> String {
    format!("adapt the mutation {:?} in lessons/mutations/src/list.rs", mutation.what)
}

/// A line, in a form that can be included. The root's own comment would have to be the very first
/// thing in the crate. And to the compiler, whatever is included comes from a macro, so that the
/// crate can't import its own macros by their path: the copy prints with the standard library's.
fn to_be_included(line: &str, is_root: bool) -> String {
    if is_root && line.starts_with("//!") {
        return String::new();
    }
    match line {
        "use crate::println;" | "use crate::eprintln;" => String::new(),
        _ if line.starts_with("use crate::{") => {
            line.replace("eprintln, ", "").replace("println, ", "")
        }
        _ => line.to_owned(),
    }
}

/// All files below a folder, as paths within it.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), PathBuf::from(entry.file_name())))?;
        if path.is_dir() {
            found.extend(files(&path)?.into_iter().map(|file| name.join(file)));
        } else {
            found.push(name);
        }
    }
    Ok(found)
}

/// The text of a file in which each mutation can be switched on.
fn mutated(text: &str, mutations: &[&Mutation]) -> Result<String, String> {
    let mut places: BTreeMap<(usize, usize), Vec<&Mutation>> = BTreeMap::new();
    for mutation in mutations {
        let place = place(text, mutation)?;
        places.entry((place.start, place.end)).or_default().push(mutation);
    }
    let (mut result, mut done) = (String::new(), 0);
    for ((start, end), mutations) in places {
        if start < done {
            return Err(format!("{}: two mutations overlap: {:?}", mutations[0].file, mutations));
        }
        result += &text[done..start];
        result += &switched(&text[start..end], &mutations);
        done = end;
    }
    Ok(result + &text[done..])
}

/// One of several texts, as a mutation is in or not.
fn switched(old: &str, mutations: &[&Mutation]) -> String {
    let mut text = String::new();
    for Mutation { what, new, .. } in mutations {
        text += &format!("if ::mutations::is_in({what:?}) {{ {new} }} else ");
    }
    text += &format!("{{ {old} }}");
    // A statement ends with a semicolon; anything else is a value.
    if old.ends_with(';') { text } else { format!("({text})") }
}

/// Where the text stands that a mutation replaces: once, in the block that begins with its header.
fn place(text: &str, mutation: &Mutation) -> Result<Range<usize>, String> {
    let Mutation { file, inside, old, .. } = mutation;
    let adapt = adapt(mutation);
    let once = |text: &str, part: &str, place: &str| {
        let mut found = text.match_indices(part).map(|(at, _)| at);
        match (found.next(), found.count()) {
            (Some(at), 0) => Ok(at),
            (first, more) => {
                let times = more + usize::from(first.is_some());
                Err(format!("{place}: {part:?} is there {times} times, instead of once: {adapt}"))
            }
        }
    };
    let start = once(text, inside, file)?;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text[line..].len() - text[line..].trim_start_matches(' ').len();
    let last = format!("\n{}}}\n", &text[line..line + indent]);
    let end = text[start..].find(&last).map_or(text.len(), |length| start + length);
    let at = start + once(&text[start..end], old, &format!("{file}, {inside}"))?;
    Ok(at..at + old.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
impl Slot {
    fn fill(&self) {
        self.set();
        self.notify();
    }

    fn empty(&self) -> bool {
        self.notify();
        self.is_empty()
    }
}
";

    fn mutation(inside: &'static str, old: &'static str, new: &'static str) -> Mutation {
        Mutation { what: "a bug", file: "slot.rs", inside, old, new, scenario: "", found: "" }
    }

    #[test]
    fn a_statement_and_a_value_are_replaced_within_one_function() {
        let missed = mutation("fn fill(", "self.notify();", "");
        let wrong = mutation("fn empty(", "self.is_empty()", "true");
        let text = mutated(TEXT, &[&wrong, &missed]).unwrap();
        let (fill, empty) = text.split_once("fn empty").unwrap();
        assert!(
            fill.contains("if ::mutations::is_in(\"a bug\") {  } else { self.notify(); }\n"),
            "{fill}"
        );
        assert!(
            empty.contains("(if ::mutations::is_in(\"a bug\") { true } else { self.is_empty() })"),
            "{empty}"
        );
    }

    #[test]
    fn two_mutations_may_have_the_same_place_but_none_overlaps() {
        let one = mutation("fn fill(", "self.set();", "");
        let two = mutation("fn fill(", "self.set();", "self.set(); self.set();");
        let text = mutated(TEXT, &[&one, &two]).unwrap();
        assert_eq!(text.matches("self.set();").count(), 3, "{text}");
        let across = mutation("fn fill(", "set();\n        self.notify", "");
        assert!(mutated(TEXT, &[&one, &across]).unwrap_err().contains("overlap"));
    }

    #[test]
    fn a_place_that_is_gone_or_not_the_only_one_is_named() {
        let gone = place(TEXT, &mutation("fn fill(", "self.wait();", "")).unwrap_err();
        assert!(gone.starts_with("slot.rs, fn fill(: \"self.wait();\" is there 0 times"), "{gone}");
        assert!(gone.ends_with("adapt the mutation \"a bug\" in lessons/mutations/src/list.rs"));
        let twice = place(TEXT, &mutation("impl Slot", "self.notify();", "")).unwrap_err();
        assert!(twice.contains("2 times"), "{twice}");
        assert!(place(TEXT, &mutation("fn wait(", "self.set();", "")).is_err());
    }
}
