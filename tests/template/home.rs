//! Copies of the template, built, and folders to run them in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use harness::{Child, HANGS, executable};
use serde_json::Value;
use tempfile::TempDir;

/// The first line of the function that a reader changes.
const WORK: &str = "fn work(input: &str) -> anyhow::Result<Value> {\n";

pub(crate) fn template() -> PathBuf {
    harness::root().join("template")
}

pub(crate) fn main_rs() -> String {
    fs::read_to_string(template().join("src/main.rs")).unwrap()
}

/// `cp -r template ~/my-job`, without what a build may have left there.
pub(crate) fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(!folder.path().starts_with(harness::root()), "a temporary folder outside");
    for file in ["Cargo.toml", "Cargo.lock", ".gitignore", ".rustfmt.toml", "README.md"] {
        fs::copy(template().join(file), folder.path().join(file)).unwrap();
    }
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), main_rs()).unwrap();
    folder
}

/// Cargo, in the copy. The crates that it builds are kept for the next test.
pub(crate) fn cargo(copy: &Path, args: &[&str]) -> Output {
    let target = harness::root().join("target/template");
    let mut cargo = harness::cargo();
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", target).args(args);
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Builds the copy, and takes the program out of the folder, because others build into it as well.
fn build(copy: TempDir) -> (TempDir, PathBuf) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    cargo(copy.path(), &["clean", "--quiet", "--locked", "--package", "my-job"]); // an earlier test's
    let args = ["build", "--quiet", "--locked", "--message-format=json-render-diagnostics"];
    let messages = cargo(copy.path(), &args).stdout;
    let built = executable(&String::from_utf8_lossy(&messages), "my-job");
    let built = built.expect("cargo has built a program");
    let program = copy.path().join("program");
    fs::copy(built, &program).unwrap();
    (copy, program)
}

/// The template as it is.
static DELIVERED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| build(copy()));

/// The template after someone has changed it who knows what will go wrong.
pub(crate) static CHANGED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let copy = copy();
    let ours = format!(
        "{WORK}    if input.contains(\"panic\") {{\n        panic!(\"{{input}} again\");\n    }}\n"
    );
    let changed = main_rs().replace(WORK, &ours);
    assert!(changed.contains("again"), "the function is where it was");
    fs::write(copy.path().join("src/main.rs"), changed).unwrap();
    build(copy)
});

/// A folder with some inputs and their list.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) program: &'static Path,
}

impl Home {
    pub(crate) fn new(inputs: &[&str]) -> Home {
        let folder = tempfile::tempdir().unwrap();
        for (n, input) in inputs.iter().enumerate() {
            let _ = fs::write(folder.path().join(input), "two words\n".repeat(n + 1));
        }
        fs::write(folder.path().join("list.txt"), inputs.join("\n") + "\n").unwrap();
        Home { folder, program: &DELIVERED.1 }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        // Tests that run in the background ignore Ctrl-C, and so does whatever they start.
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(self.program);
        command.current_dir(self.folder.path()).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running(Child::start(&mut self.command(args)).unwrap())
    }

    /// Turns an input into a pipe, which holds whoever reads it until the test writes.
    pub(crate) fn hold(&self, input: &str) {
        let _ = fs::remove_file(self.path(input));
        let status = Command::new("mkfifo").arg(self.path(input)).status().unwrap();
        assert!(status.success());
    }

    /// The lines of the report, in the order of their inputs. None of them is torn.
    pub(crate) fn report(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("report.jsonl")).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        let mut lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        lines.sort_by_key(|line| line["input"].as_str().expect("each has its input").to_owned());
        lines
    }

    pub(crate) fn reported(&self) -> Vec<String> {
        self.report().iter().map(|line| line["input"].as_str().unwrap().to_owned()).collect()
    }
}

/// A run that the test watches. It ends with the test at the latest.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.0.wait(HANGS).unwrap().expect("the run ends")
    }
}
