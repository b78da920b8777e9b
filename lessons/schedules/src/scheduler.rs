//! Who goes on: what shuttle asks at each step.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shuttle::scheduler::{Schedule as Start, Scheduler, Task, TaskId};

use crate::log;
use crate::schedule::Schedule;

/// Follows a script or, if it has none, chooses threads at random. It writes down what it
/// chose. Its clones share everything, because shuttle keeps one, and throws it away at a failure.
#[derive(Clone)]
pub(crate) struct Chooser(Arc<Mutex<State>>);

struct State {
    script: Schedule,
    limit: usize,
    random: u64,
    begun: usize,
    steps: Vec<usize>,
}

impl Chooser {
    /// Chooses at random, under at most `limit` schedules.
    pub(crate) fn random(seed: u64, limit: usize) -> Self {
        Chooser::new(Schedule::default(), seed, limit)
    }

    /// Follows a schedule, once.
    pub(crate) fn replay(script: Schedule) -> Self {
        Chooser::new(script, 0, 1)
    }

    fn new(script: Schedule, seed: u64, limit: usize) -> Self {
        // Two seeds that differ in a bit are to differ at once.
        let random = (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1;
        Chooser(Arc::new(Mutex::new(State { script, limit, random, begun: 0, steps: Vec::new() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many schedules were begun.
    pub(crate) fn begun(&self) -> usize {
        self.state().begun
    }

    /// The last of them.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule(self.state().steps.clone())
    }
}

impl State {
    /// Marsaglia's xorshift: https://www.jstatsoft.org/v08/i14
    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

impl Scheduler for Chooser {
    fn new_execution(&mut self) -> Option<Start> {
        let mut state = self.state();
        if state.begun == state.limit {
            return None;
        }
        state.begun += 1;
        state.steps.clear();
        log::begin();
        Some(Start::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], _: Option<TaskId>, _: bool) -> Option<TaskId> {
        let mut state = self.state();
        let ids: Vec<usize> = runnable.iter().map(|task| usize::from(task.id())).collect();
        // Where a script says nothing that can be done, the first thread goes on.
        let chance = if state.script.0.is_empty() { (state.next() >> 33) as usize } else { 0 };
        let otherwise = ids[chance % ids.len()];
        let planned = state.script.0.get(state.steps.len()).filter(|id| ids.contains(id));
        let chosen = planned.copied().unwrap_or(otherwise);
        state.steps.push(chosen);
        Some(TaskId::from(chosen))
    }

    fn next_u64(&mut self) -> u64 {
        self.state().next()
    }
}
