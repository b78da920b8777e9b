//! What a page sees of a program: built, started, its output as it comes, its end.
//!
//! The page is told one JSON object a line, as it happens. When it lets go of the answer, what runs
//! is killed, with everything that it has started.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Child, HANGS, Output, Reader};
use serde::Serialize;

use super::book::Book;
use crate::record::{Answer, Figure, Picture};

/// How many bytes of output the page gets.
const MOST_OUTPUT: usize = 1 << 20;

/// What the page is told.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Told {
    /// Cargo builds the step, and says this.
    Build { text: String },
    /// How many crates are built, of how many.
    Progress { done: u32, all: u32 },
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
pub(super) struct End {
    pub(super) how: String,
    pub(super) success: bool,
    /// Whether it came to its own end, and wasn't stopped.
    pub(super) ended: bool,
    pub(super) seconds: f64,
    pub(super) figures: Vec<Figure>,
    /// The file that a viewer opens, if there is one and it is not too large.
    pub(super) trace: Option<String>,
    /// The thumbnails that it made.
    pub(super) pictures: Vec<Picture>,
    /// The answer to what the reader was asked, if the trace has it.
    pub(super) answer: Option<Answer>,
}

/// The page that has asked for a run, as long as it waits for the answer.
pub(super) struct Page<'b> {
    pub(super) book: &'b Book,
    client: &'b TcpStream,
    is_gone: AtomicBool,
    /// Where a step's trace is while it runs, and where the reader finds it.
    trace: OnceLock<[String; 2]>,
}

/// Why a run stops early.
pub(super) enum Stopped {
    /// The page has let go, or knows already.
    Silently,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

impl<'b> Page<'b> {
    /// Does something for a page that waits for the answer, and has told it all when it returns.
    pub(super) fn serve(
        book: &'b Book,
        client: &'b TcpStream,
        act: impl FnOnce(&Page<'b>) -> Result<(), Stopped>,
    ) {
        let page = Page { book, client, is_gone: AtomicBool::new(false), trace: OnceLock::new() };
        thread::scope(|scope| {
            scope.spawn(|| page.watch());
            if let Err(Stopped::Failed(error)) = act(&page) {
                let end = End { how: format!("{error:#}"), ..End::default() };
                let _ = page.tell(&Told::End(end)); // or it is gone
            }
            client.shutdown(Shutdown::Read).ok(); // ends the watch
        });
    }

    /// Has the page read `shown` where the program prints `real`.
    pub(super) fn show_trace_as(&self, real: &Path, shown: &Path) {
        let paths = [real, shown].map(|path| path.display().to_string());
        self.trace.set(paths).expect("a page runs one step");
    }

    pub(super) fn tell(&self, told: &Told) -> Result<(), Stopped> {
        let mut line = serde_json::to_vec(told).expect("plain text and numbers");
        line.push(b'\n');
        let mut client = self.client;
        client.write_all(&line).map_err(|_| Stopped::Silently)
    }

    /// Waits for the page to let go, and then ends what runs.
    fn watch(&self) {
        let mut client = self.client;
        while let Ok(1..) = client.read(&mut [0; 64]) {}
        self.is_gone.store(true, SeqCst);
        self.book.kill();
    }

    /// Has cargo build something, as the reader would, and returns its messages.
    pub(super) fn build<'a>(
        &self,
        target: impl IntoIterator<Item = &'a str>,
    ) -> Result<String, Stopped> {
        let mut command = harness::cargo();
        command
            .current_dir(&self.book.root)
            .args(["build", "--message-format=json-render-diagnostics"])
            .args(target)
            .env("CARGO_TERM_COLOR", "never")
            .envs([("CARGO_TERM_PROGRESS_WHEN", "always"), ("CARGO_TERM_PROGRESS_WIDTH", "80")]);
        self.compile(command)
    }

    /// Runs a compiler, and returns what it prints. The page gets what it says, line by line.
    pub(super) fn compile(&self, command: Command) -> Result<String, Stopped> {
        let mut compiler = Running::start(self, command)?;
        let messages = Output::capture(compiler.child.stdout());
        let mut said = String::new();
        for line in lines(BufReader::new(compiler.child.stderr())) {
            if let Some((done, all)) = progress(&line) {
                self.tell(&Told::Progress { done, all })?;
                continue;
            }
            if said.len() < MOST_OUTPUT {
                said += &line;
                said.push('\n');
            }
            self.tell(&Told::Build { text: line + "\n" })?;
        }
        messages.ends_within(HANGS);
        if !compiler.child.wait(HANGS)?.is_some_and(|status| status.success()) {
            self.tell(&Told::Broken { text: said })?;
            return Err(Stopped::Silently);
        }
        Ok(messages.text())
    }

    /// Runs a program to its end, or to its limit, and returns its exit code, if it has one, and
    /// how it ended. The page shows its command line as `shown`.
    pub(super) fn run(
        &self,
        command: Command,
        shown: String,
        limit: Duration,
    ) -> Result<(Option<i32>, End), Stopped> {
        self.tell(&Told::Start { command: shown })?;
        let start = Instant::now();
        let left = || limit.saturating_sub(start.elapsed());
        let mut step = Running::start(self, command)?;
        let (send, texts) = mpsc::sync_channel(16);
        read_text(step.child.stdout(), send.clone());
        read_text(step.child.stderr(), send);
        let mut room = MOST_OUTPUT;
        // Both pipes are closed once it has ended, and all that it started.
        let in_time = loop {
            match texts.recv_timeout(left()) {
                Ok(text) if !left().is_zero() => self.forward(text, &mut room)?,
                Err(RecvTimeoutError::Disconnected) => break true,
                Ok(_) | Err(RecvTimeoutError::Timeout) => break false,
            }
        };
        if !in_time {
            self.book.kill();
            texts.iter().try_for_each(|text| self.forward(text, &mut room))?;
        }
        if self.is_gone.load(SeqCst) {
            return Err(Stopped::Silently);
        }
        let status = if in_time { step.child.wait(left())? } else { None };
        let how = status
            .map_or_else(|| format!("stopped: it ran for more than {} s", limit.as_secs()), how);
        let success = status.is_some_and(|status| status.success());
        let code = status.and_then(|status| status.code());
        let seconds = start.elapsed().as_secs_f64();
        Ok((code, End { how, success, ended: code.is_some(), seconds, ..End::default() }))
    }

    /// Sends the page what a program prints, until it has had enough. The rest is thrown away, so
    /// that the program doesn't have to wait.
    fn forward(&self, mut text: String, room: &mut usize) -> Result<(), Stopped> {
        if text.is_empty() || *room == 0 {
            return Ok(());
        }
        if let Some([from, to]) = self.trace.get() {
            text = text.replace(from, to);
        }
        let is_last = text.len() >= *room;
        let mut end = text.len().min(*room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        *room = if is_last { 0 } else { *room - end };
        self.tell(&Told::Output { text })?;
        if is_last { self.tell(&Told::Capped { bytes: MOST_OUTPUT }) } else { Ok(()) }
    }
}

/// Hands on what comes through a pipe, as text. A character that isn't complete yet waits for its
/// other bytes.
fn read_text(pipe: impl Read + Send + 'static, to: SyncSender<String>) {
    let mut rest = Vec::new();
    Reader::start(pipe, move |part| {
        rest.extend_from_slice(part);
        let whole = match str::from_utf8(&rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => rest.len(),
        };
        let text = String::from_utf8_lossy(&rest[..whole]).into_owned();
        rest.drain(..whole);
        to.send(text).ok(); // if nobody listens any more, it is read and thrown away
    });
}

/// A program that the server knows of, so that it can kill it.
struct Running<'b> {
    book: &'b Book,
    child: Child,
}

impl<'b> Running<'b> {
    fn start(page: &Page<'b>, mut command: Command) -> Result<Running<'b>, Stopped> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = Child::start(&mut command)?;
        page.book.runs(Some(child.pid()));
        let running = Running { book: page.book, child };
        // If the page let go before that, it couldn't kill it.
        if page.is_gone.load(SeqCst) { Err(Stopped::Silently) } else { Ok(running) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.book.kill(); // it may have ended, and have left something behind
        self.book.runs(None);
    }
}

/// The lines of what cargo says. It writes its progress over itself, so a line may also end with a
/// carriage return; blanks before one only wipe out what stood there.
fn lines(mut from: impl BufRead) -> impl Iterator<Item = String> {
    let mut rest = Vec::new();
    std::iter::from_fn(move || {
        loop {
            let bytes = from.fill_buf().ok()?;
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (taken, is_over) = (end.map_or(bytes.len(), |end| end + 1), bytes.is_empty());
            let is_line = end.is_some_and(|end| bytes[end] == b'\n');
            rest.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            from.consume(taken);
            if end.is_some() || is_over {
                let line = String::from_utf8_lossy(&std::mem::take(&mut rest)).into_owned();
                if is_line || !line.trim().is_empty() {
                    return Some(line.trim_end().to_owned());
                }
                if is_over {
                    return None;
                }
            }
        }
    })
}

/// How far cargo is: `Building [==>   ] 12/34: serde`.
fn progress(line: &str) -> Option<(u32, u32)> {
    let (_, rest) = line.trim_start().strip_prefix("Building [")?.split_once("] ")?;
    let (done, all) = rest.split(':').next()?.split_once('/')?;
    Some((done.trim().parse().ok()?, all.trim().parse().ok()?))
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

#[test]
fn a_build_says_how_far_it_is() {
    let said = "   Compiling a v1\n    Building [==>   ] 1/12: a\r     \r    Finished `dev`\n";
    let lines: Vec<String> = lines(said.as_bytes()).collect();
    assert_eq!(lines, ["   Compiling a v1", "    Building [==>   ] 1/12: a", "    Finished `dev`"]);
    assert_eq!(lines.iter().find_map(|line| progress(line)), Some((1, 12)));
}
