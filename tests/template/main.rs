//! `template/`, as a reader uses it: copied to a place outside of the workspace, built with its
//! lock file, run, stopped, run again, and changed.
#![cfg(unix)]

#[path = "../support/template.rs"]
mod copies;
mod home;

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use harness::{Child, HANGS, wait_until};
use serde_json::{Value, json};

use copies::{cargo, copy};
use home::{CHANGED, Home, Running, main_rs, template};

/// So these tests compile few crates that the steps have compiled before.
#[test]
fn the_templates_lock_the_versions_that_the_steps_have() {
    let ours = locked(".");
    for template in ["template", "template-downloads"] {
        let others = locked(template);
        let others = others.iter().filter(|(name, _)| ours.iter().any(|(our, _)| our == name));
        let others: Vec<_> = others.filter(|package| !ours.contains(package)).collect();
        assert!(others.is_empty(), "in {template}, `cargo update` to ours: {others:?}");
    }
}

/// The packages in the lock file of a folder, and their versions.
fn locked(folder: &str) -> Vec<(String, String)> {
    let lock = fs::read_to_string(harness::root().join(folder).join("Cargo.lock")).unwrap();
    let value = |line: &str| line.split('"').nth(1).unwrap().to_owned();
    let lines: Vec<_> = lock.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].starts_with("name = "));
    pairs.map(|pair| (value(pair[0]), value(pair[1]))).collect()
}

#[test]
fn each_input_is_done_once_and_a_second_run_does_nothing_again() {
    let home = Home::new(&["a", "b", "c", "d", "e"]);
    let (code, stdout, stderr) = home.run(&["list.txt"]);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert_eq!(stdout, "5 done, 0 failed, 0 done before: report.jsonl\n");
    let expected: Vec<Value> = ["a", "b", "c", "d", "e"]
        .iter()
        .enumerate()
        .map(|(n, name)| json!({ "input": name, "output": { "lines": n + 1, "words": 2 * n + 2 } }))
        .collect();
    assert_eq!(home.report(), expected);

    let bytes = fs::read(home.path("report.jsonl")).unwrap();
    fs::remove_file(home.path("a")).unwrap(); // it would be missed
    let (code, stdout, _) = home.run(&["list.txt"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "0 done, 0 failed, 5 done before: report.jsonl\n");
    assert_eq!(fs::read(home.path("report.jsonl")).unwrap(), bytes);
}

#[test]
fn an_input_that_the_list_has_twice_is_done_once_and_an_empty_line_is_none() {
    let home = Home::new(&["a", "b"]);
    fs::write(home.path("list.txt"), "a\n\nb\r\na\n\nb").unwrap();
    assert_eq!(home.run(&["list.txt"]).0, Some(0));
    assert_eq!(home.reported(), ["a", "b"]);
}

#[test]
fn what_failed_is_a_line_of_the_report_and_is_tried_again() {
    let home = Home::new(&["a", "b", "c"]);
    fs::remove_file(home.path("b")).unwrap();
    let (code, stdout, _) = home.run(&["list.txt"]);
    assert_eq!(code, Some(1));
    assert_eq!(stdout, "2 done, 1 failed, 0 done before: report.jsonl\n");
    let line = &home.report()[1];
    assert_eq!(line["input"], "b");
    assert!(line["reason"].as_str().unwrap().contains("No such file"), "{line}");

    fs::write(home.path("b"), "here it is").unwrap();
    let (code, stdout, _) = home.run(&["list.txt"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "1 done, 0 failed, 2 done before: report.jsonl\n");
    assert_eq!(home.reported(), ["a", "b", "b", "c"]);
    assert_eq!(home.report()[2]["output"]["words"], 3, "the later line counts");
    assert_eq!(home.run(&["list.txt"]).1, "0 done, 0 failed, 3 done before: report.jsonl\n");
}

#[test]
fn a_panic_is_a_line_of_the_report_and_the_others_are_done() {
    let home = Home { program: &CHANGED.1, ..Home::new(&["a", "panic", "panic2", "z"]) };
    let (code, stdout, stderr) = home.run(&["list.txt", "--workers", "1"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(stdout, "2 done, 2 failed, 0 done before: report.jsonl\n");
    assert_eq!(home.report()[1], json!({ "input": "panic", "reason": "panicked: panic again" }));
    assert!(stderr.contains("src/main.rs:"), "and where it was: {stderr}");
}

#[test]
fn after_kill_9_or_ctrl_c_the_next_run_does_what_is_left_and_each_input_once() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::KILL, Signal::INT] {
        let names = ["a", "b", "c", "held", "e", "f"];
        let home = Home::new(&names);
        home.hold("held");
        let mut run = home.start(&["list.txt", "--workers", "2"]);
        // One worker is held. The other does all the rest, and each result is in the file at once.
        wait_until("five lines", || {
            fs::read_to_string(home.path("report.jsonl"))
                .is_ok_and(|text| text.matches('\n').count() == 5)
        });
        let pid = Pid::from_raw(run.0.pid().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        assert_eq!(run.end().code(), None, "ended by the signal");
        assert_eq!(home.reported(), ["a", "b", "c", "e", "f"]);

        fs::remove_file(home.path("held")).unwrap();
        fs::write(home.path("held"), "").unwrap();
        let (code, stdout, _) = home.run(&["list.txt"]);
        assert_eq!(code, Some(0));
        assert_eq!(stdout, "1 done, 0 failed, 5 done before: report.jsonl\n");
        let mut names = names.to_vec();
        names.sort();
        assert_eq!(home.reported(), names);
    }
}

#[test]
fn a_report_that_is_torn_anywhere_is_completed_with_each_input_once() {
    let home = Home::new(&["a", "Zürich", "c"]);
    home.run(&["list.txt", "--workers", "1"]);
    let whole = fs::read(home.path("report.jsonl")).unwrap();
    let expected = home.report();
    assert!(whole.len() > 100);
    for cut in 0..whole.len() {
        fs::write(home.path("report.jsonl"), &whole[..cut]).unwrap();
        let (code, _, stderr) = home.run(&["list.txt", "--workers", "1"]);
        assert_eq!(code, Some(0), "{cut} bytes: {stderr}");
        assert_eq!(home.report(), expected, "{cut} bytes");
    }
}

#[test]
fn a_disk_that_is_full_ends_the_run_with_the_name_of_the_report_and_the_next_goes_on() {
    let names: Vec<String> = (0..60).map(|n| format!("an input with a long name {n:02}")).collect();
    let home = Home::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // No file may be larger than a block or two. Beyond that nothing is written, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" list.txt";
    let mut shell = Command::new("sh");
    shell.current_dir(home.folder.path()).args(["-c", script]).arg(home.program);
    let output = shell.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the report report.jsonl"), "{stderr}");
    let torn = fs::read_to_string(home.path("report.jsonl")).unwrap();
    assert!(!torn.is_empty() && !torn.ends_with('\n'), "in the middle of a line: {torn:?}");

    assert_eq!(home.run(&["list.txt"]).0, Some(0));
    assert_eq!(home.reported(), names);
}

#[test]
fn as_many_at_once_as_there_are_workers_and_never_more() {
    let home = Home::new(&["a", "b", "c"]);
    ["a", "b", "c"].iter().for_each(|input| home.hold(input));
    let mut run = home.start(&["list.txt", "--workers", "2"]);
    // Opening a pipe for writing waits until someone reads it.
    let (sender, opened) = mpsc::channel();
    for input in ["a", "b"] {
        let (sender, path) = (sender.clone(), home.path(input));
        thread::spawn(move || sender.send(File::options().write(true).open(path).unwrap()));
    }
    let held: Vec<File> =
        (0..2).map(|_| opened.recv_timeout(HANGS).expect("two inputs at once")).collect();
    // Opening it without waiting is an error as long as nobody does. Both workers are held.
    let mut options = File::options();
    let third = options.write(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    assert!(third.open(home.path("c")).is_err(), "a third at the same time");
    drop(held);
    wait_until("the third is read", || third.open(home.path("c")).is_ok());
    assert_eq!(run.end().code(), Some(0));
    assert_eq!(home.reported(), ["a", "b", "c"]);
}

#[test]
fn what_cannot_be_used_is_said_with_its_name_and_left_alone() {
    let home = Home::new(&["a"]);
    let named = |args: &[&str], names: &str| {
        let (code, _, stderr) = home.run(args);
        assert_eq!(code, Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains(names), "{args:?}: {stderr}");
    };
    named(&["no-list.txt"], "the list no-list.txt");
    named(&["."], "the list .");
    named(&["list.txt", "--report", "a/below"], "the report a/below");
    let letters = "Dear reader,\n\nthis is no report";
    for text in [letters, "[]\n", "\n", "{\"output\":1}\n"] {
        fs::write(home.path("letter.txt"), text).unwrap();
        named(&["list.txt", "--report", "letter.txt"], "the report letter.txt");
        assert_eq!(fs::read_to_string(home.path("letter.txt")).unwrap(), text);
    }
}

/// Each thread needs room for its stack, and here there is little.
#[cfg(target_os = "linux")]
#[test]
fn more_workers_than_the_system_can_start_is_an_error_that_says_what_to_do() {
    let home = Home::new(&["a"]);
    let script = "ulimit -v 400000; exec \"$0\" list.txt --workers 9999";
    let mut shell = Command::new("sh");
    shell.current_dir(home.folder.path()).args(["-c", script]).arg(home.program);
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("try fewer --workers"), "{stderr}");
    assert_eq!(home.run(&["list.txt"]).0, Some(0));
    assert_eq!(home.reported(), ["a"]);
}

#[test]
fn two_runs_do_not_write_one_report() {
    let home = Home::new(&["a"]);
    let report = File::create(home.path("report.jsonl")).unwrap();
    report.lock().unwrap();
    let (code, _, stderr) = home.run(&["list.txt"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("another run is using it"), "{stderr}");
    drop(report);
    assert_eq!(home.run(&["list.txt"]).0, Some(0));
}

#[test]
fn a_list_and_a_report_that_are_one_file_are_refused_and_left_alone() {
    let home = Home::new(&["a"]);
    std::os::unix::fs::symlink("list.txt", home.path("link")).unwrap();
    fs::hard_link(home.path("list.txt"), home.path("hard")).unwrap();
    for report in ["list.txt", "./list.txt", "link", "hard"] {
        // Otherwise it would be refused because it isn't a report.
        fs::write(home.path("list.txt"), "").unwrap();
        let (code, _, stderr) = home.run(&["list.txt", "--report", report]);
        assert_eq!(code, Some(2), "{report}: {stderr}");
        assert_eq!(stderr, "error: the list and --report are the same file, list.txt\n");
        assert_eq!(fs::read(home.path("list.txt")).unwrap(), b"");
    }
}

#[test]
fn a_mark_at_the_beginning_of_the_list_is_no_part_of_a_name() {
    let home = Home::new(&["a", "b"]);
    fs::write(home.path("list.txt"), "\u{feff}a\r\nb").unwrap();
    assert_eq!(home.run(&["list.txt"]).0, Some(0));
    assert_eq!(home.reported(), ["a", "b"]);
    let utf16: Vec<u8> = "\u{feff}a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(home.path("list.txt"), utf16).unwrap();
    let (code, _, stderr) = home.run(&["list.txt"]);
    assert_eq!((code, stderr.lines().count()), (Some(1), 1), "{stderr}");
}

#[test]
fn lists_and_reports_may_be_pipes() {
    let home = Home::new(&["a", "b"]);
    home.hold("pipe");
    let mut run = Running(
        Child::start(
            home.command(&["/dev/stdin", "--report", "pipe", "--workers", "1"])
                .stdin(File::open(home.path("list.txt")).unwrap()),
        )
        .unwrap(),
    );
    let (sender, read) = mpsc::channel();
    let pipe = home.path("pipe");
    thread::spawn(move || sender.send(fs::read_to_string(pipe).unwrap()));
    let read = read.recv_timeout(HANGS).expect("the report ends");
    assert_eq!(run.end().code(), Some(0));
    let lines: Vec<Value> = read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{read}");
    assert_eq!(lines[0]["input"], "a");

    let (code, stdout, stderr) = home.run(&["list.txt", "--report", "/dev/stdout"]);
    assert_eq!((code, stdout.lines().count(), &*stderr), (Some(0), 3, ""), "{stdout}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_and_a_reader_who_has_gone_are_no_panic() {
    let home = Home::new(&["a", "b"]);
    let (code, stdout, stderr) = home.run(&["list.txt", "--report", "/dev/full"]);
    assert_eq!((code, &*stdout), (Some(1), ""));
    assert_eq!(stderr, "error: the report /dev/full: No space left on device (os error 28)\n");

    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = home.command(&["list.txt"]).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr, "error: the standard output: No space left on device (os error 28)\n");
    assert_eq!(home.reported(), ["a", "b"], "they are done all the same");

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.command(&["list.txt"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn help_and_bad_values() {
    let home = Home::new(&["a"]);
    let (code, help, _) = home.run(&["--help"]);
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
        assert_eq!(home.run(args).0, Some(2), "{args:?}");
    }
    assert!(!home.path("report.jsonl").exists());
}

/// `script` pretends to be a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_sees_progress() {
    let home = Home::new(&["a", "b"]);
    let mut script = Command::new("script");
    script.current_dir(home.folder.path()).stdin(Stdio::null()).args(["-qec"]);
    let output = script.arg("./program list.txt").arg("/dev/null");
    std::os::unix::fs::symlink(home.program, home.path("program")).unwrap();
    let seen = String::from_utf8(output.output().unwrap().stdout).unwrap();
    assert!(seen.starts_with("1 of 2, 0 failed\r2 of 2, 0 failed\r2 done, 0 failed"), "{seen:?}");
}

#[test]
fn it_is_formatted_and_has_no_lints() {
    let copy = copy("template");
    cargo(copy.path(), &["fmt", "--check"]);
    cargo(copy.path(), &["clippy", "--quiet", "--locked", "--all-targets", "--", "-D", "warnings"]);
}

/// A reader who has fetched the crates of this workspace can build the template offline.
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
            "a crate that isn't published: {package}"
        );
        assert!(
            ours.contains(&package),
            "our Cargo.lock doesn't have this version (copy it to template/, and build there): {package}"
        );
    }
}

/// The page has no recording, because only steps of this workspace are recorded. So it is compared
/// here.
#[test]
fn it_prints_and_reports_what_the_book_shows() {
    let page = fs::read_to_string(harness::root().join("book/src/take-it-home.md")).unwrap();
    let home = Home::new(&["Cargo.toml", "README.md", "nowhere.txt"]);
    for file in ["Cargo.toml", "README.md"] {
        fs::copy(template().join(file), home.path(file)).unwrap();
    }
    fs::remove_file(home.path("nowhere.txt")).unwrap();
    let shown = |text: &str| {
        let fence = format!("```text\n{text}```\n");
        assert!(page.contains(&fence), "the page doesn't show this any more:\n{fence}");
    };
    shown(&home.run(&["list.txt", "--workers", "1"]).1);
    shown(&fs::read_to_string(home.path("report.jsonl")).unwrap());
    shown(&home.run(&["list.txt"]).1);
}

/// The book says: some eighty lines, without the `use` declarations and the options.
#[test]
fn it_is_as_short_as_the_book_says() {
    let text = main_rs();
    let (code, options) = text.split_once("#[derive(Parser)]").unwrap();
    assert!(options.lines().count() < 20, "only options below");
    let is_code = |line: &&str| {
        !line.is_empty() && !["//", "use "].iter().any(|begin| line.starts_with(begin))
    };
    let lines = code.lines().map(str::trim).filter(is_code).count();
    assert!((75..=92).contains(&lines), "{lines} lines");
}

/// The third way of the page: a package of one's own that has the library by path, and the first
/// program of its README.
#[test]
fn hands_by_path_runs_its_first_program_in_a_package_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let hands = harness::root().join("lessons/hands");
    let manifest =
        "[package]\nname = \"my-hands\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    let manifest = format!("{manifest}[dependencies]\nhands = {{ path = {hands:?} }}\n");
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    // The versions that everybody here has, because there may be no network.
    fs::copy(harness::root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let readme = fs::read_to_string(hands.join("README.md")).unwrap();
    let (_, program) = readme.split_once("```rust,standalone_crate\n").expect("a first program");
    let (program, _) = program.split_once("```").unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), program).unwrap();
    cargo(folder.path(), &["update", "--quiet", "--offline", "--workspace"]);
    let (_folder, program) = copies::build(folder, "my-hands");
    let output = Command::new(program).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.starts_with("[168, 303, 430]\n95\n"), "{printed}");
}
