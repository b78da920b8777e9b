// The update that gets lost.
//
// `update` lets a balance grow: `grow` gets the old balance and returns the new one. Several
// threads do so at the same time, on the same account, and none of their updates may be lost.
//
// `grow` may run more than once for an update, as long as only its last result counts.
//
// This is a beginning, and it loses some, because others get in between reading and writing. Each
// access is under a lock, but that isn't enough.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let balance = *account.lock().unwrap();
    let grown = grow(balance);
    todo!("{balance} becomes {grown}: make reading and writing one step")
}
