//! A server that is being checked, and what its clients hear.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

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
        self.client(name, format!("GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 1);
    }

    /// The same, in pieces of the request, each followed by a short pause; and no end if `parts` is
    /// longer than the request.
    pub(crate) fn client(&self, name: &str, request: String, parts: usize) {
        let (name, address, sender) = (name.to_owned(), self.address, self.sender.clone());
        thread::spawn(move || {
            let Ok(mut stream) = TcpStream::connect(address) else {
                let _ = sender.send((name, Reply { status: None, body: Vec::new() }));
                return;
            };
            let mut writer = stream.try_clone().expect("a second handle");
            let talk = thread::spawn(move || {
                for _ in 0..parts {
                    if writer.write_all(request.as_bytes()).is_err() {
                        break; // it has its reply
                    }
                    if parts > 1 {
                        thread::sleep(Duration::from_millis(20));
                    }
                }
            });
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
