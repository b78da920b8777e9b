//! From a link to the bytes of a picture, on a network that cannot be trusted.

use std::env;
use std::fmt;
use std::io::{self, Read};
use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use image::ImageFormat;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use ureq::http::{StatusCode, Uri, header};
use ureq::{Agent, Body, Proxy, Timeout};

use super::gate::{Gates, Pass};
use super::{name, retry};
use crate::picture::{self, PictureError};

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

/// Why a link has no file: what a failed entry of the report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// What happened, and what to do.
    pub reason: String,
    /// How many times the server was asked.
    pub attempts: u32,
}

impl Failure {
    /// A failure of something that asked no server.
    pub fn new(reason: impl fmt::Display) -> Failure {
        Failure { reason: reason.to_string(), attempts: 0 }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Failure { reason: error.reason(), attempts: error.attempts }
    }
}

/// A link that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("{link}: {}", self.reason())]
pub struct FetchError {
    /// The link, as it was given.
    pub link: String,
    /// How many times the server was asked.
    pub attempts: u32,
    /// What happened at the last attempt.
    pub fault: Fault,
}

impl FetchError {
    /// What happened, how often, and what to do, without the link.
    pub fn reason(&self) -> String {
        match self.attempts {
            0 | 1 => self.fault.to_string(),
            n => format!("{} (tried {n} times)", self.fault),
        }
    }
}

/// What can happen to a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The link is none that this program can follow.
    #[error("no http(s) link ({0}): write it as http://host/path or https://host/path")]
    BadLink(String),
    /// No such host.
    #[error("no host is called {0}: check the spelling of the link, and your connection")]
    UnknownHost(String),
    /// The host's name could not be looked up, now.
    #[error("the host {host} could not be looked up ({why}): check your connection, and run again")]
    Lookup {
        /// The host.
        host: String,
        /// What the system said.
        why: io::Error,
    },
    /// Nobody listens at that port.
    #[error(
        "{0} refused the connection: check the port in the link, or run again when the server is up"
    )]
    Refused(String),
    /// The connection broke or was never made.
    #[error("the connection to {host} failed ({why}): run again")]
    Connection {
        /// The host.
        host: String,
        /// What the system said.
        why: io::Error,
    },
    /// No connection in time.
    #[error("no connection to {host} within {} s: check that the server is up, and run again", limit.as_secs_f64())]
    ConnectTimeout {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// Nothing came any more, or so little that it would never end.
    #[error("the server stalled: {bytes} bytes in {} s; run again", limit.as_secs_f64())]
    Stalled {
        /// How many bytes came within the limit.
        bytes: u64,
        /// The limit.
        limit: Duration,
    },
    /// The whole took too long.
    #[error("not done within {} s: give a longer --timeout, and run again", .0.as_secs_f64())]
    Timeout(Duration),
    /// The body ended too early.
    #[error("the body was cut short, after {got} bytes{}: run again", expected.map(|n| format!(" of {n}")).unwrap_or_default())]
    Truncated {
        /// How many bytes came.
        got: u64,
        /// How many were announced.
        expected: Option<u64>,
    },
    /// The server said no.
    #[error("the server answered {status}: {}", advice(*status))]
    Status {
        /// What it said.
        status: StatusCode,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The server asked to come back later than we are ready to wait.
    #[error("the server answered {status} and asked to wait {} s, more than the {} s waited here: run again then", asked.as_secs(), limit.as_secs())]
    TooLong {
        /// What it said.
        status: StatusCode,
        /// How long it asked to wait.
        asked: Duration,
        /// How long we are ready to wait.
        limit: Duration,
    },
    /// One redirect after the other.
    #[error("more than {0} redirects: the link leads in a circle; check it in a browser")]
    TooManyRedirects(u32),
    /// A redirect to nowhere, or to what is no http(s) link.
    #[error("a redirect that cannot be followed ({0}): check the link in a browser")]
    BadRedirect(String),
    /// The body is larger than the limit.
    #[error("larger than the limit of {} MB{}: give a larger --max-megabytes", limit >> 20, size.map(|n| format!(" ({n} bytes)")).unwrap_or_default())]
    TooLarge {
        /// The announced size, in bytes.
        size: Option<u64>,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The body is no picture, or not the whole of one.
    #[error(transparent)]
    NotAPicture(#[from] PictureError),
    /// No secure connection.
    #[error(
        "no secure connection to {host} ({why}): check the link, the server's certificate and this machine's clock"
    )]
    Tls {
        /// The host.
        host: String,
        /// What the TLS library said.
        why: String,
    },
    /// The server does not speak HTTP as it should.
    #[error("the server's answer makes no sense ({0}): check that the link is right")]
    Protocol(String),
}

fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "it does not give this to everyone; check the link in a browser",
        404 | 410 => "there is nothing at this link; check it in a browser",
        429 => "too many requests; run again later, with a smaller --per-host",
        500..600 => "trouble at the server; run again later",
        _ => "check the link in a browser",
    }
}

impl Fault {
    /// Whether asking again can help.
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Fault::Lookup { .. }
            | Fault::Refused(_)
            | Fault::Connection { .. }
            | Fault::ConnectTimeout { .. }
            | Fault::Stalled { .. }
            | Fault::Timeout(_)
            | Fault::Truncated { .. } => true,
            Fault::Status { status, .. } => {
                matches!(status.as_u16(), 408 | 425 | 429 | 500..600)
            }
            _ => false,
        }
    }
}

/// Characters that people write in links and that a request must not have.
const NOT_IN_A_LINK: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Where a link leads.
#[derive(Debug)]
struct Target {
    uri: Uri,
    /// With the port, if there is one in the link.
    host: String,
    loopback: bool,
}

impl Target {
    fn of(link: &str) -> Result<Target, Fault> {
        let bad = |why: &str| Err(Fault::BadLink(why.to_owned()));
        let written = utf8_percent_encode(link, NOT_IN_A_LINK).to_string();
        let uri: Uri = match written.parse() {
            Ok(uri) => uri,
            Err(error) => return bad(&error.to_string()),
        };
        match uri.scheme_str() {
            Some("http" | "https") => {}
            Some(other) => return bad(&format!("it begins with {other}:")),
            None => return bad("it does not begin with http:// or https://"),
        }
        let Some(authority) = uri.authority().filter(|a| !a.host().is_empty()) else {
            return bad("it names no host");
        };
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = host.strip_prefix(authority.host()).unwrap_or_default();
        if port.len() > 1 && authority.port_u16().is_none() {
            return bad(&format!("{port} is no port"));
        }
        let (host, loopback) = (host.to_ascii_lowercase(), is_loopback(authority.host()));
        Ok(Target { uri, host, loopback })
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// What a server gave.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// Whether the server had said how many bytes it would send: then all of them are here.
    announced: bool,
    pub(super) attempts: u32,
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
            .max_redirects(limits.redirects)
            .max_idle_connections(limits.idle_per_host.max(16))
            .max_idle_connections_per_host(limits.idle_per_host.max(1))
            .accept_encoding("identity") // a picture is compressed already
            .user_agent(concat!("many-hands/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy())
            .build();
        Client { agent: config.new_agent(), gates: Gates::new(limits.per_host), limits }
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
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
        // What is none of the others that `check_picture` lets pass is the large kind of TIFF.
        let kind = image::guess_format(&answer.bytes).unwrap_or(ImageFormat::Tiff);
        let extension = kind.extensions_str().first().unwrap_or(&"picture");
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
        headers: &[(header::HeaderName, &str)],
        most: u64,
        check: fn(&Answer) -> Result<(), Fault>,
    ) -> Result<Answer, FetchError> {
        let mut attempts = 0;
        let tell = |fault, attempts| FetchError { link: link.to_owned(), attempts, fault };
        let target = Target::of(link).map_err(|fault| tell(fault, 0))?;
        loop {
            attempts += 1;
            let pass = self.pass(&target);
            let tried = self.attempt(&target, headers, most).and_then(|answer| {
                check(&answer)?;
                Ok(answer)
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
    fn pass(&self, target: &Target) -> Option<Pass> {
        (!target.loopback).then(|| self.gates.enter(&target.host))
    }

    /// One request, to the last byte of its body.
    fn attempt(
        &self,
        target: &Target,
        headers: &[(header::HeaderName, &str)],
        most: u64,
    ) -> Result<Answer, Fault> {
        let host = target.uri.host().unwrap_or_default();
        // No machine is called so, ever (RFC 6761): there is no need to ask the network.
        if host.to_ascii_lowercase().trim_end_matches('.').ends_with(".invalid") {
            return Err(Fault::UnknownHost(host.to_owned()));
        }
        let mut request = self.agent.get(&target.uri);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = request.call().map_err(|error| self.fault(error, target, 0))?;
        let status = response.status();
        if status != StatusCode::OK {
            let retry_after = response.headers().get(header::RETRY_AFTER);
            let retry_after = retry_after
                .and_then(|value| retry::retry_after(value.to_str().ok()?, SystemTime::now()));
            return Err(Fault::Status { status, retry_after });
        }
        // Of an empty body the library does not tell the length.
        let length = response.headers().get(header::CONTENT_LENGTH);
        let empty = length.is_some_and(|length| length == "0").then_some(0);
        let announced = response.body().content_length().or(empty);
        self.read(response.into_body(), announced, target, most)
    }

    /// Reads a body that may be too long, too short, or too slow.
    fn read(
        &self,
        body: Body,
        announced: Option<u64>,
        target: &Target,
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
                    return Err(match self.fault(error.into(), target, got - then) {
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
            _ => Ok(Answer { bytes, announced: announced.is_some(), attempts: 0 }),
        }
    }

    /// What an error of the HTTP library means. `came` is how many bytes came lately.
    fn fault(&self, error: ureq::Error, target: &Target, came: u64) -> Fault {
        use io::ErrorKind::*;
        let host = target.host.clone();
        match error {
            ureq::Error::HostNotFound => Fault::UnknownHost(host),
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
            ureq::Error::TooManyRedirects => Fault::TooManyRedirects(self.limits.redirects),
            ureq::Error::RedirectFailed | ureq::Error::BadUri(_) => {
                Fault::BadRedirect(error.to_string())
            }
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
            ureq::Error::Protocol(what) if what.to_string().contains("location") => {
                Fault::BadRedirect(what.to_string())
            }
            other => Fault::Protocol(other.to_string()),
        }
    }
}

/// Whether this is what the standard library makes of a failed name lookup: it has no kind of its
/// own for it.
fn is_lookup(error: &io::Error) -> bool {
    error.raw_os_error().is_none() && error.to_string().contains("lookup address")
}

/// The proxy that the environment asks for, with loopback taken out of it.
fn proxy() -> Option<Proxy> {
    let spared = env::var("NO_PROXY").or_else(|_| env::var("no_proxy"));
    spare_loopback(&Proxy::try_from_env()?, &spared.unwrap_or_default())
}

/// The same proxy, but not for the hosts of the list and not for this machine.
fn spare_loopback(asked: &Proxy, spared: &str) -> Option<Proxy> {
    let mut builder = Proxy::builder(asked.protocol())
        .host(asked.host())
        .port(asked.port())
        .resolve_target(asked.resolve_target());
    if let Some(user) = asked.username() {
        builder = builder.username(user);
    }
    if let Some(password) = asked.password() {
        builder = builder.password(password);
    }
    let loopback = ["localhost", "*.localhost", "127.*", "[::1]"];
    for host in spared.split(',').map(str::trim).filter(|host| !host.is_empty()).chain(loopback) {
        builder = builder.no_proxy(host);
    }
    builder.build().ok()
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
    fn a_proxy_is_for_the_internet_and_never_for_loopback() {
        let asked = Proxy::new("http://me:secret@proxy.example:3128").unwrap();
        let proxy = spare_loopback(&asked, " intranet.example, *.lan").unwrap();
        assert_eq!(proxy.uri(), asked.uri());
        let direct = |link: &str| proxy.is_no_proxy(&link.parse().unwrap());
        for link in [
            "http://127.0.0.1:8080/x.png",
            "http://127.1.2.3/x.png",
            "http://localhost/x.png",
            "http://[::1]:80/x.png",
            "http://intranet.example/x.png",
            "http://nas.lan/x.png",
        ] {
            assert!(direct(link), "{link}");
        }
        assert!(!direct("https://mars.nasa.gov/x.png"));
    }

    #[test]
    fn hosts_on_the_internet_are_limited_and_loopback_is_not() {
        let client = Client::new(Limits::default());
        let limited = |link| client.pass(&Target::of(link).unwrap()).is_some();
        for link in
            ["http://127.0.0.1:1/", "http://LocalHost/", "http://[::1]/", "http://a.localhost/"]
        {
            assert!(!limited(link), "{link}");
        }
        for link in ["https://mars.nasa.gov/", "http://localhost.example/", "http://10.0.0.1/"] {
            assert!(limited(link), "{link}");
        }
        let target = Target::of("https://me:secret@Example.COM:81/x.png").unwrap();
        assert_eq!(target.host, "example.com:81");
    }
}
