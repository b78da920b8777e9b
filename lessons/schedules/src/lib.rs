//! The same small program under real threads, under shuttle and under loom.
//!
//! [`real`], [`random`] and [`every`] have the same locks, numbers and threads: those of the
//! standard library, of [shuttle](https://docs.rs/shuttle) and of [loom](https://docs.rs/loom). So
//! a program is written once, and compiled once for each of the three. What happens to its shared
//! variables is noted while a [`search`] or a [`replay`] runs it, and becomes a
//! [trace](hands::timeline::Trace) with a row for each thread and each variable.
//!
//! ```
//! use schedules::random::{Arc, Number, spawn};
//!
//! fn lost_update() {
//!     let count = Arc::new(Number::new("count", 41));
//!     let threads = ["thread 1", "thread 2"].map(|name| {
//!         let count = Arc::clone(&count);
//!         spawn(name, move || count.store(count.load() + 1))
//!     });
//!     threads.into_iter().for_each(|thread| thread.join().unwrap());
//!     assert_eq!(count.load(), 43);
//! }
//!
//! let found = schedules::search(lost_update, 1, 100).expect("it takes a few schedules").shortest;
//! assert_eq!(found.trace.spans()[0].name, "load 41");
//! let again = schedules::replay(lost_update, &found.schedule.to_string().parse()?);
//! assert_eq!(again, Some(found));
//! # Ok::<(), schedules::BadSchedule>(())
//! ```

#![expect(clippy::duplicate_mod, reason = "one file is compiled three times, on purpose")]

mod catch;
pub mod every;
mod log;
pub mod random;
pub mod real;
mod schedule;
mod scheduler;
mod search;

pub use catch::catch;
pub use loom;
pub use schedule::{BadSchedule, Schedule};
pub use search::{Failed, Found, replay, search};
