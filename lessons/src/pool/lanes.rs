//! One queue, and the lanes that pull from it.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::sync::WaitGroup;

use crate::{panics, timeline};

/// A queue of jobs and a number of lanes, each of which takes the next job as soon as it is free.
///
/// Dropping the lanes drops the jobs that no lane has begun, and waits for those that run.
pub(super) struct Lanes<J> {
    queue: Option<Sender<J>>,
    stop: Arc<AtomicBool>,
    ended: Option<WaitGroup>,
    count: usize,
}

/// A lane's end of the queue.
pub(super) struct Lane<J> {
    /// Counted from 1, as in `worker 1`.
    number: usize,
    queue: Receiver<J>,
    stop: Arc<AtomicBool>,
    _ended: WaitGroup,
}

impl<J> Lanes<J> {
    /// Starts `count` lanes with `start`, which puts each on a thread of its own.
    pub(super) fn start(
        count: usize,
        mut start: impl FnMut(Lane<J>) -> io::Result<()>,
    ) -> io::Result<Self> {
        if count == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a pool needs at least one worker",
            ));
        }
        let (sender, receiver) = channel::unbounded();
        let ended = WaitGroup::new();
        let stop = Arc::new(AtomicBool::new(false));
        let mut lanes = Lanes {
            queue: Some(sender),
            stop: Arc::clone(&stop),
            ended: Some(ended.clone()),
            count,
        };
        for number in 1..=count {
            let lane = Lane {
                number,
                queue: receiver.clone(),
                stop: Arc::clone(&stop),
                _ended: ended.clone(),
            };
            if let Err(error) = start(lane) {
                drop(ended);
                lanes.close();
                let message =
                    format!("worker {number} of {count} cannot be started, try fewer: {error}");
                return Err(io::Error::new(error.kind(), message));
            }
        }
        Ok(lanes)
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether this thread is one of these lanes: a task that calls its own pool.
    pub(super) fn is_own_lane(&self) -> bool {
        OWN_LANES.get() == Arc::as_ptr(&self.stop).cast()
    }

    /// Puts a job at the end of the queue.
    pub(super) fn send(&self, job: J) {
        if let Some(queue) = &self.queue {
            // Lanes hold the other end until the queue is closed. A job that cannot be sent is
            // dropped, and says so to whoever waits for it.
            let _ = queue.send(job);
        }
    }

    /// Takes no more jobs, lets the lanes finish those in the queue, and waits for them.
    pub(super) fn close(&mut self) {
        self.queue = None;
        match self.ended.take() {
            // A task that drops the last handle to its pool cannot wait for itself.
            Some(ended) if !self.is_own_lane() => ended.wait(),
            _ => {}
        }
    }
}

impl<J> Drop for Lanes<J> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.close();
    }
}

thread_local! {
    /// Which lanes this thread is one of: the address of their stop flag.
    static OWN_LANES: Cell<*const ()> = const { Cell::new(std::ptr::null()) };
}

impl<J> Lane<J> {
    /// What its thread is called.
    pub(super) fn name(&self) -> String {
        format!("worker {}", self.number)
    }

    /// Works off the queue until there will be no more jobs.
    pub(super) fn run(self, mut work: impl FnMut(J)) {
        OWN_LANES.set(Arc::as_ptr(&self.stop).cast());
        let _row = timeline::show_worker();
        while let Ok(job) = self.queue.recv() {
            // What a job holds may panic when it is dropped, and the lane must live on. Whoever waits
            // for the job has been told by then: its reply is sent when it is dropped, too.
            let _ = panics::catch(|| match self.stop.load(Ordering::Relaxed) {
                true => drop(job),
                false => work(job),
            });
        }
    }
}
