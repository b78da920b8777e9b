//! The gallery as a client sees it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{Answer, Builder, Gallery, RANDOM};

mod answers;
mod api;
mod closing;
mod pictures;
mod refusals;

const CAT: &[u8] = b"not much of a cat";

fn cat() -> Answer {
    Answer::picture(CAT, "image/png")
}

fn one(answer: Answer) -> Gallery {
    Gallery::builder().answer("/x", answer).start().unwrap()
}

fn connect(gallery: &Gallery) -> TcpStream {
    let stream = TcpStream::connect(gallery.address).unwrap();
    // Only so that a mistake is a failed test, and not one that hangs.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// What the gallery answers to these bytes, up to the end of the connection.
fn say(gallery: &Gallery, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(gallery);
    // The gallery may refuse the request, and close, before it has read everything.
    stream.write_all(bytes.as_ref()).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

fn ask(stream: &mut TcpStream, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
}

/// Asks once, on a connection of its own, and returns head and body.
fn get(gallery: &Gallery, path: &str) -> (String, String) {
    let answer =
        say(gallery, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

fn status(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {answer:?}"))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Reads one head, byte by byte, so that none of the body is lost.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}
