//! Every answer against its check: solutions pass, stubs are told what is still to do, and wrong
//! answers are refused, each for the right reason.
//!
//! All answers become modules of one program, the test `together` of the package `answers`: to
//! build a program for each would take six times as long. Each is laid out in the same place every
//! time, so that cargo compiles only what has changed. `CHALLENGE=03_imap cargo test -p challenges`
//! takes only that challenge.
//!
//! `REPEAT=200 cargo test -p challenges --test answers every_answer -- --nocapture` runs each
//! solution 200 times instead, beside four busy loops, and says which of them was ever refused.
//! That takes more than an hour.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use challenges::{CHALLENGES, Challenge, PACKAGE, VERDICT, challenges, home};
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

impl Answer {
    /// A name that no other answer has, such as `03_imap_wrong_batches`.
    fn name(&self) -> String {
        let kind = if matches!(self.expected, Expected::Refused(_)) { "_wrong" } else { "" };
        format!("{}{kind}_{}", self.challenge, self.file.file_stem().unwrap().display())
    }
}

fn solution(challenge: &Challenge) -> Answer {
    let file = challenge.path("solution.rs");
    Answer { challenge: challenge.name.clone(), file, expected: Expected::Passed }
}

/// The solution of a challenge, its stub, and the wrong answers.
fn answers(challenge: &Challenge) -> Vec<Answer> {
    let answer = |file, expected| Answer { challenge: challenge.name.clone(), file, expected };
    let wrong = challenge.wrong_answers().unwrap().into_iter().map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let says = first
            .strip_prefix("//@ refused: ")
            .unwrap_or_else(|| panic!("{}: should begin with `//@ refused: …`", file.display()));
        answer(file, Expected::Refused(says.to_owned()))
    });
    let stub = answer(challenge.path("challenge.rs"), Expected::Todo);
    [solution(challenge), stub].into_iter().chain(wrong).collect()
}

/// Makes each answer, with a copy of its check, a module of the test `together`, and returns cargo,
/// for this command. The program does the check of the answer whose name is in [`ANSWER`].
fn cargo(command: &str, answers: &[Answer], folder: &Path) -> Command {
    let (mut modules, mut arms) = (String::new(), String::new());
    for answer in answers {
        let (name, challenge) = (answer.name(), &answer.challenge);
        let place = folder.join(&name);
        let its_file = format!("{challenge}.rs");
        lay_out(&place.join(&its_file), &fs::read_to_string(&answer.file).unwrap());
        let door_to = format!("#[allow(dead_code)] #[path = {its_file:?}] mod answer;");
        for (part, text) in parts_of_check(challenge) {
            let text = text.replace("fn main()", "pub(crate) fn main()");
            lay_out(&place.join(part), &text.replace(&door(challenge), &door_to));
        }
        writeln!(modules, "#[path = {:?}] mod check_{name};", place.join("check.rs")).unwrap();
        writeln!(arms, "Ok({name:?}) => check_{name}::main(),").unwrap();
    }
    let main = format!(
        "{modules}fn main() {{ match std::env::var({ANSWER:?}).as_deref() {{\n\
         {arms}_ => panic!(\"{ANSWER} should name one\") }} }}"
    );
    lay_out(&folder.join("main.rs"), &main);

    let all = all();
    let asked = all.iter().filter(|c| answers.iter().any(|answer| answer.challenge == c.name));
    let needs: BTreeSet<_> = asked.filter_map(|challenge| challenge.needs.as_ref()).collect();
    let mut cargo = harness::cargo();
    // With the features that the crates have in tests/run, so that none is built twice.
    cargo.env(CHALLENGES, folder).args([
        command,
        "--quiet",
        "--workspace",
        "--features",
        "cluster",
    ]);
    for feature in needs {
        cargo.args(["--features", &format!("{PACKAGE}/{feature}")]);
    }
    cargo.args(["--test", "together"]);
    cargo
}

/// Writes a file unless it says so already: cargo compiles what is newer than what it has built.
fn lay_out(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A folder in which answers are laid out, and which nobody else uses until this is dropped.
struct Place {
    folder: PathBuf,
    _lock: File,
}

impl Place {
    /// Waits until the folder is free.
    fn take(name: &str) -> Place {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let lock = File::create(folder.join("lock")).unwrap();
        lock.lock().unwrap();
        Place { folder, _lock: lock }
    }
}

/// The files of a check, by name: `check.rs`, and its modules if it has some.
fn parts_of_check(challenge: &str) -> impl Iterator<Item = (String, String)> {
    let files = fs::read_dir(home().join("exercises").join(challenge)).unwrap();
    files.filter_map(|file| {
        let file = file.unwrap().path();
        let name = file.file_name()?.to_str()?.to_owned();
        let is_part = name.ends_with(".rs") && !["solution.rs", "challenge.rs"].contains(&&*name);
        is_part.then(|| (name, fs::read_to_string(file).unwrap()))
    })
}

/// Where the program looks for the name of the answer that it checks.
const ANSWER: &str = "ANSWER";

/// The line of a check behind which its answer comes in.
fn door(challenge: &str) -> String {
    format!("challenges::answer!(\"../../../../challenges/{challenge}.rs\");")
}

/// Builds the program that checks these answers, and puts it into this folder.
fn build(answers: &[Answer], folder: &Path) -> PathBuf {
    let place = Place::take("together");
    let mut cargo = cargo("build", answers, &place.folder);
    let output =
        cargo.arg("--message-format=json-render-diagnostics").output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built = executable(&String::from_utf8_lossy(&output.stdout), "together");
    let program = folder.join("together");
    // The next build takes the place of what cargo has built, and leaves this alone.
    fs::hard_link(built.expect("cargo built it"), &program).unwrap();
    program
}

/// What a check says, without its colours, and whether it lets the answer pass.
struct Verdict {
    is_passed: bool,
    text: String,
}

/// Runs the check of an answer to its end, which its watchdog brings about if nothing else does.
fn run(program: &Path, answer: &Answer) -> Result<Verdict, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("verdict");
    let mut command = Command::new(program);
    command.current_dir(root()).env(VERDICT, &file).env("TMPDIR", folder.path());
    command.env(ANSWER, answer.name());
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

/// What is wrong with what the check says about this answer, if anything.
fn judge(program: &Path, answer: &Answer) -> Option<String> {
    let fault = run(program, answer).map_or_else(Some, |verdict| fault(answer, &verdict))?;
    let file = answer.file.strip_prefix(home()).unwrap_or(&answer.file).display();
    Some(format!("{file} {fault}"))
}

/// How many checks run at the same time. Most of them wait, mainly for what a wrong answer never
/// does.
const AT_ONCE: usize = 10;

/// What is wrong with what the checks say about these answers, each of them as often as wanted.
fn judge_all(answers: &[Answer], times: usize) -> Vec<String> {
    // On the same disk as what cargo builds, so that the program can be linked there.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let program = build(answers, folder.path());
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..AT_ONCE {
            s.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Relaxed);
                    if n >= times * answers.len() {
                        break;
                    }
                    let fault = judge(&program, &answers[n % answers.len()]);
                    faults.lock().unwrap().extend(fault);
                }
            });
        }
    });
    faults.into_inner().unwrap()
}

#[test]
fn every_answer_gets_what_it_deserves() {
    let faults = match repeats() {
        None => judge_all(&asked().iter().flat_map(answers).collect::<Vec<_>>(), 1),
        Some(times) => {
            let _load = Load::begin(4);
            let solutions: Vec<_> = asked().iter().map(solution).collect();
            println!("{} solutions, {times} times each", solutions.len());
            judge_all(&solutions, times)
        }
    };
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
}

#[test]
fn solutions_and_checks_give_clippy_nothing_to_say() {
    let solutions: Vec<_> = asked().iter().map(solution).collect();
    let place = Place::take("solutions");
    let mut clippy = cargo("clippy", &solutions, &place.folder);
    let output = clippy.args(["--", "-D", "warnings"]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn answers_are_formatted() {
    let challenges = all();
    let files = challenges.iter().flat_map(answers).map(|answer| answer.file);
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
        let door = door(name);
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
