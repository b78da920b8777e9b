//! Money moves between three accounts in all directions. Nobody waits forever, and at no moment is
//! any of it missing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use answer::{Account, transfer};
use challenges::{Judged, check, others_sleep, require, sign_of_life, wait_until};

challenges::answer!("../../../../challenges/07_deadlock.rs");

const THREADS: u64 = 4;
const TRANSFERS: usize = 100_000;
const DEADLOCK: &str = "07_messages.md#d-the-deadlock";

fn main() {
    check("07_deadlock", |check| {
        check.if_stuck(
            "two threads have one lock each, and wait for the other's. In which order are the locks taken?",
            DEADLOCK,
        );
        check.part("from one account to another", one_transfer)?;
        check.part("in one piece", in_one_piece)?;
        check.part("in all directions at the same time", all_directions)?;
        check.part("two that have no account in common don't wait for each other", side_by_side)?;
        check.part("from an account to itself", to_itself)?;
        check.part("in the same order, whichever way the money goes", in_one_order)
    })
}

fn accounts() -> [Account; 3] {
    [3, 1, 2].map(|number| Account { number, balance: Mutex::new(1000) })
}

fn balances(accounts: &[Account]) -> Vec<i64> {
    accounts.iter().map(|account| *account.balance.lock().expect("nobody panics")).collect()
}

fn one_transfer() -> Judged {
    let accounts = accounts();
    transfer(&accounts[0], &accounts[1], 300);
    transfer(&accounts[1], &accounts[2], 50);
    let seen = balances(&accounts);
    let right = [700, 1250, 1050];
    require(seen == right, format!("{right:?}"), format!("{seen:?}"), DEADLOCK)
}

/// Holds one of the two accounts, so that a transfer gets stuck halfway if it can, and looks at the
/// other.
fn in_one_piece() -> Judged {
    for (from, to, held) in [(0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)] {
        let accounts = accounts();
        let other = &accounts[1 - held].balance;
        let is_halfway = thread::scope(|s| {
            let held = accounts[held].balance.lock().expect("nobody panics");
            let transfer = s.spawn(|| transfer(&accounts[from], &accounts[to], 300));
            // A right answer leaves the other account alone, or locked, until it has both.
            others_sleep(); // it waits for the one that is held
            let is_halfway = other.try_lock().is_ok_and(|it| *it != 1000);
            drop(held);
            assert!(transfer.join().is_ok(), "no transfer panics");
            is_halfway
        });
        require(
            !is_halfway,
            "that nobody can look while an amount is on its way",
            "an amount on its way: for a moment it is in neither account, or in both",
            DEADLOCK,
        )?;
    }
    Ok(())
}

fn all_directions() -> Judged {
    let accounts = accounts();
    let (transfers, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let missing = thread::scope(|s| {
        let auditor = s.spawn(|| audit(&accounts, &transfers, &is_over));
        let threads: Vec<_> = (0..THREADS)
            .map(|seed| {
                let (accounts, transfers) = (&accounts, &transfers);
                s.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(seed);
                    for n in 0..TRANSFERS {
                        let from = random.usize(0..3);
                        let to = (from + random.usize(1..3)) % 3;
                        transfer(&accounts[from], &accounts[to], random.i64(1..10));
                        transfers.fetch_add(1, Relaxed);
                        if n % 1000 == 0 {
                            sign_of_life();
                        }
                    }
                })
            })
            .collect();
        let panicked = threads.into_iter().filter_map(|thread| thread.join().err()).count();
        is_over.store(true, Relaxed);
        assert!(panicked == 0, "no transfer panics");
        auditor.join().expect("the auditor does not panic")
    });
    require(
        missing.is_none(),
        "3000 in all accounts together, at every moment",
        format!("{} at one moment: an amount was in neither account", missing.unwrap_or(0)),
        DEADLOCK,
    )?;
    let sum: i64 = balances(&accounts).iter().sum();
    require(sum == 3000, "3000 in all accounts together, in the end", sum.to_string(), DEADLOCK)
}

/// Looks at all accounts at once, again and again, and returns a sum that is wrong. It takes no
/// lock that it would have to wait for, so it's never in the way. In a deadlock it hardly computes,
/// so that the check sees that all others wait.
fn audit(accounts: &[Account], transfers: &AtomicUsize, is_over: &AtomicBool) -> Option<i64> {
    let mut before = 0;
    while !is_over.load(Relaxed) {
        let guards: Result<Vec<MutexGuard<'_, i64>>, TryLockError<_>> =
            accounts.iter().map(|account| account.balance.try_lock()).collect();
        if let Ok(guards) = guards {
            let sum = guards.iter().map(|balance| **balance).sum();
            if sum != 3000 {
                return Some(sum);
            }
        }
        let now = transfers.load(Relaxed);
        if now == before {
            thread::sleep(Duration::from_millis(20));
        }
        before = now;
        thread::yield_now();
    }
    None
}

/// One account is held, so a transfer from it waits. Meanwhile there is another, between two other
/// accounts.
fn side_by_side() -> Judged {
    let [a, b, c] = accounts();
    let d = Account { number: 4, balance: Mutex::new(1000) };
    let went_through = thread::scope(|s| {
        let held = a.balance.lock().expect("nobody panics");
        s.spawn(|| transfer(&a, &b, 300));
        others_sleep(); // it waits for the one that is held
        let other = s.spawn(|| transfer(&c, &d, 300));
        let went_through = wait_until(|| other.is_finished());
        drop(held);
        went_through
    });
    require(
        went_through,
        "that a transfer goes through while one between two other accounts waits",
        "it waited, too: is there one lock for all transfers?",
        DEADLOCK,
    )
}

fn to_itself() -> Judged {
    let accounts = accounts();
    transfer(&accounts[0], &accounts[0], 300);
    let seen = balances(&accounts);
    require(seen == [1000; 3], "that nothing changes", format!("{seen:?}"), DEADLOCK)
}

/// On a busy machine the threads of [`all_directions`] may hardly ever run at the same time, and the
/// deadlock may not come. So this looks whether it could.
fn in_one_order() -> Judged {
    let inverted = [(0, 1), (1, 0)].map(|(from, to)| holds_while_it_waits(from, to));
    require(
        inverted != [true, true],
        "that of two accounts the same one is always locked first",
        "one transfer holds A and waits for B, and the one back holds B and waits for A. \
         In which order are the locks taken?",
        DEADLOCK,
    )
}

/// Whether a transfer has locked the first account while it waits for the second, which is held.
fn holds_while_it_waits(from: usize, to: usize) -> bool {
    let accounts = accounts();
    thread::scope(|s| {
        let held = accounts[to].balance.lock().expect("nobody panics");
        let transfer = s.spawn(|| transfer(&accounts[from], &accounts[to], 300));
        others_sleep(); // it waits for the one that is held
        let holds = accounts[from].balance.try_lock().is_err();
        drop(held);
        assert!(transfer.join().is_ok(), "no transfer panics");
        holds
    })
}
