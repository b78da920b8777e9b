//! Eight threads update one balance. None gets in between another's reading and writing, and
//! nothing is lost.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use answer::update;
use challenges::{AtWork, Judged, check, require};

challenges::answer!("../../../../challenges/07_lost_update.rs");

const THREADS: usize = 8;
const EACH: usize = 5;
const LOST: &str = "07_messages.md#the-update-that-gets-lost";

fn main() {
    check("07_lost_update", |check| {
        check.part("one update", || {
            let account = Mutex::new(41);
            update(&account, |balance| balance + 1);
            let seen = *account.lock().expect("nobody panics");
            require(seen == 42, "42", seen.to_string(), LOST)
        })?;
        check.part("forty updates by eight threads, none of them lost", none_lost)
    })
}

fn none_lost() -> Judged {
    let account = Mutex::new(100);
    let between = AtWork::new();
    let grow = |balance: u64| {
        let _here = between.begin();
        thread::sleep(Duration::from_millis(2)); // time for others to get in between, if they can
        balance + balance / 8 + 1
    };
    thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| (0..EACH).for_each(|_| update(&account, grow)));
        }
    });
    let expected = (0..THREADS * EACH).fold(100, |balance: u64, _| balance + balance / 8 + 1);
    let seen = account.into_inner().expect("nobody panics");
    let most = between.most();
    require(
        most == 1,
        "one thread at a time between reading and writing",
        format!(
            "{most} of them were there at the same time, all with a balance that others were about to change"
        ),
        LOST,
    )?;
    require(
        seen == expected,
        format!("{expected}: the balance, grown {} times", THREADS * EACH),
        seen.to_string(),
        LOST,
    )
}
