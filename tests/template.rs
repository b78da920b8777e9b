//! `template/`, as a reader uses it: copied to where the workspace is not, built with its lock file, run,
//! stopped, run again, and changed.
#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::thread;

use harness::HANGS;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The head of the function that a reader changes.
const WORK: &str = "fn work(input: &str) -> anyhow::Result<Value> {\n";

fn template() -> PathBuf {
    harness::root().join("template")
}

fn main_rs() -> String {
    fs::read_to_string(template().join("src/main.rs")).unwrap()
}

/// `cp -r template ~/my-job`, but for what a build may have left there.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(!folder.path().starts_with(harness::root()), "a temporary folder outside");
    for file in ["Cargo.toml", "Cargo.lock", ".gitignore", ".rustfmt.toml", "README.md"] {
        fs::copy(template().join(file), folder.path().join(file)).unwrap();
    }
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), main_rs()).unwrap();
    folder
}

/// Cargo, in the copy. Its crates are kept from one test to the next.
fn cargo(copy: &Path, args: &[&str]) -> Output {
    let target = harness::root().join("target/template");
    let mut cargo = harness::cargo();
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", target).args(args);
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Builds the copy, and takes the program out of the folder that others build into as well.
fn build(copy: TempDir) -> (TempDir, PathBuf) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    cargo(copy.path(), &["clean", "--quiet", "--locked", "--package", "my-job"]); // an earlier test's
    let args = ["build", "--quiet", "--locked", "--message-format=json-render-diagnostics"];
    let messages = cargo(copy.path(), &args).stdout;
    let built = String::from_utf8_lossy(&messages)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo has built a program");
    let program = copy.path().join("program");
    fs::copy(built, &program).unwrap();
    (copy, program)
}

/// As it is delivered.
static DELIVERED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| build(copy()));

/// As somebody has changed it who knows what will not work.
static CHANGED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let copy = copy();
    let ours = format!(
        "{WORK}    if input.contains(\"panic\") {{\n        panic!(\"{{input}} again\");\n    }}\n"
    );
    let changed = main_rs().replace(WORK, &ours);
    assert!(changed.contains("again"), "the function is where it was");
    fs::write(copy.path().join("src/main.rs"), changed).unwrap();
    build(copy)
});

/// A folder with some inputs, and their list.
struct Job {
    folder: TempDir,
    program: &'static Path,
}

impl Job {
    fn new(inputs: &[&str]) -> Job {
        let folder = tempfile::tempdir().unwrap();
        for (n, input) in inputs.iter().enumerate() {
            let _ = fs::write(folder.path().join(input), "two words\n".repeat(n + 1));
        }
        fs::write(folder.path().join("list.txt"), inputs.join("\n") + "\n").unwrap();
        Job { folder, program: &DELIVERED.1 }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn command(&self, args: &[&str]) -> Command {
        // Whoever starts the tests in the background has them ignore Ctrl-C, and what they start.
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(self.program);
        command.current_dir(self.folder.path()).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn start(&self, args: &[&str]) -> Running {
        Running(self.command(args).spawn().unwrap())
    }

    /// Makes a pipe of an input: who reads it is held until the test writes.
    fn hold(&self, input: &str) {
        let _ = fs::remove_file(self.path(input));
        let status = Command::new("mkfifo").arg(self.path(input)).status().unwrap();
        assert!(status.success());
    }

    /// The lines of the report, in the order of their inputs. Each of them is whole.
    fn report(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("report.jsonl")).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        let mut lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        lines.sort_by_key(|line| line["input"].as_str().expect("each has its input").to_owned());
        lines
    }

    fn reported(&self) -> Vec<String> {
        self.report().iter().map(|line| line["input"].as_str().unwrap().to_owned()).collect()
    }
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    harness::wait_for(what, || is_so().then_some(()));
}

/// A run that the test accompanies. It does not outlive the test.
struct Running(Child);

impl Running {
    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        until("the run ends", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn each_input_is_done_once_and_a_second_run_does_nothing_again() {
    let job = Job::new(&["a", "b", "c", "d", "e"]);
    let (code, stdout, stderr) = job.run(&["list.txt"]);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert_eq!(stdout, "5 done, 0 failed, 0 done before: report.jsonl\n");
    let expected: Vec<Value> = ["a", "b", "c", "d", "e"]
        .iter()
        .enumerate()
        .map(|(n, name)| json!({ "input": name, "output": { "lines": n + 1, "words": 2 * n + 2 } }))
        .collect();
    assert_eq!(job.report(), expected);

    let bytes = fs::read(job.path("report.jsonl")).unwrap();
    fs::remove_file(job.path("a")).unwrap(); // it would be missed
    let (code, stdout, _) = job.run(&["list.txt"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "0 done, 0 failed, 5 done before: report.jsonl\n");
    assert_eq!(fs::read(job.path("report.jsonl")).unwrap(), bytes);
}

#[test]
fn an_input_that_the_list_has_twice_is_done_once_and_an_empty_line_is_none() {
    let job = Job::new(&["a", "b"]);
    fs::write(job.path("list.txt"), "a\n\nb\r\na\n\nb").unwrap();
    assert_eq!(job.run(&["list.txt"]).0, Some(0));
    assert_eq!(job.reported(), ["a", "b"]);
}

#[test]
fn what_failed_is_a_line_of_the_report_and_is_tried_again() {
    let job = Job::new(&["a", "b", "c"]);
    fs::remove_file(job.path("b")).unwrap();
    let (code, stdout, _) = job.run(&["list.txt"]);
    assert_eq!(code, Some(1));
    assert_eq!(stdout, "2 done, 1 failed, 0 done before: report.jsonl\n");
    let line = &job.report()[1];
    assert_eq!(line["input"], "b");
    assert!(line["reason"].as_str().unwrap().contains("No such file"), "{line}");

    fs::write(job.path("b"), "here it is").unwrap();
    let (code, stdout, _) = job.run(&["list.txt"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "1 done, 0 failed, 2 done before: report.jsonl\n");
    assert_eq!(job.reported(), ["a", "b", "b", "c"]);
    assert_eq!(job.report()[2]["output"]["words"], 3, "the later line counts");
    assert_eq!(job.run(&["list.txt"]).1, "0 done, 0 failed, 3 done before: report.jsonl\n");
}

#[test]
fn a_panic_is_a_line_of_the_report_and_the_others_are_done() {
    let job = Job { program: &CHANGED.1, ..Job::new(&["a", "panic", "panic2", "z"]) };
    let (code, stdout, stderr) = job.run(&["list.txt", "--workers", "1"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(stdout, "2 done, 2 failed, 0 done before: report.jsonl\n");
    assert_eq!(job.report()[1], json!({ "input": "panic", "reason": "panicked: panic again" }));
    assert!(stderr.contains("src/main.rs:"), "and where it was: {stderr}");
}

#[test]
fn after_kill_9_or_ctrl_c_the_next_run_does_what_is_left_and_each_input_once() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::KILL, Signal::INT] {
        let names = ["a", "b", "c", "held", "e", "f"];
        let job = Job::new(&names);
        job.hold("held");
        let mut run = job.start(&["list.txt", "--workers", "2"]);
        // One worker is held, the other does all the rest, and each result is in the file at once.
        until("five lines", || {
            fs::read_to_string(job.path("report.jsonl"))
                .is_ok_and(|text| text.matches('\n').count() == 5)
        });
        let pid = Pid::from_raw(run.0.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        assert_eq!(run.end().code(), None, "ended by the signal");
        assert_eq!(job.reported(), ["a", "b", "c", "e", "f"]);

        fs::remove_file(job.path("held")).unwrap();
        fs::write(job.path("held"), "").unwrap();
        let (code, stdout, _) = job.run(&["list.txt"]);
        assert_eq!(code, Some(0));
        assert_eq!(stdout, "1 done, 0 failed, 5 done before: report.jsonl\n");
        let mut names = names.to_vec();
        names.sort();
        assert_eq!(job.reported(), names);
    }
}

#[test]
fn a_report_that_is_torn_anywhere_is_completed_with_each_input_once() {
    let job = Job::new(&["a", "Zürich", "c"]);
    job.run(&["list.txt", "--workers", "1"]);
    let whole = fs::read(job.path("report.jsonl")).unwrap();
    let expected = job.report();
    assert!(whole.len() > 100);
    for cut in 0..whole.len() {
        fs::write(job.path("report.jsonl"), &whole[..cut]).unwrap();
        let (code, _, stderr) = job.run(&["list.txt", "--workers", "1"]);
        assert_eq!(code, Some(0), "{cut} bytes: {stderr}");
        assert_eq!(job.report(), expected, "{cut} bytes");
    }
}

#[test]
fn a_disk_that_is_full_ends_the_run_with_the_name_of_the_report_and_the_next_goes_on() {
    let names: Vec<String> = (0..60).map(|n| format!("an input with a long name {n:02}")).collect();
    let job = Job::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // No file may be larger than a block or two: what is beyond is not written, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" list.txt";
    let mut shell = Command::new("sh");
    shell.current_dir(job.folder.path()).args(["-c", script]).arg(job.program);
    let output = shell.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the report report.jsonl"), "{stderr}");
    let torn = fs::read_to_string(job.path("report.jsonl")).unwrap();
    assert!(!torn.is_empty() && !torn.ends_with('\n'), "in the middle of a line: {torn:?}");

    assert_eq!(job.run(&["list.txt"]).0, Some(0));
    assert_eq!(job.reported(), names);
}

#[test]
fn as_many_at_once_as_there_are_workers_and_never_more() {
    let job = Job::new(&["a", "b", "c"]);
    ["a", "b", "c"].iter().for_each(|input| job.hold(input));
    let mut run = job.start(&["list.txt", "--workers", "2"]);
    // To open a pipe for writing waits until somebody reads it.
    let (sender, opened) = mpsc::channel();
    for input in ["a", "b"] {
        let (sender, path) = (sender.clone(), job.path(input));
        thread::spawn(move || sender.send(File::options().write(true).open(path).unwrap()));
    }
    let held: Vec<File> =
        (0..2).map(|_| opened.recv_timeout(HANGS).expect("two inputs at once")).collect();
    // And not to wait for it is an error as long as nobody does. Both workers are held.
    let mut options = File::options();
    let third = options.write(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    assert!(third.open(job.path("c")).is_err(), "a third at the same time");
    drop(held);
    until("the third is read", || third.open(job.path("c")).is_ok());
    assert_eq!(run.end().code(), Some(0));
    assert_eq!(job.reported(), ["a", "b", "c"]);
}

#[test]
fn what_cannot_be_used_is_said_with_its_name_and_left_alone() {
    let job = Job::new(&["a"]);
    let named = |args: &[&str], names: &str| {
        let (code, _, stderr) = job.run(args);
        assert_eq!(code, Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains(names), "{args:?}: {stderr}");
    };
    named(&["no-list.txt"], "the list no-list.txt");
    named(&["."], "the list .");
    named(&["list.txt", "--report", "a/below"], "the report a/below");
    let letters = "Dear reader,\n\nthis is no report";
    for text in [letters, "[]\n", "\n", "{\"output\":1}\n"] {
        fs::write(job.path("letter.txt"), text).unwrap();
        named(&["list.txt", "--report", "letter.txt"], "the report letter.txt");
        assert_eq!(fs::read_to_string(job.path("letter.txt")).unwrap(), text);
    }
}

/// Each thread takes room for its stack, and here there is little.
#[cfg(target_os = "linux")]
#[test]
fn more_workers_than_the_system_can_start_is_an_error_that_says_what_to_do() {
    let job = Job::new(&["a"]);
    let script = "ulimit -v 400000; exec \"$0\" list.txt --workers 9999";
    let mut shell = Command::new("sh");
    shell.current_dir(job.folder.path()).args(["-c", script]).arg(job.program);
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("try fewer --workers"), "{stderr}");
    assert_eq!(job.run(&["list.txt"]).0, Some(0));
    assert_eq!(job.reported(), ["a"]);
}

#[test]
fn two_runs_do_not_write_one_report() {
    let job = Job::new(&["a"]);
    let report = File::create(job.path("report.jsonl")).unwrap();
    report.lock().unwrap();
    let (code, _, stderr) = job.run(&["list.txt"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("another run is using it"), "{stderr}");
    drop(report);
    assert_eq!(job.run(&["list.txt"]).0, Some(0));
}

#[test]
fn a_list_and_a_report_that_are_one_file_are_refused_and_left_alone() {
    let job = Job::new(&["a"]);
    std::os::unix::fs::symlink("list.txt", job.path("link")).unwrap();
    fs::hard_link(job.path("list.txt"), job.path("hard")).unwrap();
    for report in ["list.txt", "./list.txt", "link", "hard"] {
        fs::write(job.path("list.txt"), "").unwrap(); // else it would be refused as no report
        let (code, _, stderr) = job.run(&["list.txt", "--report", report]);
        assert_eq!(code, Some(2), "{report}: {stderr}");
        assert_eq!(stderr, "error: the list and --report are the same file, list.txt\n");
        assert_eq!(fs::read(job.path("list.txt")).unwrap(), b"");
    }
}

#[test]
fn a_mark_at_the_beginning_of_the_list_is_no_part_of_a_name() {
    let job = Job::new(&["a", "b"]);
    fs::write(job.path("list.txt"), "\u{feff}a\r\nb").unwrap();
    assert_eq!(job.run(&["list.txt"]).0, Some(0));
    assert_eq!(job.reported(), ["a", "b"]);
    let utf16: Vec<u8> = "\u{feff}a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(job.path("list.txt"), utf16).unwrap();
    let (code, _, stderr) = job.run(&["list.txt"]);
    assert_eq!((code, stderr.lines().count()), (Some(1), 1), "{stderr}");
}

#[test]
fn lists_and_reports_may_be_pipes() {
    let job = Job::new(&["a", "b"]);
    job.hold("pipe");
    let mut run = Running(
        job.command(&["/dev/stdin", "--report", "pipe", "--workers", "1"])
            .stdin(File::open(job.path("list.txt")).unwrap())
            .spawn()
            .unwrap(),
    );
    let (sender, read) = mpsc::channel();
    let pipe = job.path("pipe");
    thread::spawn(move || sender.send(fs::read_to_string(pipe).unwrap()));
    let read = read.recv_timeout(HANGS).expect("the report ends");
    assert_eq!(run.end().code(), Some(0));
    let lines: Vec<Value> = read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{read}");
    assert_eq!(lines[0]["input"], "a");

    let (code, stdout, stderr) = job.run(&["list.txt", "--report", "/dev/stdout"]);
    assert_eq!((code, stdout.lines().count(), &*stderr), (Some(0), 3, ""), "{stdout}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_and_a_reader_who_has_gone_are_no_panic() {
    let job = Job::new(&["a", "b"]);
    let (code, stdout, stderr) = job.run(&["list.txt", "--report", "/dev/full"]);
    assert_eq!((code, &*stdout), (Some(1), ""));
    assert_eq!(stderr, "error: the report /dev/full: No space left on device (os error 28)\n");

    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = job.command(&["list.txt"]).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr, "error: the standard output: No space left on device (os error 28)\n");
    assert_eq!(job.reported(), ["a", "b"], "they are done all the same");

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = job.command(&["list.txt"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn help_and_bad_values() {
    let job = Job::new(&["a"]);
    let (code, help, _) = job.run(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["<LIST>", "--workers <N>", "--report <FILE>"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let bad: [&[&str]; 6] = [
        &[],
        &["list.txt", "--workers", "0"],
        &["list.txt", "--workers", "10000"],
        &["list.txt", "--workers", "two"],
        &["list.txt", "--magic"],
        &["list.txt", "a"],
    ];
    for args in bad {
        assert_eq!(job.run(args).0, Some(2), "{args:?}");
    }
    assert!(!job.path("report.jsonl").exists());
}

/// A terminal is what `script` pretends to be.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_sees_progress() {
    let job = Job::new(&["a", "b"]);
    let mut script = Command::new("script");
    script.current_dir(job.folder.path()).stdin(Stdio::null()).args(["-qec"]);
    let output = script.arg("./program list.txt").arg("/dev/null");
    std::os::unix::fs::symlink(job.program, job.path("program")).unwrap();
    let seen = String::from_utf8(output.output().unwrap().stdout).unwrap();
    assert!(seen.starts_with("1 of 2, 0 failed\r2 of 2, 0 failed\r2 done, 0 failed"), "{seen:?}");
}

#[test]
fn it_is_formatted_and_has_no_lints() {
    let copy = copy();
    cargo(copy.path(), &["fmt", "--check"]);
    cargo(copy.path(), &["clippy", "--quiet", "--locked", "--all-targets", "--", "-D", "warnings"]);
}

/// Whoever has fetched the crates of this workspace can build the template offline.
#[test]
fn its_crates_are_published_and_are_among_ours() {
    let packages = |lock: &Path| -> Vec<String> {
        let lock = fs::read_to_string(lock).unwrap();
        let packages = lock.split("[[package]]").skip(1);
        packages.map(|package| package.lines().take(4).collect::<Vec<_>>().join("\n")).collect()
    };
    let ours = packages(&harness::root().join("Cargo.lock"));
    let theirs = packages(&template().join("Cargo.lock"));
    assert!(theirs.len() > 5);
    for package in theirs {
        if package.contains("name = \"my-job\"") {
            continue;
        }
        assert!(
            package.contains("source = \"registry+"),
            "a crate that is not published: {package}"
        );
        assert!(
            ours.contains(&package),
            "not in our Cargo.lock in this version (copy that to template/, and build there): {package}"
        );
    }
}

/// The page has no recording: a step is recorded in this workspace, and this is none. So it is compared here.
#[test]
fn it_prints_and_reports_what_the_book_shows() {
    let page = fs::read_to_string(harness::root().join("book/src/take-it-home.md")).unwrap();
    let job = Job::new(&["Cargo.toml", "README.md", "nowhere.txt"]);
    for file in ["Cargo.toml", "README.md"] {
        fs::copy(template().join(file), job.path(file)).unwrap();
    }
    fs::remove_file(job.path("nowhere.txt")).unwrap();
    let shown = |text: &str| {
        let fence = format!("```text\n{text}```\n");
        assert!(page.contains(&fence), "the page does not show this any more:\n{fence}");
    };
    shown(&job.run(&["list.txt", "--workers", "1"]).1);
    shown(&fs::read_to_string(job.path("report.jsonl")).unwrap());
    shown(&job.run(&["list.txt"]).1);
}

/// The book says so: some eighty lines, without the list of what is used and the options.
#[test]
fn it_is_as_short_as_the_book_says() {
    let text = main_rs();
    let (code, options) = text.split_once("#[derive(Parser)]").unwrap();
    assert!(options.lines().count() < 20, "nothing but options below");
    let is_code = |line: &&str| {
        !line.is_empty() && !["//", "use "].iter().any(|begin| line.starts_with(begin))
    };
    let lines = code.lines().map(str::trim).filter(is_code).count();
    assert!((75..=92).contains(&lines), "{lines} lines");
}
