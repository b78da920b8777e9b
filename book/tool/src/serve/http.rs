//! As much HTTP as the book needs: one request a connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The largest request, which is a name and some numbers.
const LARGEST_BODY: usize = 4096;
const LARGEST_HEAD: usize = 16 << 10;
/// A browser may open a connection before it knows what to ask.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a request gets nothing else: a status code, and a line for whoever sees it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) u16, pub(super) String);

impl Refusal {
    pub(super) fn new(status: u16, why: impl Into<String>) -> Refusal {
        Refusal(status, why.into())
    }
}

/// What a client asks.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path of the address, without what follows a `?`.
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The value of a header. Names are in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// Reads a request. `None` if the client has closed the connection before it asked.
///
/// # Errors
///
/// A connection that breaks, or stays silent. What is no request, or too large, is a refusal.
pub(super) fn read(client: &mut TcpStream) -> io::Result<Option<Result<Request, Refusal>>> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    let (mut request, body) = loop {
        let mut part = [0; 4096];
        let length = client.read(&mut part)?;
        if length == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..length]);
        match parse_head(&bytes) {
            Ok(Some(parsed)) => break parsed,
            Ok(None) if bytes.len() <= LARGEST_HEAD => {}
            Ok(None) => {
                return Ok(Some(Err(Refusal::new(413, "the headers are too long\n"))));
            }
            Err(refusal) => return Ok(Some(Err(refusal))),
        }
    };
    let length = match (request.header("transfer-encoding"), request.header("content-length")) {
        (None, None) => 0,
        (None, Some(length)) => length.parse().unwrap_or(usize::MAX),
        (Some(_), _) => usize::MAX, // our pages know how much they send
    };
    if length > LARGEST_BODY {
        return Ok(Some(Err(Refusal::new(413, "a request is a name and some numbers\n"))));
    }
    request.body = bytes.split_off(body);
    let missing = length.saturating_sub(request.body.len());
    client.take(missing as u64).read_to_end(&mut request.body)?;
    request.body.truncate(length);
    client.set_read_timeout(None)?;
    Ok(Some(Ok(request)))
}

/// The request, and where its body begins. `None` if more must come.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(bytes);
    let parsed = parsed.map_err(|error| Refusal::new(400, format!("{error}\n")))?;
    let httparse::Status::Complete(body) = parsed else { return Ok(None) };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let path = head.path.unwrap_or("/").split('?').next().unwrap_or("/");
    let request = Request {
        method: head.method.unwrap_or("").to_owned(),
        path: path.to_owned(),
        headers: head
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), text(header.value)))
            .collect(),
        body: Vec::new(),
    };
    Ok(Some((request, body)))
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

/// Sends a whole answer, or its head alone if that is what was asked for.
pub(super) fn send(
    client: &mut TcpStream,
    request: &Request,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let length = body.len().to_string();
    start(client, 200, &[headers, &[("Content-Length", &length)]].concat())?;
    if !request.is_head() {
        client.write_all(body)?;
    }
    Ok(())
}

/// Says why a request gets nothing else.
pub(super) fn refuse(client: &mut TcpStream, Refusal(status, why): &Refusal) -> io::Result<()> {
    let length = why.len().to_string();
    let kind = "text/plain; charset=utf-8";
    start(client, *status, &[("Content-Type", kind), ("Content-Length", &length)])?;
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
        assert_eq!(parse_head(b"GET\x00 / HTTP/1.1\r\n\r\n").unwrap_err().0, 400);
    }
}
