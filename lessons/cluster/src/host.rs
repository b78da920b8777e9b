//! The hosts' side. Workers are threads that do tasks. An event loop on the runtime, the desk,
//! talks to the server.
//!
//! - `serve` starts the workers and the desk;
//! - `delivery` is a task as its worker sees it, `worker` does it and packs what comes of it;
//! - `desk` takes tasks in and sends results out; `requests` counts what it has asked for, and
//!   `store` writes results to the server.

mod delivery;
mod desk;
mod requests;
mod serve;
mod store;
mod worker;

pub use delivery::{Delivery, DeliverySpan, MAX_ATTEMPTS, Retry};
pub use serve::Host;
