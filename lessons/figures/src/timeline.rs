//! A trace as a picture: one row per worker, a bar for each span, and the same as a table.

mod bars;
mod colours;
mod picture;
mod words;

pub use picture::{svg, svg_to_scale};
pub use words::table;

#[cfg(test)]
mod tests;
