//! One queue, and the lanes that pull from it.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::channel::{self, Receiver, Sender, select_biased};
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
    /// How many lanes there are.
    count: usize,
    queue: Receiver<J>,
    /// Jobs that a lane has taken and not begun. They come before those in the queue.
    returned: (Sender<J>, Receiver<J>),
    stop: Arc<AtomicBool>,
    _ended: WaitGroup,
}

impl<J> Lanes<J> {
    /// Starts `count` lanes with `start`, which puts each on a thread of its own.
    pub(super) fn start(
        count: usize,
        mut start: impl FnMut(Lane<J>) -> io::Result<()>,
    ) -> io::Result<Self> {
        let (sender, receiver) = channel::unbounded();
        let returned = channel::unbounded();
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
                count,
                queue: receiver.clone(),
                returned: returned.clone(),
                stop: Arc::clone(&stop),
                _ended: ended.clone(),
            };
            if let Err(error) = start(lane) {
                drop(ended);
                lanes.stop();
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

    pub(super) fn id(&self) -> LanesId {
        LanesId(Arc::as_ptr(&self.stop) as usize)
    }

    /// Whether this thread is one of these lanes: a task that calls its own pool.
    pub(super) fn is_own_lane(&self) -> bool {
        self.id().is_here()
    }

    /// Puts a job at the end of the queue.
    pub(super) fn send(&self, job: J) {
        if let Some(queue) = &self.queue {
            // Lanes hold the other end until the queue is closed. A job that cannot be sent is
            // dropped, and says so to whoever waits for it.
            let _ = queue.send(job);
        }
    }

    /// Lets no lane begin another job.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
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
        self.stop();
        self.close();
    }
}

/// Tells the lanes of one pool from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LanesId(usize);

impl LanesId {
    /// Whether this thread is one of the lanes.
    pub(super) fn is_here(self) -> bool {
        HERE.get() == Some(self)
    }
}

thread_local! {
    /// Which lanes this thread is one of.
    static HERE: Cell<Option<LanesId>> = const { Cell::new(None) };
}

impl<J> Lane<J> {
    /// What it is called in errors and on the timeline: `worker 1`.
    pub(super) fn name(&self) -> String {
        format!("worker {}", self.number)
    }

    /// Makes this thread one of the lanes.
    pub(super) fn settle(&self) {
        HERE.set(Some(LanesId(Arc::as_ptr(&self.stop) as usize)));
    }

    /// Works off the queue until there will be no more jobs.
    pub(super) fn run(self, mut work: impl FnMut(J)) {
        self.settle();
        let _row = timeline::show_worker();
        while let Ok(job) = self.queue.recv() {
            // What a job holds may panic when it is dropped, and the lane must live on. Whoever waits
            // for the job has been told by then: its reply is sent when it is dropped, too.
            let _ = panics::catch(|| match self.is_stopped() {
                true => drop(job),
                false => work(job),
            });
        }
    }

    /// Whether no more jobs may be begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Waits for the next job. `None` when there will be no more.
    pub(super) fn next(&self) -> Option<J> {
        self.try_next().or_else(|| {
            select_biased! {
                recv(self.returned.1) -> job => job.ok(),
                recv(self.queue) -> job => job.ok(),
            }
        })
    }

    /// The next job, if there is one.
    pub(super) fn try_next(&self) -> Option<J> {
        self.returned.1.try_recv().or_else(|_| self.queue.try_recv()).ok()
    }

    /// This lane's share of the jobs that wait, rounded up.
    pub(super) fn share(&self) -> usize {
        (self.queue.len() + self.returned.1.len()).div_ceil(self.count)
    }

    /// Puts a job that was not begun before all others.
    pub(super) fn give_back(&self, job: J) {
        let _ = self.returned.0.send(job); // this lane has a receiver, too
    }
}
