//@ refused: one of the two updates is lost
// Adds what it would have grown by, had nobody else been there.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let balance = *account.lock().unwrap();
    let difference = grow(balance) - balance;
    *account.lock().unwrap() += difference;
}
