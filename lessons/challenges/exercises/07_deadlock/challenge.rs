// Break the deadlock.
//
// `transfer` takes an amount from one account to another, under both locks: at no moment does anybody see money that is
// in neither. What is here does so, until one thread transfers from A to B while another transfers from B to A.
//
// Take the `todo!()` away, and see to it that nobody waits for ever. Somebody may also transfer from an
// account to itself.

use std::sync::Mutex;

pub struct Account {
    /// No two accounts have the same.
    pub number: u32,
    pub balance: Mutex<i64>,
}

pub fn transfer(from: &Account, to: &Account, amount: i64) {
    todo!("who waits for whom, between accounts {} and {}?", from.number, to.number);

    #[allow(unreachable_code)]
    let mut from = from.balance.lock().unwrap();
    let mut to = to.balance.lock().unwrap();
    *from -= amount;
    *to += amount;
}
