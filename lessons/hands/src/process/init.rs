//! The first line of `main`.

use super::task::{self, Registered};
use super::{serve, worker};

/// Says which tasks there are. Call it in the first line of `main`: in a worker process it serves
/// and never returns, so each worker repeats whatever stands before it.
///
/// See the [module](super) for an example.
///
/// # Panics
///
/// If it is called twice.
pub fn init(tasks: &'static [&'static dyn Registered]) {
    task::register(tasks);
    if worker::depth().is_some() {
        serve::serve(tasks);
    }
}
