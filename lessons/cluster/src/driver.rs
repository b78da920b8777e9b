//! The driver's side. The caller iterates over [`Results`] on a thread of its own. An event loop on
//! the runtime talks to the server. The two talk to each other over channels.
//!
//! - `run` opens a run, and stops it; `results` iterates over what comes of it;
//! - `ledger` knows which tasks are under way, `host_spans` what the hosts did when;
//! - `channel` is what the two sides say to each other;
//! - `event_loop` publishes tasks and passes answers on; `withdrawal` takes tasks back,
//!   `unconfirmed` and `stall` are its memory;
//! - `runs` finds the runs that are on the server.

mod channel;
mod event_loop;
mod host_spans;
mod ledger;
mod results;
mod run;
mod runs;
mod stall;
mod unconfirmed;
mod withdrawal;

pub use host_spans::HostSpans;
pub use results::{Done, Results};
pub use run::Run;
pub(crate) use runs::who_drives;

#[cfg(test)]
mod tests;
