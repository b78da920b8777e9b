//! A pool whose workers are on other machines.
//!
//! It works like the pools in `hands`: a driver passes inputs to
//! [`imap_unordered`](Run::imap_unordered) and iterates over the results as they complete; a
//! [`Host`] does several tasks at a time. Between them is a NATS server, which keeps every task and
//! every result on its disk until somebody says that it is done. So any of the three can be killed
//! at any moment.
//!
//! ```no_run
//! use cluster::{Cluster, Delivery, Host, PrivateServer, RunOptions};
//!
//! # fn main() -> Result<(), cluster::Error> {
//! let server = PrivateServer::start()?; // or a shared one: `Server`, from flags and NATS_URL
//!
//! // On each of the machines that work:
//! # std::thread::scope(|s| {
//! # s.spawn(|| {
//! let cluster = Cluster::connect(server.server())?;
//! Host::new("host1", 4).serve(&cluster, |task: &Delivery<u64>| Ok(task.input * 2))?;
//! # Ok::<_, cluster::Error>(())
//! # });
//!
//! // On the machine that drives:
//! let cluster = Cluster::connect(server.server())?;
//! let run = cluster.run(&RunOptions::default(), |note| eprintln!("{note}"))?;
//! for done in run.imap_unordered::<u64, u64, _>(0..1000) {
//!     let done = done?;
//!     println!("{:?} came from {}", done.outcome, done.host);
//!     done.confirm(); // the server need not keep it any longer
//! }
//! # Ok(()) })
//! # }
//! ```
//!
//! # What is on the server
//!
//! | stream | holds | until |
//! |---|---|---|
//! | `hands-tasks` | a message for each task, `hands.tasks.RUN` | a host has stored its result and said so |
//! | `hands-results` | a message for each result or several, `hands.results.RUN` | the driver has [confirmed](Done::confirm) them |
//! | `hands-dead` | a letter about each task that will not be tried again, `hands.dead.RUN` | 30 days have passed |
//!
//! All hosts pull from one consumer of the first stream. Each driver has a consumer of its own on
//! the second one, for the results of its run alone. So two drives at once share the hosts and
//! never see each other's results.
//!
//! # At least once
//!
//! A host that is killed after it has done a task and before it has said so leaves a task that
//! another host does again. So a task is done *at least* once, and a second time must do no harm.
//! Repeated results are noticed twice: the server keeps one message of each id, and the driver
//! knows which tasks are under way. What comes out of `imap_unordered` comes once.
//!
//! A task that is attempted [five times](MAX_ATTEMPTS) without a result is [`Dead`]. A task that
//! panics is dead at once.
//!
//! # Inside
//!
//! NATS's client is async, so [`Cluster`] holds a runtime. Its users write no `await`.
//!
//! - `driver` and `host` are the two sides, and `wire` is what travels between them;
//! - `server`, `connect` and `streams` get to the server, and make what has to be there;
//! - `options` are the flags of a drive, `signals` is Ctrl-C, `status` a table for people;
//! - `private_server` and `local_hosts` make a cluster on this machine alone;
//! - [`capacity`] works out how many machines you need.

pub mod capacity;
mod connect;
mod driver;
mod error;
mod host;
mod local_hosts;
mod names;
mod options;
mod private_server;
mod server;
mod signals;
mod status;
mod streams;
mod wire;

pub use connect::Cluster;
pub use driver::{Done, HostSpans, Results, Run};
pub use error::Error;
pub use host::{Delivery, DeliverySpan, Host, MAX_ATTEMPTS, Retry};
pub use local_hosts::LocalHosts;
pub use options::{RunOptions, StreamOptions};
pub use private_server::PrivateServer;
pub use server::Server;
pub use status::Status;
pub use wire::Dead;
