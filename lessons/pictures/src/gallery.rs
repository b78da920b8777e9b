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
//! There is nothing in a gallery but what was put there: [`answer`](Builder::answer) and
//! [`picture`](Builder::picture) for tests, which want a few small bytes, and
//! [`pictures`](Builder::pictures) for the steps, which want real work:
//!
//! ```no_run
//! # use pictures::gallery::{DOZEN, Gallery};
//! # use std::time::Duration;
//! // A dozen pictures, 40 megapixels, painted the first time and kept under target/gallery.
//! let gallery = Gallery::builder().pictures(DOZEN).latency(Duration::from_millis(200)).start()?;
//! println!("Look at them: {}", gallery.url());
//! # Ok::<(), pictures::gallery::Error>(())
//! ```
//!
//! How it is built, from the outside in:
//!
//! - [`Answer`] says what is sent for a path, well-behaved or not;
//! - `serve` owns the sockets: a thread accepts, a thread per connection answers, and all of them end with the gallery;
//! - `request` reads one request, within limits: what comes from outside is never trusted;
//! - `imgur` lists the pictures as Imgur's API does;
//! - [`paint`] paints pictures from a seed, and `collection` keeps them in a folder.
//!
//! A thread per connection is the simplest server there is, and the right one for some hundred
//! connections that mostly wait.

#[doc(no_inline)]
pub use paint;

mod answer;
mod collection;
mod imgur;
mod request;
mod serve;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use answer::Answer;
pub use collection::DOZEN;
pub use imgur::RANDOM;
pub use request::Request;

use collection::Collection;
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
    collection: Collection,
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

    /// The painted pictures could not be kept.
    #[error(
        "the gallery could not be kept in {}: {source} (is there room, and may you write there?)",
        folder.display()
    )]
    Keep {
        /// The folder in which they were to be.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Gallery {
    /// An empty gallery without latency: add what it shall serve, then [`start`](Builder::start) it.
    pub fn builder() -> Builder {
        Builder {
            answers: HashMap::new(),
            listed: Vec::new(),
            collection: Collection::none(),
            manners: Manners {
                latency: Duration::ZERO,
                bandwidth: None,
                patience: Duration::from_secs(30),
                connections: 512,
            },
        }
    }

    /// Where the gallery is: `http://127.0.0.1:PORT`, without a slash at the end.
    ///
    /// In a browser it shows its pictures (those that the browser knows: few show TIFF).
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

    /// Hangs this many painted pictures under `/pictures/…`, and lists them in the gallery's API
    /// (default: none).
    ///
    /// [`DOZEN`] of them are 40 megapixels, from 0.1 to 14 each, in every [`Format`](paint::Format).
    /// More of them are smaller pictures of the same kinds. They are painted when the gallery is
    /// first started, with a progress bar if the program speaks to a terminal, and kept in a folder for the next time.
    pub fn pictures(mut self, count: usize) -> Self {
        self.collection.count = count;
        self
    }

    /// Paints other pictures: each seed has its own (default: 1).
    pub fn seed(mut self, seed: u64) -> Self {
        self.collection.seed = seed;
        self
    }

    /// Where the painted pictures are kept (default: `target/gallery`, in the current folder).
    pub fn keep_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.collection.folder = folder.into();
        self
    }

    /// Opens the gallery.
    ///
    /// # Errors
    ///
    /// [`Error::Keep`] if the painted pictures cannot be written or read;
    /// [`Error::Listen`] if the system has no port or no thread left.
    pub fn start(mut self) -> Result<Gallery, Error> {
        for (file, listed) in self.collection.open()? {
            let answer = Answer::file(file, listed.content_type);
            self.answers.entry(listed.path.clone()).or_insert(answer);
            self.listed.push(listed);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;

        let mut answers = imgur::answers(address, &self.listed);
        answers.insert("/".into(), page(&self.listed));
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

/// The pictures on a page, for a person with a browser.
fn page(listed: &[Listed]) -> Answer {
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><title>The gallery</title>\
         <meta name=viewport content='width=device-width'>\
         <style>body{background:#222}img{max-width:100%;max-height:90vh;margin:1em auto;display:block}</style>\n",
    );
    for Listed { path, .. } in listed {
        let path = path.replace('&', "&amp;").replace('"', "&quot;");
        page +=
            &format!("<a href=\"{path}\"><img src=\"{path}\" alt=\"{path}\" loading=lazy></a>\n");
    }
    Answer::picture(page, "text/html; charset=utf-8")
}

#[cfg(test)]
mod tests;
