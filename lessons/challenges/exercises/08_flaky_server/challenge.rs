// A flaky server.
//
// `fetch` asks a server for a link, and asks again where that can help:
//
// - a reset connection, 500 and 503 may be over in a moment: wait, and ask again, four times in all at most;
// - before the second time wait `FIRST`, before the third twice as long, before the fourth four times as long; but of
//   each of these waits only a random part between a half and the whole, so that the clients that failed together do not
//   all come back together (jitter);
// - 429 with `Retry-After` says how long to wait: so long at least, and at most twice as long. If it is more than
//   `LONGEST`, do not wait at all: that is an error;
// - 404 and everything else will be the same next time: an error, at once;
// - a body that is shorter than the length that was announced is no picture: ask again, as after a 503.
//
// Wait with `server.wait`, not with `thread::sleep`: the check has a clock of its own.

use std::time::Duration;

pub const FIRST: Duration = Duration::from_millis(500);
pub const LONGEST: Duration = Duration::from_secs(60);

pub trait Server {
    fn ask(&self, link: &str) -> Reply;
    fn wait(&self, time: Duration);
}

#[derive(Clone, Debug)]
pub enum Reply {
    /// The connection broke before there was an answer.
    Reset,
    /// Any status but 200, and what the header `Retry-After` says.
    Status(u16, Option<Duration>),
    /// 200, the announced length, and what has come.
    Body(usize, Vec<u8>),
}

/// The picture, or the reply with which `fetch` gave up.
pub fn fetch(server: &dyn Server, link: &str) -> Result<Vec<u8>, Reply> {
    match server.ask(link) {
        Reply::Body(length, bytes) if bytes.len() == length => Ok(bytes),
        other => todo!("ask again, or give up? {other:?}"),
    }
}
