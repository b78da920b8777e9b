//! Every answer against its check: solutions pass, stubs are told what is still to do, and wrong
//! answers are refused, each for the right reason.
//!
//! One answer to each challenge is built at a time: all solutions, all stubs, the first wrong
//! answer to each, the second, and so on. While these run, the next are built. `CHALLENGE=03_imap
//! cargo test -p challenges` takes only that challenge.
//!
//! `REPEAT=200 cargo test -p challenges --test answers every_answer -- --nocapture` runs each
//! solution 200 times instead, beside four busy loops, and says which of them was ever refused. That
//! takes hours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use challenges::{CHALLENGES, Challenge, ELSEWHERE, PACKAGE, VERDICT, challenges, home};
use harness::{Child, HANGS, executable, root};

fn all() -> Vec<Challenge> {
    challenges(home()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Those that `CHALLENGE` names, or all.
fn asked() -> Vec<Challenge> {
    let name = std::env::var("CHALLENGE").unwrap_or_default();
    all().into_iter().filter(|challenge| challenge.name.contains(&name)).collect()
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

/// What is built together: never two answers to the same challenge.
fn rounds(challenges: &[Challenge]) -> Vec<Vec<Answer>> {
    let mut rounds = vec![Vec::new(), Vec::new()];
    for challenge in challenges {
        let answer =
            |file: PathBuf, expected| Answer { challenge: challenge.name.clone(), file, expected };
        rounds[0].push(answer(challenge.path("solution.rs"), Expected::Passed));
        rounds[1].push(answer(challenge.path("challenge.rs"), Expected::Todo));
        for (n, file) in challenge.wrong_answers().unwrap().into_iter().enumerate() {
            let text = fs::read_to_string(&file).unwrap();
            let first = text.lines().next().unwrap_or_default();
            let says = first.strip_prefix("//@ refused: ").unwrap_or_else(|| {
                panic!("{}: should begin with `//@ refused: …`", file.display())
            });
            if rounds.len() <= n + 2 {
                rounds.push(Vec::new());
            }
            rounds[n + 2].push(answer(file, Expected::Refused(says.to_owned())));
        }
    }
    rounds
}

/// Fills a folder with answers, for `CHALLENGES` to name.
fn lay_out(answers: &[Answer], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for answer in answers {
        fs::copy(&answer.file, folder.join(format!("{}.rs", answer.challenge))).unwrap();
    }
}

/// Cargo, on the checks of these challenges, with the answers in this folder.
fn cargo(command: &str, challenges: &[Challenge], answers: &Path) -> Command {
    let mut cargo = harness::cargo();
    cargo.env(CHALLENGES, answers).arg(command);
    cargo.args(["--features", &format!("{PACKAGE}/{ELSEWHERE}")]);
    // With the features that the crates have in tests/run, so that none is built twice.
    cargo.args(["--quiet", "--workspace", "--features", "cluster"]);
    let needs: BTreeSet<_> = challenges.iter().filter_map(|c| c.needs.as_ref()).collect();
    for feature in needs {
        cargo.args(["--features", &format!("{PACKAGE}/{feature}")]);
    }
    for challenge in challenges {
        cargo.args(["--test", &challenge.name]);
    }
    cargo
}

/// Builds the checks with these answers, and moves the programs into the folder.
fn build(challenges: &[Challenge], answers: &[Answer], folder: &Path) -> Vec<(Answer, PathBuf)> {
    let asked: Vec<_> = challenges
        .iter()
        .filter(|challenge| answers.iter().any(|answer| answer.challenge == challenge.name))
        .cloned()
        .collect();
    lay_out(answers, folder);
    let output = cargo("build", &asked, folder)
        .arg("--message-format=json-render-diagnostics")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = |answer: &Answer| {
        let built = executable(&messages, &answer.challenge)
            .unwrap_or_else(|| panic!("cargo built no check for {}", answer.challenge));
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

/// Runs a check to its end, which its watchdog brings about if nothing else does.
fn run(program: &Path) -> Result<Verdict, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("verdict");
    let mut command = Command::new(program);
    command.current_dir(root()).env(VERDICT, &file).env("TMPDIR", folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = Child::start(&mut command).map_err(|error| error.to_string())?;
    let ended = child.wait(2 * HANGS).map_err(|error| error.to_string())?;
    let status = ended.ok_or("it didn't end: its watchdog must be asleep")?;
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

/// How many checks may run at the same time. Most of them wait.
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

/// Busy loops, until this is dropped.
struct Load(Arc<AtomicBool>);

impl Load {
    fn begin(loops: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        for _ in 0..loops {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || while !is_over.load(Relaxed) {});
        }
        Load(is_over)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// How many times `REPEAT` wants each solution to run.
fn repeats() -> Option<usize> {
    let times = std::env::var("REPEAT").ok()?;
    Some(times.parse().unwrap_or_else(|error| panic!("REPEAT={times}: {error}")))
}

/// Runs each solution many times beside four busy loops. It's never refused.
fn solutions_again_and_again(times: usize) {
    let challenges = asked();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let programs = build(&challenges, &rounds(&challenges)[0], folder.path());
    let _load = Load::begin(4);
    let mut refused = 0;
    for (answer, program) in programs {
        let began = Instant::now();
        for time in 1..=times {
            let said = run(&program);
            if let Some(fault) = said.map_or_else(Some, |verdict| fault(&answer, &verdict)) {
                refused += 1;
                println!("{}, run {time}: {fault}", answer.challenge);
            }
        }
        println!("{}: {times} times, in {:.0?}", answer.challenge, began.elapsed());
    }
    assert_eq!(refused, 0, "runs of right answers were refused");
}

#[test]
fn every_answer_gets_what_it_deserves() {
    if let Some(times) = repeats() {
        return solutions_again_and_again(times);
    }
    let challenges = asked();
    // On the same disk as what cargo builds, so that programs can be moved there.
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
                            answer.file.strip_prefix(home()).unwrap_or(&answer.file).display();
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
    let mut clippy = cargo("clippy", &challenges, folder.path());
    let output = clippy.args(["--", "-D", "warnings"]).output().expect("cargo runs");
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
    assert!(chapters.is_sorted(), "challenges.toml should be in the order of the road: {names:?}");
    let folders = fs::read_dir(home().join("exercises")).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.starts_with(|c: char| c.is_ascii_digit()).then_some(name)
    });
    let folders: BTreeSet<_> = folders.collect();
    let entered: BTreeSet<_> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, entered, "the folders, and the entries in challenges.toml");

    let manifest: toml::Table =
        toml::from_str(&fs::read_to_string(root().join("challenges/Cargo.toml")).unwrap()).unwrap();
    let targets = manifest["test"].as_array().unwrap();
    for challenge in &challenges {
        let Challenge { name, title, minutes, page, needs, .. } = challenge;
        let target = targets
            .iter()
            .find(|target| target["name"].as_str() == Some(name))
            .unwrap_or_else(|| panic!("challenges/Cargo.toml has no [[test]] {name}"));
        let is =
            |key: &str, value: bool| target.get(key).and_then(toml::Value::as_bool) == Some(value);
        assert_eq!(
            target["path"].as_str(),
            Some(&*format!("../lessons/challenges/exercises/{name}/check.rs"))
        );
        assert!(is("test", false) && is("harness", false), "{name}: its [[test]] in Cargo.toml");
        let features = target.get("required-features").and_then(|features| features.as_array());
        let features: Vec<_> = features.into_iter().flatten().filter_map(|f| f.as_str()).collect();
        assert_eq!(features, needs.as_deref().into_iter().collect::<Vec<_>>(), "{name}");

        let read = |file| challenge.read(file).unwrap_or_else(|error| panic!("{error}"));
        let door = format!("challenges::answer!(\"../../../../challenges/{name}.rs\");");
        assert!(read("check.rs").contains(&door), "{name}: its check should have {door}");
        assert!(!title.is_empty() && (1..=60).contains(minutes), "{name}");
        assert!(name.starts_with(&page[..2]), "{name} is on the page {page}");
        assert!(
            !challenge.wrong_answers().unwrap().is_empty(),
            "{name}: no wrong answer to refuse"
        );
        assert!(read("challenge.rs").contains("todo!("), "{name}: nothing left to do");
        let hints = challenge.hints().unwrap_or_else(|error| panic!("{error}"));
        let links = format!("{}{}", read("check.rs"), hints.concat());
        pages_exist(name, &links, page);
    }
}

/// Each `page.md#heading` in this text exists, and so does `page`.
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

/// How mdBook names a heading in a link.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
