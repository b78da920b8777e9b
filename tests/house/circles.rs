//! Which files of a crate use which, and those that do so in a circle.
//!
//! A file uses another one if it names something that is *defined* there. So a parent that only
//! declares its children, and hands on what they define, uses none of them; and what a child finds
//! through its parent belongs to the sibling that defines it. Files of unit tests are left out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::code::code;

/// One file of a crate, as a module.
#[derive(Debug, Default)]
struct Module {
    file: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What its `use` declarations bring in: the name here, the path, and whether it's only handed
    /// on.
    imports: Vec<(String, Vec<String>, bool)>,
    /// The names of what it defines itself.
    defines: HashSet<String>,
    /// Each word outside of `use` declarations.
    words: HashSet<String>,
    /// Each path outside of them.
    paths: Vec<Vec<String>>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static MOD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bmod\s+(?:r#)?(\w+)\s*;"));
static USE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\bpub\b\s*(?:\([^)]*\))?\s*)?\buse\s+([^;]+);"));
static VISIBLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bpub\s*\(\s*in\b[^)]*\)"));
static DEFINED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:fn|struct|enum|union|trait|type|const|static|macro_rules!)\s+(?:mut\s+)?(\w+)")
});
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\w+"));
static PATH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\w+(?:\s*::\s*\w+)+"));

/// The arrows of a circle: which file uses which.
pub(crate) type Circle = BTreeSet<(PathBuf, PathBuf)>;

/// The circles among these files. A file that no other one declares is the root of a crate.
pub(crate) fn circles(files: &BTreeMap<PathBuf, String>) -> Vec<Circle> {
    let declared: BTreeSet<PathBuf> = files
        .iter()
        .flat_map(|(file, text)| children(file, &code(text), files))
        .map(|(_, file)| file)
        .collect();
    let roots = files.keys().filter(|file| !declared.contains(*file));
    roots.flat_map(|root| Crate::read(root, files).circles()).collect()
}

/// The modules that a file declares, and their files.
fn children(file: &Path, code: &str, files: &BTreeMap<PathBuf, String>) -> Vec<(String, PathBuf)> {
    let (folder, stem) =
        (file.parent().unwrap_or(Path::new("")), file.file_stem().unwrap_or_default());
    let child = |name: &str| {
        let below = |folder: &Path| {
            [folder.join(name).with_extension("rs"), folder.join(name).join("mod.rs")]
        };
        let places = [folder.join(stem), folder.to_owned()];
        let file =
            places.iter().flat_map(|folder| below(folder)).find(|file| files.contains_key(file))?;
        Some((name.to_owned(), file))
    };
    MOD.captures_iter(code).filter_map(|found| child(&found[1])).collect()
}

struct Crate(Vec<Module>);

impl Crate {
    fn read(root: &Path, files: &BTreeMap<PathBuf, String>) -> Crate {
        let mut modules = vec![Module { file: root.to_owned(), ..Module::default() }];
        let mut next = 0;
        while next < modules.len() {
            let file = modules[next].file.clone();
            let code = code(&files[&file]);
            for (name, file) in children(&file, &code, files) {
                let number = modules.len();
                modules[next].children.insert(name, number);
                modules.push(Module { file, parent: Some(next), ..Module::default() });
            }
            for found in USE.captures_iter(&code) {
                let is_public = found.get(1).is_some();
                let imports = imports(&found[2]).into_iter();
                modules[next].imports.extend(imports.map(|(name, path)| (name, path, is_public)));
            }
            // What is left has no names but those of its own, and those that it uses.
            let code = USE.replace_all(&code, "");
            let code = MOD.replace_all(&code, "");
            let code = VISIBLE.replace_all(&code, "");
            let all = |names: &Regex, group: usize| {
                names.captures_iter(&code).map(|found| found[group].to_owned()).collect()
            };
            modules[next].defines = all(&DEFINED, 1);
            modules[next].words = all(&WORD, 0);
            modules[next].paths =
                PATH.find_iter(&code).map(|found| parts(found.as_str())).collect();
            next += 1;
        }
        Crate(modules)
    }

    /// The modules that this one uses.
    fn used_by(&self, module: usize) -> BTreeSet<usize> {
        let Module { imports, words, paths, .. } = &self.0[module];
        // What is only handed on isn't used here, unless its name stands in the code.
        let imported =
            imports.iter().filter(|(name, _, is_public)| !is_public || words.contains(name));
        let paths = paths.iter().chain(imported.map(|(_, path, _)| path));
        let used = paths.filter_map(|path| self.resolve(module, path, 0));
        used.filter(|used| *used != module).collect()
    }

    /// The module that defines what this path means in this module. `None` if that is no part of
    /// the crate.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => 0,
            "self" => from,
            "super" => self.0[from].parent?,
            name => match self.0[from].children.get(name) {
                Some(child) => *child,
                None => return self.imported(from, name, depth),
            },
        };
        match rest.split_first() {
            None => Some(start),
            Some((next, _)) if next == "super" || self.0[start].children.contains_key(next) => {
                self.resolve(start, rest, depth)
            }
            Some((name, _)) => self.defined(start, name, depth),
        }
    }

    /// The module that defines a name which is known in this one.
    fn defined(&self, module: usize, name: &str, depth: usize) -> Option<usize> {
        if self.0[module].defines.contains(name) || name == "*" {
            return Some(module);
        }
        let found = self.imported(module, name, depth);
        // A macro that is exported is known in the root, wherever it stands. No two have the same
        // name.
        let is_root = self.0[module].parent.is_none();
        let elsewhere = || self.0.iter().position(|module| module.defines.contains(name));
        found.or_else(|| if is_root && name != "main" { elsewhere() } else { None })
    }

    fn imported(&self, module: usize, name: &str, depth: usize) -> Option<usize> {
        if depth > 8 {
            return None; // a name that leads back to itself
        }
        let imports =
            self.0[module].imports.iter().filter(|(known, ..)| known == name || known == "*");
        let found = |(known, path, _): &(String, Vec<String>, bool)| match (
            known.as_str(),
            path.split_last(),
        ) {
            ("*", Some((_, path))) => {
                self.defined(self.resolve(module, path, depth + 1)?, name, depth + 1)
            }
            // `use self::name` and `use name::name` come back here.
            _ if path.first().is_some_and(|first| first == name) => None,
            _ => self.resolve(module, path, depth + 1),
        };
        imports.filter_map(found).next()
    }

    fn circles(&self) -> Vec<Circle> {
        let uses: Vec<BTreeSet<usize>> =
            (0..self.0.len()).map(|module| self.used_by(module)).collect();
        let reached: Vec<BTreeSet<usize>> = (0..self.0.len())
            .map(|module| {
                let (mut seen, mut next) = (BTreeSet::new(), vec![module]);
                while let Some(module) = next.pop() {
                    next.extend(uses[module].iter().filter(|used| seen.insert(**used)));
                }
                seen
            })
            .collect();
        // In a circle each file can be reached from each other one.
        let are_together = |one: usize, other: usize| {
            reached[one].contains(&other) && reached[other].contains(&one)
        };
        let circle = |module: usize| -> Circle {
            let its = (0..self.0.len()).filter(|other| are_together(module, *other));
            let arrows = its.flat_map(|from| uses[from].iter().map(move |to| (from, *to)));
            let inside = arrows.filter(|(_, to)| are_together(module, *to));
            inside.map(|(from, to)| (self.0[from].file.clone(), self.0[to].file.clone())).collect()
        };
        let circles: BTreeSet<Circle> = (0..self.0.len()).map(circle).collect();
        circles.into_iter().filter(|circle| !circle.is_empty()).collect()
    }
}

/// What a `use` declaration brings in: the name by which it's known, and the path.
fn imports(tree: &str) -> Vec<(String, Vec<String>)> {
    let tree = tree.trim().trim_start_matches("::");
    if let Some((path, group)) = tree.split_once('{') {
        let path: Vec<String> = parts(path);
        let group = group.trim_end().trim_end_matches('}');
        let (mut depth, mut start, mut trees) = (0, 0, Vec::new());
        for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    trees.push(&group[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        let below = trees.into_iter().filter(|tree| !tree.trim().is_empty()).flat_map(imports);
        return below
            .map(|(name, rest)| {
                let whole = [path.clone(), rest].concat();
                // `{self}` is the module itself.
                if whole.last().is_some_and(|last| last == "self") {
                    let whole = whole[..whole.len() - 1].to_vec();
                    (whole.last().cloned().unwrap_or_default(), whole)
                } else {
                    (name, whole)
                }
            })
            .collect();
    }
    let (path, name) =
        tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
    let path = parts(path);
    let name = name.map(|name| name.trim().to_owned()).or_else(|| path.last().cloned());
    name.map(|name| (name, path)).into_iter().collect()
}

fn parts(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The circles of a crate with these files, as names.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files =
            files.iter().map(|(file, text)| (PathBuf::from(file), (*text).to_owned())).collect();
        let names = |circle: &Circle| {
            let files: BTreeSet<_> =
                circle.iter().map(|(from, _)| from.display().to_string()).collect();
            Vec::from_iter(files).join(" ")
        };
        circles(&files).iter().map(names).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_parent_that_declares_and_hands_on_its_children_is_no_circle() {
        let root = "mod a;\nmod b;\npub use a::A;\npub(crate) use b::{B, make};\n";
        let a = "use crate::B;\nuse super::make;\npub struct A(B);";
        let b = "pub struct B;\npub fn make() {}";
        assert_eq!(found(&[("src/lib.rs", root), ("src/a.rs", a), ("src/b.rs", b)]), NONE);
    }

    #[test]
    fn a_child_that_reaches_up_into_a_parent_that_uses_it_is_a_circle() {
        let root = "mod a;\nuse a::help;\npub struct Problem;\nfn main() { help(); }";
        for child in [
            "use crate::Problem;\npub fn help() {}",
            "use super::Problem;\npub fn help() {}",
            "pub fn help() -> super::Problem { super::Problem }",
            "use super::*;\npub fn help() {}",
        ] {
            assert_eq!(
                found(&[("src/main.rs", root), ("src/a.rs", child)]),
                ["src/a.rs src/main.rs"]
            );
        }
        let root = "mod a;\npub struct Problem;\nfn main() { a::help(); }";
        let child = "use crate::Problem;\npub fn help() {}";
        assert_eq!(found(&[("src/main.rs", root), ("src/a.rs", child)]), ["src/a.rs src/main.rs"]);
        let root = "mod a;\npub use a::help;\npub struct Problem;\nfn all() { help() }";
        assert_eq!(found(&[("src/lib.rs", root), ("src/a.rs", child)]), ["src/a.rs src/lib.rs"]);
    }

    #[test]
    fn three_siblings_in_a_circle_are_found_however_they_name_each_other() {
        let files = [
            ("src/lib.rs", "pub mod a;\nmod b;\nmod c;"),
            ("src/a.rs", "use crate::{b::{self, B as Other}, c};\npub struct A(Other);"),
            ("src/b/mod.rs", "pub struct B(super::c::C);"),
            ("src/c.rs", "use super::a::A;\npub struct C(A);"),
        ];
        assert_eq!(found(&files), ["src/a.rs src/b/mod.rs src/c.rs"]);
    }

    #[test]
    fn files_below_a_module_are_found_and_one_way_is_no_circle() {
        let files = [
            ("src/lib.rs", "mod a;\nmod d;"),
            ("src/a.rs", "mod b;\nmod c;\npub(crate) use c::C;\nfn f() { b::g() }"),
            ("src/a/b.rs", "use super::C;\npub fn g() { crate::d::h(C) }"),
            ("src/a/c.rs", "pub struct C;"),
            ("src/d.rs", "pub fn h(_: crate::a::C) {}"),
        ];
        assert_eq!(found(&files), NONE);
        let circle =
            [files[0], files[1], ("src/a/b.rs", "pub fn g() { super::f() }"), files[3], files[4]];
        assert_eq!(found(&circle), ["src/a.rs src/a/b.rs"]);
    }

    #[test]
    fn a_name_that_is_declared_or_says_who_may_see_something_is_not_used() {
        let root = "mod init;\npub use init::init;\npub struct Problem;";
        let child = "pub(in crate::Problem) fn help() {}\npub fn init(_: crate::Problem) {}";
        assert_eq!(found(&[("src/lib.rs", root), ("src/init.rs", child)]), NONE);
    }

    #[test]
    fn unit_tests_comments_and_texts_make_no_circle() {
        let root = "mod a;\nuse a::help;\npub struct Problem;";
        let child = "// crate::Problem\npub fn help() { let _ = \"super::Problem\"; }\n\
                     #[cfg(test)]\nmod tests { use crate::Problem; }\n";
        assert_eq!(found(&[("src/lib.rs", root), ("src/a.rs", child)]), NONE);
        let with_a_file = "mod a;\nuse a::help;\npub struct Problem;\n#[cfg(test)]\nmod tests;";
        let tests = "use super::*;";
        assert_eq!(
            found(&[
                ("src/lib.rs", with_a_file),
                ("src/a.rs", "pub fn help() {}"),
                ("src/tests.rs", tests)
            ]),
            NONE
        );
    }
}
