//! What the gallery sends, well-behaved or not.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::serve::{Open, Server};
use super::{LONGEST, Request};

/// What is sent for a path.
///
/// The constructors make an answer, the other methods spoil it, and both combine:
///
/// ```
/// use pictures::gallery::Answer;
/// use std::time::Duration;
///
/// let cat = vec![0xCA; 4096];
/// let fine = Answer::picture(cat, "image/png");
/// let cut_short = fine.clone().truncated(1000);
/// let worn_out = fine.clone().dripping(Duration::from_millis(10)).without_length();
/// let busy_at_first = Answer::after(2, Answer::retry_after(Duration::from_secs(1)), fine);
/// ```
///
/// A clone shares the body, and the count of [`after`](Answer::after).
#[derive(Clone, Debug)]
pub struct Answer(Kind);

#[derive(Clone)]
enum Kind {
    Ready(Reply),
    /// Made anew for each request.
    With(Arc<dyn Fn(&Request) -> Answer + Send + Sync>),
}

/// One answer to one request.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Body,
    /// Whether Content-Length is sent. Without it the body ends where the connection does.
    with_length: bool,
    /// Waited before the answer, besides the gallery's own latency.
    delay: Duration,
    /// Waited before each single byte of the body.
    drip: Option<Duration>,
    /// Where in the body things go wrong.
    fault: Option<(u64, Fault)>,
}

#[derive(Clone, Debug)]
enum Body {
    Bytes(Arc<[u8]>),
    File(Arc<Path>),
    /// This many zeros, which nobody has to keep.
    Zeros(u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The connection is closed.
    Close,
    /// Nothing more comes, but the connection stays.
    Silence,
}

impl Answer {
    /// A picture, or whatever else is given out as one: 200, Content-Type and Content-Length.
    ///
    /// ```
    /// # use pictures::gallery::Answer;
    /// let lie = Answer::picture("<html>Please log in</html>", "image/png");
    /// ```
    pub fn picture(bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self::bytes(bytes).with_header("Content-Type", content_type)
    }

    /// A picture that is read from its file each time it is asked for; 404 if that is not there.
    pub fn file(path: impl Into<PathBuf>, content_type: &str) -> Self {
        Self::reply(200, Body::File(path.into().into())).with_header("Content-Type", content_type)
    }

    /// Bytes that nobody says anything about: 200 and Content-Length.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::reply(200, Body::Bytes(Arc::from(bytes.into())))
    }

    /// A status, with a line of text that says it again.
    pub fn status(status: u16) -> Self {
        Self::bytes(format!("{status} {}\n", reason(status)))
            .with_status(status)
            .with_header("Content-Type", "text/plain")
    }

    /// Status 429, and `Retry-After` with this many seconds, rounded up.
    pub fn retry_after(wait: Duration) -> Self {
        Self::status(429).with_header("Retry-After", whole_seconds(wait).to_string())
    }

    /// Status 429, and `Retry-After` with the date that is this far in the future when it is asked
    /// for, rounded up to a second.
    pub fn retry_after_date(wait: Duration) -> Self {
        Self::with(move |_| {
            let date = SystemTime::now() + wait.min(LONGEST) + Duration::from_nanos(999_999_999);
            Self::status(429).with_header("Retry-After", httpdate::fmt_http_date(date))
        })
    }

    /// Status 302, to another path of this gallery or to a whole link, sent as it is given.
    pub fn redirect(to: impl Into<Vec<u8>>) -> Self {
        Self::status(302).with_header("Location", to)
    }

    /// Redirects for ever, each time to a link that was not seen before: `?hop=1`, `?hop=2`, …
    pub fn redirect_loop() -> Self {
        Self::with(|request| {
            let hop = request.query.as_deref().and_then(|query| query.strip_prefix("hop="));
            let hop: u64 = hop.and_then(|hop| hop.parse().ok()).unwrap_or(0);
            Self::redirect(format!("{}?hop={}", request.path, hop.wrapping_add(1)))
        })
    }

    /// The headers of a picture of 64 KiB, then silence until the client leaves.
    pub fn stall() -> Self {
        Self::reply(200, Body::Zeros(64 * 1024))
            .with_header("Content-Type", "image/jpeg")
            .stalling_after(0)
    }

    /// A picture whose length is said to be this many bytes, and is: zeros.
    pub fn oversized(bytes: u64) -> Self {
        Self::reply(200, Body::Zeros(bytes)).with_header("Content-Type", "image/jpeg")
    }

    /// A picture without a length that never ends.
    pub fn endless() -> Self {
        Self::oversized(u64::MAX).without_length()
    }

    /// The first answer to the first `times` requests, then the other.
    pub fn after(times: usize, first: Answer, then: Answer) -> Self {
        let asked = AtomicUsize::new(0);
        Self::with(move |_| match asked.fetch_add(1, Ordering::Relaxed) < times {
            true => first.clone(),
            false => then.clone(),
        })
    }

    /// Whatever this function says to the request.
    ///
    /// ```
    /// # use pictures::gallery::Answer;
    /// let polite = Answer::with(|request| match request.user_agent {
    ///     Some(_) => Answer::picture("a cat", "image/png"),
    ///     None => Answer::status(403),
    /// });
    /// ```
    pub fn with(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self(Kind::With(Arc::new(answer)))
    }

    /// Another status in front of the same answer.
    pub fn with_status(self, status: u16) -> Self {
        self.change(move |reply| reply.status = status)
    }

    /// One more header, sent as it is given, text or not: nobody checks it.
    pub fn with_header(self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        let value = value.into();
        self.change(move |reply| reply.headers.push((name, value.clone())))
    }

    /// Leaves Content-Length out: the body ends where the connection does.
    pub fn without_length(self) -> Self {
        self.change(|reply| reply.with_length = false)
    }

    /// Waits before the answer begins, after the gallery's own latency.
    pub fn delayed(self, by: Duration) -> Self {
        self.change(move |reply| reply.delay = by)
    }

    /// Sends the body byte by byte, and waits this long before each.
    pub fn dripping(self, every: Duration) -> Self {
        self.change(move |reply| reply.drip = Some(every.min(LONGEST)))
    }

    /// Closes the connection after this many bytes of the body, whatever Content-Length says.
    pub fn truncated(self, after: u64) -> Self {
        self.change(move |reply| reply.fault = Some((after, Fault::Close)))
    }

    /// Falls silent after this many bytes of the body, until the client leaves.
    pub fn stalling_after(self, bytes: u64) -> Self {
        self.change(move |reply| reply.fault = Some((bytes, Fault::Silence)))
    }

    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self::picture(value.to_string(), "application/json")
    }

    fn reply(status: u16, body: Body) -> Self {
        Self(Kind::Ready(Reply {
            status,
            headers: Vec::new(),
            body,
            with_length: true,
            delay: Duration::ZERO,
            drip: None,
            fault: None,
        }))
    }

    fn change(self, change: impl Fn(&mut Reply) + Clone + Send + Sync + 'static) -> Self {
        match self.0 {
            Kind::Ready(mut reply) => {
                change(&mut reply);
                Self(Kind::Ready(reply))
            }
            Kind::With(answer) => Self::with(move |request| answer(request).change(change.clone())),
        }
    }

    /// The answer to this very request.
    pub(super) fn to(&self, request: &Request) -> Reply {
        match &self.0 {
            Kind::Ready(reply) => reply.clone(),
            Kind::With(answer) => answer(request).to(request),
        }
    }
}

impl Reply {
    pub(super) fn delay(&self) -> Duration {
        self.delay
    }

    /// Sends the answer, and tells whether the connection can carry another.
    ///
    /// `open` is given back before the last bytes go out: from then on the client may ask again.
    pub(super) fn send(
        self,
        mut stream: &TcpStream,
        request: &Request,
        server: &Server,
        open: Open<'_>,
    ) -> io::Result<bool> {
        let (mut body, length) = match self.body.open() {
            Ok(body) => body,
            // A picture was taken away from under the running gallery.
            Err(_) => return Answer::status(404).to(request).send(stream, request, server, open),
        };
        let send_body = request.method != "HEAD";
        let fault = self.fault.filter(|_| send_body);
        let keep_alive = request.keep_alive && self.with_length && fault.is_none();
        let mut left = match (send_body, fault) {
            (false, _) => 0,
            (true, None) => length,
            (true, Some((at, _))) => at.min(length),
        };
        let silent = matches!(fault, Some((_, Fault::Silence)));

        let mut open = Some(open);
        if left == 0 && !silent {
            open = None;
        }
        stream.write_all(&self.head(length, keep_alive))?;

        let (most, pause) = self.pace(server);
        let mut piece = vec![0; most];
        let mut due = Instant::now();
        while left > 0 {
            let room = most.min(usize::try_from(left).unwrap_or(most));
            let read = body.read(&mut piece[..room])?;
            if read == 0 {
                return Ok(false); // a file that became shorter meanwhile
            }
            left -= read as u64;
            if !pause.is_zero() {
                due += pause;
                server.pause(due.saturating_duration_since(Instant::now()))?;
            }
            if left == 0 && !silent {
                open = None;
            }
            stream.write_all(&piece[..read])?;
        }

        if silent {
            wait_until_it_leaves(stream)?;
        }
        drop(open);
        Ok(keep_alive)
    }

    fn head(&self, length: u64, keep_alive: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status)).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        line("Date", httpdate::fmt_http_date(SystemTime::now()).as_bytes());
        for (name, value) in &self.headers {
            line(name, value);
        }
        if self.with_length {
            line("Content-Length", length.to_string().as_bytes());
        }
        if !keep_alive {
            line("Connection", b"close");
        }
        head.extend(b"\r\n");
        head
    }

    /// How many bytes are sent at a time, and how long to wait before each piece.
    fn pace(&self, server: &Server) -> (usize, Duration) {
        const PIECE: u64 = 64 * 1024;
        let (bytes, pause) = match (self.drip, server.bandwidth()) {
            (Some(pause), _) => (1, pause),
            (None, None) => (PIECE, Duration::ZERO),
            (None, Some(bandwidth)) => {
                let bytes = (bandwidth / 50).clamp(1, PIECE); // some 50 pieces a second
                (bytes, Duration::from_secs_f64(bytes as f64 / bandwidth as f64))
            }
        };
        (bytes as usize, pause)
    }
}

impl Body {
    /// The body as something to read, and its length.
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

/// Reads, and forgets, what a client says until it hangs up (or the gallery does: see `Server::stop`).
fn wait_until_it_leaves(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(None)?;
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored)? > 0 {}
    Ok(())
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        414 => "URI Too Long",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Other",
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Ready(reply) => reply.fmt(f),
            Kind::With(_) => f.write_str("With(…)"),
        }
    }
}
