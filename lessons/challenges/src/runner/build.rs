//! Compiles a check with the reader's answer.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{env, thread};

use serde_json::Value;

use super::catalogue::Challenge;

/// What came of a build.
pub(crate) enum Built {
    /// A program, and what the compiler remarked on the answer.
    Program(PathBuf, Vec<Remark>),
    /// The answer does not compile.
    Errors(Vec<Remark>),
    /// Cargo did not get as far as the answer.
    Cargo(String),
}

/// What the compiler has to say about one place.
pub(crate) struct Remark {
    /// As the compiler prints it.
    pub(crate) text: String,
    is_error: bool,
    /// It is about the check, where the answer is called, and not about the answer itself.
    pub(crate) is_in_check: bool,
}

/// Whoever waits longer is told why.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Compiles the check of a challenge with the answer in this folder.
pub(crate) fn build(challenge: &Challenge, answers: &Path, colours: bool) -> io::Result<Built> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--test", &challenge.name]);
    match &challenge.needs {
        None => command.args(["--package", "challenges"]),
        // With the profile and the features with which the reader has built the steps of this chapter: so the large
        // crates, such as TLS, are not built twice.
        Some(feature) => command
            .args(["--release", "--workspace", "--exclude", "book"])
            .args(["--features", &format!("challenges/{feature}")]),
    };
    command.arg(match colours {
        true => "--message-format=json-diagnostic-rendered-ansi",
        false => "--message-format=json",
    });
    command.env("CHALLENGES", answers).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut cargo = command.spawn()?;

    let errors = cargo.stderr.take().expect("it was asked for");
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.take(1 << 20).read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let (built, wait) = mpsc::channel::<()>();
    let name = challenge.name.clone();
    let others = Arc::<AtomicUsize>::default(); // crates that had to be compiled, beside the check
    let compiled = Arc::clone(&others);
    thread::spawn(move || {
        if wait.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let first_time = match compiled.load(Relaxed) {
                0 => "",
                _ => " with the crates that it needs (this once, up to a minute)",
            };
            eprintln!("Building {name}{first_time} ...");
        }
    });
    let messages = BufReader::new(cargo.stdout.take().expect("it was asked for"));
    let (mut program, mut remarks) = (None, Vec::new());
    for message in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(&message?) else { continue };
        if message["target"]["name"] != challenge.name.as_str() {
            if message["fresh"] == false {
                others.fetch_add(1, Relaxed);
            }
            continue;
        }
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                program = message["executable"].as_str().map(PathBuf::from)
            }
            Some("compiler-message") => remarks.extend(remark(&message["message"])),
            _ => {}
        }
    }
    let status = cargo.wait()?;
    drop(built);
    Ok(match program {
        Some(program) if status.success() => Built::Program(program, remarks),
        _ if remarks.iter().any(|remark| remark.is_error) => {
            remarks.retain(|remark| remark.is_error);
            Built::Errors(remarks)
        }
        _ => Built::Cargo(errors.join().unwrap_or_default()),
    })
}

fn remark(message: &Value) -> Option<Remark> {
    let is_error = message["level"].as_str()?.starts_with("error");
    let spans = message["spans"].as_array()?;
    if spans.is_empty() {
        return None; // "2 warnings emitted"
    }
    let of_check =
        |span: &Value| span["file_name"].as_str().is_some_and(|f| f.ends_with("check.rs"));
    let is_in_check = spans.iter().filter(|span| span["is_primary"] == true).all(of_check);
    Some(Remark {
        text: message["rendered"].as_str()?.trim_end().to_owned(),
        is_error,
        is_in_check,
    })
}

/// Cargo, as the reader would call it: what it told us about our own package would make it build anew.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(super::root()).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let ours = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
        if ours.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}
