//! How patient and how greedy a [`Client`](super::Client) is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long to wait, how often to try, and how much to accept. The defaults are in parentheses.
///
/// ```
/// use pictures::download::ClientLimits;
/// use std::time::Duration;
///
/// let impatient =
///     ClientLimits { total: Duration::from_secs(5), attempts: 1, ..ClientLimits::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLimits {
    /// The time to look up a host and connect to it, TLS included (10 s).
    pub connect: Duration,
    /// An attempt fails if fewer than `stall_bytes` arrive in this time (10 s).
    pub stall: Duration,
    /// The least that has to arrive within `stall`, in bytes (10,000): a server that sends one byte
    /// a second would otherwise hold a worker for days.
    pub stall_bytes: u64,
    /// The time for one whole attempt, redirects and body included (300 s).
    pub total: Duration,
    /// How many times a link is tried at most (4).
    pub attempts: u32,
    /// The wait before the second attempt; it doubles after each attempt (0.5 s).
    pub backoff: Duration,
    /// The longest of these waits (10 s).
    pub longest_backoff: Duration,
    /// The longest `Retry-After` that is honoured (60 s). If a server asks for more, the link
    /// fails.
    pub longest_retry_after: Duration,
    /// The largest body, in bytes (256 MiB).
    pub bytes: u64,
    /// How many redirects are followed (10).
    pub redirects: u32,
    /// How many requests one host on the internet gets at a time (8). Loopback has no limit.
    ///
    /// Only the host in the link counts, not the hosts that redirects lead to.
    pub per_host: usize,
    /// How many connections to one host are kept open for the next request (8). One per worker is
    /// best.
    pub idle_per_host: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        ClientLimits {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(10),
            stall_bytes: 10_000,
            total: Duration::from_secs(300),
            attempts: 4,
            backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(10),
            longest_retry_after: Duration::from_secs(60),
            bytes: 256 << 20,
            redirects: 10,
            per_host: 8,
            idle_per_host: 8,
        }
    }
}
