//! One run, of a step or of a challenge's check: built, started, watched, ended.
//!
//! A request is a run. Its answer tells what happens, one JSON object a line, as it happens. When
//! the page lets go of the answer (Stop, another page, a closed window), the run ends, with
//! everything that it has started. So it does at its limit.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use hands::timeline::Trace;
use rustix::process::Pid;
use serde::Serialize;

use super::book::Book;
use super::http::{self, Refusal, Request};
use super::runs::{self, Granted, Wish};
use crate::record::{Figure, Recording};

/// How long a check may take with everything that it compiles. It gives the answer itself far less.
const LONGEST_CHECK: Duration = Duration::from_secs(15 * 60);
/// How many bytes of output the page gets.
const MOST_OUTPUT: usize = 1 << 20;
/// How large a trace the page gets to save, in bytes.
const LARGEST_TRACE: usize = 8 << 20;

/// What the page is told.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Told {
    /// Cargo builds the step, and says this.
    Build { text: String },
    /// It does not compile, and the compiler says this.
    Broken { text: String },
    /// The step runs.
    Start { command: String },
    /// The step has printed something.
    Output { text: String },
    /// It has printed more than the page gets.
    Capped { bytes: usize },
    /// It has ended.
    End(End),
}

#[derive(Default, Serialize)]
struct End {
    how: String,
    success: bool,
    seconds: f64,
    figures: Vec<Figure>,
    /// The file that a viewer opens, if there is one and it is not too large.
    trace: Option<String>,
}

/// The page that has asked for a run, as long as it waits for the answer.
struct Page<'b> {
    book: &'b Book,
    client: Mutex<TcpStream>,
    is_gone: AtomicBool,
}

/// Why a run stops early.
enum Stopped {
    /// The page has let go, or knows already.
    Silently,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

impl Page<'_> {
    fn tell(&self, told: &Told) -> Result<(), Stopped> {
        let mut line = serde_json::to_vec(told).expect("plain text and numbers");
        line.push(b'\n');
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.write_all(&line).map_err(|_| Stopped::Silently)
    }

    /// Waits for the page to let go, and then ends what runs.
    fn watch(&self, mut client: TcpStream) {
        while let Ok(1..) = client.read(&mut [0; 64]) {}
        self.is_gone.store(true, SeqCst);
        self.book.kill();
    }
}

/// Runs what a page wishes for, if nothing else runs.
pub(super) fn answer(
    book: &Book,
    request: &Request,
    client: &mut TcpStream,
) -> Result<(), Refusal> {
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::new(415, "a wish is JSON\n"));
    }
    let wish: Wish = serde_json::from_slice(&request.body).map_err(|error| {
        let status = if error.is_data() { 422 } else { 400 };
        Refusal::new(status, format!("{error}\n"))
    })?;
    let granted = runs::grant(book, &wish)?;
    let Some(_turn) = book.take_turn() else {
        let why = "something else is running: wait until it ends, or stop it\n";
        return Err(Refusal::new(409, why));
    };
    let headers = [("Content-Type", "application/x-ndjson"), ("Cache-Control", "no-store")];
    let (Ok(()), Ok(writer), Ok(reader)) =
        (http::start(client, 200, &headers), client.try_clone(), client.try_clone())
    else {
        return Ok(()); // it is gone already
    };
    let page = Page { book, client: Mutex::new(writer), is_gone: AtomicBool::new(false) };
    thread::scope(|scope| {
        scope.spawn(|| page.watch(reader));
        let run = match granted {
            Granted::Step(recording, args) => page.step(&recording, &args, wish.guess()),
            Granted::Challenge(name) => page.challenge(&name),
        };
        if let Err(Stopped::Failed(error)) = run {
            let end = End { how: format!("{error:#}"), ..End::default() };
            let _ = page.tell(&Told::End(end)); // or it is gone
        }
        client.shutdown(Shutdown::Both).ok(); // which also ends the watch
    });
    Ok(())
}

impl Page<'_> {
    /// Builds a step and runs it, with a timeline at the end.
    fn step(
        &self,
        recording: &Recording,
        args: &[String],
        guess: Option<Duration>,
    ) -> Result<(), Stopped> {
        let book = self.book;
        let step = recording.step().context("it is not a step")?;
        let release = recording.is_release().then_some("--release");
        let features = harness::features(step).iter().flat_map(|feature| ["--features", feature]);
        let target = ["--example", step].into_iter().chain(release).chain(features);
        let built = self.build(&book.root, step, target)?;
        let folder = tempfile::tempdir().context("there is no room for what the step saves")?;
        let trace = folder.path().join("timeline.json");
        let mut command = Command::new(built);
        command.args(args).arg("--timeline").arg(&trace).current_dir(&book.root);
        if step >= "08" {
            command.arg("--out").arg(folder.path().join("out"));
        }
        let shown = [&[step.to_owned()], args].concat().join(" ");
        let (ended, seconds) = self.run(command, shown, book.limit)?;
        // If it was stopped, it may not have written one.
        let figures = Trace::read(&trace).map(|mine| recording.compared(&book.root, &mine, guess));
        let trace = std::fs::read_to_string(&trace).ok().filter(|json| json.len() <= LARGEST_TRACE);
        self.tell(&Told::End(End {
            how: ended.map_or_else(|| too_long(book.limit), how),
            success: ended.is_some_and(|status| status.success()),
            seconds,
            figures: figures.unwrap_or_default(),
            trace,
        }))
    }

    /// Checks a challenge, as `cargo challenge NAME` does.
    fn challenge(&self, name: &str) -> Result<(), Stopped> {
        let root = &self.book.root;
        let target = ["--package", "challenges", "--bin", "challenge"];
        let built = self.build(root, "challenge", target)?;
        let mut command = Command::new(built);
        command.arg(name).current_dir(root);
        let (ended, seconds) =
            self.run(command, format!("cargo challenge {name}"), LONGEST_CHECK)?;
        let success = ended.is_some_and(|status| status.success());
        let how = match ended {
            Some(_) if success => "done".to_owned(),
            Some(status) if status.code() == Some(1) => "not yet".to_owned(),
            Some(status) => how(status),
            None => too_long(LONGEST_CHECK),
        };
        self.tell(&Told::End(End { how, success, seconds, ..End::default() }))
    }

    /// Builds a program as the reader would. The page gets what cargo says, line by line.
    fn build<'a>(
        &self,
        root: &Path,
        name: &str,
        target: impl IntoIterator<Item = &'a str>,
    ) -> Result<PathBuf, Stopped> {
        let mut command = harness::cargo();
        command
            .current_dir(root)
            .args(["build", "--message-format=json-render-diagnostics"])
            .args(target)
            .env("CARGO_TERM_COLOR", "never");
        let mut cargo = Running::start(self, command)?;
        let [stdout, stderr] = cargo.pipes()?;
        let (messages, said) = thread::scope(|scope| {
            let messages = scope.spawn(|| read_all(stdout));
            let mut said = String::new();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if said.len() < MOST_OUTPUT {
                    said += &line;
                    said.push('\n');
                }
                self.tell(&Told::Build { text: line + "\n" })?;
            }
            Ok::<_, Stopped>((messages.join().unwrap_or_default(), said))
        })?;
        let status = cargo.child.wait().context("cargo is lost")?;
        if !status.success() {
            self.tell(&Told::Broken { text: said })?;
            return Err(Stopped::Silently);
        }
        let built = harness::executable(&messages, name);
        Ok(built.with_context(|| format!("cargo has built no program for {name}"))?)
    }

    /// Runs a program to its end, or to its limit (`None`), and says how many seconds it took. The
    /// page shows it as `shown`.
    fn run(
        &self,
        command: Command,
        shown: String,
        limit: Duration,
    ) -> Result<(Option<ExitStatus>, f64), Stopped> {
        self.tell(&Told::Start { command: shown })?;
        let start = Instant::now();
        let mut step = Running::start(self, command)?;
        let pipes = step.pipes()?;
        let left = Mutex::new(MOST_OUTPUT);
        let in_time = thread::scope(|scope| {
            let (open, closed) = mpsc::channel::<()>();
            for pipe in pipes {
                let open = open.clone();
                let left = &left;
                scope.spawn(move || {
                    let _open = open; // as long as the pipe is
                    self.forward(pipe, left)
                });
            }
            drop(open);
            // Both are closed once it has ended, and all that it started.
            let waited = closed.recv_timeout(limit);
            let in_time = waited != Err(mpsc::RecvTimeoutError::Timeout);
            if !in_time {
                self.book.kill();
            }
            in_time
        });
        if self.is_gone.load(SeqCst) {
            return Err(Stopped::Silently);
        }
        let status = step.child.wait().context("it is lost")?;
        Ok((in_time.then_some(status), start.elapsed().as_secs_f64()))
    }

    /// Sends the page what a program prints, until it has had enough. The rest is read and thrown
    /// away, so that the program need not wait.
    fn forward(&self, mut pipe: impl Read, left: &Mutex<usize>) -> Result<(), Stopped> {
        let (mut part, mut rest) = (vec![0; 8 * 1024], Vec::new());
        while let Ok(length @ 1..) = pipe.read(&mut part) {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let room = length.min(*left);
            *left -= room;
            let is_last = room > 0 && *left == 0;
            rest.extend_from_slice(&part[..room]);
            // A character that is not complete yet waits for its other bytes.
            let whole = match str::from_utf8(&rest) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => rest.len(),
            };
            let text = String::from_utf8_lossy(&rest[..whole]).into_owned();
            rest.drain(..whole);
            if !text.is_empty() {
                self.tell(&Told::Output { text })?;
            }
            if is_last {
                self.tell(&Told::Capped { bytes: MOST_OUTPUT })?;
            }
        }
        Ok(())
    }
}

fn read_all(mut pipe: impl Read) -> String {
    let mut text = Vec::new();
    pipe.read_to_end(&mut text).ok();
    String::from_utf8_lossy(&text).into_owned()
}

/// A program with a process group of its own, which is killed when this is dropped.
struct Running<'b> {
    book: &'b Book,
    child: Child,
}

impl<'b> Running<'b> {
    fn start(page: &Page<'b>, mut command: Command) -> Result<Running<'b>, Stopped> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        page.book.runs(group);
        let running = Running { book: page.book, child };
        // If the page let go before that, it could not kill it.
        if page.is_gone.load(SeqCst) { Err(Stopped::Silently) } else { Ok(running) }
    }

    /// Its standard output and error.
    fn pipes(&mut self) -> anyhow::Result<[File; 2]> {
        let pipes = self.child.stdout.take().zip(self.child.stderr.take());
        let (stdout, stderr) = pipes.context("it has no output")?;
        Ok([OwnedFd::from(stdout).into(), OwnedFd::from(stderr).into()])
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.book.kill();
        self.child.wait().ok();
        self.book.runs(None);
    }
}

fn too_long(limit: Duration) -> String {
    format!("stopped: it ran for more than {} s", limit.as_secs())
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
