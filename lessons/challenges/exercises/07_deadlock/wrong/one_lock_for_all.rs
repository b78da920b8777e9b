//@ refused: is there one lock for all transfers?
// Only one transfer at a time, so nobody can get in its way.

use std::sync::Mutex;

pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

static ALL: Mutex<()> = Mutex::new(());

pub fn transfer(from: &Account, to: &Account, amount: i64) {
    if from.number == to.number {
        return;
    }
    let _all = ALL.lock().unwrap();
    let mut from = from.balance.lock().unwrap();
    let mut to = to.balance.lock().unwrap();
    *from -= amount;
    *to += amount;
}
