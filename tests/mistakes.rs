//! The mistakes that the book shows: each must fail to compile, with the error that the book prints,
//! unless it is one that compiles and misbehaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

fn mistakes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/mistakes")
}

/// Our library, built: some mistakes are made with it.
fn lessons() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let output = steps::cargo()
            .args(["build", "--quiet", "--package", "lessons", "--message-format=json"])
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["name"] == "lessons")
            .filter_map(|message| message["filenames"].as_array().cloned())
            .flatten()
            .filter_map(|file| file.as_str().map(PathBuf::from))
            .find(|file| file.extension().is_some_and(|extension| extension == "rlib"))
            .expect("cargo has built the library")
    });
    &BUILT
}

fn compile(file: &Path) -> Output {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut library = std::ffi::OsString::from("lessons=");
    library.push(lessons());
    let mut others = std::ffi::OsString::from("dependency=");
    others.push(lessons().with_file_name("deps"));
    Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata", "--out-dir"])
        .args([out.path(), file])
        .args(["-L".as_ref(), &*others, "--extern".as_ref(), &*library])
        .output()
        .expect("rustc runs")
}

/// The lines that name an error. What surrounds them changes from one compiler to the next.
fn errors(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.starts_with("error[")).collect()
}

#[test]
fn each_mistake_is_refused_as_the_book_says() {
    let mut seen = 0;
    for entry in fs::read_dir(mistakes()).unwrap() {
        let recorded = entry.unwrap().path();
        if recorded.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        seen += 1;
        let program = recorded.with_extension("rs");
        let output = compile(&program);
        let fresh = String::from_utf8(output.stderr).unwrap();
        let recorded = fs::read_to_string(&recorded).unwrap();
        assert!(!output.status.success(), "{} compiles", program.display());
        assert_eq!(errors(&fresh), errors(&recorded), "{}", program.display());
        assert!(!errors(&recorded).is_empty(), "{}", program.display());
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn those_that_only_misbehave_compile() {
    for file in ["03_forgotten_drop.rs", "05_one_lock.rs", "06_exit.rs"] {
        let output = compile(&mistakes().join(file));
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn exit_leaves_what_was_not_flushed_behind() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("exits");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-o"]).arg(&program).arg(mistakes().join("06_exit.rs"));
    assert!(rustc.status().unwrap().success());
    let status = Command::new(&program).current_dir(folder.path()).status().unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(folder.path().join("report.txt")).unwrap(), "");
}
