//! What a worker process does: it reads work, does it, and answers.
//!
//! The main thread reads and runs the tasks. While it is busy with one, a second thread *watches*:
//! it reads what comes, so that the parent never waits to write; it ends the process when the
//! parent is gone; and every millisecond it looks whether something should not wait for the task that
//! is running, be it results to be sent or work to be given back.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};

use super::wire::{Frames, Header, Note, put_note, split_value};
use super::{Registered, worker};
use crate::patience::stay_awake;
use crate::timeline::{self, Meter};
use crate::{eprintln, output};

/// How long results and waiting work may be held back by the task that is running.
const TICK: Duration = Duration::from_millis(1);

/// After so many looks that found nothing new the watching thread sleeps longer.
const QUIET: u32 = 10;

/// And wakes only now and then, to see whether the parent is still there.
const NAP: Duration = Duration::from_millis(100);

/// Results of one frame are sent together, but not more than about this many bytes.
const BATCH: usize = 64 << 10;

/// Serves until the parent has nothing more to ask.
pub(super) fn serve(tasks: &'static [&'static dyn Registered]) -> ! {
    output::go_on(); // a task has other things to do than to be heard
    let socket = claim_socket().unwrap_or_else(|error| {
        eprintln!(
            "{}N is for the program's own use: it starts its workers so ({error})",
            worker::MARK
        );
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
        frame = desk.next_frame(frame);
        match Header::split(&frame[4..]) {
            Some((header, inputs)) => {
                work(tasks[header.task as usize], header, inputs, desk, &mut out);
            }
            None => process::exit(0), // a frame of no length: there is no more to do
        }
    }
}

/// Runs the tasks of a frame, and answers for each.
fn work(
    task: &dyn Registered,
    header: Header,
    mut inputs: &[u8],
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
        meter.task(number, || task.answer(input, answer));
        number += 1;
        let mut outbox = desk.outbox();
        if header.record {
            put_note(&Note::Recorded(timeline::take_report()), &mut outbox.waiting);
        }
        // If it is the only one it is sent now: what a task has returned must not be lost if the
        // next one takes the process down. Many at once are sent together, for the speed.
        if header.tasks == 1 {
            outbox.send(answer);
        } else {
            let is_first = outbox.waiting.is_empty();
            outbox.waiting.extend_from_slice(answer);
            if outbox.waiting.len() > BATCH {
                outbox.send(&[]);
            } else if is_first {
                desk.wake(&mut desk.inbox()); // to send it soon, if nothing else does
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
    socket.peer_addr()?; // fails if it is no socket
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Ends this process at once, and the programs that it has started, for nobody is left who could be
/// told.
fn die() -> ! {
    let me = getpid();
    let _ = match getpgrp() == me {
        true => kill_process_group(me, Signal::KILL),
        false => kill_process(me, Signal::KILL),
    };
    process::abort()
}

/// Where the two threads meet.
struct Desk {
    socket: UnixStream,
    inbox: Mutex<Inbox>,
    /// Wakes the watching thread.
    woken: Condvar,
    outbox: Mutex<Outbox>,
}

#[derive(Default)]
struct Inbox {
    /// What has been read of a frame that is not whole yet.
    stream: Frames,
    /// Work that has not begun: frames with their length before them.
    frames: VecDeque<Vec<u8>>,
    /// How many frames were taken so far.
    taken: u64,
    /// How many pieces of work have left, begun or given back.
    pieces: u64,
    /// The main thread waits for something to read.
    is_idle: bool,
    /// The watching thread sleeps.
    is_asleep: bool,
}

/// This end of the socket, for writing. Whoever writes has it locked, so answers stay whole.
struct Outbox {
    socket: UnixStream,
    /// Answers that wait for others, to be sent with them.
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
        Desk {
            socket,
            inbox: Mutex::default(),
            woken: Condvar::new(),
            outbox: Mutex::new(Outbox { socket: writer, waiting: Vec::new() }),
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next frame of work, and takes the memory of the last one back. Only the main thread
    /// calls this.
    fn next_frame(&self, last: Vec<u8>) -> Vec<u8> {
        let mut inbox = self.inbox();
        inbox.stream.recycle(last);
        while inbox.frames.is_empty() {
            // While it is idle nobody else reads.
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
        inbox.pieces += u64::from(Header::split(&frame[4..]).is_some_and(|(h, _)| h.begins));
        self.wake(&mut inbox);
        frame
    }

    /// Wakes the watching thread if it sleeps for long.
    fn wake(&self, inbox: &mut Inbox) {
        if inbox.is_asleep {
            inbox.is_asleep = false;
            self.woken.notify_one();
        }
    }

    /// Looks after what must not wait for the task that the main thread is running.
    fn watch(&self) -> ! {
        let (mut seen, mut quiet) = (0, 0);
        loop {
            self.sleep(quiet >= QUIET);
            // Locked before the inbox, so that no answer overtakes what is said here: the parent must
            // know what was given back before it hears of anything that came later.
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
                // Nothing waits for a task before the first one.
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

    /// Lets the watching thread sleep for a moment, or longer if nothing happens anyway.
    fn sleep(&self, is_quiet: bool) {
        let mut inbox = self.inbox();
        inbox.is_asleep = is_quiet;
        let pause = if is_quiet { NAP } else { TICK };
        drop(self.woken.wait_timeout(inbox, pause));
    }
}

/// Waits until there is something to read, and reads once. If the parent is gone, so is this process.
fn read(stream: &mut Frames, socket: &UnixStream) {
    if !stream.fill(socket).unwrap_or(false) {
        die();
    }
}

/// Whether there is something to read now, be it the end of the stream.
fn is_readable(socket: &UnixStream) -> bool {
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|ready| ready > 0)
}

impl Inbox {
    /// Puts the frames that are whole into the queue.
    fn sort(&mut self) {
        while let Some(frame) = self.stream.take() {
            self.frames.push_back(frame);
        }
    }

    /// Takes back the pieces that have not begun, if there are any, and says which.
    fn give_back(&mut self) -> Option<Note> {
        let header = |frame: &Vec<u8>| Header::split(&frame[4..]).map(|(header, _)| header);
        let begins = |frame: &Vec<u8>| header(frame).is_some_and(|header| header.begins);
        // What goes on with the piece that has begun stays, and so does a piece of which a part has
        // yet to come.
        let from = self.frames.iter().position(begins)?;
        let to = self.frames.iter().rposition(|frame| header(frame).is_some_and(|h| h.ends))? + 1;
        let count = self.frames.drain(from..to.max(from)).filter(begins).count() as u32;
        let first = self.pieces;
        self.pieces += u64::from(count);
        (count > 0).then_some(Note::GivenBack { first, count })
    }
}
