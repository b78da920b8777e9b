//! A pool whose workers are other machines.
//!
//! The words are those of the pools in `hands`: a driver gives inputs to
//! [`imap_unordered`](Run::imap_unordered) and iterates over results as they complete; a [`Host`] does
//! so many tasks at once. Between them is a NATS server, which keeps every task and every result on
//! its disk until somebody says that they are done: so any of the three may be killed at any moment.
//!
//! ```no_run
//! use cluster::{Cluster, Driving, Host, Job, PrivateServer};
//!
//! # fn main() -> Result<(), cluster::Error> {
//! let server = PrivateServer::start()?; // or a shared one: Server, from flags and NATS_URL
//!
//! // On each of the machines that work:
//! # std::thread::scope(|s| {
//! # s.spawn(|| {
//! let cluster = Cluster::connect(server.server())?;
//! Host::new("host1", 4).serve(&cluster, |job: &Job<u64>| Ok(job.input * 2))?;
//! # Ok::<_, cluster::Error>(())
//! # });
//!
//! // On the one that drives:
//! let cluster = Cluster::connect(server.server())?;
//! let run = cluster.run(&Driving::default(), |note| eprintln!("{note}"))?;
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
//! | `hands-tasks` | a task each, `hands.tasks.RUN` | a worker has stored its result, and said so |
//! | `hands-results` | a result each, `hands.results.RUN` | the driver has [confirmed](Done::confirm) it |
//! | `hands-dead` | a letter for each task that nobody will try again, `hands.dead.RUN` | 30 days |
//!
//! All workers take from one consumer of the first stream; each driver has a consumer of its own of the
//! second one, for its run alone. So two drives at once share the workers, and never see each other's results.
//!
//! # At least once
//!
//! A worker that is killed after its work and before its word leaves a task that somebody else does again.
//! So a task is done *at least* once, and must be such that a second time does no harm. Repeated results are
//! noticed twice: by the server, which keeps one message of each id, and by the driver, which knows which tasks
//! are under way. What comes out of `imap_unordered` comes once.
//!
//! A task whose worker is lost [five times](DELIVERIES) is [`Dead`]. So is one that panics, at once.
//!
//! # Inside
//!
//! The client of NATS is async, so there is a runtime, in [`Cluster`]. Whoever uses it writes no `await`.
//!
//! - `connect`, `streams`: to the server, and what must be there;
//! - `run`, `driver`, `ledger`: the driver's side;
//! - `host`, `desk`: the workers' side;
//! - `story`: their timelines in one;
//! - `local`: a private server, and hosts that are processes of this program;
//! - [`capacity`]: how many machines a job needs.

pub mod capacity;
mod connect;
mod desk;
mod driver;
mod error;
mod host;
mod ledger;
mod local;
mod names;
mod run;
mod signals;
mod status;
mod story;
mod streams;
mod wire;

pub use connect::{Cluster, Server};
pub use error::Error;
pub use host::{Again, DELIVERIES, Host, Job, JobSpan};
pub use local::{LocalHosts, PrivateServer};
pub use run::{Dead, Done, Driving, Outcome, Results, Run, Stopper};
pub use status::Status;
pub use story::Story;
pub use streams::Keeping;
