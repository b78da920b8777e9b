//! What the threads of one gallery share: its connections, its requests, and whether it is closing.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::request::Request;

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Notified when the gallery closes.
    closes: Condvar,
}

#[derive(Default)]
struct State {
    closing: bool,
    /// The open connections, so that `close` can shut them down.
    connections: HashMap<u64, Arc<TcpStream>>,
    /// How many connections there have been: the key of the next one.
    accepted: u64,
    /// How many requests are being answered now, and the most there have been at once.
    open: usize,
    peak: usize,
    requests: Vec<Request>,
}

/// A request that is being answered, until this is dropped.
pub(super) struct Open<'a>(&'a Shared);

/// A connection that `close` shuts down, until this is dropped.
pub(super) struct Connection<'a> {
    shared: &'a Shared,
    key: u64,
    pub(super) stream: Arc<TcpStream>,
    /// How many others were open when it was accepted.
    pub(super) others: usize,
}

impl Shared {
    pub(super) fn is_closing(&self) -> bool {
        self.state().closing
    }

    /// Ends every wait on a connection, and every [`pause`](Self::pause).
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closing = true;
        for stream in state.connections.values() {
            stream.shutdown(Shutdown::Both).ok();
        }
        drop(state);
        self.closes.notify_all();
    }

    /// Waits. It is an error if the gallery closes in the meantime.
    pub(super) fn pause(&self, time: Duration) -> io::Result<()> {
        let (state, _) = self
            .closes
            .wait_timeout_while(self.state(), time, |state| !state.closing)
            .unwrap_or_else(PoisonError::into_inner);
        if state.closing { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Registers a connection, unless the gallery is closing or has `most` already.
    pub(super) fn admit(&self, stream: TcpStream, most: usize) -> Option<Connection<'_>> {
        let mut state = self.state();
        let others = state.connections.len();
        if state.closing || others >= most {
            return None;
        }
        let key = state.accepted;
        state.accepted += 1;
        let stream = Arc::new(stream);
        state.connections.insert(key, Arc::clone(&stream));
        Some(Connection { shared: self, key, stream, others })
    }

    /// Registers a request that is about to be answered.
    pub(super) fn begin(&self, request: &Request) -> Open<'_> {
        let mut state = self.state();
        state.open += 1;
        state.peak = state.peak.max(state.open);
        if state.requests.len() < REMEMBERED {
            state.requests.push(request.clone());
        }
        Open(self)
    }

    pub(super) fn peak(&self) -> usize {
        self.state().peak
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    #[cfg(test)]
    pub(super) fn connections(&self) -> usize {
        self.state().connections.len()
    }

    /// Nothing panics while it holds this lock, so it is never poisoned.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        self.shared.state().connections.remove(&self.key);
    }
}
