//! The program that the template makes, and folders to run it in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;

use harness::{Child, HANGS};
use serde_json::Value;
use tempfile::TempDir;

use crate::copies::{build, copy};

/// The first line of the function that a reader changes.
const WORK: &str = "fn work(input: &str) -> anyhow::Result<Value> {\n";

pub(crate) fn template() -> PathBuf {
    harness::root().join("template")
}

pub(crate) fn main_rs() -> String {
    fs::read_to_string(template().join("src/main.rs")).unwrap()
}

/// The template as it is.
static DELIVERED: LazyLock<(TempDir, PathBuf)> =
    LazyLock::new(|| build(copy("template"), "my-job"));

/// The template after someone has changed it who knows what will go wrong.
pub(crate) static CHANGED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let copy = copy("template");
    let ours = format!(
        "{WORK}    if input.contains(\"panic\") {{\n        panic!(\"{{input}} again\");\n    }}\n"
    );
    let changed = main_rs().replace(WORK, &ours);
    assert!(changed.contains("again"), "the function is where it was");
    fs::write(copy.path().join("src/main.rs"), changed).unwrap();
    build(copy, "my-job")
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
