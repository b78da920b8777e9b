//! A trace as a picture: one row per worker, a bar for each span, and the same as a table.

mod arrows;
mod axis;
mod bars;
mod form;
mod layout;
mod marks;
mod page;
mod picture;
mod schedule;
mod style;
mod words;

pub use page::page;
pub use picture::{responsive, svg};
pub use words::table;

#[cfg(test)]
mod tests;
