//@ refused: another worker came
// The sum and the numbers of what is in it, in one text: a death does no harm any more. But who
// reads, adds and writes undoes what others have written in between.

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
    let book = shelf.read("book").unwrap_or_default();
    let line = format!("{} {}", payment.number, payment.cents);
    if !book.lines().any(|written| written == line) {
        shelf.write("book", &format!("{book}{line}\n"));
    }
}

pub fn total(shelf: &dyn Shelf) -> u64 {
    let book = shelf.read("book").unwrap_or_default();
    let cents = book.lines().filter_map(|line| line.split_once(' ')?.1.parse::<u64>().ok());
    cents.sum()
}
