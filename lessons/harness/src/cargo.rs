//! Cargo, as a reader would call it.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("lessons/harness lies in the workspace")
}

/// Cargo, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).stdin(Stdio::null());
    // Whatever cargo starts learns about its own package from variables that build scripts look at.
    // If we passed them on, each build would believe that something has changed.
    let of_our_package = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
    for (name, _) in env::vars_os() {
        if of_our_package.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// The program with this name among the messages of a build, one JSON object per line.
pub fn executable(messages: &str, target: &str) -> Option<PathBuf> {
    artifacts(messages, target)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// The messages of a build that are about this target.
pub(crate) fn artifacts(messages: &str, target: &str) -> impl Iterator<Item = Value> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(move |message| message["target"]["name"] == target)
}

/// The features that a reader must name to build this example or benchmark. Only the last step
/// needs one.
pub fn features(target: &str) -> &'static [&'static str] {
    if target.ends_with("cluster") { &["cluster"] } else { &[] }
}

/// What cargo said when `tests/run` built the tests and the steps along with them: a file of
/// messages. With it, no test waits until cargo has built something for another test.
const BUILT: &str = "STEPS_BUILT";
/// The flags that they were built with. With other flags the steps would be built once more.
const FLAGS: &str = "STEPS_BUILT_WITH";

/// Builds an example, at most once per process, and returns the path of its program.
///
/// # Errors
///
/// If it doesn't build. The error holds what the compiler said.
pub fn example(name: &str, release: bool) -> io::Result<PathBuf> {
    static PROGRAMS: Mutex<Option<HashMap<(String, bool), PathBuf>>> = Mutex::new(None);
    // Locked during the build: a second test that wants the same example waits for it.
    let mut guard = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    let built = guard.get_or_insert_default();
    let key = (name.to_owned(), release);
    if let Some(program) = built.get(&key) {
        return Ok(program.clone());
    }
    let release_flag = release.then_some("--release");
    let features = features(name).iter().flat_map(|feature| ["--features", feature]);
    let flags = env::var(FLAGS).unwrap_or_default();
    let example = ["--example", name].into_iter().chain(release_flag).chain(features);
    let example = example.chain(flags.split_whitespace());
    let messages = if release { build(example) } else { built_or_build(example) }
        .map_err(|error| io::Error::other(format!("{name} doesn't build:\n{error}")))?;
    // A test may have the same name.
    let program = artifacts(&messages, name)
        .filter(|message| message["target"]["kind"][0] == "example")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| io::Error::other(format!("cargo built no program for {name}")))?;
    built.insert(key, program.clone());
    Ok(program)
}

/// What cargo said when `tests/run` built everything, or says now that it builds this.
pub(crate) fn built_or_build<'a>(args: impl IntoIterator<Item = &'a str>) -> io::Result<String> {
    match env::var_os(BUILT) {
        Some(file) => fs::read_to_string(file),
        None => build(args),
    }
}

/// What cargo says when it builds something: its messages, or an error with what the compiler says.
fn build<'a>(args: impl IntoIterator<Item = &'a str>) -> io::Result<String> {
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--message-format=json-render-diagnostics"]).args(args);
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
