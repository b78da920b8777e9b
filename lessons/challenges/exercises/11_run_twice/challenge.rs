// Safe to run twice.
//
// Workers on several machines record payments. A message comes *at least* once: if a worker dies
// before it has said that it's done, another one gets the message again. So `record` may be called
// twice for one payment, even by two workers at the same moment. And a worker may die in the middle
// of it, between any two calls of the shelf. Whatever happens,
//
// - each payment whose `record` has run to its end at least once is in `total`;
// - and none is in it twice.
//
// The shelf is all that the workers share: memory and locks belong to one process. What lies on the
// shelf, and under which names, is up to you. Both functions are yours.

/// Texts under names, such as `paid/7`. Each call is done as a whole or not at all.
pub trait Shelf {
    /// The text under this name, if there is one.
    fn read(&self, name: &str) -> Option<String>;
    /// Puts a text there, and replaces the old one.
    fn write(&self, name: &str, text: &str);
    /// Puts a text there unless there is one already, and says whether it did.
    fn create(&self, name: &str, text: &str) -> bool;
    /// Removes a text, and says whether there was one.
    fn remove(&self, name: &str) -> bool;
    /// All names that begin like this.
    fn names(&self, beginning: &str) -> Vec<String>;
}

#[derive(Clone, Copy, Debug)]
pub struct Payment {
    pub number: u32,
    pub cents: u64,
}

/// A worker calls this for each message that it gets.
pub fn record(shelf: &dyn Shelf, payment: Payment) {
    let total = total(shelf);
    shelf.write("total", &(total + payment.cents).to_string());
    todo!("and if payment {} comes a second time?", payment.number)
}

/// How much was paid, in cents.
pub fn total(shelf: &dyn Shelf) -> u64 {
    let text = shelf.read("total").unwrap_or_default();
    text.parse().unwrap_or(0)
}
