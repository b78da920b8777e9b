//! The mistakes that the book shows: each must fail to compile, with the error that the book prints,
//! unless it is one that compiles and misbehaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn mistakes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/mistakes")
}

fn compile(file: &Path) -> Output {
    let out = tempfile::tempdir().expect("a temporary folder");
    Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata", "--out-dir"])
        .args([out.path(), file])
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
    assert!(seen >= 2, "{seen}");
}

#[test]
fn the_forgotten_sender_compiles() {
    let output = compile(&mistakes().join("03_forgotten_drop.rs"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
