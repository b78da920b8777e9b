// A flaky server.
//
// `fetch` asks a server for a link, and asks again if that can help:
//
// - a reset connection, 500 and 503 may be over in a moment: wait, and ask again, at most four
//   times in all;
// - before the second request wait `FIRST`, before the third twice as long, before the fourth four
//   times as long. But wait only a random part of that, between a half and the whole, so that
//   clients that failed together don't all come back together (jitter);
// - 429 with `Retry-After` says how long to wait: at least that long, and at most twice as long. If
//   it's longer than `LONGEST`, don't wait at all: that's an error;
// - 404 and everything else will be the same next time: that's an error, at once. So is 429 without
//   `Retry-After`, because nobody knows how long to wait;
// - a body that is shorter or longer than its announced length isn't a picture: ask again, as after
//   a 503.
//
// Wait with `server.wait`, not with `thread::sleep`: the check has its own clock.

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
