//! A server that is being checked, and what its clients hear.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use challenges::{Judged, require, sign_of_life, wait_until};

use super::answer::{Limits, Server};

/// A server, and what its clients hear.
pub(crate) struct Desk {
    pub(crate) server: Option<Server>,
    pub(crate) address: SocketAddr,
    pub(crate) replies: Receiver<(String, Reply)>,
    sender: Sender<(String, Reply)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// `None` if the connection ended without one.
    pub(crate) status: Option<u16>,
    pub(crate) body: Vec<u8>,
}

impl Desk {
    pub(crate) fn open(
        workers: usize,
        waiting: usize,
        deadline: Duration,
        make: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Desk {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let server = Some(Server::start(listener, Limits { workers, waiting, deadline }, make));
        let (sender, replies) = channel();
        Desk { server, address, replies, sender }
    }

    /// A client of its own asks for a thumbnail.
    pub(crate) fn ask(&self, name: &str) {
        let request = format!("GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.client(name, move |mut stream| stream.write_all(request.as_bytes()).unwrap_or(()));
    }

    /// A client of its own connects and says nothing.
    pub(crate) fn be_silent(&self, name: &str) {
        self.client(name, |_| ());
    }

    /// A client of its own sends a letter now and then, and never comes to an end.
    pub(crate) fn spell(&self, name: &str) -> Arc<Pace> {
        let pace = Arc::new(Pace::begin());
        let theirs = Arc::clone(&pace);
        self.client(name, move |mut stream| {
            while stream.write_all(b"G").is_ok() {
                theirs.step();
                thread::sleep(Duration::from_millis(20));
            }
        });
        pace
    }

    fn client(&self, name: &str, talk: impl FnOnce(&TcpStream) + Send + 'static) {
        let (name, address, sender) = (name.to_owned(), self.address, self.sender.clone());
        thread::spawn(move || {
            let Ok(mut stream) = TcpStream::connect(address) else {
                let _ = sender.send((name, Reply { status: None, body: Vec::new() }));
                return;
            };
            let writer = stream.try_clone().expect("a second handle");
            let talk = thread::spawn(move || talk(&writer));
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes); // an error ends it as well
            let _ = sender.send((name, Reply::read(&bytes)));
            drop(stream);
            let _ = talk.join();
        });
    }

    /// The next reply, whoever gets it.
    pub(crate) fn reply(&self) -> Option<(String, Reply)> {
        sign_of_life();
        let mut reply = None;
        wait_until(|| {
            reply = self.replies.try_recv().ok();
            reply.is_some()
        });
        reply
    }

    /// So many replies, by client.
    pub(crate) fn replies(&self, count: usize) -> BTreeMap<String, Reply> {
        (0..count).map_while(|_| self.reply()).collect()
    }

    /// Asks until there is room: a reply arrives a moment before its place is free.
    pub(crate) fn ask_until_served(&self, name: &str) -> Option<Reply> {
        let mut last = None;
        wait_until(|| {
            self.ask(name);
            last = self.reply().map(|(_, reply)| reply);
            last.as_ref().is_none_or(|reply| reply.status == Some(200))
        });
        last
    }

    pub(crate) fn close(mut self) {
        self.server.take().expect("it was open").stop();
        sign_of_life();
    }
}

/// How steadily a client talks.
pub(crate) struct Pace(Mutex<(Instant, Duration)>);

impl Pace {
    fn begin() -> Self {
        Pace(Mutex::new((Instant::now(), Duration::ZERO)))
    }

    fn step(&self) {
        let mut state = self.state();
        *state = (Instant::now(), state.1.max(state.0.elapsed()));
    }

    /// The longest pause so far, including this one.
    pub(crate) fn longest(&self) -> Duration {
        let (last, longest) = *self.state();
        longest.max(last.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, (Instant, Duration)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reply {
    pub(crate) fn read(bytes: &[u8]) -> Reply {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let head = end.and_then(|end| std::str::from_utf8(&bytes[..end]).ok());
        let status = head.and_then(|head| head.split(' ').nth(1)?.parse().ok());
        Reply { status, body: end.map_or(Vec::new(), |end| bytes[end + 4..].to_vec()) }
    }

    /// As a verdict shows it.
    pub(crate) fn shown(reply: Option<&Reply>) -> String {
        match reply {
            None => "no reply at all".to_owned(),
            Some(Reply { status: None, .. }) => {
                "a connection that ended without a reply".to_owned()
            }
            Some(Reply { status: Some(status), body }) => {
                format!("status {status}, with {} bytes", body.len())
            }
        }
    }
}

pub(crate) fn is_made(name: &str, reply: Option<&Reply>, page: &str) -> Judged {
    require(
        reply.is_some_and(|reply| reply.status == Some(200) && reply.body == thumbnail(name)),
        format!(
            "for {name}: status 200, with the {} bytes of its thumbnail",
            thumbnail(name).len()
        ),
        Reply::shown(reply),
        page,
    )
}

pub(crate) fn thumbnail(name: &str) -> Vec<u8> {
    format!("a thumbnail of {name}\n\n").repeat(9).into_bytes()
}

pub(crate) fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n}.png")).collect()
}
