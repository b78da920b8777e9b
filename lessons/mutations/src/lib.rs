//! Bugs that are put into a copy of the crate `hands`, and how tests find them under many
//! schedules. A test that finds no mistake says little, unless it would have found one.
//!
//! A build script [copies](copy_hands) the sources, with every bug of the [list](Mutation) in them
//! behind a switch; the sources themselves know nothing of this. A test runs [scenarios](Scenario)
//! without any of the bugs, and then sees to it that [each is found](Mutation::must_be_found).

mod copy;
mod list;
mod scenario;
mod switch;

pub use copy::copy_hands;
pub use list::{LOOM, Mutation, SHUTTLE};
pub use scenario::{Scenario, Seen};
pub use switch::is_in;
