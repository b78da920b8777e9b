//! Servers that follow a script, and a clock that stands still: how many times is each asked, and
//! how long are the waits?

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use answer::{FIRST, LONGEST, Reply, Server, fetch};
use challenges::{Judged, Refusal, check, require};

challenges::answer!("../../../../challenges/08_flaky_server.rs");

const LINK: &str = "http://127.0.0.1/cat.png";
const CAT: &[u8] = b"a picture of a cat";

/// How many times a link is asked for, at most.
const TIMES: usize = 4;

/// An answer that asks more often than this never ends.
const ENDLESS: usize = 50;

const PAGE: &str = "08_downloader.md#what-the-internet-does-to-a-program";

fn main() {
    check("08_flaky_server", |check| {
        check.part("a picture that comes is asked for once", a_good_day)?;
        check.part("what will be the same next time is an error, at once", no_second_time)?;
        check.part("what may be over in a moment is asked for again", another_time)?;
        check.part("four times, and no more", four_times)?;
        check.part("the waits double, and each client has its own", waits_double)?;
        check.part("Retry-After is obeyed, if it isn't too long", retry_after)
    })
}

fn a_good_day() -> Judged {
    let fetched = Fetched::from(&[cat()])?;
    fetched.is_cat("from a server that sends it at once")?;
    fetched.is_asked(1, "from a server that sends it at once")
}

fn no_second_time() -> Judged {
    for status in [404, 403, 410, 301, 418, 502, 504] {
        let fetched = Fetched::from(&[Reply::Status(status, None), cat()])?;
        let what = format!("after status {status}");
        fetched.is_asked(1, &what)?;
        fetched.is_error(&what)?;
    }
    Ok(())
}

fn another_time() -> Judged {
    for (what, replies) in [
        ("after a reset connection", vec![Reply::Reset, cat()]),
        ("after status 500", vec![Reply::Status(500, None), cat()]),
        ("after status 503 twice", vec![Reply::Status(503, None), Reply::Status(503, None), cat()]),
        ("after a body that was cut off", vec![Reply::Body(CAT.len(), CAT[..7].to_vec()), cat()]),
        ("after a body that is too long", vec![Reply::Body(CAT.len() - 1, CAT.to_vec()), cat()]),
        ("after an empty body", vec![Reply::Body(CAT.len(), Vec::new()), cat()]),
    ] {
        let fetched = Fetched::from(&replies)?;
        fetched.is_cat(what)?;
        fetched.is_asked(replies.len(), what)?;
        require(
            fetched.waits.iter().skip(1).all(|wait| !wait.is_zero()),
            format!("{what}: a wait, with `server.wait`, before the server is asked again"),
            "it was asked again at once: a server that is down would get four times the requests",
            PAGE,
        )?;
    }
    Ok(())
}

fn four_times() -> Judged {
    let later = Reply::Status(429, Some(Duration::from_secs(2)));
    for reply in [Reply::Status(503, None), Reply::Reset, Reply::Body(9, vec![0]), later] {
        let fetched = Fetched::from(&[reply])?;
        let what = "from a server that doesn't recover";
        fetched.is_asked(TIMES, what)?;
        fetched.is_error(what)?;
        require(
            fetched.waits.len() == TIMES,
            "no wait after the last time, because there is nothing to wait for",
            format!("it waits {:?} more, and then gives up", fetched.waits.last()),
            PAGE,
        )?;
    }
    Ok(())
}

fn waits_double() -> Judged {
    let mut seen = [const { BTreeSet::new() }; TIMES];
    for _ in 0..20 {
        let fetched = Fetched::from(&[Reply::Status(503, None)])?;
        for (n, wait) in fetched.waits.iter().enumerate().skip(1) {
            let whole = FIRST * (1 << (n - 1));
            require(
                whole / 2 <= *wait && *wait <= whole,
                format!(
                    "before request number {}: a wait between {:?} and {whole:?}",
                    n + 1,
                    whole / 2
                ),
                format!("{wait:?}; all waits: {:?}", &fetched.waits[1..]),
                PAGE,
            )?;
            seen[n].insert(wait.as_millis());
        }
    }
    for (n, seen) in seen.iter().enumerate().skip(1) {
        let first = seen.first().copied().unwrap_or_default();
        let request = n + 1;
        require(
            seen.len() > 5,
            "jitter: that 20 clients that failed together each wait for a random time, each time",
            match seen.len() {
                1 => format!(
                    "before request number {request}, all 20 wait {first} ms, and come back together"
                ),
                n => format!("before request number {request}, only {n} different waits"),
            },
            PAGE,
        )?;
    }
    Ok(())
}

fn retry_after() -> Judged {
    for seconds in [2, 30, 60] {
        let asked = Duration::from_secs(seconds);
        let fetched = Fetched::from(&[Reply::Status(429, Some(asked)), cat()])?;
        let what = format!("after status 429 with Retry-After: {seconds}");
        fetched.is_cat(&what)?;
        let wait = fetched.waits[1];
        require(
            asked <= wait && wait <= asked * 2,
            format!("{what}: a wait of at least {asked:?}, and at most twice that"),
            format!("a wait of {} ms", wait.as_millis()),
            PAGE,
        )?;
    }
    let fetched = Fetched::from(&[Reply::Status(429, None), cat()])?;
    let what = "after status 429 without Retry-After";
    fetched.is_asked(1, what)?;
    fetched.is_error(what)?;
    let fetched = Fetched::from(&[Reply::Status(429, Some(LONGEST * 60)), cat()])?;
    let what = "after status 429 with Retry-After: 3600, which is more than LONGEST";
    fetched.is_asked(1, what)?;
    fetched.is_error(what)?;
    require(
        fetched.waits.len() == 1,
        "no wait at all, because it won't ask again",
        format!("it waits {:?}", fetched.waits.last()),
        PAGE,
    )
}

fn cat() -> Reply {
    Reply::Body(CAT.len(), CAT.to_vec())
}

/// A server that gives one reply after the other, and then the last one forever.
struct Script<'r> {
    replies: &'r [Reply],
    asked: RefCell<usize>,
    /// The waits before each request, and after the last.
    waits: RefCell<Vec<Duration>>,
}

/// What came of it.
struct Fetched {
    result: Result<Vec<u8>, Reply>,
    asked: usize,
    waits: Vec<Duration>,
}

/// The panic that stops an answer that asks forever. Nobody gets to see it.
struct Endless;

impl Server for Script<'_> {
    fn ask(&self, link: &str) -> Reply {
        let mut asked = self.asked.borrow_mut();
        *asked += 1;
        if *asked > ENDLESS {
            resume_unwind(Box::new(Endless));
        }
        if link != LINK {
            return Reply::Status(404, None);
        }
        self.waits.borrow_mut().resize(*asked, Duration::ZERO);
        self.replies[(*asked).min(self.replies.len()) - 1].clone()
    }

    fn wait(&self, time: Duration) {
        let mut waits = self.waits.borrow_mut();
        let asked = *self.asked.borrow();
        waits.resize(asked + 1, Duration::ZERO);
        waits[asked] += time;
    }
}

impl Fetched {
    fn from(replies: &[Reply]) -> Result<Fetched, Refusal> {
        let server = Script { replies, asked: RefCell::default(), waits: RefCell::default() };
        let result = match catch_unwind(AssertUnwindSafe(|| fetch(&server, LINK))) {
            Ok(result) => result,
            Err(panic) if panic.is::<Endless>() => {
                return Err(Refusal {
                    expected: format!("that a link is asked for {TIMES} times at most"),
                    seen: format!("{ENDLESS} times, and no end in sight"),
                    page: PAGE.to_owned(),
                });
            }
            Err(panic) => resume_unwind(panic),
        };
        Ok(Fetched { result, asked: server.asked.into_inner(), waits: server.waits.into_inner() })
    }

    fn is_cat(&self, what: &str) -> Judged {
        require(
            self.result.as_ref().is_ok_and(|bytes| bytes == CAT),
            format!("{what}: Ok, with the {} bytes of the picture", CAT.len()),
            match &self.result {
                Ok(bytes) if bytes.len() < CAT.len() => {
                    format!("Ok, with {} bytes: half a picture", bytes.len())
                }
                Ok(bytes) => format!("Ok, with {} bytes", bytes.len()),
                Err(reply) => format!("Err({reply:?})"),
            },
            PAGE,
        )
    }

    fn is_error(&self, what: &str) -> Judged {
        require(
            self.result.is_err(),
            format!("{what}: Err, with the server's last reply"),
            format!("{:?}", self.result),
            PAGE,
        )
    }

    fn is_asked(&self, times: usize, what: &str) -> Judged {
        require(self.asked == times, format!("{what}: {}", asked(times)), asked(self.asked), PAGE)
    }
}

fn asked(times: usize) -> String {
    match times {
        1 => "the server is asked once".to_owned(),
        n => format!("the server is asked {n} times"),
    }
}
