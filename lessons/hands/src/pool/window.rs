//! The window: how far a pool may read ahead of its caller, and in which order it hands out
//! results.
//!
//! This is a pure state machine. It knows neither workers nor channels, so a test can drive it
//! through any schedule.

use std::collections::VecDeque;

/// The order in which results are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The order of the inputs: an early result waits for those before it.
    Input,
    /// The order in which they arrive.
    Completion,
}

/// How many inputs go into the next chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkSize {
    /// The same number each time.
    Fixed(usize),
    /// One of `shares` equal shares of what is left of the `inputs`. Large chunks come first,
    /// because they save trips, and small ones last, so that the workers finish together. This is
    /// guided self-scheduling (Polychronopoulos and Kuck, 1987).
    Shrinking { inputs: usize, shares: usize },
}

impl ChunkSize {
    /// The size of the next chunk after `taken` inputs, at least 1.
    fn after(self, taken: usize) -> usize {
        let size = match self {
            ChunkSize::Fixed(inputs) => inputs,
            ChunkSize::Shrinking { inputs, shares } => {
                inputs.saturating_sub(taken).div_ceil(shares.max(1))
            }
        };
        size.max(1)
    }
}

/// Counts inputs taken and results handed out, and keeps early results until their turn.
///
/// Inputs are sent in chunks, and a `T` comes back for each. Once `k` results were handed out, at
/// most `k + limit` inputs have been taken.
#[derive(Debug)]
pub(super) struct Window<T> {
    order: Order,
    limit: usize,
    size: ChunkSize,
    taken: usize,
    handed_out: usize,
    /// How many chunks were sent: the number of the next one.
    chunks: usize,
    /// How many chunks were sent and aren't back yet.
    in_flight: usize,
    /// The number of the chunk at the front of `arrived`.
    front: usize,
    /// The chunks from `front` on. In completion order, only those that are back.
    arrived: VecDeque<Option<T>>,
}

impl<T> Window<T> {
    /// A window of `limit` inputs. A chunk that is larger is cut to the limit.
    pub(super) fn new(order: Order, limit: usize, size: ChunkSize) -> Self {
        Window {
            order,
            limit: limit.max(1),
            size,
            taken: 0,
            handed_out: 0,
            chunks: 0,
            in_flight: 0,
            front: 0,
            arrived: VecDeque::new(),
        }
    }

    /// How many inputs may be taken now, as one chunk: a whole chunk or, until there's room for it,
    /// none.
    pub(super) fn room(&self) -> usize {
        let free = self.handed_out.saturating_add(self.limit) - self.taken;
        let chunk = self.size.after(self.taken).min(self.limit);
        if free >= chunk { chunk } else { 0 }
    }

    /// Whether there's a limit to how many inputs may be taken.
    pub(super) fn is_bounded(&self) -> bool {
        self.limit < usize::MAX
    }

    /// How many inputs were taken: the number of the next one.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// How many results the caller has.
    pub(super) fn handed_out(&self) -> usize {
        self.handed_out
    }

    /// Notes that a chunk of `inputs` was sent, and returns its number.
    pub(super) fn sent(&mut self, inputs: usize) -> usize {
        debug_assert!(
            0 < inputs && inputs <= self.room(),
            "{inputs} inputs, room for {}",
            self.room()
        );
        let number = self.chunks;
        self.chunks += 1;
        self.taken += inputs;
        self.in_flight += 1;
        number
    }

    /// Notes that chunk `number` is back.
    pub(super) fn arrived(&mut self, number: usize, results: T) {
        self.in_flight -= 1;
        match self.order {
            Order::Completion => self.arrived.push_back(Some(results)),
            Order::Input => {
                let place = number - self.front;
                if self.arrived.len() <= place {
                    self.arrived.resize_with(place + 1, || None);
                }
                debug_assert!(self.arrived[place].is_none(), "chunk {number} came twice");
                self.arrived[place] = Some(results);
            }
        }
    }

    /// The next chunk in order, if it is back.
    pub(super) fn next_ready(&mut self) -> Option<T> {
        let results = self.arrived.front_mut()?.take()?;
        self.arrived.pop_front();
        self.front += 1;
        Some(results)
    }

    /// Notes that the caller has one more result.
    pub(super) fn hand_out(&mut self) {
        self.handed_out += 1;
    }

    /// Whether a chunk has yet to come back.
    pub(super) fn is_waiting(&self) -> bool {
        self.in_flight > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shrinking_chunks_are_a_share_of_what_is_left() {
        let size = ChunkSize::Shrinking { inputs: 24, shares: 8 };
        let mut window: Window<()> = Window::new(Order::Input, usize::MAX, size);
        let mut sizes = Vec::new();
        while window.taken() < 24 {
            sizes.push(window.room());
            window.sent(window.room());
        }
        assert_eq!(sizes, [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
    }

    proptest! {
        /// In any order of completion and for any sizes, nothing is lost and nothing comes twice,
        /// the order is the promised one, and the window is never overrun.
        #[test]
        fn every_schedule_keeps_the_promises(
            inputs in 0_usize..60, limit in 1_usize..12, size in 1_usize..8, shrinking in any::<bool>(),
            by_input in any::<bool>(), choices in prop::collection::vec(any::<u16>(), 400),
        ) {
            let order = if by_input { Order::Input } else { Order::Completion };
            let shares = ChunkSize::Shrinking { inputs, shares: size };
            let size = if shrinking { shares } else { ChunkSize::Fixed(size) };
            let mut window = Window::new(order, limit, size);
            let mut left = inputs;
            let mut flying: Vec<(usize, Vec<usize>)> = Vec::new();
            let mut completed = Vec::new();
            let mut out = Vec::new();
            let mut choices = choices.into_iter().cycle();
            loop {
                // Take as many inputs as there is room for.
                while left > 0 && window.room() > 0 {
                    let n = window.room().min(left);
                    let first = window.taken();
                    let number = window.sent(n);
                    flying.push((number, (first..first + n).collect()));
                    left -= n;
                    prop_assert!(window.taken() <= out.len() + limit);
                }
                // Any chunk in flight ends.
                if !flying.is_empty() {
                    let which = usize::from(choices.next().unwrap()) % flying.len();
                    let (number, tasks) = flying.swap_remove(which);
                    completed.extend(tasks.iter().copied());
                    window.arrived(number, tasks);
                }
                prop_assert_eq!(window.is_waiting(), !flying.is_empty());
                // The caller takes what is ready, or leaves it.
                if choices.next().unwrap() % 3 > 0 || flying.is_empty() {
                    while let Some(tasks) = window.next_ready() {
                        for task in tasks {
                            window.hand_out();
                            out.push(task);
                        }
                    }
                }
                if flying.is_empty() && left == 0 {
                    break;
                }
                prop_assert!(!flying.is_empty() || window.room() > 0, "stuck with {} left", left);
            }
            let expected: Vec<usize> = if by_input { (0..inputs).collect() } else { completed };
            prop_assert_eq!(out, expected);
        }
    }
}
