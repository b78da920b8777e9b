//! Fetching a picture: repeated attempts, until one returns a whole picture.

use std::fmt;

use hands::cancel::{self, Token};
use serde::{Deserialize, Serialize};
use step::text::masked;
use ureq::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::address::Address;
use super::fault::{Fault, FetchError, LinkFailure};
use super::gate::{Gates, Pass};
use super::http::Http;
use super::limits::ClientLimits;
use super::{head, name, redirects, retry};
use crate::picture::{self, Format, PictureError};

/// Fetches pictures. A program needs one, which its workers share by reference.
///
/// It keeps connections open for the next request, retries where that can help, and limits the
/// number of requests that each host gets at a time. It uses the proxy that the environment names
/// (`HTTPS_PROXY` and the like), though never for loopback.
#[derive(Debug)]
pub struct Client {
    http: Http,
    gates: Gates,
    stop: Token,
}

/// A picture that was fetched, or that was made from one.
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
    /// What `process` makes of this picture, [named](name::processed) `processed_<stem>.png`.
    ///
    /// ```
    /// use pictures::download::Fetched;
    ///
    /// let cat = Fetched { name: "cat.jpg".to_owned(), bytes: b"cat".to_vec(), attempts: 1 };
    /// let loud = cat.processed_with(|bytes| Ok::<_, String>(bytes.to_ascii_uppercase()))?;
    /// assert_eq!((loud.name.as_str(), &loud.bytes[..]), ("processed_cat.png", &b"CAT"[..]));
    /// # Ok::<(), pictures::download::LinkFailure>(())
    /// ```
    ///
    /// # Errors
    /// If `process` fails.
    pub fn processed_with<E: fmt::Display>(
        &self,
        process: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Fetched, LinkFailure> {
        let attempts = self.attempts;
        match process(&self.bytes) {
            Ok(bytes) => Ok(Fetched { name: name::processed(&self.name), bytes, attempts }),
            Err(why) => Err(LinkFailure { reason: why.to_string(), attempts }),
        }
    }
}

/// A response whose body has arrived in full.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// Whether the server announced the length: then the body is known to be complete.
    is_announced: bool,
    status: StatusCode,
}

impl Client {
    /// A client with these limits.
    pub fn new(limits: ClientLimits) -> Client {
        Client { gates: Gates::new(limits.per_host), http: Http::new(limits), stop: Token::new() }
    }

    /// Cancel this token, and nothing is tried again: a link whose attempt fails has failed. The
    /// [token](cancel::current) of the task that fetches does the same for its own link.
    pub fn token(&self) -> &Token {
        &self.stop
    }

    /// Its limits.
    pub fn limits(&self) -> &ClientLimits {
        &self.http.limits
    }

    /// Fetches the picture at `link`, and checks that it is one, and whole.
    ///
    /// Retries, with growing waits, after failures that may pass: a refused or broken connection, a
    /// timeout, a truncated body, a server that is in trouble or too busy (its `Retry-After` is
    /// honoured). While it waits, another worker may use the host.
    ///
    /// ```
    /// use pictures::download::{Client, ClientLimits};
    /// use pictures::gallery::{Answer, Gallery};
    ///
    /// let gallery = Gallery::builder().answer("/gone.png", Answer::status(404)).start()?;
    /// let client = Client::new(ClientLimits::default());
    /// let error = client.fetch(&gallery.link("/gone.png")).unwrap_err();
    /// assert!(error.to_string().contains("404 Not Found"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the link is malformed, or the last attempt failed. Its [`Fault`] says why.
    pub fn fetch(&self, link: &str) -> Result<Fetched, FetchError> {
        let accept = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("image/*"))]);
        let (answer, attempts) = self.ask(link, &accept, self.limits().bytes, check_picture)?;
        let extension = Format::detect(&answer.bytes).map_or("picture", Format::extension);
        let name = name::with_extension(&name::from_link(link), extension);
        Ok(Fetched { name, bytes: answer.bytes, attempts })
    }

    // ANCHOR: ask
    /// Asks for `link` until the answer passes `check` or another attempt is pointless. Also
    /// returns the number of attempts. `largest` is the largest body to accept, in bytes.
    pub(super) fn ask(
        &self,
        link: &str,
        headers: &HeaderMap,
        largest: u64,
        check: fn(&Answer) -> Result<(), Fault>,
    ) -> Result<(Answer, u32), FetchError> {
        let failed = |fault, attempts| FetchError { link: masked(link), attempts, fault };
        let address = Address::parse(link).map_err(|fault| failed(fault, 0))?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let answer = self.attempt(&address, headers, largest);
            let checked = answer.and_then(|answer| check(&answer).map(|()| answer));
            let fault = match checked {
                Ok(answer) => return Ok((answer, attempts)),
                Err(fault) => fault,
            };
            let stopped = Fault::Stopped(fault.to_string());
            let wait = retry::wait_after(fault, attempts, self.limits());
            let wait = wait.map_err(|fault| failed(fault, attempts))?;
            let slept = Token::either(&self.stop, &cancel::current()).sleep(wait);
            slept.map_err(|_| failed(stopped, attempts))?;
        }
    }

    /// One attempt, from the request to the last byte of the body.
    fn attempt(&self, link: &Address, headers: &HeaderMap, largest: u64) -> Result<Answer, Fault> {
        let _pass = self.pass(link);
        let (response, from) = redirects::follow(&self.http, link, headers)?;
        let (head, body) = response.into_parts();
        let announced = head::size(&head)?;
        let bytes = self.http.read(body, announced, &from, largest)?;
        Ok(Answer { bytes, is_announced: announced.is_some(), status: head.status })
    }
    // ANCHOR_END: ask

    /// Permission to ask the link's host now; loopback needs none.
    fn pass(&self, link: &Address) -> Option<Pass> {
        (!link.is_loopback()).then(|| self.gates.enter(link.host()))
    }
}

/// Whether this is a whole picture, as far as the file's own markers tell.
fn check_picture(answer: &Answer) -> Result<(), Fault> {
    match picture::check_whole(&answer.bytes) {
        // Without an announced length, a broken connection looks like the end of the body.
        Err(PictureError::Truncated { .. } | PictureError::Empty) if !answer.is_announced => {
            Err(Fault::Truncated { got: answer.bytes.len() as u64, expected: None })
        }
        // Until the picture is ready, a server may send a page of text instead.
        Err(_) if answer.status == StatusCode::ACCEPTED => Err(Fault::from_status(answer.status)),
        checked => Ok(checked.map(drop)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_on_the_internet_are_limited_and_loopback_is_not() {
        let client = Client::new(ClientLimits::default());
        let limited = |link| client.pass(&Address::parse(link).unwrap()).is_some();
        assert!(!limited("http://127.0.0.1:1/") && limited("https://mars.nasa.gov/"));
    }
}
