//! Programs of a single file, such as the mistakes and the quizzes of the book. rustc alone
//! compiles them; they can use our library and crossbeam.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;

use crate::cargo::{artifacts, built_or_build, root};
use crate::run::{Run, Running};
use crate::step::Step;
use crate::wait::HANGS;

/// A program that was compiled. Its file goes when this is dropped.
pub struct Compiled {
    folder: TempDir,
    name: String,
}

/// rustc, for a program that can use these crates: the name of each, and the file that cargo has
/// built for it.
pub fn rustc<'a>(crates: impl IntoIterator<Item = (&'a str, &'a Path)>) -> Command {
    let with = |start: String, path: &Path| {
        let mut argument = OsString::from(start);
        argument.push(path);
        argument
    };
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "--crate-type", "bin"]);
    for (name, library) in crates {
        let folder = library.parent().expect("cargo names whole paths");
        rustc.arg("-L").arg(with("dependency=".to_owned(), &folder.join("deps")));
        rustc.arg("-L").arg(with("dependency=".to_owned(), folder));
        rustc.arg("--extern").arg(with(format!("{name}="), library));
    }
    rustc
}

/// Compiles a file of the workspace, with these options for rustc, such as `-O`. `file` is its path
/// from the root, and the compiler's messages name it so.
///
/// # Errors
///
/// What the compiler says, if the file doesn't compile.
///
/// # Panics
///
/// If rustc can't be started, or our library can't be built.
#[track_caller]
pub fn compile(file: &str, options: &[&str]) -> Result<Compiled, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let crates = CRATES.iter().copied().zip(libraries().iter().map(PathBuf::as_path));
    let mut rustc = rustc(crates);
    rustc.current_dir(root()).args(options);
    rustc.arg("-o").arg(folder.path().join(&name)).arg(file);
    let output = rustc.output().expect("rustc can be started");
    if output.status.success() {
        Ok(Compiled { folder, name })
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Compiled {
    /// Runs it to its end, in a new folder of its own.
    ///
    /// # Errors
    ///
    /// If it can't be started. If it doesn't end within `limit`, it is killed, and the error is
    /// [`TimedOut`](io::ErrorKind::TimedOut).
    pub fn run(&self, limit: Duration) -> io::Result<Run> {
        self.step(limit).run_program(&self.program())
    }

    /// Starts it, for a program that never ends by itself.
    ///
    /// # Panics
    ///
    /// If it can't be started.
    #[track_caller]
    pub fn start(&self) -> Running {
        self.step(HANGS).start_program(&self.program()).expect("the program can be started")
    }

    fn step(&self, limit: Duration) -> Step {
        Step::new(&*self.name).bare().limit(limit)
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

/// The lines of a compiler's message that name an error. The next compiler still prints these
/// lines, whatever else it changes.
pub fn errors(message: &str) -> Vec<&str> {
    let is_error = |line: &&str| line.starts_with("error[") || line.starts_with("error: ");
    let is_total = |line: &&str| line.starts_with("error: aborting due to");
    message.lines().filter(is_error).filter(|line| !is_total(line)).collect()
}

/// What a program can use.
const CRATES: [&str; 2] = ["hands", "crossbeam"];

/// The files of these crates, in the same order. The first call builds them.
fn libraries() -> &'static [PathBuf] {
    static BUILT: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
        let messages = built_or_build(["--package", "hands"]);
        let messages = messages.unwrap_or_else(|error| panic!("{error}"));
        let library = |name: &&str| {
            let built = artifacts(&messages, name);
            let files = built.filter_map(|message| message["filenames"].as_array().cloned());
            files
                .flatten()
                .filter_map(|file| file.as_str().map(PathBuf::from))
                .find(|file| file.extension().is_some_and(|extension| extension == "rlib"))
                .unwrap_or_else(|| panic!("cargo built no {name}"))
        };
        CRATES.iter().map(library).collect()
    });
    &BUILT
}
