//! The token of the task that runs on this thread.

use std::cell::RefCell;
use std::mem;

use super::token::Token;
use crate::sync::thread_local;

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current { task: None, pool: None }) };
}

struct Current {
    /// The token of the call that the task belongs to.
    task: Option<Token>,
    /// The token of the pool that this thread works for. It may end before the call does.
    pool: Option<Token>,
}

/// The token of the task that runs on this thread: a task that wants to know whether it's still
/// wanted asks for it here, once, before its loop. In a thread that it starts, hand it a clone.
///
/// Outside of a task, it's a new token.
///
/// ```
/// use hands::cancel;
/// use hands::pool::ThreadPool;
/// use std::time::{Duration, Instant};
///
/// let pool = ThreadPool::new(2)?;
/// let soon = Instant::now() + Duration::from_millis(10);
/// let outcomes = pool.map_until(soon, |seconds| cancel::current().sleep(seconds), [
///     Duration::ZERO,
///     Duration::from_secs(3600),
/// ]);
/// assert_ne!(outcomes[1], Ok(Ok(()))); // an hour is more than there was
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn current() -> Token {
    CURRENT.with(|current| {
        let current = current.borrow();
        match (&current.task, &current.pool) {
            (None, _) => Token::new(),
            (Some(task), None) => task.child(),
            (Some(task), Some(pool)) => Token::either(task, pool),
        }
    })
}

/// Makes this thread one that runs the tasks of a pool.
pub(crate) fn enter_pool(pool: &Token) {
    CURRENT.with(|current| current.borrow_mut().pool = Some(pool.clone()));
}

/// Makes this the token of the task that runs on this thread, until the guard is dropped.
pub(crate) fn enter(task: &Token) -> Entered {
    Entered(CURRENT.with(|current| current.borrow_mut().task.replace(task.clone())))
}

/// Restores what was there before.
pub(crate) struct Entered(Option<Token>);

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.0.take();
        let ended = CURRENT.with(|current| mem::replace(&mut current.borrow_mut().task, before));
        drop(ended); // when nothing is borrowed
    }
}
