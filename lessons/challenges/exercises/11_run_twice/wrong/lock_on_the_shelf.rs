//@ refused: it's waiting for another
// A lock for all machines: whoever can create it has it. But who dies with it never removes it.

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
    while !shelf.create("lock", "") {
        std::thread::yield_now();
    }
    let mark = format!("done/{}", payment.number);
    if shelf.read(&mark).is_none() {
        shelf.write(&mark, &payment.cents.to_string());
    }
    shelf.remove("lock");
}

pub fn total(shelf: &dyn Shelf) -> u64 {
    let payments = shelf.names("done/").into_iter().filter_map(|name| shelf.read(&name));
    payments.filter_map(|cents| cents.parse::<u64>().ok()).sum()
}
