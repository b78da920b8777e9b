//@ refused: died just before
// First the mark, then the work. A worker that dies in between has marked what was never paid.

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
    if shelf.create(&format!("done/{}", payment.number), "") {
        let total = total(shelf);
        shelf.write("total", &(total + payment.cents).to_string());
    }
}

pub fn total(shelf: &dyn Shelf) -> u64 {
    let text = shelf.read("total").unwrap_or_default();
    text.parse().unwrap_or(0)
}
