//@ refused: after status 502
// Everything from 500 on may be over in a moment.

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
    let mut backoff = FIRST;
    let mut asked = 0;
    loop {
        let reply = server.ask(link);
        asked += 1;
        let wait = match &reply {
            Reply::Body(length, bytes) if bytes.len() == *length => {
                return Ok(bytes.clone());
            }
            Reply::Status(429, Some(wait)) if *wait <= LONGEST => {
                wait.mul_f64(1.0 + 0.2 * fastrand::f64())
            }
            Reply::Reset | Reply::Body(..) | Reply::Status(500..=599, _) => {
                backoff.mul_f64(0.5 + 0.5 * fastrand::f64())
            }
            Reply::Status(..) => return Err(reply),
        };
        if asked == TIMES {
            return Err(reply);
        }
        server.wait(wait);
        backoff *= 2;
    }
}
