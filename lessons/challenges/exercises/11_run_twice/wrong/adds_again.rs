//@ refused: came twice
// A message comes once, does it not?

pub trait Shelf {
    fn read(&self, name: &str) -> Option<String>;
    fn write(&self, name: &str, text: &str);
    fn create(&self, name: &str, text: &str) -> bool;
    fn remove(&self, name: &str) -> bool;
    fn names(&self, beginning: &str) -> Vec<String>;
}

#[derive(Clone, Copy, Debug)]
pub struct Payment {
    pub number: u32,
    pub cents: u64,
}

pub fn record(shelf: &dyn Shelf, payment: Payment) {
    let total = total(shelf);
    shelf.write("total", &(total + payment.cents).to_string());
}

pub fn total(shelf: &dyn Shelf) -> u64 {
    let text = shelf.read("total").unwrap_or_default();
    text.parse().unwrap_or(0)
}
