//! Programs of a single file, which the book shows as mistakes or asks about in a quiz: compiled by rustc
//! alone, with our library and crossbeam at hand.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;

use crate::step::{Run, Running, Step, cargo, root};

/// A program that compiles. It goes when this is dropped.
pub struct Compiled {
    folder: TempDir,
    name: String,
}

/// Compiles a file of the workspace, named by its path from the root, so that a message names it likewise.
///
/// # Errors
///
/// What the compiler says, if the file does not compile.
///
/// # Panics
///
/// If rustc cannot be started, or our library cannot be built.
#[track_caller]
pub fn compile(file: &str) -> Result<Compiled, String> {
    compile_with(file, &[])
}

/// As [`compile`], with further options for rustc: `-O`.
///
/// # Errors
///
/// As [`compile`].
///
/// # Panics
///
/// As [`compile`].
#[track_caller]
pub fn compile_with(file: &str, options: &[&str]) -> Result<Compiled, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let with = |start: String, path: &Path| {
        let mut argument = OsString::from(start);
        argument.push(path);
        argument
    };
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root()).args(["--edition", "2024", "--crate-type", "bin"]).args(options);
    for (name, library) in CRATES.iter().zip(libraries()) {
        let deps = library.ancestors().nth(1).expect("a folder");
        rustc.arg("-L").arg(with("dependency=".to_owned(), &deps.join("deps")));
        rustc.arg("-L").arg(with("dependency=".to_owned(), deps));
        rustc.arg("--extern").arg(with(format!("{name}="), library));
    }
    rustc.arg("-o").arg(folder.path().join(&name)).arg(file);
    let output = rustc.output().expect("rustc can be started");
    match output.status.success() {
        true => Ok(Compiled { folder, name }),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

impl Compiled {
    /// Runs it to its end, in a new folder of its own.
    ///
    /// # Errors
    ///
    /// If it cannot be started. If it does not end within `limit` it is killed, and the error is
    /// [`TimedOut`](io::ErrorKind::TimedOut).
    pub fn run(&self, limit: Duration) -> io::Result<Run> {
        self.step(limit).run_program(&self.program())
    }

    /// Starts it: for one that never ends.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[track_caller]
    pub fn start(&self) -> Running {
        self.step(crate::HANGS).start_program(&self.program()).expect("the program can be started")
    }

    fn step(&self, limit: Duration) -> Step {
        Step::new(&*self.name).bare().limit(limit)
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

/// The lines of a compiler's message that name an error: they stay when the rest changes from one compiler
/// to the next.
pub fn errors(message: &str) -> Vec<&str> {
    let is_error = |line: &&str| line.starts_with("error[") || line.starts_with("error: ");
    let is_sum = |line: &&str| line.starts_with("error: aborting due to");
    message.lines().filter(is_error).filter(|line| !is_sum(line)).collect()
}

/// What a program may use: our library, and one that it is built on.
const CRATES: [&str; 2] = ["hands", "crossbeam"];

/// The crates, built.
fn libraries() -> &'static [PathBuf] {
    static BUILT: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
        let output = cargo()
            .args(["build", "--quiet", "--package", "hands", "--message-format=json"])
            .output()
            .expect("cargo can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8_lossy(&output.stdout);
        let library = |name: &&str| {
            messages
                .lines()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
                .filter(|message| message["target"]["name"] == **name)
                .filter_map(|message| message["filenames"].as_array().cloned())
                .flatten()
                .filter_map(|file| file.as_str().map(PathBuf::from))
                .find(|file| file.extension().is_some_and(|extension| extension == "rlib"))
                .unwrap_or_else(|| panic!("cargo has built no {name}"))
        };
        CRATES.iter().map(library).collect()
    });
    &BUILT
}
