//! Compiles a check with the reader's answer.

use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use challenges::{CHALLENGES, Challenge, ELSEWHERE, PACKAGE, without_detours};
use harness::{Output, cargo};
use serde_json::Value;

use super::answers::Answers;
use crate::print::{eprintln, println};

/// What came of a build.
pub(crate) enum Built {
    /// A program, and what the compiler remarked about the answer.
    Program(PathBuf, Vec<Remark>),
    /// The answer does not compile.
    Errors(Vec<Remark>),
    /// Cargo did not get as far as the answer.
    Cargo(String),
}

/// What the compiler says about one place.
pub(crate) struct Remark {
    /// As the compiler prints it.
    pub(crate) text: String,
    is_error: bool,
    /// Whether it's about the check, which calls the answer, rather than about the answer itself.
    pub(crate) is_in_check: bool,
}

/// After this time the reader is told what they are waiting for.
const PATIENCE: Duration = Duration::from_millis(1000);

/// Compiles the check of a challenge with the answer in this folder.
pub(crate) fn build(challenge: &Challenge, answers: &Answers, colours: bool) -> io::Result<Built> {
    let mut cargo = command(challenge, answers, colours).spawn()?;

    let errors = Output::capture(cargo.stderr.take().expect("it was asked for"));
    let (built, wait) = mpsc::channel::<()>();
    let name = challenge.name.clone();
    thread::spawn(move || {
        if wait.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("Building {name} ...");
        }
    });
    let messages = BufReader::new(cargo.stdout.take().expect("it was asked for"));
    let (mut program, mut remarks) = (None, Vec::new());
    let mut is_first_time = false;
    for message in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(&message?) else { continue };
        if message["target"]["name"] != challenge.name.as_str() {
            let is_ours = message["package_id"].as_str().is_some_and(|id| id.starts_with("path+"));
            if message["fresh"] == false && !is_ours && !is_first_time {
                is_first_time = true;
                eprintln!(
                    "It needs crates that aren't built yet: this takes up to a minute, once."
                );
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
        _ => {
            errors.ends_within(Duration::from_secs(1));
            Built::Cargo(errors.text())
        }
    })
}

fn command(challenge: &Challenge, answers: &Answers, colours: bool) -> Command {
    let mut command = cargo();
    command.args(["build", "--quiet", "--test", &challenge.name]);
    match challenge.needs.as_deref() {
        None => command.args(["--package", PACKAGE]),
        Some(feature @ "schedules") => {
            command.args(["--package", PACKAGE, "--features", &format!("{PACKAGE}/{feature}")])
        }
        // With the profile and the features that the steps of this chapter were built with, so that
        // large crates, such as TLS, aren't built twice.
        Some(feature) => command
            .args(["--release", "--workspace", "--exclude", "book"])
            .args(["--features", &format!("{PACKAGE}/{feature}")]),
    };
    if !answers.are_at_home() {
        command.args(["--features", &format!("{PACKAGE}/{ELSEWHERE}")]);
        command.env(CHALLENGES, answers.folder());
    }
    command.arg(if colours {
        "--message-format=json-diagnostic-rendered-ansi"
    } else {
        "--message-format=json"
    });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the compiler says about all answers that the reader has begun, for an editor: JSON, as
/// cargo prints it. An editor that asked cargo itself would hear of the other answers, too, which
/// aren't there yet. Afterwards come all other crates.
pub(crate) fn errors_for_editor(challenges: &[Challenge], answers: &Answers) -> io::Result<bool> {
    let begun: Vec<_> = challenges.iter().filter(|c| answers.answer(c).exists()).collect();
    let check = |args: &[&str]| {
        let mut cargo = cargo();
        cargo.args(["check", "--quiet", "--keep-going", "--message-format=json"]).args(args);
        let mut cargo = cargo.stdout(Stdio::piped()).spawn()?;
        for line in BufReader::new(cargo.stdout.take().expect("it was asked for")).lines() {
            println!("{}", without_detours(&line?));
        }
        cargo.wait().map(|status| status.success())
    };
    let mut all = true;
    if answers.are_at_home() && !begun.is_empty() {
        let mut args = vec!["--package", PACKAGE];
        args.extend(begun.iter().flat_map(|challenge| ["--test", challenge.name.as_str()]));
        let needs: Vec<_> =
            begun.iter().filter_map(|c| Some(format!("{PACKAGE}/{}", c.needs.as_ref()?))).collect();
        args.extend(needs.iter().flat_map(|feature| ["--features", feature.as_str()]));
        all = check(&args)?;
    }
    Ok(check(&["--workspace", "--all-targets"])? && all)
}

fn remark(message: &Value) -> Option<Remark> {
    let is_error = message["level"].as_str()?.starts_with("error");
    let spans = message["spans"].as_array()?;
    if spans.is_empty() {
        return None; // "2 warnings emitted"
    }
    let is_check =
        |span: &Value| span["file_name"].as_str().is_some_and(|f| f.ends_with("check.rs"));
    let is_in_check = spans.iter().filter(|span| span["is_primary"] == true).all(is_check);
    Some(Remark {
        text: without_detours(message["rendered"].as_str()?.trim_end()),
        is_error,
        is_in_check,
    })
}
