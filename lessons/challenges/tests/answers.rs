//! Every answer against its check: solutions pass, stubs are told what is to be done, wrong answers are
//! refused, and for the right reason.
//!
//! All answers of one kind are built at a time, the first wrong answer of each challenge, then the second, and
//! so on; while they run the next are built. `CHALLENGE=03_imap cargo test -p challenges` takes one
//! challenge only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use challenges::VERDICT;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct List {
    challenge: Vec<Challenge>,
}

#[derive(Clone, Deserialize)]
struct Challenge {
    name: String,
    title: String,
    minutes: u32,
    page: String,
    needs: Option<String>,
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> &'static Path {
    here().parent().and_then(Path::parent).expect("lessons/challenges lies in the workspace")
}

fn all() -> Vec<Challenge> {
    let text = fs::read_to_string(here().join("challenges.toml")).unwrap();
    toml::from_str::<List>(&text).unwrap().challenge
}

/// One that was asked for by name, or all.
fn asked() -> Vec<Challenge> {
    let name = std::env::var("CHALLENGE").unwrap_or_default();
    all().into_iter().filter(|challenge| challenge.name.contains(&name)).collect()
}

impl Challenge {
    fn folder(&self) -> PathBuf {
        here().join("exercises").join(&self.name)
    }

    fn read(&self, file: &str) -> String {
        let path = self.folder().join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn wrong(&self) -> Vec<PathBuf> {
        let folder = self.folder().join("wrong");
        let files = fs::read_dir(&folder).into_iter().flatten();
        let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// What a check must say about an answer.
#[derive(Clone)]
enum Expected {
    Passed,
    Todo,
    Refused(String),
}

#[derive(Clone)]
struct Answer {
    challenge: String,
    file: PathBuf,
    expected: Expected,
}

/// What is built at one time: no two answers to the same challenge.
fn rounds(challenges: &[Challenge]) -> Vec<Vec<Answer>> {
    let mut rounds = vec![Vec::new(), Vec::new()];
    for challenge in challenges {
        let answer =
            |file: PathBuf, expected| Answer { challenge: challenge.name.clone(), file, expected };
        let folder = challenge.folder();
        rounds[0].push(answer(folder.join("solution.rs"), Expected::Passed));
        rounds[1].push(answer(folder.join("challenge.rs"), Expected::Todo));
        for (n, file) in challenge.wrong().into_iter().enumerate() {
            let text = fs::read_to_string(&file).unwrap();
            let first = text.lines().next().unwrap_or_default();
            let says = first
                .strip_prefix("//@ refused: ")
                .unwrap_or_else(|| panic!("{}: begins with no `//@ refused: …`", file.display()));
            if rounds.len() <= n + 2 {
                rounds.push(Vec::new());
            }
            rounds[n + 2].push(answer(file, Expected::Refused(says.to_owned())));
        }
    }
    rounds
}

/// A folder with an answer for each of these challenges, as `CHALLENGES` names one.
fn lay_out(answers: &[Answer], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for answer in answers {
        fs::copy(&answer.file, folder.join(format!("{}.rs", answer.challenge))).unwrap();
    }
}

/// Cargo, on the checks of these challenges, with the answers in a folder.
fn cargo(command: &str, challenges: &[Challenge], answers: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).stdin(Stdio::null()).env("CHALLENGES", answers);
    // As a reader calls it: what cargo tells a test of its package makes it build anew.
    for (name, _) in std::env::vars_os() {
        let ours = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
        if ours.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    // With the features that crates have in `cargo test --workspace`, so that none is built twice.
    cargo.args([command, "--quiet", "--workspace"]);
    let needs: BTreeSet<_> = challenges.iter().filter_map(|c| c.needs.as_ref()).collect();
    for feature in needs {
        cargo.args(["--features", &format!("challenges/{feature}")]);
    }
    for challenge in challenges {
        cargo.args(["--test", &challenge.name]);
    }
    cargo
}

/// Builds the checks with the answers in a folder, and moves the programs into it.
fn build(challenges: &[Challenge], answers: &[Answer], folder: &Path) -> Vec<(Answer, PathBuf)> {
    let of_round: Vec<_> = challenges
        .iter()
        .filter(|challenge| answers.iter().any(|answer| answer.challenge == challenge.name))
        .cloned()
        .collect();
    lay_out(answers, folder);
    let output = cargo("build", &of_round, folder)
        .arg("--message-format=json-render-diagnostics")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let program = |answer: &Answer| {
        let built = messages
            .iter()
            .filter(|message| message["target"]["name"] == answer.challenge.as_str())
            .find_map(|message| message["executable"].as_str())
            .unwrap_or_else(|| panic!("cargo has built no check for {}", answer.challenge));
        let program = folder.join(&answer.challenge);
        fs::rename(built, &program).unwrap(); // the next build takes its place
        program
    };
    answers.iter().map(|answer| (answer.clone(), program(answer))).collect()
}

/// What a check says, without its colours, and whether it lets the answer pass.
struct Verdict {
    is_passed: bool,
    text: String,
}

/// Runs a check to its end, which comes by itself.
fn run(program: &Path) -> Result<Verdict, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("verdict");
    let mut child = Command::new(program)
        .current_dir(root())
        .env(VERDICT, &file)
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let deadline = Instant::now() + Duration::from_secs(1200);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = child.kill();
                return Err("its watchdog sleeps: it did not end".to_owned());
            }
        }
    };
    let text = fs::read_to_string(&file);
    let text = text.map_err(|_| format!("it ended without a verdict: {status}"))?;
    Ok(Verdict {
        is_passed: status.success(),
        text: anstream::adapter::strip_str(&text).to_string(),
    })
}

/// What is wrong with what the check says, if anything.
fn fault(answer: &Answer, Verdict { is_passed, text }: &Verdict) -> Option<String> {
    let name = &answer.challenge;
    let refused = text.find('✗').map_or("", |at| &text[at..]);
    let holds = match &answer.expected {
        Expected::Passed => *is_passed && text.ends_with(&format!("{name} is done.")),
        Expected::Todo => {
            let names = |line: &str| {
                line.starts_with(&format!("{name} is yours to write: "))
                    && line.contains(&format!("{name}.rs:"))
                    && line.contains(" still says todo!(")
            };
            !is_passed && refused.lines().any(names)
        }
        Expected::Refused(says) => !is_passed && refused.contains(says),
    };
    let expected = match &answer.expected {
        Expected::Passed => "should pass".to_owned(),
        Expected::Todo => "should be told of its todo!()".to_owned(),
        Expected::Refused(says) => format!("should be refused with {says:?}"),
    };
    (!holds).then(|| format!("{expected}. The check says\n{text}"))
}

/// So many checks run at the same time. Most of them wait.
struct Places(Mutex<usize>, Condvar);

impl Places {
    fn take(&self) {
        let free = self.0.lock().unwrap();
        *self.1.wait_while(free, |free| *free == 0).unwrap() -= 1;
    }

    fn give_back(&self) {
        *self.0.lock().unwrap() += 1;
        self.1.notify_one();
    }
}

#[test]
fn every_answer_gets_what_it_deserves() {
    let challenges = asked();
    // Beside what cargo builds, so that programs can be moved there.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let places = Places(Mutex::new(6), Condvar::new());
    let faults = Mutex::new(Vec::new());
    thread::scope(|s| {
        for (n, answers) in rounds(&challenges).iter().enumerate() {
            let folder = folder.path().join(n.to_string());
            for (answer, program) in build(&challenges, answers, &folder) {
                let (places, faults) = (&places, &faults);
                s.spawn(move || {
                    places.take();
                    let fault = match run(&program) {
                        Ok(verdict) => fault(&answer, &verdict),
                        Err(error) => Some(error),
                    };
                    let _ = fs::remove_file(program); // they are large
                    places.give_back();
                    if let Some(fault) = fault {
                        let file =
                            answer.file.strip_prefix(here()).unwrap_or(&answer.file).display();
                        faults.lock().unwrap().push(format!("{file} {fault}"));
                    }
                });
            }
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
}

#[test]
fn solutions_and_checks_give_clippy_nothing_to_say() {
    let challenges = asked();
    let folder = tempfile::tempdir().unwrap();
    lay_out(&rounds(&challenges)[0], folder.path());
    let output = cargo("clippy", &challenges, folder.path())
        .args(["--", "-D", "warnings"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn answers_are_formatted() {
    let files = rounds(&all()).concat().into_iter().map(|answer| answer.file);
    let output = Command::new("rustfmt")
        .current_dir(root())
        .args(["--check", "--edition", "2024", "--config-path", "rustfmt.toml"])
        .args(files)
        .output()
        .expect("rustfmt runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_challenge_is_whole() {
    let challenges = all();
    let names: Vec<_> = challenges.iter().map(|challenge| challenge.name.as_str()).collect();
    let chapters: Vec<_> = names.iter().map(|name| &name[..2]).collect();
    assert!(chapters.is_sorted(), "challenges.toml: in the order of the road, please: {names:?}");
    let folders = fs::read_dir(here().join("exercises")).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.starts_with(|c: char| c.is_ascii_digit()).then_some(name)
    });
    let folders: BTreeSet<_> = folders.collect();
    let entered: BTreeSet<_> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, entered, "the folders, and challenges.toml");

    let manifest: toml::Table =
        toml::from_str(&fs::read_to_string(here().join("Cargo.toml")).unwrap()).unwrap();
    let targets = manifest["test"].as_array().unwrap();
    for challenge in &challenges {
        let Challenge { name, title, minutes, page, needs } = challenge;
        let target = targets
            .iter()
            .find(|target| target["name"].as_str() == Some(name))
            .unwrap_or_else(|| panic!("Cargo.toml has no [[test]] {name}"));
        let is =
            |key: &str, value: bool| target.get(key).and_then(toml::Value::as_bool) == Some(value);
        assert_eq!(target["path"].as_str(), Some(&*format!("exercises/{name}/check.rs")));
        assert!(is("test", false) && is("harness", false), "{name}: its [[test]] in Cargo.toml");
        let features = target.get("required-features").and_then(|features| features.as_array());
        let features: Vec<_> = features.into_iter().flatten().filter_map(|f| f.as_str()).collect();
        assert_eq!(features, needs.as_deref().into_iter().collect::<Vec<_>>(), "{name}");

        assert!(!title.is_empty() && (1..=60).contains(minutes), "{name}");
        assert!(name.starts_with(&page[..2]), "{name} stands in {page}");
        assert!(!challenge.wrong().is_empty(), "{name}: no wrong answer to refuse");
        assert!(challenge.read("challenge.rs").contains("todo!("), "{name}: nothing left to do");
        let hints = challenge.read("hint.md");
        let headings: Vec<_> = hints.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, ["## Hint 1", "## Hint 2"], "{name}");
        let links = format!("{}{}", challenge.read("check.rs"), hints);
        pages_exist(name, &links, page);
    }
}

/// Each `page.md#heading` in this text leads somewhere, and so does `page`.
fn pages_exist(name: &str, text: &str, page: &str) {
    let ends = |c: char| "\"()`,; \n".contains(c);
    let links = text.split(ends).filter(|word| word.contains(".md")).chain([page]);
    for link in links {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let path = root().join("book/src").join(file);
        let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {link}: {e}"));
        let mut headings = page.lines().filter(|line| line.starts_with('#')).map(slug);
        assert!(heading.is_empty() || headings.any(|h| h == heading), "{name}: no heading {link}");
    }
}

/// The name by which mdBook links to a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
