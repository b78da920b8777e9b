//! An update comes in the middle of another one, if it can, and eight threads update one balance.
//! Nothing is lost.

use std::sync::{Mutex, OnceLock, TryLockError, mpsc};
use std::thread;
use std::time::Duration;

use answer::update;
use challenges::{Judged, check, require, sign_of_life, wait_until};

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
        check.part("an update in the middle of another one isn't lost", in_the_middle)?;
        check.part("forty updates by eight threads, none of them lost", none_lost)
    })
}

/// While one thread is between reading and writing, another comes with an update of its own. If the
/// account is locked, it comes later.
fn in_the_middle() -> Judged {
    let account = Mutex::new(100);
    let other = OnceLock::new();
    thread::scope(|s| {
        let account = &account;
        update(account, |balance| {
            other.get_or_init(|| {
                if matches!(account.try_lock(), Err(TryLockError::WouldBlock)) {
                    return false; // nobody can come in between
                }
                let (done, is_done) = mpsc::channel();
                s.spawn(move || {
                    update(account, |balance| balance + 10);
                    let _ = done.send(()); // perhaps nobody waits any more
                });
                wait_until(|| is_done.try_recv().is_ok())
            });
            balance * 2
        });
    });
    let came = other.get() == Some(&true);
    let seen = account.into_inner().expect("nobody panics");
    let is_right = if came { seen == 220 } else { [200, 210].contains(&seen) };
    require(
        is_right,
        "220: the balance was 100, and became 110 while `grow` made 200 of 100. So that's out of date",
        format!("{seen}: one of the two updates is lost"),
        LOST,
    )
}

fn none_lost() -> Judged {
    let account = Mutex::new(100);
    let grow = |balance: u64| {
        sign_of_life();
        thread::sleep(Duration::from_millis(1)); // time for others to get in between, if they can
        balance + balance / 8 + 1
    };
    thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| (0..EACH).for_each(|_| update(&account, grow)));
        }
    });
    let expected = (0..THREADS * EACH).fold(100, |balance: u64, _| balance + balance / 8 + 1);
    let seen = account.into_inner().expect("nobody panics");
    require(
        seen == expected,
        format!("{expected}: the balance, grown {} times", THREADS * EACH),
        seen.to_string(),
        LOST,
    )
}
