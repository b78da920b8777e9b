//! The offline internet: a small HTTP server on loopback with a gallery of pictures.
//!
//! The downloader of the later steps must be shown working, and failing, on any machine: without a
//! network, and with every kind of bad server that the network has. A [`Gallery`] is both. It
//! serves what it was told to serve on a port of `127.0.0.1` that the system picks, and it stops when it is dropped.
//!
//! ```
//! use pictures::gallery::{Answer, Gallery};
//!
//! let gallery = Gallery::builder()
//!     .answer("/cat.png", Answer::picture("not much of a cat", "image/png"))
//!     .answer("/flaky.png", Answer::after(1, Answer::status(500), Answer::picture("a cat", "image/png")))
//!     .start()?;
//!
//! let mut cat = ureq::get(gallery.link("/cat.png")).call()?;
//! assert_eq!(cat.body_mut().read_to_string()?, "not much of a cat");
//! assert_eq!(gallery.asked("/cat.png"), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How it is built, from the outside in:
//!
//! - [`Answer`] says what is sent for a path, well-behaved or not;
//! - `serve` owns the sockets: a thread accepts, a thread per connection answers, and all of them end with the gallery;
//! - `request` reads one request, within limits: what comes from outside is never trusted.
//!
//! A thread per connection is the simplest server there is, and the right one for some hundred
//! connections that mostly wait.

mod answer;
mod imgur;
mod request;
mod serve;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use answer::Answer;
pub use imgur::RANDOM;
pub use request::Request;

use imgur::Listed;
use serve::Server;

/// A server on `127.0.0.1` that answers as it was told, until it is dropped.
///
/// Dropping it closes every connection, wakes whoever waits in a stall, and joins all its threads.
pub struct Gallery {
    address: SocketAddr,
    server: Arc<Server>,
    listed: Vec<Listed>,
    acceptor: Option<JoinHandle<()>>,
}

/// What a [`Gallery`] shall serve, and how: see [`Gallery::builder`].
#[derive(Clone, Debug)]
#[must_use = "a gallery serves nothing before `start`"]
pub struct Builder {
    answers: HashMap<String, Answer>,
    listed: Vec<Listed>,
    manners: Manners,
}

/// How the server treats its clients, whatever they ask for.
#[derive(Clone, Debug)]
struct Manners {
    latency: Duration,
    bandwidth: Option<u64>,
    patience: Duration,
    connections: usize,
}

/// Longer waits than a year are cut to a year: no clock overflows then.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why a gallery could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gave no port, or no thread to listen on it.
    #[error("the gallery found no port to listen on at 127.0.0.1: {0}")]
    Listen(#[source] io::Error),
}

impl Gallery {
    /// An empty gallery without latency: add what it shall serve, then [`start`](Builder::start) it.
    pub fn builder() -> Builder {
        Builder {
            answers: HashMap::new(),
            listed: Vec::new(),
            manners: Manners {
                latency: Duration::ZERO,
                bandwidth: None,
                patience: Duration::from_secs(30),
                connections: 512,
            },
        }
    }

    /// Where the gallery is: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The whole link to a path that begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The links of all pictures that the gallery's API lists, in its order.
    pub fn links(&self) -> Vec<String> {
        self.listed.iter().map(|picture| self.link(&picture.path)).collect()
    }

    /// What was asked so far, in order of arrival: the first 10,000 requests.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// How often a path was asked for, among the [`requests`](Self::requests).
    pub fn asked(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.path == path).count()
    }

    /// How many requests were open at once, at most: asked, and not yet answered to the end.
    ///
    /// A request is over just before its last bytes are sent, so a client that asks for one thing
    /// after the other never sees more than 1 here.
    pub fn peak(&self) -> usize {
        self.server.peak()
    }
}

impl fmt::Debug for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        if let Some(acceptor) = self.acceptor.take() {
            self.server.stop(self.address, acceptor);
        }
    }
}

impl Builder {
    /// Waits this long before each answer, as a distant server would (default: not at all).
    pub fn latency(mut self, latency: Duration) -> Self {
        self.manners.latency = latency;
        self
    }

    /// Sends bodies at this many bytes per second on each connection (default: as fast as it goes).
    ///
    /// Zero is taken as one.
    pub fn bandwidth(mut self, bytes_per_second: u64) -> Self {
        self.manners.bandwidth = Some(bytes_per_second.max(1));
        self
    }

    /// How long a client may take to send a request (default: 30 seconds).
    ///
    /// Whoever began one gets status 408; a connection on which nothing came is closed.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.manners.patience = patience.min(LONGEST);
        self
    }

    /// How many connections may be open at once (default: 512); one more gets status 503.
    pub fn connections(mut self, most: usize) -> Self {
        self.manners.connections = most;
        self
    }

    /// Serves this answer under a path, in place of whatever was there.
    ///
    /// The path begins with a slash and is compared as it is sent: a blank in it is `%20`. The
    /// query (`?…`) plays no part. What has no answer is 404.
    pub fn answer(mut self, path: impl Into<String>, answer: Answer) -> Self {
        self.answers.insert(path.into(), answer);
        self
    }

    /// Serves a picture under a path, *and* lists it in the gallery's API (see [`RANDOM`]).
    pub fn picture(
        mut self,
        path: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
        content_type: &'static str,
    ) -> Self {
        let path = path.into();
        let bytes: Vec<u8> = bytes.into();
        self.listed.push(Listed {
            path: path.clone(),
            content_type,
            size: bytes.len() as u64,
            dimensions: None,
        });
        self.answer(path, Answer::picture(bytes, content_type))
    }

    /// Opens the gallery.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] if the system has no port or no thread left.
    pub fn start(self) -> Result<Gallery, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;

        let mut answers = imgur::answers(address, &self.listed);
        answers.extend(self.answers); // what was asked for by name wins
        let server = Arc::new(Server::new(answers, self.manners));

        let acceptor = thread::Builder::new()
            .name("gallery".into())
            .spawn({
                let server = Arc::clone(&server);
                move || server.run(&listener)
            })
            .map_err(Error::Listen)?;
        Ok(Gallery { address, server, listed: self.listed, acceptor: Some(acceptor) })
    }
}

#[cfg(test)]
mod tests;
