// The update that gets lost.
//
// `update` lets a balance grow: `grow` says, from what it is, what it will be. Several threads do so at the same
// time, on the same account, and none of their updates may be lost.
//
// This is a beginning, and it loses some: between reading and writing, others come. Each of its accesses is
// under a lock, and that is not enough.

use std::sync::Mutex;

pub fn update(account: &Mutex<u64>, grow: impl Fn(u64) -> u64) {
    let balance = *account.lock().unwrap();
    let grown = grow(balance);
    todo!("{balance} becomes {grown}: make reading and writing one step")
}
