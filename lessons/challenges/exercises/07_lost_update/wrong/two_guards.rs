//@ refused: one of the two updates is lost
// Locked to read and locked to write, and open in between.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let balance = *account.lock().unwrap();
    *account.lock().unwrap() = grow(balance);
}
