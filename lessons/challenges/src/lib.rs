//! What the checks of the challenges share.
//!
//! A challenge is a folder: what is to be done (`challenge.rs`), and the program that finds out whether it
//! was (`check.rs`). The same check is compiled with the reader's file, with the solution, and with answers
//! that are wrong:
//!
//! ```text
//! //! Ten jobs at the same time, and nobody is left.
//!
//! use challenges::{Judged, check, require};
//!
//! challenges::answer!("02_join_all"); // the module `answer`
//!
//! fn main() {
//!     check("02_join_all", |check| {
//!         check.part("the results come in the order of the jobs", in_order)
//!     })
//! }
//!
//! fn in_order() -> Judged {
//!     let results = answer::run_all(vec![Box::new(|| 1), Box::new(|| 2)]);
//!     require(results == [1, 2], "[1, 2]", format!("{results:?}"), "02_process.md#ten-processes")
//! }
//! ```
//!
//! - [`check`] runs the parts under a watchdog, catches panics, and says what came out.
//! - [`require`] is an assertion that teaches: what was expected, what was seen, where to read on.
//! - [`Meeting`], [`AtWork`] and [`Source`] see what a result does not show: who runs at the same time, how
//!   many at once, how far ahead inputs are read. With [`Turns`] a check decides who ends first,
//!   with a [`Door`] who may go on.
//! - Worker processes tell by [`note`] what they do, and the check reads the [`Notes`].
//! - [`wait_until`], [`is_alive`] and [`nobody_is_left`] look after what should come to an end.
//!
//! A check proves its point from these, never from how long something took.

mod at_work;
mod door;
mod judge;
mod meeting;
mod notes;
mod processes;
mod source;
mod turns;
mod verdict;
mod wait;

pub use at_work::{AtWork, Working};
pub use door::{Door, Rush};
pub use judge::{Check, check, sign_of_life};
pub use meeting::Meeting;
pub use notes::{Note, Notes, note};
pub use processes::{children, is_alive, nobody_is_left};
pub use source::{Ledger, Source};
pub use turns::Turns;
pub use verdict::{Ending, Judged, LEASH, Panic, Refusal, Stuck, VERDICT, Verdict, require};
pub use wait::{PATIENCE, wait_until};

/// The answer to a challenge, as the module `answer`: the file of this name in the folder that the
/// environment variable `CHALLENGES` names when the check is compiled.
///
/// `.cargo/config.toml` says where the reader's answers are. A test of the checks names another folder,
/// with solutions or wrong answers.
#[macro_export]
macro_rules! answer {
    ($name:literal) => {
        #[allow(dead_code)] // a helper that is no longer called is no reason to complain
        mod answer {
            include!(concat!(env!("CHALLENGES"), "/", $name, ".rs"));
        }
    };
}
