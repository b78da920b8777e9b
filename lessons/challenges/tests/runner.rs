//! `cargo challenge`, as a reader uses it, and with answers that don't compile, don't end, and
//! worse.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use challenges::LEASH;
use harness::{Child, HANGS, Output, children, has_in_environment, is_alive};
use tempfile::TempDir;

const STUB: &str = include_str!("../exercises/02_join_all/challenge.rs");
const SOLUTION: &str = include_str!("../exercises/02_join_all/solution.rs");

/// A reader with a folder of their own, who is working on 02_join_all.
struct Reader {
    folder: TempDir,
}

/// All readers build the same program, each with another answer. So they take turns.
fn turn_to_build() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts `cargo challenge`. Its turn ends as soon as it has built the check and has started it:
/// then the next reader builds while this check runs.
fn start(command: &mut Command) -> Child {
    let _turn = turn_to_build();
    let mut runner = Child::start(command).unwrap();
    harness::wait_until("the check begins, or the command ends", || {
        let is_check = |pid: u32| has_in_environment(pid, LEASH, Path::new("1"));
        runner.wait(Duration::ZERO).unwrap().is_some()
            || children(runner.pid()).into_iter().any(is_check)
    });
    runner
}

struct Said {
    code: Option<i32>,
    text: String,
    errors: String,
}

impl Reader {
    fn new() -> Self {
        Reader { folder: tempfile::tempdir().unwrap() }
    }

    /// A reader whose answer is a `run_all` with this body.
    fn with_body(body: &str) -> Self {
        let reader = Reader::new();
        reader.write_body(body);
        reader
    }

    fn write_body(&self, body: &str) {
        self.write(&format!(
            "pub type Task = Box<dyn FnOnce() -> u32 + Send>;\n\n\
             pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {{\n{body}\n}}\n"
        ));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, answer: &str) {
        fs::write(self.file("02_join_all.rs"), answer).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_challenge"));
        command.args(args).env("CHALLENGES", self.folder.path()).stdin(Stdio::null());
        command
    }

    fn says(&self, args: &[&str]) -> Said {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut runner = match args {
            [] | ["list" | "hint" | "solution" | "diff" | "reset", ..] => {
                Child::start(&mut command).unwrap() // it builds nothing
            }
            _ => start(&mut command),
        };
        let (text, errors) = (Output::capture(runner.stdout()), Output::capture(runner.stderr()));
        let status = runner.wait(HANGS).unwrap().expect("it ends");
        assert!(text.ends_within(HANGS) && errors.ends_within(HANGS), "it has closed its output");
        Said { code: status.code(), text: text.text(), errors: errors.text() }
    }
}

impl Said {
    fn from_output(process::Output { status, stdout, stderr }: process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: status.code(), text: text(stdout), errors: text(stderr) }
    }

    #[track_caller]
    fn ends(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n--- stderr:\n{}", self.text, self.errors);
        self
    }

    #[track_caller]
    fn has(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                self.text.contains(part) || self.errors.contains(part),
                "{part:?} is missing in\n{}\n--- stderr:\n{}",
                self.text,
                self.errors
            );
        }
        self
    }
}

#[test]
fn from_the_list_to_done() {
    let reader = Reader::new();
    reader.says(&["list", "--all"]).ends(0).has(&["Challenges: 0 of ", "02_join_all", "10 min"]);
    assert!(!reader.file("02_join_all.rs").exists());

    // The first time, the stub is put there, and says what to do.
    let said = reader.says(&["02_join"]);
    said.ends(1).has(&[
        "Your file is",
        "02_join_all is yours to write:",
        "todo!(\"start all 10 tasks",
    ]);
    assert_eq!(fs::read_to_string(reader.file("02_join_all.rs")).unwrap(), STUB);

    reader
        .says(&["hint", "02_join"])
        .ends(0)
        .has(&["hint 1 of 2", "cargo challenge hint 02_join_all 2"]);
    reader
        .says(&["hint", "02_join", "2"])
        .ends(0)
        .has(&["hint 2 of 2", "cargo challenge solution"]);
    assert_eq!(reader.says(&["solution", "02_join_all"]).ends(0).text, SOLUTION);
    reader.says(&["diff", "02_join_all"]).ends(0).has(&["\n-    todo!", "\n+    let handles"]);

    reader.write(SOLUTION);
    let said = reader.says(&["02_join_all"]);
    said.ends(0).has(&[
        "✓ ten tasks at the same time",
        "02_join_all is done.",
        "Next: cargo challenge",
    ]);
    assert!(!said.text.contains('\u{1b}') && !said.errors.contains('\u{1b}'), "colours, in a file");
    reader.says(&["list", "--all"]).has(&["Challenges: 1 of ", "✓ 02_join_all", "hint 2 of 2"]);
    let progress = fs::read_to_string(reader.file("progress.txt")).unwrap();
    assert_eq!(progress.lines().last(), Some("02_join_all"));

    // After a reset it's no longer done, and what was there is kept.
    reader.says(&["reset", "02_join_all"]).ends(0).has(&["02_join_all.old.rs"]);
    assert_eq!(fs::read_to_string(reader.file("02_join_all.rs")).unwrap(), STUB);
    assert_eq!(fs::read_to_string(reader.file("02_join_all.old.rs")).unwrap(), SOLUTION);
    reader.says(&[]).has(&["Challenges: 0 of "]);
}

#[test]
fn the_next_one_follows_where_the_reader_is() {
    let reader = Reader::new();
    reader.says(&[]).has(&["Next: cargo challenge 01_predict", "· 0 of "]);
    // The one whose answer was saved last, until it's done; and then the one behind it.
    reader.write(STUB);
    let said = reader.says(&[]);
    said.has(&["Next: cargo challenge 02_join_all", "→ 02_join_all", "→ 0 of "]);
    assert!(!said.text.contains("01_predict"), "another chapter is folded: {}", said.text);
    fs::write(reader.file("progress.txt"), "02_join_all\n").unwrap();
    reader.says(&[]).has(&["Next: cargo challenge 03_chunk_size"]);
    // At the end of the road it's the first one that was left out.
    let stub = |name: &str| fs::write(reader.file(name), "").unwrap();
    stub("11_queue.rs");
    fs::write(reader.file("progress.txt"), "02_join_all\n11_queue\n01_predict\n").unwrap();
    reader.says(&[]).has(&["Next: cargo challenge 01_working_or_waiting"]);
}

#[test]
fn what_was_done_before_an_update_stays_done() {
    let reader = Reader::new();
    fs::write(reader.file("progress.txt"), "# mine\n02_join_all\n99_not_yet_known\n").unwrap();
    reader.says(&["list", "--all"]).ends(0).has(&["Challenges: 1 of ", "✓ 02_join_all"]);
    reader.says(&["reset", "02_join_all"]).ends(0);
    let progress = fs::read_to_string(reader.file("progress.txt")).unwrap();
    assert!(progress.contains("99_not_yet_known"), "{progress}");
}

#[test]
fn every_reset_keeps_what_was_there_under_a_new_name_whatever_it_is() {
    let reader = Reader::new();
    let answers: [&[u8]; 3] = [b"// not \xff UTF-8\n", b"// the second\n", b""];
    for (answer, kept) in answers.iter().zip(["old", "old2", "old3"]) {
        fs::write(reader.file("02_join_all.rs"), answer).unwrap();
        let kept = format!("02_join_all.{kept}.rs");
        reader.says(&["reset", "02_join_all"]).ends(0).has(&["What you had is in", &kept]);
        assert_eq!(fs::read(reader.file(&kept)).unwrap(), *answer);
        assert_eq!(fs::read_to_string(reader.file("02_join_all.rs")).unwrap(), STUB);
    }
    for (answer, kept) in answers.iter().zip(["old", "old2", "old3"]) {
        let kept = fs::read(reader.file(&format!("02_join_all.{kept}.rs"))).unwrap();
        assert_eq!(kept, *answer, "still");
    }
    // The stub itself isn't worth keeping.
    let said = reader.says(&["reset", "02_join_all"]);
    assert!(!said.ends(0).text.contains("What you had"), "{}", said.text);
    assert_eq!(fs::read_dir(reader.folder.path()).unwrap().count(), 4, "and nothing is left over");
}

#[test]
fn what_cannot_be_read_is_kept_too() {
    let reader = Reader::new();
    // A link that leads nowhere: something is there, though it can't be read.
    std::os::unix::fs::symlink("elsewhere.rs", reader.file("02_join_all.rs")).unwrap();
    reader.says(&["reset", "02_join_all"]).ends(0).has(&["02_join_all.old.rs"]);
    let link = fs::read_link(reader.file("02_join_all.old.rs")).unwrap();
    assert_eq!(link, Path::new("elsewhere.rs"));
    // And a folder with that name.
    fs::remove_file(reader.file("02_join_all.rs")).unwrap();
    fs::create_dir(reader.file("02_join_all.rs")).unwrap();
    fs::write(reader.file("02_join_all.rs/mine"), "precious").unwrap();
    reader.says(&["reset", "02_join_all"]).ends(2).has(&["02_join_all.rs: "]);
    assert_eq!(fs::read_to_string(reader.file("02_join_all.rs/mine")).unwrap(), "precious");
    assert!(!reader.file("02_join_all.old2.rs").exists());
}

#[test]
fn other_lines_of_the_progress_stay_as_they_are() {
    let reader = Reader::new();
    let mine: &[u8] = b"# caf\xe9\n02_join_all\n\n99_not_yet_known";
    fs::write(reader.file("progress.txt"), mine).unwrap();
    reader.says(&["list"]).ends(0).has(&["Challenges: 1 of "]);
    reader.says(&["reset", "02_join_all"]).ends(0);
    let left = fs::read(reader.file("progress.txt")).unwrap();
    assert_eq!(left, b"# caf\xe9\n\n99_not_yet_known\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_who_has_gone_and_a_full_disk_are_no_panic() {
    let reader = Reader::new();
    for args in [&["list"][..], &["hint", "02_join_all"], &["solution", "02_join_all"]] {
        let (end, pipe) = std::io::pipe().unwrap();
        drop(end);
        let said = Said::from_output(reader.command(args).stdout(pipe).output().unwrap());
        assert_eq!(said.ends(141).errors, "", "{args:?}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let said = Said::from_output(reader.command(args).stdout(full).output().unwrap());
        assert_eq!(said.ends(1).errors.lines().count(), 1, "{args:?}: {}", said.errors);
        said.has(&["cannot write to the standard output: No space left on device"]);
    }
}

#[test]
fn what_makes_no_sense_is_an_error_that_says_what_to_do() {
    let reader = Reader::new();
    reader.says(&["02_nothing"]).ends(2).has(&["no challenge is called 02_nothing"]);
    reader.says(&["_"]).ends(2).has(&["_ could be any of 0"]);
    reader.says(&["hint", "02_join_all", "3"]).ends(2).has(&["3 is not in 1..=2"]);
    reader.says(&["diff", "02_join_all"]).ends(2).has(&["cargo challenge 02_join_all creates it"]);
    // A folder that can't exist, because there is a file in its place.
    fs::write(reader.file("file"), "").unwrap();
    let mut command = reader.command(&["02_join_all"]);
    let output = command.env("CHALLENGES", reader.file("file")).output().unwrap();
    Said::from_output(output).ends(2).has(&["file/02_join_all.rs"]);
}

#[test]
fn an_answer_that_does_not_compile() {
    let reader = Reader::with_body(&"    let n: u32 = \"many\";\n".repeat(50));
    let said = reader.says(&["02_join_all"]);
    said.ends(1).has(&[
        "mismatched types",
        "02_join_all.rs:4",
        "doesn't compile yet",
        "more errors or warnings",
    ]);
    assert!(said.errors.lines().count() < 150, "{}", said.errors);

    reader.write("pub type Task = Box<dyn FnOnce() -> u32 + Send>;\npub fn run_all() {}\n");
    reader.says(&["02_join_all"]).ends(1).has(&["The check can't call your function"]);
}

#[test]
fn an_answer_that_loops_for_ever() {
    let reader = Reader::with_body("    drop(tasks);\n    loop { std::hint::spin_loop(); }");
    reader.says(&["02_join_all"]).ends(1).has(&["expected  an end", "an endless loop?"]);
}

#[test]
fn an_answer_that_waits_for_ever_in_a_hundred_threads() {
    let reader = Reader::with_body(
        "    let lock = std::sync::Mutex::new(tasks.len());\n\
         \x20   let _mine = lock.lock();\n\
         \x20   std::thread::scope(|s| {\n\
         \x20       for _ in 0..100 {\n\
         \x20           s.spawn(|| drop(lock.lock()));\n\
         \x20       }\n\
         \x20   });\n\
         \x20   Vec::new()",
    );
    reader
        .says(&["02_join_all"])
        .ends(1)
        .has(&["someone waits for something that never comes (a deadlock?)"]);
}

#[test]
fn an_answer_that_panics_in_a_thread() {
    let reader = Reader::with_body(
        "    let threads: Vec<_> = tasks.into_iter().map(|task| std::thread::spawn(move || {\n\
         \x20       task();\n\
         \x20       panic!(\"no room for a {}\", \"result\");\n\
         \x20   })).collect();\n\
         \x20   threads.into_iter().map(|thread| thread.join().unwrap()).collect()",
    );
    let said = reader.says(&["02_join_all"]);
    said.ends(1).has(&["panic     no room for a result", "02_join_all.rs:6:"]);
}

#[test]
fn an_answer_that_ends_the_process() {
    let reader = Reader::with_body("    drop(tasks);\n    std::process::exit(0)");
    reader.says(&["02_join_all"]).ends(1).has(&["exited with code 0", "must not call `exit`"]);
    reader.write_body("    drop(tasks);\n    std::process::abort()");
    reader.says(&["02_join_all"]).ends(1).has(&["it was aborted (SIGABRT)"]);
}

#[test]
fn an_answer_that_prints_a_gigabyte() {
    let reader = Reader::with_body(
        "    use std::io::Write;\n\
         \x20   let line = vec![b'x'; 1 << 20];\n\
         \x20   for _ in 0..1 << 10 {\n\
         \x20       std::io::stdout().write_all(&line).unwrap();\n\
         \x20   }\n\
         \x20   println!(\"and so on\");\n\
         \x20   tasks.into_iter().map(|task| task()).collect()",
    );
    let said = reader.says(&["02_join_all"]);
    said.ends(1).has(&["[... it printed ", "one after the other"]);
    assert!(said.text.len() < 100_000, "{} bytes are shown", said.text.len());
}

#[test]
#[cfg(target_os = "linux")] // elsewhere the limit isn't enforced
fn an_answer_that_wants_all_the_memory() {
    let reader = Reader::with_body(
        "    drop(tasks);\n\
         \x20   let mut all = Vec::new();\n\
         \x20   loop {\n\
         \x20       all.push(vec![0_u8; 1 << 28]);\n\
         \x20   }",
    );
    reader.says(&["02_join_all"]).ends(1).has(&["memory allocation of", "more than the 2 GiB"]);
}

/// A child in a session of its own, out of reach for signals to the check's group.
const LEAVES_A_CHILD: &str = "    use std::process::{Command, Stdio};\n\
     \x20   let mut child = Command::new(\"setsid\");\n\
     \x20   child.args([\"sh\", \"-c\", \"echo $$ > PIDS; exec sleep 1000\"]);\n\
     \x20   child.stdin(Stdio::null()).spawn().unwrap();\n\
     \x20   while std::fs::read_to_string(\"PIDS\").map_or(true, |pid| pid.is_empty()) {\n\
     \x20       std::thread::yield_now();\n\
     \x20   }\n";

fn pid_in(file: &Path) -> u32 {
    fs::read_to_string(file).unwrap().trim().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")] // elsewhere nobody inherits the child
fn an_answer_that_leaves_a_child_behind() {
    let reader = Reader::new();
    let pids = reader.file("pids");
    let begin = LEAVES_A_CHILD.replace("PIDS", pids.to_str().unwrap());
    // In every other way it's right.
    reader.write(&SOLUTION.replace("    let handles", &format!("{begin}    let handles")));
    reader.says(&["02_join_all"]).ends(1).has(&[
        "✓ ten tasks at the same time",
        "left behind, now killed: process",
        "(sleep 1000)",
        "02_join_all isn't done yet.",
    ]);
    assert!(!is_alive(pid_in(&pids)));
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_shell_has_left_to_the_runner_is_not_the_answers() {
    let reader = Reader::new();
    reader.write(SOLUTION);
    let pid = reader.file("pid");
    // The shell becomes the runner, and what it has started becomes the runner's child.
    let script = format!("sleep 1000 & echo $! > {}; exec \"$0\" 02_join_all", pid.display());
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_challenge")]);
    command.env("CHALLENGES", reader.folder.path()).env("RUST_BACKTRACE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = start(&mut command);
    let output = Output::capture(child.stdout());
    let status = child.wait(HANGS).unwrap().unwrap();
    assert!(status.success(), "{}", output.text());
    assert!(is_alive(pid_in(&pid)), "it isn't ours to kill");
    harness::kill_group(child.pid());
}

#[test]
fn a_runner_that_is_killed_takes_the_check_with_it() {
    let reader = Reader::new();
    let pid = reader.file("pid");
    reader.write_body(&format!(
        "    std::fs::write({pid:?}, std::process::id().to_string()).unwrap();\n\
         \x20   drop(tasks);\n    loop {{ std::thread::park(); }}"
    ));
    let mut command = reader.command(&["02_join_all"]);
    let mut runner = start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    harness::wait_until("the check begins", || {
        fs::read_to_string(&pid).is_ok_and(|pid| !pid.is_empty())
    });
    let check = pid_in(&pid);
    runner.kill();
    harness::wait_until("the check ends too", || !is_alive(check));
}

#[test]
fn watch_checks_at_each_save() {
    let _turn = turn_to_build(); // for as long as it watches
    let reader = Reader::new();
    let mut command = reader.command(&["watch", "02_join_all"]);
    let mut runner = Child::start(command.stdout(Stdio::piped()).stderr(Stdio::null())).unwrap();
    let output = Output::capture(runner.stdout());
    let seen = Cell::new(0);
    let wait_for = |text: &str| {
        let found = || output.text()[seen.get()..].find(text);
        seen.set(seen.get() + harness::wait_for(text, found) + text.len());
    };
    wait_for("02_join_all is yours to write");
    wait_for("Watching");
    reader.write("pub fn run_all() {");
    wait_for("doesn't compile yet");
    wait_for("Watching");
    reader.write(""); // as some editors do before they write
    reader.write(SOLUTION);
    wait_for("02_join_all is done.");
    assert!(
        !output.text()[..seen.get()].contains("cannot find function"),
        "half a file was checked"
    );
}
