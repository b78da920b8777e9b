//! Sending an answer on a connection.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use super::answer::{Answer, Body, BreakOff, Reply, reason};
use super::request::Request;
use super::shared::{Open, Shared};

/// Sends the reply, and returns whether the connection can carry another.
///
/// `open` is dropped before the last bytes are sent: once it has them, the client may ask again.
pub(super) fn send(
    reply: &Reply,
    mut stream: &TcpStream,
    request: &Request,
    shared: &Shared,
    bandwidth: Option<u64>,
    open: Open<'_>,
) -> io::Result<bool> {
    let Ok((mut body, length)) = reply.body.open() else {
        // The file of a picture was removed while the gallery was running.
        let not_found = Answer::status(404).to(request);
        return send(&not_found, stream, request, shared, bandwidth, open);
    };
    let has_body = request.method != "HEAD";
    let break_off = if has_body { reply.break_off } else { None };
    let falls_silent = matches!(break_off, Some((_, BreakOff::Silence)));
    let keep_alive = request.keep_alive && reply.with_length && break_off.is_none();
    let mut left = match break_off {
        Some((at, _)) => at.min(length),
        None if has_body => length,
        None => 0,
    };

    let mut open = Some(open);
    if left == 0 && !falls_silent {
        open = None;
    }
    stream.write_all(&head(reply, length, keep_alive))?;

    let (most, pause) = pace(reply, bandwidth);
    let mut part = vec![0; most];
    let mut due = Instant::now();
    while left > 0 {
        let room = most.min(usize::try_from(left).unwrap_or(most));
        let read = body.read(&mut part[..room])?;
        if read == 0 {
            return Ok(false); // the file became shorter in the meantime
        }
        left -= read as u64;
        if !pause.is_zero() {
            due += pause;
            shared.pause(due.saturating_duration_since(Instant::now()))?;
        }
        if left == 0 && !falls_silent {
            open = None;
        }
        stream.write_all(&part[..read])?;
    }

    if falls_silent {
        wait_until_client_leaves(stream)?;
    }
    drop(open);
    Ok(keep_alive)
}

fn head(reply: &Reply, length: u64, keep_alive: bool) -> Vec<u8> {
    let status = reply.status;
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
    let mut line = |name: &str, value: &[u8]| {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    };
    line("Date", httpdate::fmt_http_date(SystemTime::now()).as_bytes());
    for (name, value) in &reply.headers {
        line(name, value);
    }
    if reply.with_length {
        line("Content-Length", length.to_string().as_bytes());
    }
    if !keep_alive {
        line("Connection", b"close");
    }
    head.extend(b"\r\n");
    head
}

/// How many bytes to send at a time, and how long to wait before each time.
fn pace(reply: &Reply, bandwidth: Option<u64>) -> (usize, Duration) {
    const MOST: u64 = 64 * 1024;
    let (bytes, pause) = match (reply.drip, bandwidth) {
        (Some(pause), _) => (1, pause),
        (None, None) => (MOST, Duration::ZERO),
        (None, Some(bandwidth)) => {
            let bytes = (bandwidth / 50).clamp(1, MOST); // some 50 times a second
            (bytes, Duration::from_secs_f64(bytes as f64 / bandwidth as f64))
        }
    };
    (bytes as usize, pause)
}

impl Body {
    /// A reader of the body, and its length.
    fn open(&self) -> io::Result<(Box<dyn Read + '_>, u64)> {
        Ok(match self {
            Body::Bytes(bytes) => (Box::new(&bytes[..]), bytes.len() as u64),
            Body::Zeros(length) => (Box::new(io::repeat(0)), *length),
            Body::File(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                (Box::new(file), length)
            }
        })
    }
}

/// Ignores whatever the client sends, until it closes the connection, or the gallery does.
fn wait_until_client_leaves(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(None)?;
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored)? > 0 {}
    Ok(())
}
