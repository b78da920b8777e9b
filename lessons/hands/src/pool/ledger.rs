//! The ledger of one worker: which pieces of work it holds, and how many it may hold.
//!
//! A pure state machine, like the [window](super::window): it knows neither processes nor sockets, and
//! is told what time it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A worker gets at most about this much work ahead of what it is doing.
const AHEAD: Duration = Duration::from_millis(1);

/// And at most so many pieces.
const MOST: usize = 1024;

/// What one worker holds, in the order in which it was sent and will be done: the first piece is the one
/// that it is working on.
#[derive(Debug)]
pub(super) struct Ledger<J> {
    held: VecDeque<(u64, J)>,
    /// How many pieces were sent to this worker: the number of the next.
    sent: u64,
    /// How many of them have been written in full.
    written: u64,
    /// When the piece that is being worked on began, and its present task. Not earlier than they did.
    piece_began: Instant,
    task_began: Instant,
    /// How long a piece takes: a moving average.
    pace: Duration,
    /// How many tasks the worker may still begin.
    tasks_left: usize,
}

impl<J> Ledger<J> {
    /// For a new worker, which has already done `pieces` of work and may begin `tasks` tasks.
    pub(super) fn new(pieces: u64, tasks: usize) -> Self {
        let now = Instant::now();
        Ledger {
            held: VecDeque::new(),
            sent: pieces,
            written: pieces,
            piece_began: now,
            task_began: now,
            pace: AHEAD,
            tasks_left: tasks,
        }
    }

    /// How many pieces the worker has.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the worker has begun as many tasks as it may.
    pub(super) fn is_worn_out(&self) -> bool {
        self.tasks_left == 0
    }

    /// How long it has been since the worker was last heard of.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.task_began)
    }

    /// How many more pieces the worker may be sent now. More than one at a time only while pieces are
    /// so short that together they take no more than a millisecond.
    pub(super) fn room(&self) -> usize {
        if self.is_worn_out() {
            return 0;
        }
        let ahead = AHEAD.as_nanos() / self.pace.as_nanos().max(1);
        usize::try_from(ahead).unwrap_or(MOST).clamp(1, MOST).saturating_sub(self.held.len())
    }

    /// Notes that a piece with so many `tasks` is on its way.
    pub(super) fn send(&mut self, piece: J, tasks: usize, now: Instant) {
        if self.held.is_empty() {
            self.piece_began = now;
            self.task_began = now;
        }
        self.held.push_back((self.sent, piece));
        self.sent += 1;
        self.tasks_left = self.tasks_left.saturating_sub(tasks);
    }

    /// The pieces that are still to be written, the first of them perhaps in part.
    pub(super) fn unwritten(&self) -> impl Iterator<Item = &J> {
        let count = (self.sent - self.written) as usize;
        self.held.range(self.held.len() - count..).map(|(_, piece)| piece)
    }

    /// Notes that one more piece has been written in full.
    pub(super) fn wrote_one(&mut self) {
        self.written += 1;
    }

    /// The piece that is being worked on.
    pub(super) fn current(&mut self) -> Option<&mut J> {
        self.held.front_mut().map(|(_, piece)| piece)
    }

    /// When the present task began, or later; `None` if there is none.
    pub(super) fn task_began(&self) -> Option<Instant> {
        (!self.held.is_empty()).then_some(self.task_began)
    }

    /// Notes that a task of the current piece has ended.
    pub(super) fn task_ended(&mut self, now: Instant) {
        self.task_began = now;
    }

    /// Notes that the last task of the current piece has ended, and returns the piece.
    pub(super) fn piece_ended(&mut self, now: Instant) -> Option<J> {
        let (_, piece) = self.held.pop_front()?;
        let took = now.saturating_duration_since(self.piece_began);
        // A long piece counts at once, short ones by and by.
        self.pace = if took >= AHEAD { took } else { (self.pace.min(AHEAD) * 3 + took) / 4 };
        self.piece_began = now;
        self.task_began = now;
        Some(piece)
    }

    /// Notes that the worker has not begun `count` pieces from number `first` on and will not, and
    /// returns them in order.
    pub(super) fn given_back(&mut self, first: u64, count: u64) -> Vec<J> {
        self.pace = AHEAD; // they waited for one that is long
        let is_back = |number: u64| (first..first.saturating_add(count)).contains(&number);
        let (back, kept) =
            self.held.drain(..).partition::<Vec<_>, _>(|(number, _)| is_back(*number));
        self.held = kept.into();
        back.into_iter().map(|(_, piece)| piece).collect()
    }

    /// The worker is dead. Returns the piece that it may have begun, and those that it cannot have.
    pub(super) fn lost(&mut self, partly_written: bool) -> (Option<J>, Vec<J>) {
        let unwritten = (self.sent - self.written) as usize;
        let none_begun = unwritten == self.held.len() && !partly_written;
        let mut pieces = self.held.drain(..).map(|(_, piece)| piece);
        let current = if none_begun { None } else { pieces.next() };
        let others = pieces.collect();
        self.written = self.sent;
        (current, others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::window::{Chunk, Order, Window};
    use proptest::prelude::*;

    #[test]
    fn only_short_pieces_are_sent_ahead() {
        let mut now = Instant::now();
        let mut ledger = Ledger::new(0, usize::MAX);
        assert_eq!(ledger.room(), 1);
        for _ in 0..50 {
            ledger.send((), 1, now);
            now += Duration::from_micros(20);
            ledger.piece_ended(now);
        }
        assert!((40..=50).contains(&ledger.room()), "{}", ledger.room());
        ledger.send((), 1, now);
        now += Duration::from_secs(1);
        ledger.piece_ended(now);
        assert_eq!(ledger.room(), 1);
    }

    #[test]
    fn a_worker_begins_no_more_tasks_than_it_may() {
        let now = Instant::now();
        let mut ledger = Ledger::new(0, 3);
        for room in [1, 1, 0] {
            assert_eq!(ledger.room(), room);
            ledger.send((), 2, now);
            ledger.piece_ended(now);
        }
        assert!(ledger.is_worn_out());
    }

    /// What is known of a worker that does not exist.
    struct Fake {
        ledger: Ledger<(usize, Vec<usize>)>,
        /// Frames that it has received and not answered: piece number, tasks to do.
        begun: bool,
    }

    proptest! {
        /// Every schedule of take, send, finish, crash, give back and drop: each task ends exactly once,
        /// at most one piece crashes with a worker, and the results come in the order that was promised.
        #[test]
        fn every_schedule_accounts_for_every_task(
            inputs in 0_usize..60, limit in 1_usize..20, chunk in 1_usize..5, workers in 1_usize..4,
            by_input in any::<bool>(), choices in prop::collection::vec(any::<u16>(), 600),
        ) {
            let order = if by_input { Order::Input } else { Order::Completion };
            let mut window = Window::new(order, limit, Chunk::Of(chunk));
            let mut queue: VecDeque<(usize, Vec<usize>)> = VecDeque::new();
            let mut fakes: Vec<Fake> = (0..workers)
                .map(|_| Fake { ledger: Ledger::new(0, usize::MAX), begun: false })
                .collect();
            let (mut left, mut crashes, mut crashed) = (inputs, 0, 0);
            let (mut completed, mut out) = (Vec::new(), Vec::new());
            let mut now = Instant::now();
            let mut choices = choices.into_iter().cycle();
            let mut choose = |n: usize| usize::from(choices.next().unwrap()) % n;
            loop {
                while left > 0 && window.room() > 0 {
                    let n = window.room().min(left);
                    let first = window.taken();
                    queue.push_back((window.sent(n), (first..first + n).collect()));
                    left -= n;
                }
                let fake = &mut fakes[choose(workers)];
                match choose(8) {
                    // It is sent what there is room for, and reads all of it.
                    0..=2 => {
                        for _ in 0..fake.ledger.room().min(queue.len()) {
                            let piece = queue.pop_front().unwrap();
                            let tasks = piece.1.len();
                            fake.ledger.send(piece, tasks, now);
                            fake.ledger.wrote_one();
                        }
                        fake.begun = !fake.ledger.is_empty();
                    }
                    // It finishes what it works on.
                    3..=5 => {
                        now += Duration::from_micros([0, 10, 900, 5000][choose(4)]);
                        fake.ledger.task_ended(now);
                        if let Some((number, tasks)) = fake.ledger.piece_ended(now) {
                            completed.extend(tasks.iter().copied());
                            window.arrived(number, tasks);
                        }
                        fake.begun = !fake.ledger.is_empty();
                    }
                    // It gives back all but what it works on.
                    6 => {
                        if let Some(&(current, _)) = fake.ledger.held.front() {
                            let back = fake.ledger.given_back(current + 1, MOST as u64);
                            prop_assert_eq!(fake.ledger.held.len(), 1);
                            back.into_iter().rev().for_each(|piece| queue.push_front(piece));
                        }
                    }
                    // It dies.
                    _ => {
                        let (current, others) = fake.ledger.lost(false);
                        prop_assert_eq!(current.is_some(), fake.begun);
                        fake.begun = false;
                        crashes += 1;
                        others.into_iter().rev().for_each(|piece| queue.push_front(piece));
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
            let expected: Vec<usize> = if by_input { (0..inputs).collect() } else { completed };
            prop_assert_eq!(out, expected);
        }
    }
}
