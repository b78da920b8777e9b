//! One queue of chunks, and the lanes that pull from it.

use std::cell::Cell;
use std::io;

use crate::cancel::{self, Token};
use crate::sync::WaitGroup;
use crate::sync::channel::{self, Receiver, Sender};
use crate::sync::thread_local;
use crate::{panics, timeline};

/// A queue of chunks and a number of lanes, each of which takes the next chunk as soon as it is
/// free.
///
/// Dropping the lanes drops the chunks that no lane has begun, and waits for those that run.
pub(super) struct Lanes<C> {
    queue: Option<Sender<C>>,
    /// Cancelled when no lane may begin another chunk. The tasks that run are told so.
    stop: Token,
    ended: Option<WaitGroup>,
    count: usize,
}

/// A lane's end of the queue.
pub(super) struct Lane<C> {
    /// Counted from 1, as in `worker 1`.
    number: usize,
    /// How many lanes there are.
    count: usize,
    queue: Receiver<C>,
    /// Chunks that a lane has taken but not begun. They come before those in the queue.
    returned: (Sender<C>, Receiver<C>),
    stop: Token,
    _ended: WaitGroup,
}

impl<C> Lanes<C> {
    /// Starts `count` lanes with `start`, which puts each on a thread of its own.
    pub(super) fn start(
        count: usize,
        mut start: impl FnMut(Lane<C>) -> io::Result<()>,
    ) -> io::Result<Self> {
        let (sender, receiver) = channel::unbounded();
        let returned = channel::unbounded();
        let ended = WaitGroup::new();
        let stop = Token::new();
        let mut lanes =
            Lanes { queue: Some(sender), stop: stop.clone(), ended: Some(ended.clone()), count };
        for number in 1..=count {
            let lane = Lane {
                number,
                count,
                queue: receiver.clone(),
                returned: returned.clone(),
                stop: stop.clone(),
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
        LanesId(self.stop.id())
    }

    /// Whether this thread is one of these lanes: a task that calls its own pool.
    pub(super) fn is_own_lane(&self) -> bool {
        self.id().is_here()
    }

    /// Puts a chunk at the end of the queue.
    pub(super) fn send(&self, chunk: C) {
        if let Some(queue) = &self.queue {
            // The lanes hold the other end until the queue is closed. A chunk that can't be sent is
            // dropped, and that tells whoever waits for it.
            let _ = queue.send(chunk);
        }
    }

    /// Lets no lane begin another chunk.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }

    /// What is cancelled by [`stop`](Lanes::stop).
    pub(super) fn token(&self) -> &Token {
        &self.stop
    }

    /// Closes the queue, and waits until the lanes have finished what is in it.
    pub(super) fn close(&mut self) {
        self.queue = None;
        // A task that drops its own pool can't wait for itself.
        if let Some(ended) = self.ended.take()
            && !self.is_own_lane()
        {
            ended.wait();
        }
    }
}

impl<C> Drop for Lanes<C> {
    fn drop(&mut self) {
        self.stop();
        self.close();
    }
}

/// Identifies the lanes of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LanesId(u64);

impl LanesId {
    /// Whether this thread is one of the lanes.
    pub(super) fn is_here(self) -> bool {
        HERE.with(Cell::get) == Some(self)
    }
}

thread_local! {
    /// The lanes that this thread is one of, if any.
    static HERE: Cell<Option<LanesId>> = const { Cell::new(None) };
}

impl<C> Lane<C> {
    /// The name of the lane in errors and on the timeline: `worker 1`.
    pub(super) fn name(&self) -> String {
        format!("worker {}", self.number)
    }

    /// Makes this thread one of the lanes.
    pub(super) fn settle(&self) {
        HERE.with(|here| here.set(Some(LanesId(self.stop.id()))));
        cancel::enter_pool(&self.stop);
    }

    /// Runs chunk after chunk, until the queue is closed and empty.
    pub(super) fn run(self, mut run_chunk: impl FnMut(C)) {
        self.settle();
        let _row = timeline::show_worker();
        while let Some(chunk) = self.pull() {
            // Dropping the caller's types may panic, and the lane must live on. Whoever waits for
            // the chunk isn't forgotten: its reply is sent when it is dropped.
            let _ = panics::catch(|| {
                if !self.is_stopped() {
                    run_chunk(chunk);
                }
            });
        }
    }

    /// Waits for the next chunk in the queue. `None` means that the queue is closed and empty.
    fn pull(&self) -> Option<C> {
        self.queue.recv().ok()
    }

    /// Whether no more chunks may be begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits for the next chunk. `None` means that there will be no more.
    pub(super) fn next(&self) -> Option<C> {
        self.try_next().or_else(|| channel::recv_either(&self.returned.1, &self.queue))
    }

    /// The next chunk, if there is one.
    pub(super) fn try_next(&self) -> Option<C> {
        self.returned.1.try_recv().or_else(|_| self.queue.try_recv()).ok()
    }

    /// This lane's share of the chunks that wait, rounded up.
    pub(super) fn share(&self) -> usize {
        (self.queue.len() + self.returned.1.len()).div_ceil(self.count)
    }

    /// Puts a chunk that wasn't begun before all others.
    pub(super) fn give_back(&self, chunk: C) {
        let _ = self.returned.0.send(chunk); // this lane has a receiver, too
    }
}
