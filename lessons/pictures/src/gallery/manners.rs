//! How the gallery treats its clients, whatever they ask for.

use std::time::Duration;

/// Waits are limited to a year, so that no clock overflows.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The settings that hold for every request.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    pub(super) latency: Duration,
    /// Bytes per second on each connection.
    pub(super) bandwidth: Option<u64>,
    /// How long a client may take to send a request.
    pub(super) patience: Duration,
    /// How many connections may be open at once.
    pub(super) connections: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Manners {
            latency: Duration::ZERO,
            bandwidth: None,
            patience: Duration::from_secs(30),
            connections: 512,
        }
    }
}
