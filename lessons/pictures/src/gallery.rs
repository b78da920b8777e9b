//! The offline internet: a small HTTP server on loopback with a gallery of pictures.
//!
//! The later steps must show the downloader at work, and failing, on any machine: without a
//! network, and with every kind of bad server that a network has. A [`Gallery`] does both. It
//! serves whatever it was given, on a port of `127.0.0.1` that the system picks, and stops when it
//! is dropped.
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
//! A gallery starts out empty. [`answer`](Builder::answer) and [`picture`](Builder::picture) are
//! for tests, which need a few bytes; [`pictures`](Builder::pictures) is for the steps, which need
//! real work:
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
//! How it is built:
//!
//! - `answer` says what is sent for a path, well-behaved or not, and `send` sends it;
//! - `serve` has the threads: one accepts connections, one per connection answers; `shared` is what
//!   they share;
//! - `request` reads requests within limits, because a client is never trusted;
//! - `listed` and `imgur` list the pictures, as a page and as Imgur's API does;
//! - [`paint`] paints pictures from a seed, and `collection` keeps them in a folder.
//!
//! A thread per connection is the simplest server, and good enough for a few hundred connections
//! that mostly wait.

#[doc(no_inline)]
pub use paint;

mod answer;
mod collection;
mod imgur;
mod listed;
mod manners;
mod request;
mod send;
mod serve;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use answer::Answer;
pub use collection::{DOZEN, write_previews};
pub use imgur::RANDOM;
pub use request::Request;

use collection::Collection;
use listed::{Listed, page};
use manners::{LONGEST, Manners};
use serve::Server;

/// A server on `127.0.0.1` that gives the answers it was given, until it is dropped.
///
/// Dropping it closes every connection, ends every wait, and joins all its threads.
pub struct Gallery {
    address: SocketAddr,
    server: Arc<Server>,
    listed: Vec<Listed>,
    acceptor: Option<JoinHandle<()>>,
}

/// What a [`Gallery`] is to serve, and how. [`Gallery::builder`] makes one.
#[derive(Clone, Debug)]
#[must_use = "a gallery serves nothing before `start`"]
pub struct Builder {
    answers: HashMap<String, Answer>,
    listed: Vec<Listed>,
    collection: Collection,
    manners: Manners,
}

/// Why a gallery could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system has no port left, or no thread to listen on it.
    #[error("the gallery found no port to listen on at 127.0.0.1: {0}")]
    Listen(#[source] io::Error),

    /// The painted pictures could not be written or read.
    #[error(
        "the gallery could not be kept in {}: {source} (is there room, and may you write there?)",
        folder.display()
    )]
    Keep {
        /// The folder that they were to be kept in.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Gallery {
    /// An empty gallery without latency. Add what it is to serve, and then
    /// [`start`](Builder::start) it.
    pub fn builder() -> Builder {
        Builder {
            answers: HashMap::new(),
            listed: Vec::new(),
            collection: Collection::none(),
            manners: Manners::default(),
        }
    }

    /// The gallery's URL: `http://127.0.0.1:PORT`, without a slash at the end.
    ///
    /// A browser shows the pictures there, if it knows their formats: few show TIFF.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The whole link to a path that begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The links of all pictures that the gallery's API lists, in the same order.
    pub fn links(&self) -> Vec<String> {
        self.listed.iter().map(|picture| self.link(&picture.path)).collect()
    }

    /// The first 10,000 requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.server.shared.requests()
    }

    /// How many of the [`requests`](Self::requests) were for this path.
    pub fn asked(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.path == path).count()
    }

    /// The most requests that were open at the same time: received, and not yet answered in full.
    ///
    /// A request ends just before its last bytes are sent, so for a client that sends one request
    /// after another, this is never more than 1.
    pub fn peak(&self) -> usize {
        self.server.shared.peak()
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
    /// Waits this long before each answer, like a distant server (default: not at all).
    pub fn latency(mut self, latency: Duration) -> Self {
        self.manners.latency = latency;
        self
    }

    /// Sends this many bytes of a body per second on each connection (default: as many as
    /// possible).
    ///
    /// Zero counts as one.
    pub fn bandwidth(mut self, bytes_per_second: u64) -> Self {
        self.manners.bandwidth = Some(bytes_per_second.max(1));
        self
    }

    /// How long a client may take to send a request (default: 30 seconds).
    ///
    /// A client that has begun one then gets status 408; a connection without any data is closed.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.manners.patience = patience.min(LONGEST);
        self
    }

    /// How many connections may be open at the same time (default: 512). One more gets status 503.
    pub fn connections(mut self, most: usize) -> Self {
        self.manners.connections = most;
        self
    }

    /// Serves this answer at a path, in place of what was there before.
    ///
    /// The path begins with a slash, and is compared in its encoded form: a blank is `%20`. The
    /// query (`?…`) is ignored. A path without an answer is 404.
    pub fn answer(mut self, path: impl Into<String>, answer: Answer) -> Self {
        self.answers.insert(path.into(), answer);
        self
    }

    /// Serves a picture at a path, *and* lists it in the gallery's API (see [`RANDOM`]).
    pub fn picture(
        mut self,
        path: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
        content_type: &'static str,
    ) -> Self {
        let path = path.into();
        self.listed.push(Listed { path: path.clone(), content_type });
        self.answer(path, Answer::picture(bytes, content_type))
    }

    /// Serves this many painted pictures at `/pictures/…`, and lists them in the gallery's API
    /// (default: none).
    ///
    /// The first [`DOZEN`] have 40 megapixels in all, from 0.1 to 14 each, and every
    /// [`Format`](paint::Format). The others are smaller pictures of the same kinds. They are
    /// painted when a gallery first starts, with a progress bar if the output is a terminal, and
    /// kept in a folder for the next time.
    pub fn pictures(mut self, count: usize) -> Self {
        self.collection.count = count;
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
        let painted = self.collection.open();
        let keep = |source| Error::Keep { folder: self.collection.home(), source };
        for (file, listed) in painted.map_err(keep)? {
            let answer = Answer::file(file, listed.content_type);
            self.answers.entry(listed.path.clone()).or_insert(answer);
            self.listed.push(listed);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;

        let mut answers = imgur::answers(address, &self.listed);
        answers.insert("/".into(), Answer::picture(page(&self.listed), "text/html; charset=utf-8"));
        answers.extend(self.answers); // the caller's answers replace these
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
