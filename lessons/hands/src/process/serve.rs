//! What a worker process does: it reads chunks, runs their tasks, and answers.
//!
//! The main thread reads, and runs the tasks. While it is busy with one, a second thread *watches*.
//! That one reads whatever arrives, so that the parent never waits to write. It ends the process
//! when the parent is gone. And every millisecond it checks whether something shouldn't wait for
//! the running task any longer: results to be sent, or chunks to be given back.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};

use super::task::Registered;
use super::wire::{Deadline, Frames, Header, Note, cancelled_by, put_note, split_value};
use super::worker::MARK;
use crate::cancel::{self, Token};
use crate::patience::stay_awake;
use crate::timeline::{self, Meter};
use crate::{eprintln, output};

/// How long the running task may hold back results and waiting chunks.
const TICK: Duration = Duration::from_millis(1);

/// After this many checks that found nothing new, the watching thread sleeps longer.
const QUIET: u32 = 10;

/// How long it sleeps then, unless something happens.
const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The results of a frame are sent together, up to about this many bytes.
const TOGETHER: usize = 64 << 10;

/// Serves until the parent has nothing more to ask.
pub(super) fn serve(tasks: &'static [&'static dyn Registered]) -> ! {
    output::go_on(); // a task's work matters even if nobody reads its output
    let socket = claim_socket().unwrap_or_else(|error| {
        eprintln!("{MARK}N is for internal use: the program starts its workers with it ({error})");
        process::exit(2)
    });
    let desk = Box::leak(Box::new(Desk::new(socket)));
    let desk: &'static Desk = desk;
    let mut out = Vec::new();
    put_note(&Note::Hello(tasks.iter().map(|task| task.name().to_owned()).collect()), &mut out);
    desk.outbox().send(&out);
    out.clear();
    thread::Builder::new()
        .name("watch".to_owned())
        .spawn(|| desk.watch())
        .unwrap_or_else(|_| die());
    let mut frame = Vec::new();
    loop {
        let token;
        (frame, token) = desk.next_frame(frame);
        match Header::split(&frame[4..]) {
            Some((header, inputs)) => {
                let _entered = cancel::enter(&token);
                run(tasks[header.task as usize], header, inputs, &token, desk, &mut out);
            }
            None => process::exit(0), // an empty frame: there's nothing more to do
        }
    }
}

/// Runs the tasks of a frame, and answers for each.
fn run(
    task: &dyn Registered,
    header: Header,
    mut inputs: &[u8],
    token: &Token,
    desk: &Desk,
    answer: &mut Vec<u8>,
) {
    if header.record && !timeline::is_recording() {
        timeline::record_for_parent();
    }
    let mut meter = Meter::start();
    let mut number = header.first as usize;
    while let Some((input, rest)) = split_value(inputs) {
        inputs = rest;
        if token.is_cancelled() {
            put_note(&Note::Cancelled, answer);
        } else {
            meter.task(number, || task.answer(input, answer));
        }
        number += 1;
        let mut outbox = desk.outbox();
        if header.record {
            put_note(&Note::Recorded(timeline::take_report()), &mut outbox.waiting);
        }
        // A single answer is sent at once: it mustn't be lost if the next task takes the process
        // down. The answers of a chunk are sent together, for speed.
        if header.tasks == 1 {
            outbox.send(answer);
        } else {
            let is_first = outbox.waiting.is_empty();
            outbox.waiting.extend_from_slice(answer);
            if outbox.waiting.len() > TOGETHER {
                outbox.send(&[]);
            } else if is_first {
                desk.wake(&mut desk.inbox()); // so that it is sent soon, whatever happens
            }
        }
        answer.clear();
    }
    meter.stop();
    desk.outbox().send(&[]);
}

/// Takes the socket from standard input, and leaves nothing there for the tasks to read.
fn claim_socket() -> io::Result<UnixStream> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.peer_addr()?; // fails if it isn't a socket
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Ends this process at once, with the programs that it has started: nobody is left to report to.
fn die() -> ! {
    let me = getpid();
    let leads_group = getpgrp() == me;
    let kill = if leads_group { kill_process_group } else { kill_process };
    kill(me, Signal::KILL).ok();
    process::abort()
}

/// What the two threads share.
struct Desk {
    socket: UnixStream,
    inbox: Mutex<Inbox>,
    /// Wakes the watching thread: the main thread writes to the first, and it reads the second.
    bell: (UnixStream, UnixStream),
    outbox: Mutex<Outbox>,
}

#[derive(Default)]
struct Inbox {
    /// What has been read of a frame that isn't complete yet.
    stream: Frames,
    /// Frames that haven't begun, each with its length before it.
    frames: VecDeque<Vec<u8>>,
    /// How many frames the main thread has taken so far.
    taken: u64,
    /// How many chunks have left the queue, begun or given back.
    chunks: u64,
    /// Whether the main thread waits for something to read.
    is_idle: bool,
    /// The token of the last chunk that has begun.
    token: Token,
    /// Chunks that were cancelled before they have begun.
    cancelled: BTreeSet<u64>,
    /// Whether the watching thread sleeps for long.
    is_asleep: bool,
}

/// The writing end of the socket. It is locked while an answer is written, so answers stay whole.
struct Outbox {
    socket: UnixStream,
    /// Answers that will be sent with later ones.
    waiting: Vec<u8>,
}

impl Outbox {
    /// Sends the waiting answers, and this one.
    fn send(&mut self, answer: &[u8]) {
        for bytes in [&self.waiting[..], answer] {
            if self.socket.write_all(bytes).is_err() {
                die(); // the parent is gone
            }
        }
        self.waiting.clear();
    }
}

impl Desk {
    fn new(socket: UnixStream) -> Self {
        let writer = socket.try_clone().unwrap_or_else(|_| die());
        let bell = UnixStream::pair().unwrap_or_else(|_| die());
        Desk {
            socket,
            inbox: Mutex::default(),
            bell,
            outbox: Mutex::new(Outbox { socket: writer, waiting: Vec::new() }),
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next frame, and reuses the memory of the last one. Returns it with the token
    /// of its chunk. Only the main thread calls this.
    fn next_frame(&self, last: Vec<u8>) -> (Vec<u8>, Token) {
        let mut inbox = self.inbox();
        inbox.stream.recycle(last);
        while inbox.frames.is_empty() {
            // While the main thread is idle, nobody else reads.
            inbox.is_idle = true;
            let mut stream = mem::take(&mut inbox.stream);
            drop(inbox);
            stay_awake(|| is_readable(&self.socket).then_some(()));
            read(&mut stream, &self.socket);
            inbox = self.inbox();
            inbox.is_idle = false;
            inbox.stream = stream;
            inbox.sort();
        }
        let frame = inbox.frames.pop_front().unwrap_or_else(|| die());
        inbox.taken += 1;
        if let Some((header, _)) = Header::split(&frame[4..])
            && header.begins
        {
            inbox.begin(header);
        }
        self.wake(&mut inbox);
        (frame, inbox.token.clone())
    }

    /// Wakes the watching thread if it sleeps for long.
    fn wake(&self, inbox: &mut Inbox) {
        if inbox.is_asleep {
            inbox.is_asleep = false;
            let _ = (&self.bell.0).write_all(&[0]);
        }
    }

    /// Takes care of everything that mustn't wait for the running task.
    fn watch(&self) -> ! {
        let (mut seen, mut quiet) = (0, 0);
        loop {
            self.sleep(quiet >= QUIET);
            // Locked before the inbox, so that no answer overtakes this note: the parent must know
            // what was given back before it hears about anything later.
            let mut outbox = self.outbox();
            let mut inbox = self.inbox();
            while !inbox.is_idle && is_readable(&self.socket) {
                read(&mut inbox.stream, &self.socket);
                inbox.sort();
            }
            let has_results = !outbox.waiting.is_empty();
            if inbox.taken != seen {
                (seen, quiet) = (inbox.taken, 0);
            } else {
                quiet = if has_results { 0 } else { quiet + 1 };
                // Before the first task, nothing can wait for one.
                if seen > 0
                    && let Some(note) = inbox.give_back()
                {
                    put_note(&note, &mut outbox.waiting);
                }
            }
            drop(inbox);
            outbox.send(&[]);
        }
    }

    /// Lets the watching thread sleep: for a moment, or until something happens.
    fn sleep(&self, is_quiet: bool) {
        let mut inbox = self.inbox();
        inbox.is_asleep = is_quiet;
        let is_idle = inbox.is_idle;
        drop(inbox);
        if !is_quiet {
            return thread::sleep(TICK);
        }
        // While the main thread is idle, it's the one that reads from the parent.
        let mut fds =
            [PollFd::new(&self.bell.1, PollFlags::IN), PollFd::new(&self.socket, PollFlags::IN)];
        let watched = if is_idle { &mut fds[..1] } else { &mut fds[..] };
        let _ = poll(watched, Some(&NAP));
        if !fds[0].revents().is_empty() {
            let _ = (&self.bell.1).read(&mut [0; 16]);
        }
    }
}

/// Waits until there is something to read, and reads once. Ends this process if the parent is gone.
fn read(stream: &mut Frames, socket: &UnixStream) {
    if !stream.fill(socket).unwrap_or(false) {
        die();
    }
}

/// Whether a read would return at once, be it with the end of the stream.
fn is_readable(socket: &UnixStream) -> bool {
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|ready| ready > 0)
}

impl Inbox {
    /// Moves complete frames into the queue. What was cancelled isn't queued: it's news.
    fn sort(&mut self) {
        while let Some(frame) = self.stream.take() {
            match cancelled_by(&frame) {
                None => self.frames.push_back(frame),
                Some(chunk) if chunk >= self.chunks => _ = self.cancelled.insert(chunk),
                Some(chunk) if chunk + 1 == self.chunks => self.token.cancel(),
                Some(_) => {} // it has ended
            }
        }
    }

    /// Notes that the next chunk begins, and sees to it that it has a token.
    fn begin(&mut self, header: Header) {
        let number = self.chunks;
        self.chunks += 1;
        let deadline = header.deadline.and_then(Deadline::instant);
        if deadline.is_some() || self.token.deadline().is_some() || self.token.is_cancelled() {
            self.token = Token::until(deadline);
        }
        if !self.cancelled.is_empty() {
            self.cancelled = self.cancelled.split_off(&number);
            if self.cancelled.remove(&number) {
                self.token.cancel();
            }
        }
    }

    /// Takes the chunks that haven't begun out of the queue, and says which they are.
    fn give_back(&mut self) -> Option<Note> {
        let header = |frame: &Vec<u8>| Header::split(&frame[4..]).map(|(header, _)| header);
        let begins = |frame: &Vec<u8>| header(frame).is_some_and(|header| header.begins);
        // The rest of the chunk that has begun stays, and so does a chunk that hasn't arrived in
        // full.
        let from = self.frames.iter().position(begins)?;
        let to = self.frames.iter().rposition(|frame| header(frame).is_some_and(|h| h.ends))? + 1;
        let count = self.frames.drain(from..to.max(from)).filter(begins).count() as u32;
        let first = self.chunks;
        self.chunks += u64::from(count);
        (count > 0).then_some(Note::GivenBack { first, count })
    }
}
