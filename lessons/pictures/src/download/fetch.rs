//! From a link to the bytes of a picture, on a network that cannot be trusted.

use std::fmt;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use step::text::masked;
use ureq::http::{HeaderName, StatusCode, header};
use ureq::{Agent, Body, Timeout};

use super::address::Address;
use super::fault::{Failure, Fault, FetchError};
use super::gate::{Gates, Pass};
use super::{head, name, proxy, retry};
use crate::picture::{self, Format, PictureError};

/// How long to wait, how often to try, how much to take.
///
/// ```
/// use pictures::download::Limits;
/// use std::time::Duration;
///
/// let impatient = Limits { total: Duration::from_secs(5), attempts: 1, ..Limits::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// To find the host and connect to it, TLS included (10 s).
    pub connect: Duration,
    /// An attempt ends when nothing came for so long, or less than `stall_bytes` (10 s).
    pub stall: Duration,
    /// Fewer bytes of a body than this within `stall` are as good as none (10,000): a server that
    /// drips a byte a second would hold a worker for days.
    pub stall_bytes: u64,
    /// One whole attempt, redirects and body included (300 s).
    pub total: Duration,
    /// How often a link is asked for, at most (4).
    pub attempts: u32,
    /// The wait before the second attempt; it doubles with each (0.5 s).
    pub backoff: Duration,
    /// The longest such wait (10 s).
    pub longest_backoff: Duration,
    /// The longest `Retry-After` that is waited for (60 s).
    pub longest_retry_after: Duration,
    /// The largest body, in bytes (256 MiB).
    pub bytes: u64,
    /// How many redirects are followed (10).
    pub redirects: u32,
    /// How many requests one host on the internet gets at a time (8). Loopback has no limit.
    ///
    /// It counts by the host in the link; where a redirect leads is not counted.
    pub per_host: usize,
    /// How many connections to one host stay open for the next request: as many as there are
    /// workers is best (8).
    pub idle_per_host: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
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

/// Fetches pictures: one for a whole program, shared by reference among its workers.
///
/// It keeps connections open for the next request, tries again where that can help, and gives each
/// host a limited number of requests at a time. A proxy is taken from the environment
/// (`HTTPS_PROXY` and the like), but never for loopback.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    limits: Limits,
    gates: Gates,
}

/// A picture as it came from its server, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// A safe file name for it.
    pub name: String,
    /// The file's content.
    pub bytes: Vec<u8>,
    /// How many times the server was asked.
    pub attempts: u32,
}

impl Fetched {
    /// What was made of this picture, under its own name: saved in place of it.
    #[must_use]
    pub fn made_into(&self, name: impl Into<String>, bytes: Vec<u8>) -> Fetched {
        Fetched { name: name.into(), bytes, attempts: self.attempts }
    }

    /// What went wrong with this picture after it was fetched.
    pub fn failed(&self, reason: impl fmt::Display) -> Failure {
        Failure { reason: reason.to_string(), attempts: self.attempts }
    }
}

/// What a server gave.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// Whether the server had said how many bytes it would send: then all of them are here.
    announced: bool,
    pub(super) attempts: u32,
    status: StatusCode,
}

impl Client {
    /// A client with these limits.
    pub fn new(limits: Limits) -> Client {
        let config = Agent::config_builder()
            .http_status_as_error(false) // or Retry-After would be lost
            .timeout_connect(Some(limits.connect))
            .timeout_resolve(Some(limits.connect))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            .timeout_global(Some(limits.total))
            .max_redirects(0) // see `follow`
            .max_redirects_will_error(false)
            .max_idle_connections(limits.idle_per_host.max(16))
            .max_idle_connections_per_host(limits.idle_per_host.max(1))
            .accept_encoding("identity") // a picture is compressed already
            .user_agent(concat!("many-hands/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy::from_environment())
            .build();
        Client { agent: config.new_agent(), gates: Gates::new(limits.per_host), limits }
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Who makes its requests.
    pub(super) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Fetches the picture at `link`: whole, and a picture by its look.
    ///
    /// Tries again, with growing waits, what may pass: a refused or broken connection, a timeout, a
    /// body cut short, a server in trouble or too busy (its `Retry-After` is honoured). While it
    /// waits, it holds no place at the host.
    ///
    /// ```
    /// use pictures::download::{Client, Limits};
    /// use pictures::gallery::{Answer, Gallery};
    ///
    /// let gallery = Gallery::builder().answer("/gone.png", Answer::status(404)).start()?;
    /// let client = Client::new(Limits::default());
    /// let error = client.fetch(&gallery.link("/gone.png")).unwrap_err();
    /// assert!(error.to_string().contains("404 Not Found"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the link is none, or at the last attempt something is wrong: the [`Fault`] says what.
    pub fn fetch(&self, link: &str) -> Result<Fetched, FetchError> {
        let accept = [(header::ACCEPT, "image/*")];
        let answer = self.ask(link, &accept, self.limits.bytes, check_picture)?;
        let extension = Format::of(&answer.bytes).map_or("picture", Format::extension);
        Ok(Fetched {
            name: name::of_link(link, extension),
            bytes: answer.bytes,
            attempts: answer.attempts,
        })
    }

    /// Asks for `link` until there is a body that passes `check`, or no hope.
    pub(super) fn ask(
        &self,
        link: &str,
        headers: &[(HeaderName, &str)],
        most: u64,
        check: fn(&Answer) -> Result<(), Fault>,
    ) -> Result<Answer, FetchError> {
        let mut attempts = 0;
        let tell = |fault, attempts| FetchError { link: masked(link), attempts, fault };
        let address = Address::of(link).map_err(|fault| tell(fault, 0))?;
        loop {
            attempts += 1;
            let pass = self.pass(&address);
            let tried = self.attempt(&address, headers, most).and_then(|answer| {
                match check(&answer) {
                    // What came in the meantime was not meant as the picture.
                    Err(Fault::NotAPicture(_)) if answer.status == StatusCode::ACCEPTED => {
                        Err(Fault::of(answer.status))
                    }
                    checked => checked.map(|()| answer),
                }
            });
            drop(pass);
            let fault = match tried {
                Ok(answer) => return Ok(Answer { attempts, ..answer }),
                Err(fault) => fault,
            };
            if !fault.is_worth_a_retry() || attempts >= self.limits.attempts {
                return Err(tell(fault, attempts));
            }
            let longest = self.limits.longest_retry_after;
            let wait = match fault {
                Fault::Status { status, retry_after: Some(asked) } if asked > longest => {
                    let fault = Fault::TooLong { status, asked, limit: longest };
                    return Err(tell(fault, attempts));
                }
                Fault::Status { retry_after: Some(asked), .. } => asked,
                _ => Duration::ZERO,
            };
            let backoff =
                retry::backoff(attempts + 1, self.limits.backoff, self.limits.longest_backoff);
            thread::sleep(wait.max(backoff));
        }
    }

    /// The right to ask this host now.
    fn pass(&self, address: &Address) -> Option<Pass> {
        (!address.is_loopback()).then(|| self.gates.enter(address.host()))
    }

    /// One try, to the last byte of the picture.
    fn attempt(
        &self,
        link: &Address,
        headers: &[(HeaderName, &str)],
        most: u64,
    ) -> Result<Answer, Fault> {
        let (response, from) = self.follow(link, headers)?;
        let (head, body) = response.into_parts();
        let size = head::size(&head)?;
        let answer = self.read(body, size, &from, most)?;
        Ok(Answer { status: head.status, ..answer })
    }

    /// Reads a body that may be too long, too short, or too slow.
    pub(super) fn read(
        &self,
        body: Body,
        announced: Option<u64>,
        from: &Address,
        most: u64,
    ) -> Result<Answer, Fault> {
        let too_large = |size| Err(Fault::TooLarge { size, limit: most });
        if announced.is_some_and(|size| size > most) {
            return too_large(announced);
        }
        // An announced size is a claim: it is not reserved before a part of it has come.
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
                        Fault::Connection { why, .. }
                            if why.kind() == io::ErrorKind::UnexpectedEof =>
                        {
                            Fault::Truncated { got, expected: announced }
                        }
                        fault => fault,
                    });
                }
            };
            bytes.extend_from_slice(&part[..length]);
            let got = bytes.len() as u64;
            if got > most {
                return too_large(None);
            }
            if since.elapsed() >= self.limits.stall {
                if got - then < self.limits.stall_bytes {
                    return Err(Fault::Stalled { bytes: got - then, limit: self.limits.stall });
                }
                (since, then) = (Instant::now(), got);
            }
        }
        match announced {
            Some(size) if size != bytes.len() as u64 => {
                Err(Fault::Truncated { got: bytes.len() as u64, expected: announced })
            }
            _ => Ok(Answer {
                bytes,
                announced: announced.is_some(),
                attempts: 0,
                status: StatusCode::OK,
            }),
        }
    }

    /// What an error of the HTTP library means. `came` is how many bytes came lately.
    pub(super) fn fault(&self, error: ureq::Error, from: &Address, came: u64) -> Fault {
        use io::ErrorKind::*;
        let host = from.host().to_owned();
        match error {
            ureq::Error::HostNotFound => Fault::UnknownHost(host),
            // The library says it in words alone.
            ureq::Error::ConnectProxyFailed(why) if why.contains("407") => {
                Fault::of(StatusCode::PROXY_AUTHENTICATION_REQUIRED)
            }
            ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
                Fault::Connection { host, why: io::Error::other(error) }
            }
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                Fault::ConnectTimeout { host, limit: self.limits.connect }
            }
            ureq::Error::Timeout(Timeout::PerRead | Timeout::PerWrite) => {
                Fault::Stalled { bytes: came, limit: self.limits.stall }
            }
            ureq::Error::Timeout(_) => Fault::Timeout(self.limits.total),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
                Fault::Tls { host, why: error.to_string() }
            }
            ureq::Error::Io(why) => match why.kind() {
                ConnectionRefused => Fault::Refused(host),
                // TLS speaks through I/O errors, too.
                InvalidData => Fault::Tls { host, why: why.to_string() },
                _ if is_lookup(&why) => match why.to_string().contains("emporary") {
                    true => Fault::Lookup { host, why },
                    false => Fault::UnknownHost(host),
                },
                _ => Fault::Connection { host, why },
            },
            other => Fault::Protocol(other.to_string()),
        }
    }
}

/// Whether this is what the standard library makes of a failed name lookup: it has no kind of its
/// own for it.
fn is_lookup(error: &io::Error) -> bool {
    error.raw_os_error().is_none() && error.to_string().contains("lookup address")
}

/// Whether this is a whole picture, as far as its marks tell.
fn check_picture(answer: &Answer) -> Result<(), Fault> {
    match picture::check_whole(&answer.bytes) {
        // Without an announced length, a broken connection looks like the end of the body.
        Err(PictureError::Truncated { .. } | PictureError::Empty) if !answer.announced => {
            Err(Fault::Truncated { got: answer.bytes.len() as u64, expected: None })
        }
        checked => Ok(checked?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_on_the_internet_are_limited_and_loopback_is_not() {
        let client = Client::new(Limits::default());
        let limited = |link| client.pass(&Address::of(link).unwrap()).is_some();
        assert!(!limited("http://127.0.0.1:1/") && limited("https://mars.nasa.gov/"));
    }
}
