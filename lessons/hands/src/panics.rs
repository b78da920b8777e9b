//! A panic as a value: its message, and the place in the code.

use std::any::Any;
use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Once;

use serde::{Deserialize, Serialize};

use crate::output;

/// What a panic said, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panicked {
    /// The message, or `a value that isn't text` if the panic carried something else.
    pub message: String,
    /// File, line and column: `src/main.rs:12:5`.
    pub place: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked at {}: {}", self.place, self.message)
    }
}

impl Error for Panicked {}

/// Runs `f`, and returns its panic as an error instead of passing it on.
///
/// Nothing is printed: the message is in the error. Panics elsewhere in the program print as
/// before. What `f` has left half-changed stays that way, so share with it only what may be seen in
/// any state. While `f` runs, output that can't be [printed](output) doesn't end the program.
///
/// ```
/// let fine = hands::panics::catch(|| 6 * 7);
/// assert_eq!(fine, Ok(42));
///
/// let bad = hands::panics::catch(|| -> u32 { panic!("no {}", "answer") });
/// assert_eq!(bad.unwrap_err().message, "no answer");
/// ```
///
/// # Errors
///
/// If `f` panics.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if output::is_in_task() {
                LAST.set(Some(Panicked::new(info.payload(), info.location())));
            } else {
                before(info);
            }
        }));
    });

    LAST.set(None);
    let was_in_task = output::set_in_task(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    output::set_in_task(was_in_task);

    result.map_err(|payload| {
        // The hook doesn't see a panic that is passed on with `resume_unwind`.
        let panicked = LAST.take().unwrap_or_else(|| Panicked::new(&*payload, None));
        // Dropping a payload may panic, too. Leaking it is the lesser evil.
        std::mem::forget(payload);
        panicked
    })
}

thread_local! {
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

impl Panicked {
    fn new(payload: &(dyn Any + Send), place: Option<&Location<'_>>) -> Self {
        let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(text), _) => text,
            (_, Some(text)) => text.as_str(),
            _ => "a value that isn't text",
        };
        let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        Panicked { message: message.to_owned(), place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_place_are_kept() {
        let line = line!() + 1;
        let panicked = catch(|| panic!("bad {}", 7)).unwrap_err();
        assert_eq!(panicked.message, "bad 7");
        assert!(panicked.place.contains(&format!("panics.rs:{line}:")), "{panicked}");
    }

    #[test]
    fn a_panic_that_a_task_caught_itself_does_not_leak_into_the_next() {
        let passed_on = catch(|| {
            drop(panic::catch_unwind(|| panic!("its own")));
            catch(|| ()).unwrap(); // begins anew
            panic::resume_unwind(Box::new("from elsewhere"))
        });
        assert_eq!(passed_on.map(|()| "none").unwrap_err().message, "from elsewhere");
    }

    #[test]
    fn catching_can_be_nested_and_any_value_can_be_thrown() {
        let inner = catch(|| catch(|| panic!("inner")).unwrap_err().message);
        assert_eq!(inner.as_deref(), Ok("inner"));
        let value = catch(|| panic::panic_any(3)).unwrap_err();
        assert_eq!(value.message, "a value that isn't text");
    }
}
