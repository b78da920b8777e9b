//! One request, and the body of its response, within the limits. Only this module knows what the
//! HTTP library's errors mean.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::{Agent, Body, Timeout};

use super::address::Address;
use super::fault::Fault;
use super::limits::ClientLimits;
use super::proxy;

/// The HTTP library, set up for these limits.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    pub(super) limits: ClientLimits,
}

impl Http {
    pub(super) fn new(limits: ClientLimits) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false) // an error would lose the Retry-After
            .timeout_connect(Some(limits.connect))
            .timeout_resolve(Some(limits.connect))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            .timeout_global(Some(limits.total))
            .max_redirects(0) // see `redirects`
            .max_redirects_will_error(false)
            .max_idle_connections(limits.idle_per_host.max(16))
            .max_idle_connections_per_host(limits.idle_per_host.max(1))
            .accept_encoding("identity") // a picture is already compressed
            .user_agent(concat!("many-hands/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy::from_environment())
            .build();
        Http { agent: config.new_agent(), limits }
    }

    /// Sends a request and returns once the head of the response is there. Its body must be read
    /// within `time_left`, too.
    pub(super) fn get(
        &self,
        address: &Address,
        headers: HeaderMap,
        time_left: Duration,
    ) -> Result<Response<Body>, Fault> {
        let host = address.uri().host().unwrap_or_default();
        // No host ever has such a name (RFC 6761), so there is no need to ask the network.
        if host.trim_end_matches('.').ends_with(".invalid") {
            return Err(Fault::UnknownHost(host.to_owned()));
        }
        if time_left.is_zero() {
            return Err(Fault::Timeout(self.limits.total));
        }
        let mut request = self.agent.get(address.uri());
        if let Some(to_send) = request.headers_mut() {
            to_send.extend(headers);
        }
        let request = request.config().timeout_global(Some(time_left)).build();
        request.call().map_err(|error| self.fault(error, address, 0))
    }

    // ANCHOR: read
    /// Reads a body that may turn out too long, too short, or too slow. `announced` is the length
    /// that its head promises, and `largest` the most that is accepted, in bytes.
    pub(super) fn read(
        &self,
        body: Body,
        announced: Option<u64>,
        from: &Address,
        largest: u64,
    ) -> Result<Vec<u8>, Fault> {
        let too_large = |size| Err(Fault::TooLarge { size, limit: largest });
        if announced.is_some_and(|size| size > largest) {
            return too_large(announced);
        }
        // The announced length is only a claim: memory for all of it is not reserved in advance.
        let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(1 << 20) as usize);
        let mut part = vec![0; 64 * 1024];
        let mut reader = body.into_reader();
        let (mut since, mut then) = (Instant::now(), 0);
        loop {
            let length = match reader.read(&mut part) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let got = bytes.len() as u64;
                    return Err(match self.fault(error.into(), from, got - then) {
                        Fault::Connection(_, why) if why.kind() == io::ErrorKind::UnexpectedEof => {
                            Fault::Truncated { got, expected: announced }
                        }
                        fault => fault,
                    });
                }
            };
            bytes.extend_from_slice(&part[..length]);
            let got = bytes.len() as u64;
            if got > largest {
                return too_large(None);
            }
            if since.elapsed() >= self.limits.stall {
                if got - then < self.limits.stall_bytes {
                    return Err(Fault::Stalled { bytes: got - then, limit: self.limits.stall });
                }
                (since, then) = (Instant::now(), got);
            }
        }
        let got = bytes.len() as u64;
        if announced.is_some_and(|size| size != got) {
            return Err(Fault::Truncated { got, expected: announced });
        }
        Ok(bytes)
    }
    // ANCHOR_END: read

    /// What an error of the HTTP library means. `recent` is how many bytes arrived since progress
    /// was last checked.
    fn fault(&self, error: ureq::Error, from: &Address, recent: u64) -> Fault {
        let host = from.host().to_owned();
        match error {
            ureq::Error::HostNotFound => Fault::UnknownHost(host),
            // The status is only in the message.
            ureq::Error::ConnectProxyFailed(why) if why.contains("407") => {
                Fault::from_status(StatusCode::PROXY_AUTHENTICATION_REQUIRED)
            }
            ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
                Fault::Connection(host, io::Error::other(error))
            }
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                Fault::ConnectTimeout { host, limit: self.limits.connect }
            }
            ureq::Error::Timeout(Timeout::PerRead | Timeout::PerWrite) => {
                Fault::Stalled { bytes: recent, limit: self.limits.stall }
            }
            ureq::Error::Timeout(_) => Fault::Timeout(self.limits.total),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
                Fault::Tls(host, error.to_string())
            }
            ureq::Error::Io(why) => io_fault(why, host),
            other => Fault::Protocol(other.to_string()),
        }
    }
}

fn io_fault(why: io::Error, host: String) -> Fault {
    match why.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Refused(host),
        // TLS reports some of its errors as I/O errors.
        io::ErrorKind::InvalidData => Fault::Tls(host, why.to_string()),
        _ if is_lookup(&why) => {
            if why.to_string().contains("emporary") {
                Fault::Lookup(host, why)
            } else {
                Fault::UnknownHost(host)
            }
        }
        _ => Fault::Connection(host, why),
    }
}

/// Whether this is a failed name lookup: the standard library has no error kind for it.
fn is_lookup(error: &io::Error) -> bool {
    error.raw_os_error().is_none() && error.to_string().contains("lookup address")
}
