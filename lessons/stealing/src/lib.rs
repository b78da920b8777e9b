//! Shows in a timeline which tasks rayon's threads stole from each other.
//!
//! rayon has no common queue. A thread that gets a range of inputs splits it, puts one half into a
//! queue of its own and goes on with the other. A thread that has nothing to do takes a half from
//! somebody else's queue. A [parallel iterator that shows it](ShowSteals::show_steals) notes with
//! each half which thread put it aside. If another one runs it, the first span that this one
//! records there says from whom the task was [stolen](hands::timeline::Span::stolen_from).
//!
//! ```
//! use hands::timeline::{Timeline, span};
//! use rayon::prelude::*;
//! use stealing::ShowSteals;
//!
//! let timeline = Timeline::start("squares");
//! let square = |n: u32| {
//!     let _span = span(format!("square {n}"));
//!     n * n
//! };
//! let squares: Vec<u32> = (0..100_u32).into_par_iter().show_steals().map(square).collect();
//! let stolen = timeline.stop().spans().iter().filter(|span| span.stolen_from.is_some()).count();
//! println!("{} squares, {stolen} times a thread stole some", squares.len());
//! ```

use std::thread::{self, ThreadId};

use hands::timeline;
use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Adds [`show_steals`](ShowSteals::show_steals) to rayon's iterators.
pub trait ShowSteals: IndexedParallelIterator {
    /// The same iterator, whose steals are seen in the timeline. Without a timeline it costs next
    /// to nothing.
    ///
    /// It sees the inputs of what follows: put it before the `map` that does the work.
    fn show_steals(self) -> Shown<Self> {
        Shown(self)
    }
}

impl<I: IndexedParallelIterator> ShowSteals for I {}

/// A parallel iterator whose steals are seen. Made by [`ShowSteals::show_steals`].
#[derive(Clone, Debug)]
#[must_use = "iterators do nothing until they are driven"]
pub struct Shown<I>(I);

impl<I: IndexedParallelIterator> ParallelIterator for Shown<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Shown<I> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        self.0.with_producer(Wrapped(callback))
    }
}

/// Hands a producer on as a [`Part`].
struct Wrapped<CB>(CB);

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for Wrapped<CB> {
    type Output = CB::Output;

    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.0.callback(Part { base, owner: None, stolen_from: None })
    }
}

/// Some of the inputs. rayon splits it and runs it where it wants to.
struct Part<P> {
    base: P,
    /// The thread whose queue it's in. `None` if nothing is recorded, or for the whole, which comes
    /// from outside.
    owner: Option<Owner>,
    /// From whom its first input was stolen.
    stolen_from: Option<String>,
}

#[derive(Clone)]
struct Owner {
    thread: ThreadId,
    row: String,
}

impl Owner {
    /// This thread, if a timeline runs.
    fn current() -> Option<Owner> {
        let row = timeline::row_name()?;
        Some(Owner { thread: thread::current().id(), row })
    }
}

impl<P> Part<P> {
    /// Looks at whose queue it came from, now that this thread has it.
    fn taken(self) -> (P, Option<String>) {
        let owner = self.owner.filter(|owner| owner.thread != thread::current().id());
        (self.base, owner.map(|owner| owner.row).or(self.stolen_from))
    }

    /// The same, just before the first input is used.
    fn begun(self) -> P {
        let (base, stolen_from) = self.taken();
        if let Some(owner) = stolen_from {
            timeline::stolen_from(owner);
        }
        base
    }
}

impl<P: Producer> Producer for Part<P> {
    type Item = P::Item;
    type IntoIter = P::IntoIter;

    fn into_iter(self) -> P::IntoIter {
        self.begun().into_iter()
    }

    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    /// This thread goes on with the first half, and puts the second one into its queue.
    fn split_at(self, index: usize) -> (Self, Self) {
        let (base, stolen_from) = self.taken();
        let owner = Owner::current();
        let (first, second) = base.split_at(index);
        (
            Part { base: first, owner: owner.clone(), stolen_from },
            Part { base: second, owner, stolen_from: None },
        )
    }

    fn fold_with<F: rayon::iter::plumbing::Folder<P::Item>>(self, folder: F) -> F {
        self.begun().fold_with(folder)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use hands::timeline::{Timeline, Trace, span};
    use rayon::prelude::*;

    use super::*;

    /// This many tasks on this many of rayon's threads. The first ones wait until all threads have
    /// one.
    fn trace(threads: usize, tasks: usize) -> Trace {
        let timeline = Timeline::start("steals");
        let all_begun = Barrier::new(threads);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let task = |n: usize| {
            let _span = span(format!("task {n}"));
            all_begun.wait();
            n
        };
        let results: Vec<usize> =
            pool.install(|| (0..tasks).into_par_iter().show_steals().map(task).collect());
        assert_eq!(results, (0..tasks).collect::<Vec<_>>());
        timeline.stop()
    }

    #[test]
    fn a_span_says_whose_task_it_was() {
        // One recording at a time: these are one test.
        let two = trace(2, 2);
        let of = |n: usize| {
            let name = format!("task {n}");
            two.spans().iter().find(|span| span.name == name).unwrap()
        };
        let (own, stolen) = (of(0), of(1));
        assert_ne!(
            own.row, stolen.row,
            "the first waits for the second, so another thread took that"
        );
        assert_eq!(own.stolen_from, None);
        assert_eq!(stolen.stolen_from.as_ref(), Some(&two.rows()[own.row].name));

        let folder = std::env::temp_dir().join(format!("stealing-{}", std::process::id()));
        two.write(&folder).unwrap();
        assert_eq!(Trace::read(&folder).unwrap().spans(), two.spans(), "the file says it, too");
        std::fs::remove_file(folder).unwrap();

        let alone = trace(1, 100);
        assert!(alone.spans().iter().all(|span| span.stolen_from.is_none()), "from whom?");
    }
}
