//! `template-downloads/`, as a reader uses it: copied to where the workspace is not, built, given a
//! list of links of which some are hostile, killed, run again, and changed.
#![cfg(unix)]

#[path = "support/template.rs"]
mod copies;
#[path = "support/python_server.rs"]
mod python_server;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};

use harness::{Child, HANGS, root, wait_until};
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use copies::{copy, try_cargo};
use python_server::PythonServer;

/// A copy of the template, changed by `change`, and built.
fn build(change: impl FnOnce(&Path)) -> (TempDir, PathBuf) {
    let copy = copy("template-downloads");
    change(copy.path());
    copies::build(copy, "my-downloads")
}

/// As it is delivered.
static DELIVERED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| build(|_| {}));

/// A server with 200 files, whose content is their path, and some links that end badly.
struct Server {
    gallery: Gallery,
    files: Arc<Gate>,
}

/// How many requests for files have come, and how many of them are answered. The others wait.
#[derive(Default)]
struct Gate {
    counts: Mutex<(usize, usize)>,
    opened: Condvar,
}

impl Server {
    fn start() -> Server {
        let files = Arc::<Gate>::default();
        let gate = Arc::clone(&files);
        let file = Answer::with(move |request| {
            let mut counts = gate.counts.lock().unwrap();
            let number = counts.0;
            counts.0 += 1;
            drop(gate.opened.wait_while(counts, |(_, open)| number >= *open).unwrap());
            Answer::bytes(request.path.as_bytes())
        });
        let mut builder = Gallery::builder()
            .answer("/hang", Answer::bytes("").delayed(HANGS))
            .answer("/later", Answer::status(503).with_header("Retry-After", "3600"))
            .answer("/drip", Answer::bytes([0; 1000]).dripping(Duration::from_millis(100)))
            .answer("/torn", Answer::bytes([0; 1000]).truncated(9))
            .answer("/endless", Answer::oversized(99_999_999))
            .answer(
                "/busy",
                Answer::after(
                    1,
                    Answer::retry_after(Duration::from_secs(1)),
                    Answer::bytes("/busy"),
                ),
            )
            .answer("/sleepy", Answer::bytes("/sleepy"));
        for n in 0..200 {
            builder = builder.answer(format!("/file/{n}.txt"), file.clone());
        }
        let server = Server { gallery: builder.start().unwrap(), files };
        server.answers(usize::MAX);
        server
    }

    fn link(&self, path: &str) -> String {
        self.gallery.link(&format!("/{path}"))
    }

    /// Answers this many requests for files, from now on.
    fn answers(&self, files: usize) {
        *self.files.counts.lock().unwrap() = (0, files);
        self.files.opened.notify_all();
    }

    /// How many requests for files have come since then.
    fn asked(&self) -> usize {
        self.files.counts.lock().unwrap().0
    }
}

impl Drop for Server {
    /// Nobody may wait any more when the gallery closes, even if a test has failed.
    fn drop(&mut self) {
        self.answers(usize::MAX);
    }
}

/// A folder with a list of links, in which the program runs.
struct Desk {
    folder: TempDir,
    links: Vec<String>,
}

impl Desk {
    fn with(links: impl IntoIterator<Item = String>) -> Desk {
        let (folder, links) = (tempfile::tempdir().unwrap(), Vec::from_iter(links));
        fs::write(folder.path().join("links.txt"), links.join("\n")).unwrap();
        Desk { folder, links }
    }

    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).arg("links.txt").args(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
        command
    }

    fn run(&self, program: &Path, args: &[&str]) -> Output {
        self.command(program, args).output().unwrap()
    }

    fn start(&self, program: &Path, args: &[&str]) -> Child {
        Child::start(&mut self.command(program, args)).unwrap()
    }

    /// The lines of the report, but for one that is not whole yet.
    fn report(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("report.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn reason(&self, link: &str) -> String {
        let report = self.report();
        let line = report.iter().rfind(|line| line["link"] == link).expect("a line for each link");
        line["reason"].as_str().unwrap_or("none: it is saved").to_owned()
    }

    /// The content of the file of a link.
    fn saved(&self, link: &str) -> Vec<u8> {
        let report = self.report();
        let line = report.iter().find(|line| line["link"] == link && line["file"].is_string());
        let file = line.unwrap_or_else(|| panic!("{link} is not saved"))["file"].as_str().unwrap();
        fs::read(self.folder.path().join(file)).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let folder = fs::read_dir(self.folder.path().join("downloads")).unwrap();
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn what_is_good_is_saved_and_what_is_hostile_is_named() {
    let server = Server::start();
    let good: Vec<_> = (0..20).map(|n| server.link(&format!("file/{n}.txt"))).collect();
    let bad = ["hang", "drip", "later", "torn", "endless", "gone"].map(|path| server.link(path));
    let odd = ["ftp://host/a".to_owned(), "no link".to_owned(), server.link("busy")];
    let desk = Desk::with(good.iter().chain(&bad).chain(&odd).cloned());
    let limits = ["--time-out", "2", "--attempts", "2", "--most-bytes", "100000"];
    let output = desk.run(&DELIVERED.1, &limits);

    assert_eq!(last_line(&output), "21 saved, 8 failed, 0 done before: report.jsonl");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(desk.report().len(), desk.links.len(), "a line for each");
    for link in &good {
        assert!(link.ends_with(&*String::from_utf8(desk.saved(link)).unwrap()), "{link}");
    }
    assert_eq!(desk.saved(&odd[2]), b"/busy", "after the wait that the server asked for");
    let reasons = ["in time", "in time", "in 3600 s", "broke", "100000 bytes", "404"];
    for (link, reason) in bad.iter().zip(reasons) {
        assert!(desk.reason(link).contains(reason), "{link}: {}", desk.reason(link));
    }
    assert!(desk.reason("ftp://host/a").contains("http and https"), "{}", desk.reason(&odd[0]));
    assert!(desk.files().iter().all(|file| !file.ends_with(".part")), "{:?}", desk.files());
}

#[test]
fn killed_twice_it_goes_on_where_it_stopped() {
    let server = Server::start();
    let desk = Desk::with((0..200).map(|n| server.link(&format!("file/{n}.txt"))));
    for done in [60, 120] {
        server.answers(60);
        let mut child = desk.start(&DELIVERED.1, &[]);
        wait_until("sixty more links", || desk.report().len() >= done);
        child.kill();
    }
    server.answers(usize::MAX);
    let output = desk.run(&DELIVERED.1, &[]);
    assert_eq!(last_line(&output), "80 saved, 0 failed, 120 done before: report.jsonl");
    for link in &desk.links {
        assert!(link.ends_with(&*String::from_utf8(desk.saved(link)).unwrap()), "{link}");
    }
    assert_eq!(desk.report().len(), 200, "nothing was done twice");
    assert_eq!(desk.files().len(), 200, "and nothing is left over");
}

#[test]
fn ctrl_c_lets_what_was_begun_end_and_the_next_run_does_the_rest() {
    let server = Server::start();
    let desk = Desk::with((0..50).map(|n| server.link(&format!("file/{n}.txt"))));
    server.answers(10);
    let mut child = desk.start(&DELIVERED.1, &["--downloads", "2"]);
    wait_until("ten links", || desk.report().len() == 10);
    wait_until("two more requests", || server.asked() == 12);
    let pid = Pid::from_raw(child.pid().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let mut said = BufReader::new(child.stderr());
    let mut line = String::new();
    while !line.starts_with("Stopping") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it says that it stops");
    }
    server.answers(usize::MAX);
    let rest: Vec<_> = said.lines().map_while(Result::ok).collect();
    assert!(rest.iter().any(|line| line.starts_with("Stopped: run it again")), "{rest:?}");
    let status = child.wait(HANGS).unwrap().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert_eq!(desk.report().len(), 12, "those that were begun, and no other");
    let output = desk.run(&DELIVERED.1, &[]);
    assert_eq!(last_line(&output), "38 saved, 0 failed, 12 done before: report.jsonl");
}

#[test]
fn work_that_hangs_or_panics_gets_its_line_and_the_rest_goes_on() {
    let (_folder, program) = build(|folder| {
        let file = folder.join("src/work.rs");
        let text = fs::read_to_string(&file).unwrap();
        let begin = "    let size = download.bytes.len();\n";
        let ours = "    if download.link.ends_with(\"sleepy\") {\n        std::thread::park();\n    }\n    \
                    assert!(!download.link.ends_with(\"7.txt\"), \"seven\");\n";
        assert!(text.contains(begin), "the function is where it was");
        fs::write(file, text.replace(begin, &format!("{ours}{begin}"))).unwrap();
    });
    let server = Server::start();
    let sleepy = server.link("sleepy");
    let files = (0..20).map(|n| server.link(&format!("file/{n}.txt")));
    let desk = Desk::with([sleepy.clone()].into_iter().chain(files));
    let output = desk.run(&program, &["--workers", "1", "--work-time-out", "2"]);
    assert_eq!(last_line(&output), "18 saved, 3 failed, 0 done before: report.jsonl");
    assert_eq!(desk.reason(&sleepy), "the work took longer than 2 s");
    assert_eq!(desk.reason(&server.link("file/17.txt")), "panicked: seven");
}

/// As the page says: a folder of pictures, served by Python, and one file that is none.
#[test]
fn the_walk_of_the_page_first_change_first_failure_first_resume() {
    let (_folder, program) = build(|folder| {
        let more = root().join("template-downloads/more/thumbnails.rs");
        fs::copy(more, folder.join("src/work.rs")).unwrap();
        // As the page says, but with fewer formats to build, and from what was fetched before if it
        // is there.
        let add = ["add", "--quiet", "image", "--no-default-features", "--features", "png"];
        let is_added = [&["--offline"][..], &[]].into_iter().any(|network| {
            let lock = ["update", "--quiet", "--workspace"];
            let added = try_cargo(folder, &[&add[..], network].concat());
            added.and_then(|_| try_cargo(folder, &[&lock[..], network].concat())).is_ok()
        });
        assert!(is_added, "cargo can add image");
    });
    let served = tempfile::tempdir().unwrap();
    for n in 0..3 {
        let picture = paint::picture(n, 300, 200, Format::Png);
        fs::write(served.path().join(format!("{n}.png")), picture).unwrap();
    }
    fs::write(served.path().join("notes.txt"), "no picture").unwrap();
    let server = PythonServer::start(served.path());
    let desk = Desk::with(
        ["0.png", "1.png", "2.png", "notes.txt", "gone.png"].map(|file| server.link(file)),
    );

    let output = desk.run(&program, &["--size", "64"]);
    assert_eq!(last_line(&output), "3 saved, 2 failed, 0 done before: report.jsonl");
    let png = desk.saved(&server.link("1.png"));
    let side = |at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (64, 43));
    assert_eq!(desk.reason(&server.link("gone.png")), "the server says 404");
    assert_eq!(desk.reason(&server.link("notes.txt")), "The image format could not be determined");

    // What was missing is there now, and one thumbnail has been lost.
    fs::rename(served.path().join("2.png"), served.path().join("gone.png")).unwrap();
    let lost = desk.files().into_iter().find(|file| file.starts_with("0-")).unwrap();
    fs::remove_file(desk.folder.path().join("downloads").join(lost)).unwrap();
    let output = desk.run(&program, &["--size", "64"]);
    assert_eq!(last_line(&output), "2 saved, 1 failed, 2 done before: report.jsonl");
}

#[test]
fn off_a_terminal_each_link_has_a_line_and_on_one_there_is_a_bar() {
    let server = Server::start();
    let files = (0..20).map(|n| server.link(&format!("file/{n}.txt")));
    let links: Vec<_> = files.chain([server.link("gone")]).collect();
    let output = Desk::with(links.clone()).run(&DELIVERED.1, &[]);
    let lines = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(lines.lines().filter(|line| line.contains(" of 21: saved downloads/")).count(), 20);
    assert_eq!(lines.lines().filter(|line| line.contains(" of 21: failed http://")).count(), 1);

    let desk = Desk::with(links);
    let on_a_terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let mut python = Command::new("python3");
    python.args(["-c", on_a_terminal]).arg(&DELIVERED.1).arg("links.txt").env("TERM", "xterm");
    let output = python.current_dir(desk.folder.path()).stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains(" of 21, "), "a bar: {shown}");
    assert!(!shown.contains("saved downloads/"), "no line for what went well: {shown}");
    assert!(shown.contains("failed http://"), "a line for what didn't: {shown}");
    assert!(shown.contains("20 saved, 1 failed, 0 done before: report.jsonl"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_host_gets_no_more_requests_at_a_time_and_no_faster_than_it_was_told() {
    let at_once = Arc::new(Mutex::new((0, 0)));
    let now = Arc::clone(&at_once);
    let slow = Answer::with(move |_| {
        let mut counts = now.lock().unwrap();
        counts.0 += 1;
        counts.1 = counts.1.max(counts.0);
        drop(counts);
        std::thread::sleep(Duration::from_millis(20)); // one too many would come now
        now.lock().unwrap().0 -= 1;
        Answer::bytes("slow")
    });
    let paths: Vec<_> = (0..12).map(|n| format!("/{n}.txt")).collect();
    let gallery = paths.iter().fold(Gallery::builder(), |all, path| all.answer(path, slow.clone()));
    let gallery = gallery.start().unwrap();
    let links = || paths.iter().map(|path| gallery.link(path));
    let output = Desk::with(links()).run(&DELIVERED.1, &["--per-host", "2"]);
    assert_eq!(last_line(&output), "12 saved, 0 failed, 0 done before: report.jsonl");
    assert!(at_once.lock().unwrap().1 <= 2);

    let start = Instant::now();
    let output = Desk::with(links()).run(&DELIVERED.1, &["--pause", "50"]);
    assert_eq!(last_line(&output), "12 saved, 0 failed, 0 done before: report.jsonl");
    assert!(start.elapsed() >= 11 * Duration::from_millis(50), "at most one in 50 ms");
}
