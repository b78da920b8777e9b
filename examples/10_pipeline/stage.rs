//! A stage of the pipeline: workers between two channels.

use std::thread::{self, Scope};

use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, bounded};
use pictures::download::{Entry, Stages};

// ANCHOR: stage
/// What has become of a link so far; or its entry in the report, if that was the end of it.
pub(crate) type Passed<T> = Result<T, Entry>;

pub(crate) struct Pipeline<'s, 'e> {
    pub(crate) s: &'s Scope<'s, 'e>,
    /// How many pictures may wait between two stages.
    pub(crate) queue: usize,
    pub(crate) stages: &'s Stages,
}

impl<'s> Pipeline<'s, '_> {
    /// Workers that take from one channel and give to the next.
    pub(crate) fn stage<A: Send + 's, B: Send + 's>(
        &self,
        name: &str,
        workers: usize,
        input: Receiver<Passed<A>>,
        work: impl Fn(A) -> Passed<B> + Copy + Send + 's,
    ) -> Result<Receiver<Passed<B>>> {
        let (sender, output) = bounded(self.queue);
        let bar = self.stages.bar(name);
        for n in 1..=workers {
            let (input, sender, bar) = (input.clone(), sender.clone(), bar.clone());
            let worker = move || {
                for passed in input {
                    if sender.send(passed.and_then(work)).is_err() {
                        break; // no receiver is left
                    }
                    bar.advance(sender.len());
                }
            };
            let thread = thread::Builder::new().name(format!("{name} {n}"));
            thread.spawn_scoped(self.s, worker).with_context(|| {
                format!("cannot start worker {n} of {workers} to {name}: ask for fewer")
            })?;
        }
        Ok(output)
    }
}
// ANCHOR_END: stage
