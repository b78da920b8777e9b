// An order for all: the account with the smaller number is locked first, whichever way the money
// goes.

use std::sync::Mutex;

pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

pub fn transfer(from: &Account, to: &Account, amount: i64) {
    if from.number == to.number {
        return; // one lock cannot be taken twice, and nothing would change
    }
    let (first, second) = if from.number < to.number { (from, to) } else { (to, from) };
    let mut first_balance = first.balance.lock().unwrap();
    let mut second_balance = second.balance.lock().unwrap();
    if first.number == from.number {
        *first_balance -= amount;
        *second_balance += amount;
    } else {
        *first_balance += amount;
        *second_balance -= amount;
    }
}
