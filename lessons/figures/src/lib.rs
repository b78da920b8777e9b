//! Pictures of what was measured, for a page or as a file of their own: SVG, and the same as a table for those
//! who cannot see it.
//!
//! - [`timeline`] draws a trace: one row a worker, a bar for each span.
//! - [`plot`] draws curves over an axis.

pub mod plot;
mod svg;
pub mod timeline;
