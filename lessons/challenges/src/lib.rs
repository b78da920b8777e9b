//! What the checks of the challenges share, and the list of the challenges.
//!
//! A challenge is a folder. It has a file that says what to do (`challenge.rs`) and a program that
//! finds out whether it was done (`check.rs`). The same check is compiled with the reader's answer,
//! with the solution, and with answers that are wrong:
//!
//! ```text
//! //! Ten tasks run at the same time, and none is left behind.
//!
//! use challenges::{Judged, check, require};
//!
//! challenges::answer!("../../../../challenges/02_join_all.rs"); // the module `answer`
//!
//! fn main() {
//!     check("02_join_all", |check| {
//!         check.part("the results come in the order of the tasks", in_order)
//!     })
//! }
//!
//! fn in_order() -> Judged {
//!     let results = answer::run_all(vec![Box::new(|| 1), Box::new(|| 2)]);
//!     require(results == [1, 2], "[1, 2]", format!("{results:?}"), "02_process.md#ten-processes")
//! }
//! ```
//!
//! - [`check`] runs the parts under a watchdog, catches panics, and says what came of them.
//! - [`require`] is an assertion that teaches: what was expected, what was seen, where to read on.
//! - [`Meeting`], [`AtWork`] and [`Source`] see what a result doesn't show: which tasks run at the
//!   same time, how many do, how far ahead inputs are read. With [`Turns`] a check decides which
//!   task ends first, and with a [`Door`] which one may go on. [`Pipes`] are files with a door.
//! - Worker processes take a [`note`] of what they do, and the check reads the [`Notes`].
//! - [`wait_until`], [`is_alive`] and [`nobody_is_left`] look after what should come to an end, and
//!   [`others_sleep`] after what should wait without computing.
//!
//! A check proves its point with these, never by how long something took.
//!
//! `cargo challenge`, the book and the tests read the list and the folders through [`challenges`].

mod at_work;
mod catalogue;
mod door;
mod judge;
mod meeting;
mod notes;
mod pipes;
mod place;
mod processes;
mod ready;
mod source;
pub mod style;
mod turns;
mod verdict;
mod wait;

pub use at_work::{AtWork, Working};
pub use catalogue::{CHALLENGES, Challenge, ELSEWHERE, Fault, LIST, PACKAGE, challenges, home};
pub use door::{Door, Rush};
pub use harness::is_alive;
pub use judge::{Check, check, end_if_todo, sign_of_life};
pub use meeting::Meeting;
pub use notes::{Note, Notes, note, note_start, times_noted};
pub use pipes::Pipes;
pub use place::{from_root, without_detours};
pub use processes::nobody_is_left;
pub use source::{Ledger, Source};
pub use turns::Turns;
pub use verdict::{Ending, Judged, LEASH, Panic, Refusal, Stuck, VERDICT, Verdict, require};
pub use wait::{PATIENCE, let_others_come, others_sleep, wait_until, wait_while};

/// Makes a module `answer` of the answer to a challenge. There are two doors:
///
/// - The reader's answer is an ordinary module, whose file lies where the path says, seen from the
///   check. So an editor knows it.
/// - With the feature `elsewhere`, the answer comes from the folder that the environment variable
///   `CHALLENGES` names when the check is compiled. The tests set it to a folder with solutions or
///   wrong answers, and `cargo challenge` does if the reader keeps theirs in another folder.
#[macro_export]
macro_rules! answer {
    ($path:literal) => {
        #[cfg(not(feature = "elsewhere"))]
        #[allow(dead_code)] // an answer may have a helper that it no longer calls
        #[path = $path]
        mod answer;

        #[cfg(feature = "elsewhere")]
        #[allow(dead_code)]
        mod answer {
            include!(concat!(env!("CHALLENGES"), "/", env!("CARGO_CRATE_NAME"), ".rs"));
        }
    };
}
