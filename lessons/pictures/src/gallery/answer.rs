//! What the gallery answers, well-behaved or not. [`send`](super::send) sends it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use ureq::http::StatusCode;

use super::Request;
use super::manners::LONGEST;

/// What is sent for a path.
///
/// The constructors make an answer, and the other methods spoil it:
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
/// A clone shares the body, and the counter of [`after`](Answer::after).
#[derive(Clone)]
pub struct Answer(Arc<dyn Fn(&Request) -> Reply + Send + Sync>);

/// One answer to one request.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, Vec<u8>)>,
    pub(super) body: Body,
    /// Whether Content-Length is sent. Without it, the body ends with the connection.
    pub(super) with_length: bool,
    /// The wait before the answer, in addition to the gallery's latency.
    pub(super) delay: Duration,
    /// The wait before each byte of the body.
    pub(super) drip: Option<Duration>,
    /// After how many bytes of the body it breaks off, and how.
    pub(super) break_off: Option<(u64, BreakOff)>,
}

#[derive(Clone)]
pub(super) enum Body {
    Bytes(Arc<[u8]>),
    File(Arc<Path>),
    /// This many zeros, which need no memory.
    Zeros(u64),
}

/// How a body breaks off.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum BreakOff {
    /// The connection is closed.
    Close,
    /// Nothing more is sent, but the connection stays open.
    Silence,
}

impl Answer {
    /// A picture, or anything that claims to be one: 200, Content-Type and Content-Length.
    ///
    /// ```
    /// # use pictures::gallery::Answer;
    /// let lie = Answer::picture("<html>Please log in</html>", "image/png");
    /// ```
    pub fn picture(bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self::bytes(bytes).with_header("Content-Type", content_type)
    }

    /// A picture that is read from its file each time it is asked for; 404 if the file is missing.
    pub fn file(path: impl Into<PathBuf>, content_type: &str) -> Self {
        Self::reply(200, Body::File(path.into().into())).with_header("Content-Type", content_type)
    }

    /// Bytes without a type: 200 and Content-Length.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::reply(200, Body::Bytes(Arc::from(bytes.into())))
    }

    /// A status, with a line of text that repeats it.
    pub fn status(status: u16) -> Self {
        Self::bytes(format!("{status} {}\n", reason(status)))
            .with_status(status)
            .with_header("Content-Type", "text/plain")
    }

    /// Status 429 and a `Retry-After` in seconds, rounded up.
    pub fn retry_after(wait: Duration) -> Self {
        Self::status(429).with_header("Retry-After", whole_seconds(wait).to_string())
    }

    /// Status 429 and a `Retry-After` with the date that is this far in the future at the time of
    /// the request, rounded up to a second.
    pub fn retry_after_date(wait: Duration) -> Self {
        Self::with(move |_| {
            let date = SystemTime::now() + wait.min(LONGEST) + Duration::from_nanos(999_999_999);
            Self::status(429).with_header("Retry-After", httpdate::fmt_http_date(date))
        })
    }

    /// Status 302, to another path of this gallery or to a whole link. It is sent as given.
    pub fn redirect(to: impl Into<Vec<u8>>) -> Self {
        Self::status(302).with_header("Location", to)
    }

    /// Redirects without end, each time to a new link: `?hop=1`, `?hop=2`, …
    pub fn redirect_loop() -> Self {
        Self::with(|request| {
            let hop = request.query.as_deref().and_then(|query| query.strip_prefix("hop="));
            let hop: u64 = hop.and_then(|hop| hop.parse().ok()).unwrap_or(0);
            Self::redirect(format!("{}?hop={}", request.path, hop.wrapping_add(1)))
        })
    }

    /// The headers of a picture of 64 KiB, and then nothing until the client leaves.
    pub fn stall() -> Self {
        Self::reply(200, Body::Zeros(64 * 1024))
            .with_header("Content-Type", "image/jpeg")
            .stalling_after(0)
    }

    /// A picture of this many bytes, all of them zero.
    pub fn oversized(bytes: u64) -> Self {
        Self::reply(200, Body::Zeros(bytes)).with_header("Content-Type", "image/jpeg")
    }

    /// A picture without a length, which never ends.
    pub fn endless() -> Self {
        Self::oversized(u64::MAX).without_length()
    }

    /// The first answer for the first `times` requests, and then the other.
    pub fn after(times: usize, first: Answer, then: Answer) -> Self {
        let asked = AtomicUsize::new(0);
        Self::with(move |_| {
            let is_first = asked.fetch_add(1, Ordering::Relaxed) < times;
            if is_first { first.clone() } else { then.clone() }
        })
    }

    /// Whatever this function answers to the request.
    ///
    /// ```
    /// # use pictures::gallery::Answer;
    /// let shy = Answer::with(|request| match request.cookie {
    ///     Some(_) => Answer::picture("a cat", "image/png"),
    ///     None => Answer::status(403),
    /// });
    /// ```
    pub fn with(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |request| answer(request).to(request)))
    }

    /// The same answer with another status.
    pub fn with_status(self, status: u16) -> Self {
        self.change(move |reply| reply.status = status)
    }

    /// One more header. It is sent as given, without a check, and need not be text.
    pub fn with_header(self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        let value = value.into();
        self.change(move |reply| reply.headers.push((name, value.clone())))
    }

    /// Leaves Content-Length out: the body ends with the connection.
    pub fn without_length(self) -> Self {
        self.change(|reply| reply.with_length = false)
    }

    /// Waits before the answer, in addition to the gallery's latency.
    pub fn delayed(self, by: Duration) -> Self {
        self.change(move |reply| reply.delay = by)
    }

    /// Sends the body byte by byte, and waits this long before each.
    pub fn dripping(self, every: Duration) -> Self {
        self.change(move |reply| reply.drip = Some(every.min(LONGEST)))
    }

    /// Closes the connection after this many bytes of the body, whatever Content-Length says.
    pub fn truncated(self, after: u64) -> Self {
        self.change(move |reply| reply.break_off = Some((after, BreakOff::Close)))
    }

    /// Sends nothing more after this many bytes of the body, until the client leaves.
    pub fn stalling_after(self, bytes: u64) -> Self {
        self.change(move |reply| reply.break_off = Some((bytes, BreakOff::Silence)))
    }

    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self::picture(value.to_string(), "application/json")
    }

    fn reply(status: u16, body: Body) -> Self {
        let reply = Reply {
            status,
            headers: Vec::new(),
            body,
            with_length: true,
            delay: Duration::ZERO,
            drip: None,
            break_off: None,
        };
        Self(Arc::new(move |_| reply.clone()))
    }

    fn change(self, change: impl Fn(&mut Reply) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |request| {
            let mut reply = self.to(request);
            change(&mut reply);
            reply
        }))
    }

    /// The answer to this request.
    pub(super) fn to(&self, request: &Request) -> Reply {
        (self.0)(request)
    }
}

/// The words for a status.
pub(super) fn reason(status: u16) -> &'static str {
    let status = StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Other")
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}
