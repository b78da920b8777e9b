//! What every step does around its idea.
//!
//! - The functions here read the values of flags; each step has the same flags, read by the same rules.
//! - [`files`] sees to it that no file that is named there destroys another.
//! - [`text`] makes what strangers wrote fit to be shown.

mod args;
pub mod files;
pub mod text;

pub use args::{advise_release, seconds, timeline, workers};
