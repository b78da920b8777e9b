//@ refused: one of the two updates is lost
// Looks whether the balance is still the same, but outside of the lock under which it writes.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    loop {
        let balance = *account.lock().unwrap();
        let is_same = *account.lock().unwrap() == balance;
        let grown = grow(balance);
        if is_same {
            *account.lock().unwrap() = grown;
            return;
        }
    }
}
