//@ refused: asked again at once
// Four times in a row. Whatever troubles the server gets no time to end.

use std::time::Duration;

pub const FIRST: Duration = Duration::from_millis(500);
pub const LONGEST: Duration = Duration::from_secs(60);

const TIMES: u32 = 4;

pub trait Server {
    fn ask(&self, link: &str) -> Reply;
    fn wait(&self, time: Duration);
}

#[derive(Clone, Debug)]
pub enum Reply {
    Reset,
    Status(u16, Option<Duration>),
    Body(usize, Vec<u8>),
}

pub fn fetch(server: &dyn Server, link: &str) -> Result<Vec<u8>, Reply> {
    let mut asked = 0;
    loop {
        let reply = server.ask(link);
        asked += 1;
        match &reply {
            Reply::Body(length, bytes) if bytes.len() == *length => return Ok(bytes.clone()),
            Reply::Reset | Reply::Body(..) | Reply::Status(500 | 503 | 429, _) if asked < TIMES => {
            }
            _ => return Err(reply),
        }
    }
}
