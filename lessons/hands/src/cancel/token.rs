//! The token.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{self, Receiver};
use serde::{Deserialize, Serialize};

use super::registry::{self, Core, EXPIRED, LIVE};

/// Says whether something is still wanted. All clones of a token are the same token.
///
/// See the [module](super) for what it's good for.
#[derive(Clone)]
pub struct Token(Arc<Core>);

/// The token was cancelled, so whoever works for it stops: the error of [`Token::check`].
///
/// It can travel from a worker process, so a task may return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cancelled {
    /// Somebody called [`Token::cancel`], on this token or on one above it.
    Asked,
    /// The deadline has passed.
    Deadline,
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cancelled::Asked => "cancelled",
            Cancelled::Deadline => "cancelled at its deadline",
        })
    }
}

impl Error for Cancelled {}

impl Token {
    /// A token that has no deadline, and nothing above it.
    pub fn new() -> Self {
        Token(Core::new(None))
    }

    /// A token that is cancelled with this one. (It can also be cancelled alone.)
    pub fn child(&self) -> Self {
        Token(Core::below(vec![Arc::clone(&self.0)], None))
    }

    /// A child that is cancelled at `deadline`, if not before.
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Token(Core::below(vec![Arc::clone(&self.0)], Some(deadline)))
    }

    /// A child that is cancelled after `limit`, if not before.
    pub fn with_timeout(&self, limit: Duration) -> Self {
        // If the clock can't represent the deadline, it's too far away to matter.
        let deadline = Instant::now().checked_add(limit);
        Token(Core::below(vec![Arc::clone(&self.0)], deadline))
    }

    /// A token that is cancelled with either of two.
    ///
    /// ```
    /// use hands::cancel::Token;
    ///
    /// let (program, task) = (Token::new(), Token::new());
    /// let either = Token::either(&program, &task);
    /// task.cancel();
    /// assert!(either.is_cancelled() && !program.is_cancelled());
    /// ```
    pub fn either(one: &Token, other: &Token) -> Self {
        Token(Core::below(vec![Arc::clone(&one.0), Arc::clone(&other.0)], None))
    }

    /// Whether it has no deadline and nothing above it: then only its holders can cancel it.
    #[cfg(unix)]
    pub(crate) fn is_alone(&self) -> bool {
        self.0.is_alone()
    }

    /// A number that no other token has.
    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }

    /// A token with nothing above it, and perhaps a deadline.
    #[cfg(unix)]
    pub(crate) fn until(deadline: Option<Instant>) -> Self {
        Token(Core::new(deadline))
    }

    /// Cancels this token and all tokens below it. Once cancelled, a token stays so.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether the token was cancelled, or its deadline has passed.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.state() != LIVE || self.0.deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// Goes on if the token wasn't cancelled. Put `token.check()?` into every loop that may take
    /// long.
    ///
    /// It costs a nanosecond or so, or some 25 ns if the token has a deadline, because then it
    /// looks at the clock.
    ///
    /// # Errors
    ///
    /// If the token was cancelled, or its deadline has passed.
    #[inline]
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(self.why()) } else { Ok(()) }
    }

    /// Why the token was cancelled. It must have been.
    #[cold]
    fn why(&self) -> Cancelled {
        self.0.set(EXPIRED); // unless it is known already
        if self.0.state() == EXPIRED { Cancelled::Deadline } else { Cancelled::Asked }
    }

    /// Sleeps, but not beyond the moment when the token is cancelled.
    ///
    /// ```
    /// use hands::cancel::{Cancelled, Token};
    /// use std::time::Duration;
    ///
    /// let token = Token::new().with_timeout(Duration::from_millis(1));
    /// assert_eq!(token.sleep(Duration::from_secs(3600)), Err(Cancelled::Deadline));
    /// ```
    ///
    /// # Errors
    ///
    /// If the token is cancelled before the time is over.
    pub fn sleep(&self, time: Duration) -> Result<(), Cancelled> {
        self.check()?;
        let end = Instant::now().checked_add(time);
        let _ = match end.into_iter().chain(self.0.deadline).min() {
            Some(wake) => self.receiver().recv_deadline(wake).is_ok(),
            None => self.receiver().recv().is_ok(),
        };
        self.check()
    }

    /// When the token will be cancelled, if not before: its own deadline, or that of a token above
    /// it if that's earlier.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// How much time is left until the deadline. Nothing is left of a token that was cancelled.
    /// `None` if there is no deadline.
    ///
    /// It's the limit to give to a call that blocks:
    ///
    /// ```
    /// use hands::cancel::Token;
    /// use std::io::{self, Read};
    /// use std::net::{TcpListener, TcpStream};
    /// use std::time::Duration;
    ///
    /// let silent = TcpListener::bind("127.0.0.1:0")?; // accepts, and says nothing
    /// let token = Token::new().with_timeout(Duration::from_millis(20));
    ///
    /// let mut stream = TcpStream::connect(silent.local_addr()?)?;
    /// let left = token.time_left().expect("it has a deadline");
    /// stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?; // 0 is refused
    /// let error = stream.read(&mut [0]).unwrap_err();
    /// assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut));
    /// # Ok::<(), io::Error>(())
    /// ```
    pub fn time_left(&self) -> Option<Duration> {
        let left = self.0.deadline?.saturating_duration_since(Instant::now());
        Some(if self.0.state() == LIVE { left } else { Duration::ZERO })
    }

    /// A channel that never carries anything, and is closed when the token is cancelled. It's made
    /// to be waited for together with others:
    ///
    /// ```
    /// use crossbeam::channel::{self, select};
    /// use hands::cancel::Token;
    ///
    /// let token = Token::new();
    /// let (_links, more_links) = channel::unbounded::<String>();
    /// token.cancel();
    /// let what = select! {
    ///     recv(more_links) -> link => format!("download {link:?}"),
    ///     recv(token.channel()) -> _ => "stop".to_owned(),
    /// };
    /// assert_eq!(what, "stop");
    /// ```
    ///
    /// A clone of it is closed as well when the last clone of the token is dropped.
    pub fn channel(&self) -> &Receiver<Infallible> {
        let receiver = self.receiver();
        self.keep_time();
        receiver
    }

    fn receiver(&self) -> &Receiver<Infallible> {
        self.0.channel.get_or_init(|| {
            let (sender, receiver) = channel::bounded(0);
            registry::listen(&self.0, Box::new(|| drop(sender)));
            receiver
        })
    }

    /// Calls `listener` once, when the token is cancelled: at once if it already is, and never if
    /// it's dropped before. It runs on the thread that cancels, so it should only pass the news on:
    /// to an async task, to an event loop, to a server.
    ///
    /// ```
    /// use hands::cancel::Token;
    /// use std::sync::mpsc;
    ///
    /// let (tell, told) = mpsc::channel();
    /// let token = Token::new();
    /// token.on_cancel(move || tell.send("stop").unwrap());
    /// token.cancel();
    /// assert_eq!(told.recv(), Ok("stop"));
    /// ```
    pub fn on_cancel(&self, listener: impl FnOnce() + Send + 'static) {
        registry::listen(&self.0, Box::new(listener));
        self.keep_time();
    }

    fn keep_time(&self) {
        if self.0.deadline.is_some() && self.0.state() == LIVE {
            registry::keep_time();
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Token::new()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("is_cancelled", &self.is_cancelled())
            .field("time_left", &self.time_left())
            .finish()
    }
}
