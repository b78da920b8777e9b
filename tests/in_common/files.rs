//! No step destroys a user's file. An output is never an input or another output, by whatever name,
//! and a file that is something else stays as it is.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use harness::{Run, Step};
use serde_json::Value;
use tempfile::TempDir;

/// It fails without a request, because none of this is about the network.
const LIST: &str = "no link\n";

/// A folder with a list, and other names for it.
struct Home(TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::write(home.path("links.txt"), LIST).unwrap();
        fs::create_dir(home.path("folder")).unwrap();
        symlink(home.path("links.txt"), home.path("link")).unwrap();
        symlink("new.json", home.path("dangling")).unwrap();
        fs::hard_link(home.path("links.txt"), home.path("hard")).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn step(&self, step: &str) -> Step {
        let step = match step {
            "11_cluster" => Step::new(step).args(["drive", "--local", "1"]),
            _ => Step::new(step),
        };
        step.arg("--links").arg(self.path("links.txt"))
    }

    /// The step refuses, in one line with these words, before it writes anything.
    #[track_caller]
    fn refuses(&self, step: Step, words: &[&str]) {
        let before = self.names();
        let run = step.run();
        assert_eq!(run.status.code(), Some(2), "{}\n{}", run.stdout, run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert_eq!(run.stdout, "");
        for word in words {
            assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
        }
        assert_eq!(self.names(), before);
        assert_eq!(fs::read_to_string(self.path("links.txt")).unwrap(), LIST);
    }

    fn names(&self) -> Vec<PathBuf> {
        let entries =
            |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut names: Vec<_> =
            entries(self.0.path()).chain(entries(&self.path("folder"))).collect();
        names.sort();
        names
    }
}

/// The steps that read links.
fn with_links() -> Vec<&'static str> {
    let mut steps = vec!["08_downloader", "09_images", "09b_processes", "10_pipeline"];
    if cfg!(feature = "cluster") {
        steps.push("11_cluster");
    }
    steps
}

#[test]
fn no_output_is_the_list_by_whatever_name() {
    let home = Home::new();
    for step in with_links() {
        for name in ["links.txt", "./links.txt", "folder/../links.txt", "link", "hard"] {
            for flag in ["--report", "--timeline"] {
                let file = home.path(name);
                let step = home.step(step).arg(flag).arg(&file);
                home.refuses(step, &["same file", flag]);
            }
        }
        home.refuses(home.step(step).arg("--out").arg(home.path("link")), &["--links and --out"]);
    }
}

#[test]
fn no_output_is_another_output() {
    let home = Home::new();
    let two = |step: &str, one: (&str, &str), other: (&str, &str)| {
        let step = home.step(step).arg(one.0).arg(home.path(one.1));
        home.refuses(step.arg(other.0).arg(home.path(other.1)), &[one.0, other.0]);
    };
    for step in with_links() {
        two(step, ("--report", "new.json"), ("--timeline", "folder/../new.json"));
        two(step, ("--report", "new.json"), ("--timeline", "dangling"));
        two(step, ("--report", "new"), ("--out", "new"));
        two(step, ("--report", "new"), ("--out", "new/below"));
        two(step, ("--timeline", "new/.many-hands.jsonl"), ("--out", "new"));
    }
    for step in ["09_images", "09b_processes", "10_pipeline"] {
        two(step, ("--out", "folder"), ("--keep-originals", "./folder/"));
        two(step, ("--report", "new/.many-hands.lock"), ("--keep-originals", "new"));
        let step =
            home.step(step).bare().arg("--report").arg(format!("target/timelines/{step}.json"));
        home.refuses(step, &["--timeline and --report are the same file"]);
    }
}

#[test]
fn no_file_is_the_output_that_the_shell_has_opened() {
    let home = Home::new();
    let log = home.path("log.txt");
    File::create(&log).unwrap();
    let into_log =
        |step: Step| step.through(&["sh", "-c", r#"exec "$0" "$@" >>"$LOG""#]).env("LOG", &log);
    home.refuses(
        into_log(home.step("10_pipeline").arg("--report").arg(&log)),
        &["the standard output and --report"],
    );
    home.refuses(
        into_log(Step::new("01_sync").arg("--timeline").arg(&log)),
        &["the standard output and --timeline"],
    );
    let from = r#"exec "$0" "$@" <"$LIST""#;
    let step =
        Step::new("10_pipeline").through(&["sh", "-c", from]).env("LIST", home.path("links.txt"));
    home.refuses(
        step.args(["--links", "-"]).arg("--report").arg(home.path("hard")),
        &["--links and --report"],
    );
}

#[test]
fn a_file_that_is_something_else_is_left_alone() {
    let home = Home::new();
    let photo = home.path("photo.jpg");
    fs::write(&photo, [0xff, 0xd8, 0xff]).unwrap();
    for step in with_links() {
        for (flag, kind) in [("--report", "not a report"), ("--timeline", "not a timeline")] {
            home.refuses(home.step(step).arg(flag).arg(&photo), &[flag, "photo.jpg", kind]);
        }
        home.refuses(home.step(step).arg("--report").arg(home.path("folder")), &["it is a folder"]);
    }
    let all = [
        "01_sync",
        "02_process",
        "02b_threads",
        "02c_spawn",
        "03_pool",
        "03b_by_hand",
        "04_futures",
        "04b_cancel",
        "04c_blocking",
        "05_cpu_bound",
        "06_io_bound",
        "06b_sweep",
        "07a_channels",
        "07b_shared",
        "07c_shared_memory",
        "07d_deadlock",
        "07e_prove",
    ];
    for step in all {
        home.refuses(
            Step::new(step).arg("--timeline").arg(&photo),
            &["--timeline", "not a timeline"],
        );
    }
    for step in ["05_cpu_bound", "06b_sweep"] {
        let plot = format!("target/plots/{step}.json");
        home.refuses(
            Step::new(step).bare().arg("--timeline").arg(plot),
            &["the plots", "--timeline"],
        );
    }
    home.refuses(
        Step::new("gallery").bare().arg("--links").arg(home.path("hard")),
        &["--links", "hard"],
    );
    assert_eq!(fs::read(&photo).unwrap(), [0xff, 0xd8, 0xff]);
}

#[test]
fn an_earlier_report_and_timeline_are_replaced() {
    let home = Home::new();
    for _ in 0..2 {
        let step = home.step("09_images").arg("--report").arg(home.path("r.json"));
        let run = step.arg("--timeline").arg(home.path("t.json")).run();
        assert_eq!(run.status.code(), Some(1), "the link is none: {}", run.stderr);
        assert_eq!(run.report().unwrap().as_array().unwrap().len(), 1);
        assert_eq!(run.trace().name(), "09_images");
    }
}

/// Runs a step whose report goes to a pipe, and reads it from there.
fn through_a_pipe(home: &Home, step: Step) -> (Run, Vec<Value>) {
    let pipe = home.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    let run = step.arg("--report").arg(&pipe).run();
    fs::remove_file(&pipe).unwrap();
    let report = reader.join().unwrap();
    (run, serde_json::from_slice(&report).expect("a whole array"))
}

#[test]
fn a_report_goes_to_a_pipe_and_a_list_comes_from_one() {
    let home = Home::new();
    let list = "\u{feff}# mine\r\nno link\r\n\r\nno other\r\nno link";
    for step in with_links() {
        let fifo = home.path("list");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let writer = thread::spawn({
            let fifo = fifo.clone();
            move || File::options().write(true).open(fifo).unwrap().write_all(list.as_bytes())
        });
        let step = match step {
            "11_cluster" => Step::new(step).args(["drive", "--local", "1"]),
            step => Step::new(step),
        };
        let (run, report) = through_a_pipe(&home, step.arg("--links").arg(&fifo));
        assert_eq!(run.status.code(), Some(1), "the links are none: {}", run.stderr);
        writer.join().unwrap().unwrap();
        fs::remove_file(&fifo).unwrap();
        let mut links: Vec<_> =
            report.iter().map(|entry| entry["link"].as_str().unwrap()).collect();
        links.sort();
        assert_eq!(links, ["no link", "no other"], "{}", run.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_on_a_full_disk_is_one_line() {
    let home = Home::new();
    for step in ["08_downloader", "09_images", "10_pipeline"] {
        let run = home.step(step).arg("--report").arg("/dev/full").run();
        assert_eq!(run.status.code(), Some(1));
        let lines: Vec<_> = run.stderr.lines().filter(|line| line.contains("/dev/full")).collect();
        assert_eq!(lines.len(), 1, "{}", run.stderr);
        assert!(
            lines[0].contains("cannot write the report /dev/full: No space left"),
            "{}",
            lines[0]
        );
    }
}
