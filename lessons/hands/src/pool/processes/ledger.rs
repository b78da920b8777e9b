//! The ledger of one worker: which chunks it holds, and how many it may hold.
//!
//! Like the window, this is a pure state machine. It knows neither processes nor sockets, and is
//! told what time it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Chunks are sent ahead of the running one as long as they take about this long together.
const AHEAD: Duration = Duration::from_millis(1);

/// How many chunks are sent ahead at most.
const MOST: usize = 1024;

/// The chunks that one worker holds, in the order in which they were sent and will be run. It is
/// running the first one.
#[derive(Debug)]
pub(super) struct Ledger<C> {
    held: VecDeque<Held<C>>,
    /// How many chunks were sent to this worker: the number of the next one.
    sent: u64,
    /// How many of them have been written in full.
    written: u64,
    /// When the running chunk and its running task began. These are never too early.
    chunk_began: Instant,
    task_began: Instant,
    /// How long a chunk takes: a moving average.
    pace: Duration,
    /// How many more tasks the worker may run.
    tasks_left: usize,
}

#[derive(Debug)]
struct Held<C> {
    number: u64,
    chunk: C,
    /// When the worker was told that the chunk was cancelled.
    told: Option<Instant>,
}

impl<C> Ledger<C> {
    /// The ledger of a new worker, which has already run `chunks` chunks and may run `tasks` tasks.
    pub(super) fn new(chunks: u64, tasks: usize) -> Self {
        let now = Instant::now();
        Ledger {
            held: VecDeque::new(),
            sent: chunks,
            written: chunks,
            chunk_began: now,
            task_began: now,
            pace: AHEAD,
            tasks_left: tasks,
        }
    }

    /// How many chunks the worker holds.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the worker was sent as many tasks as it may run.
    pub(super) fn is_worn_out(&self) -> bool {
        self.tasks_left == 0
    }

    /// How long it has been since the worker last answered.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.task_began)
    }

    /// How many more chunks the worker may be sent now. More than one at a time only while they are
    /// so short that all of them together take no more than a millisecond.
    pub(super) fn room(&self) -> usize {
        if self.is_worn_out() {
            return 0;
        }
        let ahead = AHEAD.as_nanos() / self.pace.as_nanos().max(1);
        usize::try_from(ahead).unwrap_or(MOST).clamp(1, MOST).saturating_sub(self.held.len())
    }

    /// Notes that a chunk of `tasks` tasks is to be sent.
    pub(super) fn send(&mut self, chunk: C, tasks: usize, now: Instant) {
        if self.held.is_empty() {
            self.chunk_began = now;
            self.task_began = now;
        }
        self.held.push_back(Held { number: self.sent, chunk, told: None });
        self.sent += 1;
        self.tasks_left = self.tasks_left.saturating_sub(tasks);
    }

    /// The chunks that have yet to be written. The first of them may be written in part.
    pub(super) fn unwritten(&self) -> impl Iterator<Item = &C> {
        let count = (self.sent - self.written) as usize;
        self.held.range(self.held.len() - count..).map(|held| &held.chunk)
    }

    /// Notes that one more chunk has been written in full.
    pub(super) fn wrote_one(&mut self) {
        self.written += 1;
    }

    /// The running chunk.
    pub(super) fn current(&mut self) -> Option<&mut C> {
        self.held.front_mut().map(|held| &mut held.chunk)
    }

    /// The numbers of the chunks that were cancelled and of which the worker hasn't been told,
    /// which it is now.
    pub(super) fn tell(&mut self, is_cancelled: impl Fn(&C) -> bool, now: Instant) -> Vec<u64> {
        let news = self.held.iter_mut().filter(|it| it.told.is_none() && is_cancelled(&it.chunk));
        let news = news.map(|held| {
            held.told = Some(now);
            held.number
        });
        news.collect()
    }

    /// The running chunk, if the worker was told that it was cancelled, and when it has known that
    /// while it was running the chunk.
    pub(super) fn told(&self) -> Option<(&C, Instant)> {
        let held = self.held.front()?;
        Some((&held.chunk, held.told?.max(self.chunk_began)))
    }

    /// When the running task began, or a little later. `None` if there is none.
    pub(super) fn task_began(&self) -> Option<Instant> {
        (!self.held.is_empty()).then_some(self.task_began)
    }

    /// Notes that a task of the running chunk has ended.
    pub(super) fn task_ended(&mut self, now: Instant) {
        self.task_began = now;
    }

    /// Notes that the last task of the running chunk has ended, and returns the chunk.
    pub(super) fn chunk_ended(&mut self, now: Instant) -> Option<C> {
        let Held { chunk, .. } = self.held.pop_front()?;
        let took = now.saturating_duration_since(self.chunk_began);
        // A long chunk counts in full at once, short ones only gradually.
        self.pace = if took >= AHEAD { took } else { (self.pace.min(AHEAD) * 3 + took) / 4 };
        self.chunk_began = now;
        self.task_began = now;
        Some(chunk)
    }

    /// Notes that the worker hasn't begun `count` chunks from number `first` on and won't run them,
    /// and returns them in order.
    pub(super) fn given_back(&mut self, first: u64, count: u64) -> Vec<C> {
        self.pace = AHEAD; // they had to wait for a long one
        let is_back = |number: u64| (first..first.saturating_add(count)).contains(&number);
        let (back, kept) = self.held.drain(..).partition::<Vec<_>, _>(|held| is_back(held.number));
        self.held = kept.into();
        back.into_iter().map(|held| held.chunk).collect()
    }

    /// Notes that the worker is dead. Returns the chunk that it may have begun, and those that it
    /// can't have.
    pub(super) fn lost(&mut self, partly_written: bool) -> (Option<C>, Vec<C>) {
        let unwritten = (self.sent - self.written) as usize;
        let none_begun = unwritten == self.held.len() && !partly_written;
        let mut chunks = self.held.drain(..).map(|held| held.chunk);
        let current = if none_begun { None } else { chunks.next() };
        let others = chunks.collect();
        self.written = self.sent;
        (current, others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::window::{ChunkSize, Order, Window};
    use proptest::prelude::*;

    #[test]
    fn only_short_chunks_are_sent_ahead() {
        let mut now = Instant::now();
        let mut ledger = Ledger::new(0, usize::MAX);
        assert_eq!(ledger.room(), 1);
        for _ in 0..50 {
            ledger.send((), 1, now);
            now += Duration::from_micros(20);
            ledger.chunk_ended(now);
        }
        assert!((40..=50).contains(&ledger.room()), "{}", ledger.room());
        ledger.send((), 1, now);
        now += Duration::from_secs(1);
        ledger.chunk_ended(now);
        assert_eq!(ledger.room(), 1);
    }

    #[test]
    fn a_worker_begins_no_more_tasks_than_it_may() {
        let now = Instant::now();
        let mut ledger = Ledger::new(0, 3);
        for room in [1, 1, 0] {
            assert_eq!(ledger.room(), room);
            ledger.send((), 2, now);
            ledger.chunk_ended(now);
        }
        assert!(ledger.is_worn_out());
    }

    /// A worker that exists only on paper.
    struct Fake {
        ledger: Ledger<(usize, Vec<usize>)>,
        /// Whether it has begun a chunk.
        begun: bool,
    }

    proptest! {
        /// In every schedule of take, send, finish, crash, give back, cancel and lose patience,
        /// each task ends exactly once, at most one chunk crashes with a worker, nothing is begun
        /// that was cancelled before, and the results come in the promised order.
        #[test]
        fn every_schedule_accounts_for_every_task(
            inputs in 0_usize..60, limit in 1_usize..20, chunk in 1_usize..5, workers in 1_usize..4,
            by_input in any::<bool>(), cancelled_at in 0_usize..300, choices in prop::collection::vec(any::<u16>(), 600),
        ) {
            let order = if by_input { Order::Input } else { Order::Completion };
            let mut window = Window::new(order, limit, ChunkSize::Fixed(chunk));
            let mut queue: VecDeque<(usize, Vec<usize>)> = VecDeque::new();
            let mut fakes: Vec<Fake> = (0..workers)
                .map(|_| Fake { ledger: Ledger::new(0, usize::MAX), begun: false })
                .collect();
            let (mut left, mut crashes, mut crashed, mut steps) = (inputs, 0, 0, 0);
            let (mut completed, mut out) = (Vec::new(), Vec::new());
            let mut now = Instant::now();
            let mut choices = choices.into_iter().cycle();
            let mut choose = |n: usize| usize::from(choices.next().unwrap()) % n;
            loop {
                steps += 1;
                let is_cancelled = steps > cancelled_at;
                if is_cancelled {
                    left = 0; // no more inputs are taken
                    for fake in &mut fakes {
                        let before: Vec<_> = fake.ledger.held.iter().map(|held| held.told).collect();
                        let news = fake.ledger.tell(|_| true, now);
                        prop_assert_eq!(news.len(), before.iter().filter(|it| it.is_none()).count());
                        prop_assert_eq!(fake.ledger.told().is_some(), !fake.ledger.is_empty());
                    }
                }
                while left > 0 && window.room() > 0 {
                    let n = window.room().min(left);
                    let first = window.taken();
                    queue.push_back((window.sent(n), (first..first + n).collect()));
                    left -= n;
                }
                let fake = &mut fakes[choose(workers)];
                match choose(9) {
                    // A lane drops what was cancelled instead of sending it.
                    0..=2 if is_cancelled => {
                        if let Some((number, tasks)) = queue.pop_front() {
                            completed.extend(tasks.iter().copied());
                            window.arrived(number, tasks);
                        }
                    }
                    // It is sent as much as there is room for, and reads all of it.
                    0..=2 => {
                        for _ in 0..fake.ledger.room().min(queue.len()) {
                            let chunk = queue.pop_front().unwrap();
                            let tasks = chunk.1.len();
                            fake.ledger.send(chunk, tasks, now);
                            fake.ledger.wrote_one();
                        }
                        fake.begun = !fake.ledger.is_empty();
                    }
                    // It finishes what it is running.
                    3..=5 => {
                        now += Duration::from_micros([0, 10, 900, 5000][choose(4)]);
                        fake.ledger.task_ended(now);
                        if let Some((number, tasks)) = fake.ledger.chunk_ended(now) {
                            completed.extend(tasks.iter().copied());
                            window.arrived(number, tasks);
                        }
                        fake.begun = !fake.ledger.is_empty();
                    }
                    // It gives back everything but what it is running.
                    6 => {
                        if let Some(current) = fake.ledger.held.front().map(|held| held.number) {
                            let back = fake.ledger.given_back(current + 1, MOST as u64);
                            prop_assert_eq!(fake.ledger.held.len(), 1);
                            back.into_iter().rev().for_each(|chunk| queue.push_front(chunk));
                        }
                    }
                    // It dies, or is killed because it goes on after it was told.
                    n => {
                        if n == 7 && fake.ledger.told().is_none() {
                            continue;
                        }
                        let (current, others) = fake.ledger.lost(false);
                        prop_assert_eq!(current.is_some(), fake.begun);
                        fake.begun = false;
                        crashes += 1;
                        others.into_iter().rev().for_each(|chunk| queue.push_front(chunk));
                        if let Some((number, tasks)) = current {
                            crashed += 1;
                            completed.extend(tasks.iter().copied());
                            window.arrived(number, tasks);
                        }
                        fake.ledger = Ledger::new(0, usize::MAX);
                    }
                }
                if choose(3) > 0 {
                    while let Some(tasks) = window.next_ready() {
                        for task in tasks {
                            window.hand_out();
                            out.push(task);
                        }
                    }
                }
                if !window.is_waiting() && left == 0 && completed.len() == out.len() {
                    break;
                }
            }
            prop_assert!(crashed <= crashes);
            prop_assert!(queue.is_empty());
            let expected: Vec<usize> = if by_input { (0..window.taken()).collect() } else { completed };
            prop_assert_eq!(out, expected);
        }
    }
}
