//! A worker process of a pool: the process, its row in the timeline, and the chunks that it holds.

use std::io::{self, IoSlice};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chunk::Chunk;
use super::ledger::Ledger;
use super::options::{OnCrash, Options};
use super::shared::Shared;
use crate::failure::Failure;
use crate::pool::lanes::Lane;
use crate::process::{Answer, Lost, Note, Until, Worker, put_cancel};
use crate::timeline::{self, WorkerGuard};

/// How many chunks are written with one call.
const AT_ONCE: usize = 64;

/// A worker that has answered within this time is taken to be alive.
const FRESH: Duration = Duration::from_millis(1);

/// A worker process, and everything that its lane knows about it. Dropping it kills the process.
pub(super) struct PoolWorker {
    process: Worker,
    _row: WorkerGuard,
    ledger: Ledger<Chunk>,
    /// How many bytes of the first unwritten chunk have been written.
    offset: usize,
    /// Written before the next chunk: which ones were cancelled.
    urgent: Vec<u8>,
    /// Ends when some task was cancelled, of this worker or another one.
    alarm: Arc<UnixStream>,
}

impl PoolWorker {
    /// Starts a process, and waits until it is ready and initialized.
    pub(super) fn start(name: &str, shared: &Shared) -> io::Result<Self> {
        let options = &shared.options;
        let alarm = shared.bell.listen()?;
        let mut process = Worker::spawn()?;
        process.greet()?;
        // Before the initializer, whose spans are on this row.
        let row = timeline::show_worker_process(process.pid(), name);
        let mut chunks = 0;
        if let Some(Ok(initializer)) = &options.initializer {
            initializer.run(&mut process, options.task_timeout)?;
            chunks += 1; // the process counts it, too
        }
        let ledger = Ledger::new(chunks, options.max_tasks.unwrap_or(usize::MAX));
        Ok(PoolWorker { process, _row: row, ledger, offset: 0, urgent: Vec::new(), alarm })
    }

    /// Whether the process still exists, as far as anyone can tell.
    pub(super) fn is_alive(&self) -> bool {
        self.ledger.idle_for(Instant::now()) < FRESH || self.process.is_alive()
    }

    /// Whether the process was sent as many tasks as it may run.
    pub(super) fn is_worn_out(&self) -> bool {
        self.ledger.is_worn_out()
    }

    /// Tells the process to end, and waits for that. It must hold no chunks.
    pub(super) fn end(self) {
        self.process.end();
    }

    /// Sends a chunk, with the next [`work_off`](PoolWorker::work_off).
    pub(super) fn send(&mut self, chunk: Chunk) {
        let tasks = chunk.left();
        self.ledger.send(chunk, tasks, Instant::now());
    }

    /// Keeps the process busy until it has nothing left to do and the queue has nothing for it.
    pub(super) fn work_off(&mut self, lane: &Lane<Chunk>, shared: &Shared) -> Result<(), Lost> {
        while !self.ledger.is_empty() {
            self.top_up(lane);
            match self.exchange(&shared.options) {
                Err(Lost::Alarm) if !shared.is_terminated() => self.tell(lane, shared),
                result => result?,
            }
            self.take_answers(lane)?;
        }
        Ok(())
    }

    /// Tells the process which of its chunks were cancelled.
    fn tell(&mut self, lane: &Lane<Chunk>, shared: &Shared) {
        // If the system has no open file left, the old one goes on to end every wait.
        if let Ok(alarm) = shared.bell.listen() {
            self.alarm = alarm;
        }
        let is_cancelled = |chunk: &Chunk| lane.is_stopped() || !chunk.is_wanted();
        let now = Instant::now();
        if !lane.is_stopped() {
            self.ledger.tell(Chunk::is_expired, now); // the process knows their deadline itself
        }
        for number in self.ledger.tell(is_cancelled, now) {
            put_cancel(number, &mut self.urgent);
        }
    }

    /// Sends ahead as much as the process may have, but no more than its share of the queue,
    /// because the other workers need something to do, too.
    fn top_up(&mut self, lane: &Lane<Chunk>) {
        let room = self.ledger.room();
        if room == 0 || lane.is_stopped() {
            return;
        }
        // A few large writes are better than many small ones: wait until it doubles what the
        // process has.
        let count = room.min(lane.share());
        if count < self.ledger.held() {
            return;
        }
        for _ in 0..count {
            if self.ledger.is_worn_out() {
                break;
            }
            match lane.try_next() {
                Some(chunk) if chunk.is_wanted() => self.send(chunk),
                Some(chunk) => chunk.dismiss(),
                None => break,
            }
        }
    }

    /// Writes whatever there is to write, or waits for answers.
    fn exchange(&mut self, options: &Options) -> Result<(), Lost> {
        let ends = [self.times_out_at(options.task_timeout), self.grace_ends_at(options.grace)];
        let deadline = ends.into_iter().flatten().min();
        let until = Until { deadline, alarm: Some(self.alarm.as_fd()) };
        if !self.urgent.is_empty() && self.offset == 0 {
            let written = self.process.exchange(&[IoSlice::new(&self.urgent)], &until)?;
            self.urgent.drain(..written);
            return Ok(());
        }
        // What is urgent waits no longer than until the next chunk would begin.
        let most = if self.urgent.is_empty() { AT_ONCE } else { 1 };
        let mut slices = [IoSlice::new(&[]); AT_ONCE];
        let mut count = 0;
        for (slice, chunk) in slices[..most].iter_mut().zip(self.ledger.unwritten()) {
            let from = if count == 0 { self.offset } else { 0 };
            *slice = IoSlice::new(&chunk.bytes()[from..]);
            count += 1;
        }
        self.offset += self.process.exchange(&slices[..count], &until)?;
        loop {
            let length = self.ledger.unwritten().next().map(|chunk| chunk.bytes().len());
            match length {
                Some(length) if self.offset >= length => {
                    self.offset -= length;
                    self.ledger.wrote_one();
                }
                _ => return Ok(()),
            }
        }
    }

    /// When the running task has run for as long as it may.
    fn times_out_at(&self, limit: Option<Duration>) -> Option<Instant> {
        self.ledger.task_began()?.checked_add(limit?)
    }

    /// When the running task has gone on for too long after it was cancelled. Nobody kills a task
    /// that nobody waits for.
    fn grace_ends_at(&self, grace: Duration) -> Option<Instant> {
        let (chunk, told) = self.ledger.told()?;
        chunk.is_overdue().then(|| told.checked_add(grace))?
    }

    /// Passes on the answers that have arrived.
    fn take_answers(&mut self, lane: &Lane<Chunk>) -> Result<(), Lost> {
        let pid = self.process.pid();
        let now = Instant::now();
        while let Some(answer) = self.process.next_answer() {
            let Some(chunk) = self.ledger.current() else { return Err(Lost::Died) };
            match answer? {
                Answer::Value(value) => chunk.value(value),
                Answer::Failure(failure) => chunk.failure(failure),
                Answer::Note(Note::Recorded(report)) => {
                    timeline::include(pid, report);
                    continue;
                }
                Answer::Note(Note::GivenBack { first, count }) => {
                    let back = self.ledger.given_back(first, count.into());
                    back.into_iter().for_each(|chunk| lane.give_back(chunk));
                    continue;
                }
                Answer::Note(_) => continue,
            }
            let is_done = chunk.left() == 0;
            self.ledger.task_ended(now);
            if is_done && let Some(chunk) = self.ledger.chunk_ended(now) {
                chunk.dismiss();
            }
        }
        Ok(())
    }

    /// Gives up the worker. Each task that it held gets its outcome, or goes to another worker.
    pub(super) fn give_up(mut self, why: Lost, lane: &Lane<Chunk>, options: &Options) {
        let running = self.ledger.task_began();
        let grace_end = self.grace_ends_at(options.grace);
        let is_ignored = why == Lost::Overdue && grace_end.is_some_and(|end| end <= Instant::now());
        if why != Lost::Died {
            self.kill(lane);
        }
        // The task may have ended just before it was killed.
        let is_overdue = why == Lost::Overdue && self.ledger.task_began() == running;
        let death = self.process.death();
        let (current, others) = self.ledger.lost(self.offset > 0);
        for chunk in others {
            lane.give_back(chunk);
        }
        let Some(mut chunk) = current else { return };
        match (options.on_crash, options.task_timeout) {
            _ if why == Lost::Alarm => {}
            _ if is_overdue && is_ignored => return chunk.dismiss(), // as cancelled
            (_, Some(limit)) if is_overdue => chunk.failure(Failure::TimedOut { limit }),
            (OnCrash::Retry(times), _) if chunk.crashes < times => chunk.crashes += 1,
            _ => chunk.fail_all(&death),
        }
        match chunk.left() {
            0 => chunk.dismiss(),
            _ => lane.give_back(chunk.rest()),
        }
    }

    /// Kills the process, and passes on its last answers.
    fn kill(&mut self, lane: &Lane<Chunk>) {
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        let until = Until { deadline, alarm: None };
        loop {
            self.process.kill();
            let heard = self.process.exchange(&[], &until).map(drop);
            if heard.and_then(|()| self.take_answers(lane)).is_err() {
                return;
            }
        }
    }
}
