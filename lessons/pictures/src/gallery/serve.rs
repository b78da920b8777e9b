//! The sockets and the threads: who accepts, who answers, and how all of them end.
//!
//! One thread accepts. Each connection gets a thread of its own, which reads a request, answers it,
//! and reads the next. A thread that waits for the network cannot be told anything, so whoever
//! wants it to end must end its wait:
//!
//! - a read or a write returns when the socket is shut down by someone else;
//! - a pause is a wait on a condition variable, which `stop` notifies;
//! - `accept` returns when somebody connects: `stop` does.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::request::{Refusal, Requests};
use super::{Answer, Manners, Request};

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;
/// How many connections beyond the most allowed are told so; the rest are closed without a word.
const TOLD: usize = 32;
/// How long a client may leave a piece of an answer untaken.
const UNTAKEN: Duration = Duration::from_secs(30);

/// What the threads of one gallery share.
pub(super) struct Server {
    answers: HashMap<String, Answer>,
    manners: Manners,
    state: Mutex<State>,
    /// Notified when the gallery closes.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    closing: bool,
    /// The open connections, so that `stop` can shut them down.
    connections: HashMap<u64, Arc<TcpStream>>,
    /// How many connections there ever were: the next one's key.
    accepted: u64,
    /// Requests being answered now, and at most.
    open: usize,
    peak: usize,
    requests: Vec<Request>,
}

/// A request that is being answered. Dropped, it no longer is.
pub(super) struct Open<'a>(&'a Server);

/// A connection that `stop` knows of. Dropped, it no longer does.
struct Connection<'a> {
    server: &'a Server,
    key: u64,
    stream: Arc<TcpStream>,
    /// One more than the gallery wants to serve.
    excess: bool,
}

impl Server {
    pub(super) fn new(answers: HashMap<String, Answer>, manners: Manners) -> Self {
        Self { answers, manners, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Accepts until the gallery closes. Returns when the last connection's thread has ended.
    pub(super) fn run(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            loop {
                let accepted = listener.accept();
                if self.state().closing {
                    return;
                }
                let Ok((stream, _)) = accepted else {
                    // Out of descriptors, most likely: some will be given back.
                    let _ = self.pause(Duration::from_millis(20));
                    continue;
                };
                let Some(connection) = self.admit(stream) else { continue };
                // Should there be no thread left, the closure is dropped, and the connection with it.
                let _ = thread::Builder::new()
                    .name("gallery".into())
                    .spawn_scoped(scope, move || connection.serve());
            }
        });
    }

    /// Ends the gallery, from outside: nobody waits after this, and all threads are joined.
    pub(super) fn stop(&self, address: SocketAddr, acceptor: JoinHandle<()>) {
        {
            let mut state = self.state();
            state.closing = true;
            for stream in state.connections.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.changed.notify_all();
        while !acceptor.is_finished() && TcpStream::connect(address).is_err() {
            thread::sleep(Duration::from_millis(1)); // no descriptor left to knock with: again
        }
        let _ = acceptor.join(); // it panics only if an answer given by the caller did
    }

    /// Waits, unless the gallery closes meanwhile: then it is an error.
    pub(super) fn pause(&self, time: Duration) -> io::Result<()> {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), time, |state| !state.closing)
            .unwrap_or_else(PoisonError::into_inner);
        if state.closing { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    pub(super) fn bandwidth(&self) -> Option<u64> {
        self.manners.bandwidth
    }

    pub(super) fn peak(&self) -> usize {
        self.state().peak
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    #[cfg(test)]
    pub(super) fn connections(&self) -> usize {
        self.state().connections.len()
    }

    fn admit(&self, stream: TcpStream) -> Option<Connection<'_>> {
        let mut state = self.state();
        let most = self.manners.connections;
        let open = state.connections.len();
        if state.closing || open >= most.saturating_add(TOLD) {
            return None;
        }
        let key = state.accepted;
        state.accepted += 1;
        let stream = Arc::new(stream);
        state.connections.insert(key, Arc::clone(&stream));
        Some(Connection { server: self, key, stream, excess: open >= most })
    }

    fn begin(&self, request: &Request) -> Open<'_> {
        let mut state = self.state();
        state.open += 1;
        state.peak = state.peak.max(state.open);
        if state.requests.len() < REMEMBERED {
            state.requests.push(request.clone());
        }
        Open(self)
    }

    /// The lock is held for a few lines at a time, none of which panics: poison means nothing here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}

impl Connection<'_> {
    /// One request after the other, until the client, the answer or the gallery ends it.
    fn serve(self) {
        let stream = &*self.stream;
        // Small answers shall not wait for company, nor a thread for a client that does not read.
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(UNTAKEN));

        let mut requests = Requests::default();
        loop {
            match requests.next(stream, self.server.manners.patience) {
                Ok(_) if self.excess => {
                    self.refuse(503, "the gallery is full: there are too many connections");
                    break;
                }
                Ok(request) => match self.answer(&request) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => return, // the client left, or the gallery closes
                },
                Err(Refusal::Status(status, why)) => {
                    self.refuse(status, why);
                    break;
                }
                Err(Refusal::Gone) => return,
            }
        }
        let _ = part(stream);
    }

    /// Answers, and tells whether there may be another request.
    fn answer(&self, request: &Request) -> io::Result<bool> {
        let open = self.server.begin(request);
        self.server.pause(self.server.manners.latency)?;
        let reply = match self.server.answers.get(&request.path) {
            Some(answer) => answer.to(request),
            None => Answer::status(404).to(request),
        };
        self.server.pause(reply.delay())?;
        reply.send(&self.stream, request, self.server, open)
    }

    fn refuse(&self, status: u16, why: &str) {
        use std::io::Write;
        let body = format!("{why}\n");
        let allow = if status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
        let text = format!(
            "HTTP/1.1 {status} {}\r\n{allow}Content-Type: text/plain\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            super::answer::reason(status),
            body.len(),
        );
        let _ = (&*self.stream).write_all(text.as_bytes());
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        self.server.state().connections.remove(&self.key);
    }
}

/// Says goodbye and listens a moment longer.
///
/// A socket that is closed while something unread waits in it resets the connection, and the client
/// may lose the answer it was about to read.
fn part(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + Duration::from_secs(1);
    let mut ignored = [0; 4096];
    for _ in 0..64 {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        if stream.read(&mut ignored)? == 0 {
            break;
        }
    }
    Ok(())
}
