//! What can go wrong with a request, and what to do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use step::text::shown;
use ureq::http::StatusCode;

use crate::picture::PictureError;

/// Why there is no file for a link: what the report says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct LinkFailure {
    /// What happened, and what to do.
    pub reason: String,
    /// How many times the server was asked.
    pub attempts: u32,
}

impl LinkFailure {
    /// A failure before any server was asked.
    pub fn new(reason: impl fmt::Display) -> LinkFailure {
        LinkFailure { reason: reason.to_string(), attempts: 0 }
    }
}

impl From<FetchError> for LinkFailure {
    fn from(error: FetchError) -> Self {
        LinkFailure { reason: error.reason(), attempts: error.attempts }
    }
}

/// A link that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", shown(link), self.reason())]
pub struct FetchError {
    /// The link as it was given, but with its password masked.
    pub link: String,
    /// How many times the server was asked.
    pub attempts: u32,
    /// What happened at the last attempt.
    pub fault: Fault,
}

impl FetchError {
    /// What happened, how often, and what to do; without the link.
    pub fn reason(&self) -> String {
        match self.attempts {
            0 | 1 => shown(&self.fault.to_string()),
            n => format!("{} (tried {n} times)", shown(&self.fault.to_string())),
        }
    }
}

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The link is malformed, or has another scheme.
    #[error("no http(s) link ({0}): write it as http://host/path or https://host/path")]
    BadLink(String),
    /// No such host.
    #[error("there is no host called {0}: check the spelling of the link, and your connection")]
    UnknownHost(String),
    /// The host's name cannot be looked up at the moment, and what the system said.
    #[error("the host {0} could not be looked up ({1}): check your connection, and run again")]
    Lookup(String, io::Error),
    /// Nothing listens on that port.
    #[error(
        "{0} refused the connection: check the port in the link, or run again when the server is up"
    )]
    Refused(String),
    /// The connection to this host broke, or could not be made, and what the system said.
    #[error("the connection to {0} failed ({1}): run again")]
    Connection(String, io::Error),
    /// No connection was made in time.
    #[error("no connection to {host} within {} s: check that the server is up, and run again", limit.as_secs_f64())]
    ConnectTimeout {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// Nothing more arrived, or too little to ever finish.
    #[error("the server stalled: {bytes} bytes in {} s; run again", limit.as_secs_f64())]
    Stalled {
        /// How many bytes arrived within the limit.
        bytes: u64,
        /// The limit.
        limit: Duration,
    },
    /// The attempt took too long.
    #[error("not finished within {} s: give a longer --timeout, and run again", .0.as_secs_f64())]
    Timeout(Duration),
    /// The body ended too early.
    #[error("the body was cut short after {got} bytes{}: run again", expected.map(|n| format!(" of {n}")).unwrap_or_default())]
    Truncated {
        /// How many bytes arrived.
        got: u64,
        /// How many were announced.
        expected: Option<u64>,
    },
    /// The server answered with this status instead of a picture.
    #[error("the server answered {status}: {}", advice(*status))]
    Status {
        /// The status.
        status: StatusCode,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The server sent part of the file, although we asked for all of it.
    #[error(
        "the server sent only part of the file ({0}): run again later, or check the link in a browser"
    )]
    Part(String),
    /// The server asked us to wait longer than the limit.
    #[error("the server answered {status} and asked us to wait {} s, more than the limit of {} s: run again then", asked.as_secs(), limit.as_secs())]
    TooLong {
        /// The status.
        status: StatusCode,
        /// How long it asked us to wait.
        asked: Duration,
        /// The limit.
        limit: Duration,
    },
    /// One redirect after another, each to a new place.
    #[error("more than {0} redirects in a row: check the link in a browser")]
    TooManyRedirects(u32),
    /// Redirects that lead back to this link.
    #[error("a redirect loop: {} leads back to itself; check the link in a browser", shown(.0))]
    RedirectLoop(String),
    /// A redirect to nowhere, or to something other than an http(s) link.
    #[error("a redirect that cannot be followed ({0}): check the link in a browser")]
    BadRedirect(String),
    /// The body is larger than the limit.
    #[error("larger than the limit of {} MB{}: give a larger --max-megabytes", limit >> 20, size.map(|n| format!(" ({n} bytes)")).unwrap_or_default())]
    TooLarge {
        /// The announced size, in bytes.
        size: Option<u64>,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The body is not a picture, or not a whole one.
    #[error(transparent)]
    NotAPicture(#[from] PictureError),
    /// No secure connection to this host could be made, and what the TLS library said.
    #[error(
        "no secure connection to {0} ({1}): check the link, the server's certificate and this machine's clock"
    )]
    Tls(String, String),
    /// It was to be tried again, but was [stopped](super::Client::token) before; and what had
    /// happened.
    #[error("{0} (stopped before another attempt)")]
    Stopped(String),
    /// The server does not follow the rules of HTTP.
    #[error("the server's answer makes no sense ({0}): check that the link is right")]
    Protocol(String),
}

fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        202 => "the picture is not ready yet; run again later",
        204 | 205 => "there is no picture at this link; check it in a browser",
        300 => "there are several versions; choose one in a browser, and use its link",
        304 => "it says that nothing has changed, but nothing was here before; run again later",
        401 => {
            "it wants a name and a password, or different ones; write name:password and an @ before the host in the link"
        }
        407 => {
            "the proxy wants a name and a password, or different ones; write name:password and an @ before the host in HTTPS_PROXY"
        }
        403 => "it does not show this to everyone; check the link in a browser",
        404 | 410 => "there is nothing at this link; check it in a browser",
        429 => "too many requests; run again later, with a smaller --per-host",
        500..600 => "trouble at the server; run again later",
        _ => "check the link in a browser",
    }
}

impl Fault {
    /// The server answered with this status, and didn't say when to come back.
    pub(super) fn from_status(status: StatusCode) -> Fault {
        Fault::Status { status, retry_after: None }
    }

    /// Whether another attempt can help.
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Fault::Lookup(..)
            | Fault::Refused(_)
            | Fault::Connection(..)
            | Fault::ConnectTimeout { .. }
            | Fault::Stalled { .. }
            | Fault::Timeout(_)
            | Fault::Truncated { .. } => true,
            Fault::Status { status, .. } => {
                matches!(status.as_u16(), 408 | 425 | 429 | 500..600)
            }
            _ => false,
        }
    }
}
