// One guard, from before the reading until after the writing. It is dropped at the end of the
// function.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let mut balance = account.lock().unwrap();
    *balance = grow(*balance);
}
