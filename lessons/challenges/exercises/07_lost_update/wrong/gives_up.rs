//@ refused: one of the two updates is lost
// Writes only if nobody came in between, but does not begin anew if somebody did.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let balance = *account.lock().unwrap();
    let grown = grow(balance);
    let mut now = account.lock().unwrap();
    if *now == balance {
        *now = grown;
    }
}
