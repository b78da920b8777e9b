//! A copy of one of the templates, outside of the workspace, and the program that it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Mutex, PoisonError};

use harness::{executable, root};
use tempfile::TempDir;

/// `cp -r template ~/my-job`, without what a build may have left there.
pub(crate) fn copy(template: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(!folder.path().starts_with(root()), "a temporary folder outside");
    for part in ["", "src"] {
        let (from, to) = (root().join(template).join(part), folder.path().join(part));
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    folder
}

/// Cargo, in the copy. What it builds lies beside what the workspace has built, so that a crate
/// which both of them need is there already.
#[track_caller]
pub(crate) fn cargo(copy: &Path, args: &[&str]) -> Output {
    try_cargo(copy, args).unwrap_or_else(|said| panic!("{args:?}: {said}"))
}

/// The same, or what cargo says if it fails.
pub(crate) fn try_cargo(copy: &Path, args: &[&str]) -> Result<Output, String> {
    let target = root().join("target");
    let mut cargo = harness::cargo();
    let output = cargo.current_dir(copy).env("CARGO_TARGET_DIR", target).args(args).output();
    let output = output.expect("cargo runs");
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(output) } else { Err(said()) }
}

/// Builds the copy, and takes the program out of the folder, because others build into it as well.
pub(crate) fn build(copy: TempDir, package: &str) -> (TempDir, PathBuf) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    cargo(copy.path(), &["clean", "--quiet", "--locked", "--package", package]); // another test's
    let args = ["build", "--quiet", "--locked", "--message-format=json-render-diagnostics"];
    let messages = cargo(copy.path(), &args).stdout;
    let built = executable(&String::from_utf8_lossy(&messages), package);
    let program = copy.path().join("program");
    fs::copy(built.expect("cargo has built a program"), &program).unwrap();
    (copy, program)
}
