//! What a process prints, read as it comes.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Reads a pipe to its end on a thread of its own, so that it never fills up.
#[derive(Debug)]
pub struct Reader(Receiver<()>);

impl Reader {
    /// Hands over each part of what comes through the pipe as soon as it is there.
    pub fn start(
        mut pipe: impl Read + Send + 'static,
        mut part: impl FnMut(&[u8]) + Send + 'static,
    ) -> Reader {
        let (ended, end) = channel::<()>();
        thread::spawn(move || {
            let _ended = ended; // dropped at the end: that is the message
            let mut buffer = [0; 16 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                part(&buffer[..length]);
            }
        });
        Reader(end)
    }

    /// Waits for the end of the pipe, and says whether it came within this time. A process that was
    /// left behind may hold it open.
    pub fn ends_within(&self, time: Duration) -> bool {
        self.0.recv_timeout(time) == Err(RecvTimeoutError::Disconnected)
    }
}

/// Everything that has come through a pipe so far.
#[derive(Debug)]
pub struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Reader,
}

impl Output {
    /// Starts to collect.
    pub fn capture(pipe: impl Read + Send + 'static) -> Output {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let filled = Arc::clone(&bytes);
        let reader = Reader::start(pipe, move |part| {
            filled.lock().unwrap_or_else(PoisonError::into_inner).extend(part);
        });
        Output { bytes, reader }
    }

    /// The text so far. What isn't UTF-8 is replaced.
    pub fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// As [`Reader::ends_within`].
    pub fn ends_within(&self, time: Duration) -> bool {
        self.reader.ends_within(time)
    }
}
