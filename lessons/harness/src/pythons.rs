//! The Pythons of this machine, which run the twins of the steps.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The oldest Python 3 that the twins are written for: 3.11.
const OLDEST: u32 = 11;

/// An interpreter that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The program to start.
    pub program: OsString,
    /// `3.11.7`
    pub version: String,
}

impl Python {
    /// Asks the interpreter for its version. `None` if it doesn't work: some systems have a
    /// `python3.14` that only says how to install one.
    pub fn at(program: impl Into<OsString>) -> Option<Python> {
        let program = program.into();
        let asked = Command::new(&program).arg("--version").stderr(Stdio::null()).output().ok()?;
        let said = String::from_utf8(asked.stdout).ok()?;
        let version = said.trim().strip_prefix("Python ")?.to_owned();
        asked.status.success().then_some(Python { program, version })
    }

    /// The `11` of 3.11.7; the `14t` of a free-threaded build that is called `python3.14t`.
    fn minor(&self) -> Option<String> {
        let minor = self.version.split('.').nth(1)?;
        let threaded = self.program.to_string_lossy().ends_with(&format!("python3.{minor}t"));
        Some(format!("{minor}{}", if threaded { "t" } else { "" }))
    }
}

/// The Pythons of this machine: `python3`, and one `python3.N` or `python3.Nt` for each other
/// version from 3.11 on that is on the path.
pub fn pythons() -> Vec<Python> {
    let mut all: Vec<Python> = Python::at("python3").into_iter().collect();
    let mut seen: BTreeSet<String> = all.iter().filter_map(Python::minor).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut others: Vec<(u32, String, PathBuf)> = Vec::new();
    for entry in std::env::split_paths(&path).filter_map(|folder| folder.read_dir().ok()).flatten()
    {
        let Ok(entry) = entry else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(minor) = name.strip_prefix("python3.") else { continue };
        let Ok(number) = minor.strip_suffix('t').unwrap_or(minor).parse() else { continue };
        if number >= OLDEST {
            others.push((number, minor.to_owned(), entry.path()));
        }
    }
    // A stable sort: of two with the same version, the first on the path comes first.
    others.sort_by_key(|(number, ..)| *number);
    for (_, minor, program) in others {
        if !seen.contains(&minor)
            && let Some(python) = Python::at(program)
        {
            seen.insert(minor);
            all.push(python);
        }
    }
    all
}

/// The Python that can run the twin of this step: `python3`, or `PILLOW_PYTHON`, which
/// `./tests/run` sets up, for a twin that needs Pillow. `None` if there is no such Python here.
pub fn python_for(step: &str) -> Option<Python> {
    let twin = crate::cargo::root().join("examples/python").join(step).with_extension("py");
    let needs_pillow = std::fs::read_to_string(twin).ok()?.contains("from PIL");
    let pillow = if needs_pillow { std::env::var_os("PILLOW_PYTHON") } else { None };
    let python = Python::at(pillow.unwrap_or_else(|| "python3".into()))?;
    let import = if needs_pillow { "import PIL" } else { "" };
    let tried = Command::new(&python.program).args(["-c", import]).stderr(Stdio::null()).status();
    tried.ok()?.success().then_some(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_listed_once_and_python3_comes_first() {
        let all = pythons();
        assert_eq!(all.first(), Python::at("python3").as_ref());
        let minors: BTreeSet<_> = all.iter().map(Python::minor).collect();
        assert_eq!(minors.len(), all.len(), "{all:?}");
    }

    #[test]
    fn a_program_that_does_not_work_is_no_python() {
        assert_eq!(Python::at("/nowhere/python3"), None);
        assert_eq!(Python::at("false"), None, "like a shim that has no version to start");
        assert_eq!(Python::at("true"), None, "it prints no version");
    }
}
