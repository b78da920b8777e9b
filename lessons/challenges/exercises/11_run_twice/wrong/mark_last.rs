//@ refused: died just before
// First the work, then the mark. A worker that dies in between has paid without a mark: it is paid
// again.

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
    let mark = format!("done/{}", payment.number);
    if shelf.read(&mark).is_none() {
        let total = total(shelf);
        shelf.write("total", &(total + payment.cents).to_string());
        shelf.create(&mark, "");
    }
}

pub fn total(shelf: &dyn Shelf) -> u64 {
    let text = shelf.read("total").unwrap_or_default();
    text.parse().unwrap_or(0)
}
