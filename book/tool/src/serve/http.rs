//! As much HTTP as the book needs: one request a connection.
//!
//! It's our own because the small servers don't fit: `tiny_http` waits forever for a slow client,
//! and `oxhttp` keeps the socket to itself, so a run that prints nothing couldn't tell that its
//! page has gone.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzEncoder;

/// The largest request but one: a name and some numbers.
const LARGEST_BODY: usize = 4096;
/// The largest of those that hold what a reader has written, in bytes of JSON.
const LARGEST_TEXT: usize = 256 << 10;
/// As much of a refused request is read, so that its client gets to see why.
const MOST_DRAINED: u64 = 4 << 20;
const LARGEST_HEAD: usize = 16 << 10;
/// Shorter bodies fit into a packet or two, in bytes.
const WORTH_PACKING: usize = 2048;
/// A browser may open a connection before it knows what to ask.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a request gets nothing else.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Its client is gone.
    Gone,
    /// A status code, and a line for whoever sees it.
    Status(u16, String),
}

impl Refusal {
    pub(super) fn new(status: u16, why: impl Into<String>) -> Refusal {
        Refusal::Status(status, why.into())
    }
}

impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Refusal {
        Refusal::Gone
    }
}

/// What a client asks.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path of the address, without the query.
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The body, which should be this JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        if !self.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(Refusal::new(415, "send the request as JSON\n"));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let status = if error.is_data() { 422 } else { 400 };
            Refusal::new(status, format!("{error}\n"))
        })
    }
}

/// Reads a request. `holds_text` says of its path whether it may bring what a reader has written.
pub(super) fn read(
    client: &mut TcpStream,
    holds_text: impl Fn(&str) -> bool,
) -> Result<Request, Refusal> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    let (mut request, head) = loop {
        let mut part = [0; 4096];
        let length = client.read(&mut part)?;
        if length == 0 {
            return Err(Refusal::Gone);
        }
        bytes.extend_from_slice(&part[..length]);
        if let Some(parsed) = parse_head(&bytes)? {
            break parsed;
        }
        if bytes.len() > LARGEST_HEAD {
            return Err(Refusal::new(413, "the headers are too long\n"));
        }
    };
    let length = match (request.header("transfer-encoding"), request.header("content-length")) {
        (None, None) => 0,
        (None, Some(length)) => length.parse().unwrap_or(usize::MAX),
        (Some(_), _) => usize::MAX, // our pages know how much they send
    };
    let (largest, why) = if holds_text(&request.path) {
        (LARGEST_TEXT, "that is too long for this page: save it in an editor of your own\n")
    } else {
        (LARGEST_BODY, "the request is too long: a name and some numbers are enough\n")
    };
    if length > largest {
        let missing = (length - (bytes.len() - head).min(length)) as u64;
        if missing <= MOST_DRAINED {
            io::copy(&mut client.take(missing), &mut io::sink()).ok(); // or it is gone
        }
        return Err(Refusal::new(413, why));
    }
    request.body = bytes.split_off(head);
    let missing = length.saturating_sub(request.body.len());
    client.take(missing as u64).read_to_end(&mut request.body)?;
    request.body.truncate(length);
    client.set_read_timeout(None)?;
    Ok(request)
}

/// The request, and the length of its head. `None` if more must come.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(bytes);
    let parsed = parsed.map_err(|error| Refusal::new(400, format!("{error}\n")))?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let path = head.path.unwrap_or("/").split('?').next().unwrap_or("/");
    let headers = head.headers.iter();
    let headers = headers.map(|header| (header.name.to_owned(), text(header.value))).collect();
    let method = head.method.unwrap_or("").to_owned();
    Ok(Some((Request { method, path: path.to_owned(), headers, body: Vec::new() }, length)))
}

/// Sends the head of an answer. Its body ends with the connection.
pub(super) fn start(
    client: &mut TcpStream,
    status: u16,
    headers: &[(&str, &str)],
) -> io::Result<()> {
    // The words after the code may be left out.
    let mut head =
        format!("HTTP/1.1 {status} \r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    client.write_all((head + "\r\n").as_bytes())
}

/// Sends a whole answer, or only its head if that's what was asked for.
pub(super) fn send(
    client: &mut TcpStream,
    request: &Request,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<(), Refusal> {
    let is_packed = body.len() > WORTH_PACKING && is_text(headers) && takes_gzip(request);
    let mut packed = Vec::new();
    if is_packed {
        GzEncoder::new(body, Compression::fast()).read_to_end(&mut packed)?;
    }
    let body = if is_packed { &*packed } else { body };
    let headers =
        &[headers, if is_packed { &[("Content-Encoding", "gzip")] } else { &[] }].concat();
    let length = body.len().to_string();
    start(client, status, &[&headers[..], &[("Content-Length", &length)]].concat())?;
    if request.method != "HEAD" {
        client.write_all(body)?;
    }
    Ok(())
}

/// Sends JSON that is not to be kept.
pub(super) fn send_json(
    client: &mut TcpStream,
    request: &Request,
    json: &impl serde::Serialize,
) -> Result<(), Refusal> {
    let json = serde_json::to_vec(json).expect("plain text and numbers");
    let headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")];
    send(client, request, 200, &headers, &json)
}

/// Whether it is worth it: fonts and pictures are packed already.
fn is_text(headers: &[(&str, &str)]) -> bool {
    let kind =
        headers.iter().find(|(name, _)| *name == "Content-Type").map_or("", |(_, kind)| kind);
    ["text/", "application/json", "image/svg"].iter().any(|start| kind.starts_with(start))
}

fn takes_gzip(request: &Request) -> bool {
    request.header("accept-encoding").is_some_and(|codings| codings.contains("gzip"))
}

/// Says why a request gets nothing else.
pub(super) fn refuse(client: &mut TcpStream, status: u16, why: &str) -> io::Result<()> {
    let length = why.len().to_string();
    let kind = "text/plain; charset=utf-8";
    start(client, status, &[("Content-Type", kind), ("Content-Length", &length)])?;
    client.write_all(why.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_parsed_once_it_is_complete() {
        let text = b"POST /-/run?a HTTP/1.1\r\nHost: a\r\nX-Book-Token: b\r\n\r\n{}";
        for length in 0..text.len() - 2 {
            assert!(parse_head(&text[..length]).unwrap().is_none(), "{length}");
        }
        let (request, body) = parse_head(text).unwrap().unwrap();
        assert_eq!((&*request.method, &*request.path), ("POST", "/-/run"));
        assert_eq!((request.header("host"), request.header("origin")), (Some("a"), None));
        assert_eq!(&text[body..], b"{}");
        let refused = parse_head(b"GET\x00 / HTTP/1.1\r\n\r\n").unwrap_err();
        assert!(matches!(refused, Refusal::Status(400, _)), "{refused:?}");
    }
}
