//! `template-downloads/`, as a reader uses it: copied to where the workspace is not, built, given a list of links of
//! which some are hostile, killed, run again, and changed.
#![cfg(unix)]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::thread;

use harness::{root, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// A copy of the template, changed by `change`, and built.
fn build(change: impl FnOnce(&Path)) -> (TempDir, PathBuf) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let folder = tempfile::tempdir().unwrap();
    let template = root().join("template-downloads");
    for file in ["Cargo.toml", "Cargo.lock", "README.md"] {
        fs::copy(template.join(file), folder.path().join(file)).unwrap();
    }
    fs::create_dir(folder.path().join("src")).unwrap();
    for file in fs::read_dir(template.join("src")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join("src").join(file.file_name())).unwrap();
    }
    change(folder.path());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    cargo(folder.path(), &["clean", "--quiet", "--package", "my-downloads"]); // an earlier test's
    cargo(folder.path(), &["build", "--quiet"]);
    let program = folder.path().join("program");
    fs::copy(target().join("debug/my-downloads"), &program).unwrap();
    (folder, program)
}

fn target() -> PathBuf {
    root().join("target/template")
}

#[track_caller]
fn cargo(folder: &Path, args: &[&str]) {
    let mut cargo = harness::cargo();
    let output = cargo.current_dir(folder).env("CARGO_TARGET_DIR", target()).args(args).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// As it is delivered.
static DELIVERED: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| build(|_| {}));

/// A server that behaves as the path asks it to.
struct Server {
    address: String,
    asked: Arc<AtomicUsize>,
    /// How many requests for `/file/…` are answered; the others wait.
    open: Arc<(Mutex<usize>, Condvar)>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let open = Arc::new((Mutex::new(usize::MAX), Condvar::new()));
        let server = Server { address, asked: Arc::default(), open };
        let (asked, open) = (Arc::clone(&server.asked), Arc::clone(&server.open));
        let often = Arc::new(Mutex::new(HashMap::new()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, open, often) =
                    (Arc::clone(&asked), Arc::clone(&open), Arc::clone(&often));
                thread::spawn(move || answer(stream, &asked, &open, &often));
            }
        });
        server
    }

    fn link(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Answers so many requests for files, from now on.
    fn answers(&self, files: usize) {
        *self.open.0.lock().unwrap() = files;
        self.asked.store(0, SeqCst);
        self.open.1.notify_all();
    }
}

/// One request a connection.
fn answer(
    stream: TcpStream,
    asked: &AtomicUsize,
    (open, opened): &(Mutex<usize>, Condvar),
    often: &Mutex<HashMap<String, usize>>,
) -> Option<()> {
    let mut lines = BufReader::new(&stream).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
    let times = *often.lock().unwrap().entry(path.clone()).and_modify(|n| *n += 1).or_insert(1);
    let send = |head: &str, body: &[u8]| {
        let length = if head.contains("Content-Length") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let head = format!("HTTP/1.1 {head}\r\n{length}Connection: close\r\n\r\n");
        (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(body)).ok()
    };
    match path.as_str() {
        "/hang" => thread::park(),
        "/busy" if times == 1 => send("429 Too Many Requests\r\nRetry-After: 1", b"")?,
        "/later" => send("503 Service Unavailable\r\nRetry-After: 3600", b"")?,
        "/torn" => send("200 OK\r\nContent-Length: 1000", b"only this")?,
        "/endless" => while send("200 OK\r\nContent-Length: 99999999", &[0; 1 << 20]).is_some() {},
        path if path.starts_with("/file/") => {
            let number = asked.fetch_add(1, SeqCst);
            drop(opened.wait_while(open.lock().unwrap(), |open| number >= *open).unwrap());
            send("200 OK", path.as_bytes())?;
        }
        "/busy" | "/sleepy" => send("200 OK", path.as_bytes())?,
        _ => send("404 Not Found", b"")?,
    }
    Some(())
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

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn what_is_good_is_saved_and_what_is_hostile_is_named() {
    let server = Server::start();
    let good: Vec<_> = (0..20).map(|n| server.link(&format!("file/{n}.txt"))).collect();
    let bad = ["hang", "later", "torn", "endless", "gone"].map(|path| server.link(path));
    let odd = ["ftp://host/a".to_owned(), "no link".to_owned(), server.link("busy")];
    let desk = Desk::with(good.iter().chain(&bad).chain(&odd).cloned());
    let limits = ["--time-out", "2", "--attempts", "2", "--most-bytes", "100000"];
    let output = desk.run(&DELIVERED.1, &limits);

    assert_eq!(last_line(&output), "21 saved, 7 failed, 0 done before: report.jsonl");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(desk.report().len(), desk.links.len(), "a line for each");
    for link in &good {
        assert!(link.ends_with(&*String::from_utf8(desk.saved(link)).unwrap()), "{link}");
    }
    assert_eq!(desk.saved(&odd[2]), b"/busy", "after the wait that the server asked for");
    for (link, reason) in bad.iter().zip(["in time", "in 3600 s", "broke", "100000 bytes", "404"]) {
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
        let mut child = desk.command(&DELIVERED.1, &[]).spawn().unwrap();
        wait_for("sixty more links", || (desk.report().len() >= done).then_some(()));
        send(&child, Signal::KILL);
        child.wait().unwrap();
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
    let mut child = desk.command(&DELIVERED.1, &["--downloads", "2"]).spawn().unwrap();
    wait_for("ten links", || (desk.report().len() == 10).then_some(()));
    wait_for("two more requests", || (server.asked.load(SeqCst) == 12).then_some(()));
    send(&child, Signal::INT);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("Stopping") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it says that it stops");
    }
    server.answers(usize::MAX);
    let rest: Vec<_> = said.lines().map_while(Result::ok).collect();
    assert!(rest.iter().any(|line| line.starts_with("Stopped: run it again")), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
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

#[test]
fn the_first_change_makes_thumbnails() {
    use pictures::gallery::paint::{self, Format};
    let (_folder, program) = build(|folder| {
        let more = root().join("template-downloads/more/thumbnails.rs");
        fs::copy(more, folder.join("src/work.rs")).unwrap();
        let features = ["--no-default-features", "--features", "png"]; // as the page says, but quicker
        cargo(folder, &[&["add", "--quiet", "--offline", "image"], &features[..]].concat());
    });
    // Python's own server, in a folder with pictures.
    let folder = tempfile::tempdir().unwrap();
    for n in 0..3 {
        let picture = paint::picture(n, 300, 200, Format::Png);
        fs::write(folder.path().join(format!("{n}.png")), picture).unwrap();
    }
    fs::write(folder.path().join("no.png"), "no picture").unwrap();
    let mut python = Command::new("python3");
    python.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]).stderr(Stdio::null());
    let mut python = python.current_dir(&folder).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(python.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.split(' ').skip_while(|word| *word != "port").nth(1).expect("its port");

    let link = |name: &str| format!("http://127.0.0.1:{port}/{name}");
    let desk = Desk::with(["0.png", "1.png", "2.png", "no.png"].map(link));
    let output = desk.run(&program, &["--size", "64"]);
    python.kill().unwrap();
    python.wait().unwrap();
    assert_eq!(last_line(&output), "3 saved, 1 failed, 0 done before: report.jsonl");
    let png = desk.saved(&link("1.png"));
    let side = |at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (64, 43));
}
