//@ refused: or in both
// One lock after the other, and the money arrives before it has left: for a moment it is there
// twice.

use std::sync::Mutex;

pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

pub fn transfer(from: &Account, to: &Account, amount: i64) {
    *to.balance.lock().unwrap() += amount;
    *from.balance.lock().unwrap() -= amount;
}
