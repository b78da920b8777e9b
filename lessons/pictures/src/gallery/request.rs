//! Reading requests, within limits: no stranger can take more than a few kilobytes.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use httparse::{EMPTY_HEADER, Status};

/// The longest request line, in bytes.
const LINE: usize = 4 * 1024;
/// The longest head of a request, which is its line and all headers, in bytes.
const HEAD: usize = 8 * 1024;
/// The most headers a request may have.
const HEADERS: usize = 100;

/// What a client asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// The path as it was sent, without its query.
    pub path: String,
    /// What follows the `?`, if there is one.
    pub query: Option<String>,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The header `Cookie`.
    pub cookie: Option<String>,
    /// When the request arrived.
    pub at: Instant,
    /// Whether the client wants to use the connection again.
    pub(super) keep_alive: bool,
}

/// Why a request gets no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The client gets this status, and the reason.
    Status(u16, &'static str),
    /// The client has left, or never asked for anything.
    Gone,
}

/// The requests on one connection. Bytes that arrive with one may belong to the next.
#[derive(Default)]
pub(super) struct Requests {
    buffer: Vec<u8>,
}

impl Requests {
    /// Reads the next request.
    pub(super) fn next(
        &mut self,
        mut stream: &TcpStream,
        patience: Duration,
    ) -> Result<Request, Refusal> {
        let mut deadline = Instant::now() + patience;
        loop {
            if let Some((request, length)) = parse(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(request);
            }

            // The deadline stays the same, so a client cannot gain time by sending a byte now and
            // then.
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.too_late());
            }
            stream.set_read_timeout(Some(left)).map_err(|_| Refusal::Gone)?;

            let had = self.buffer.len();
            self.buffer.resize(HEAD, 0);
            let read = stream.read(&mut self.buffer[had..]);
            self.buffer.truncate(had + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) if had == 0 => return Err(Refusal::Gone),
                Ok(0) => return Err(Refusal::Status(400, "the request ends too early")),
                Ok(_) if had == 0 => deadline = Instant::now() + patience,
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(self.too_late());
                }
                Err(_) => return Err(Refusal::Gone),
            }
        }
    }

    fn too_late(&self) -> Refusal {
        if self.buffer.is_empty() {
            Refusal::Gone
        } else {
            Refusal::Status(408, "the request did not arrive in time")
        }
    }
}

/// The request at the start of these bytes, and its length. `None` if it is not complete yet.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refusal> {
    if bytes.len() >= LINE && !bytes[..LINE].contains(&b'\n') {
        return Err(Refusal::Status(414, "the request line is longer than 4 KiB"));
    }

    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() >= HEAD => {
            return Err(Refusal::Status(431, "the headers are longer than 8 KiB"));
        }
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal::Status(431, "there are more than 100 headers"));
        }
        Err(httparse::Error::Version) => {
            return Err(Refusal::Status(505, "this server knows only HTTP/1.0 and HTTP/1.1"));
        }
        Err(_) => return Err(Refusal::Status(400, "this is not an HTTP request")),
    };

    let header = |name: &str| {
        let header = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(header.value).into_owned())
    };
    let method = parsed.method.unwrap_or_default();
    if !matches!(method, "GET" | "HEAD") {
        return Err(Refusal::Status(405, "the gallery answers only GET and HEAD"));
    }
    if header("Transfer-Encoding").is_some()
        || header("Content-Length").is_some_and(|length| length != "0")
    {
        return Err(Refusal::Status(400, "a request must not have a body"));
    }
    let version_1_1 = parsed.version == Some(1);
    if version_1_1 && header("Host").is_none() {
        return Err(Refusal::Status(400, "the header Host is missing"));
    }
    let connection = header("Connection").unwrap_or_default().to_ascii_lowercase();
    let wants = |word: &str| connection.split(',').any(|given| given.trim() == word);

    let (path, query) = split(parsed.path.unwrap_or_default())?;
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        authorization: header("Authorization"),
        cookie: header("Cookie"),
        at: Instant::now(),
        keep_alive: if version_1_1 { !wants("close") } else { wants("keep-alive") },
    };
    Ok(Some((request, length)))
}

/// The path and query in the target of a request, which is `/path?query` or a whole link, as for a
/// proxy.
fn split(target: &str) -> Result<(&str, Option<&str>), Refusal> {
    let target = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    if !target.starts_with('/') {
        return Err(Refusal::Status(400, "the path does not begin with a slash"));
    }
    Ok(match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    })
}
