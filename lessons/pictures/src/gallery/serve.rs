//! The threads: one accepts connections, one per connection answers, and all of them end.
//!
//! A thread that waits for the network cannot be told to stop, so each of its waits must be ended:
//!
//! - a read or a write returns once another thread shuts the socket down;
//! - a pause is a wait on a condition variable, which closing notifies;
//! - `accept` returns once someone connects, which [`stop`](Server::stop) does.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::answer::{Answer, reason};
use super::manners::Manners;
use super::request::{Refusal, Request, Requests};
use super::send::send;
use super::shared::{Connection, Shared};

/// How many connections beyond the limit get a refusal. Others are closed without one.
const REFUSED: usize = 32;
/// How long a client may leave part of an answer unread.
const UNREAD: Duration = Duration::from_secs(30);

pub(super) struct Server {
    answers: HashMap<String, Answer>,
    manners: Manners,
    pub(super) shared: Shared,
}

impl Server {
    pub(super) fn new(answers: HashMap<String, Answer>, manners: Manners) -> Self {
        Self { answers, manners, shared: Shared::default() }
    }

    /// Accepts connections until the gallery closes. Returns once the thread of each has ended.
    pub(super) fn run(&self, listener: &TcpListener) {
        let most = self.manners.connections.saturating_add(REFUSED);
        thread::scope(|scope| {
            loop {
                let accepted = listener.accept();
                if self.shared.is_closing() {
                    return;
                }
                let Ok((stream, _)) = accepted else {
                    // There is probably no file descriptor left; soon there will be.
                    self.shared.pause(Duration::from_millis(20)).ok();
                    continue;
                };
                let Some(connection) = self.shared.admit(stream, most) else { continue };
                // If no thread can start, the closure is dropped, and the connection with it.
                thread::Builder::new()
                    .name("gallery".into())
                    .spawn_scoped(scope, move || self.serve(&connection))
                    .ok();
            }
        });
    }

    /// Closes the gallery, called from outside, and joins all of its threads.
    pub(super) fn stop(&self, address: SocketAddr, acceptor: JoinHandle<()>) {
        self.shared.close();
        while !acceptor.is_finished() && TcpStream::connect(address).is_err() {
            thread::sleep(Duration::from_millis(1)); // no file descriptor is left: retry
        }
        acceptor.join().ok(); // it panics only if one of the caller's answers did
    }

    /// Answers requests until the client, an answer or the gallery ends the connection.
    fn serve(&self, connection: &Connection<'_>) {
        let stream = &*connection.stream;
        // Send small answers at once, and don't wait for ever for a client that doesn't read.
        stream.set_nodelay(true).ok();
        stream.set_write_timeout(Some(UNREAD)).ok();

        let mut requests = Requests::default();
        let refusal = loop {
            match requests.next(stream, self.manners.patience) {
                Ok(_) if connection.others >= self.manners.connections => {
                    break Some((503, "the gallery is full: there are too many connections"));
                }
                Ok(request) => match self.answer(stream, &request) {
                    Ok(true) => {}
                    Ok(false) => break None,
                    Err(_) => return, // the client left, or the gallery is closing
                },
                Err(Refusal::Status(status, why)) => break Some((status, why)),
                Err(Refusal::Gone) => return,
            }
        };
        if let Some((status, why)) = refusal {
            refuse(stream, status, why).ok();
        }
        part(stream).ok();
    }

    /// Answers, and returns whether there may be another request.
    fn answer(&self, stream: &TcpStream, request: &Request) -> io::Result<bool> {
        let open = self.shared.begin(request);
        self.shared.pause(self.manners.latency)?;
        let reply = match self.answers.get(&request.path) {
            Some(answer) => answer.to(request),
            None => Answer::status(404).to(request),
        };
        self.shared.pause(reply.delay)?;
        send(&reply, stream, request, &self.shared, self.manners.bandwidth, open)
    }
}

fn refuse(mut stream: &TcpStream, status: u16, why: &str) -> io::Result<()> {
    let body = format!("{why}\n");
    let allow = if status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
    let text = format!(
        "HTTP/1.1 {status} {}\r\n{allow}Content-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        reason(status),
        body.len(),
    );
    stream.write_all(text.as_bytes())
}

/// Says goodbye, and listens for a moment longer.
///
/// Closing a socket that has unread data resets the connection, and the client may lose the answer
/// that it was about to read.
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
