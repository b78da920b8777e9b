// A thumbnail server with back-pressure and a deadline.
//
// This one takes an evening, and has five milestones: the parts of its check, in this order. Stop
// after any of them. You may use the pools of `hands` and the channels of `crossbeam`, or build
// your own; `TcpListener` and `TcpStream` are those of the standard library.
//
// A client connects, asks for one thumbnail, reads the reply, and the connection ends. The
// functions at the end of this file read the request and write the reply; they are right as they
// are. The server
//
// 1. replies with status 200 and what `make` returns for the name that was asked for;
// 2. makes `workers` thumbnails at the same time, and no more. If `make` panics, the reply is a
//    500, and the server goes on with all of its workers;
// 3. lets `waiting` more requests wait. A client that comes then gets a 503 at once, so that
//    it can go elsewhere. As soon as there is room, requests are served again;
// 4. replies with a 504 when `deadline` has passed since a client connected, even if `make` is in
//    the middle of it: that can't be stopped, but the client needn't wait for it. What was still
//    waiting then is never made, because nobody wants it any more;
// 5. isn't held up by clients that connect and say nothing, or a letter now and then. After
//    `deadline` they get a 504, too.
//    `stop` lets no new client in, and returns once everybody who was let in has a reply, nobody is
//    at work, and the port is free.
//
// To play with it by hand, write a small program around it, and ask with `curl -i`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub workers: usize,
    pub waiting: usize,
    pub deadline: Duration,
}

pub struct Server;

impl Server {
    /// Returns at once; the clients are served by other threads.
    pub fn start(
        listener: TcpListener,
        limits: Limits,
        make: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Server {
        // A beginning: one client, and then no other.
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client comes");
            let name = request(&stream).expect("it asks for something");
            reply(&stream, 200, &make(&name));
        });
        todo!("who serves the others? {} workers, for a start", limits.workers)
    }

    pub fn stop(self) {}
}

/// Reads what a client asks for: `cat.png`, if its first line is `GET /cat.png HTTP/1.1`.
fn request(stream: impl Read) -> io::Result<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
    for line in lines {
        if line?.is_empty() {
            break; // the end of the head
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    Ok(path.trim_start_matches('/').to_owned())
}

/// Writes a reply. A client that has gone is no reason to worry.
fn reply(mut stream: &TcpStream, status: u16, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} \r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let _ = stream.shutdown(Shutdown::Write);
}
