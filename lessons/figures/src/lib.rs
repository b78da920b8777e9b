//! Traces and measurements as pictures, for a page or as files of their own: SVG, and the same as a
//! table for people who can't see the picture.
//!
//! - [`timeline`] draws a trace: one row per worker, a bar for each span.
//! - [`plot`] draws curves over an axis.
//!
//! A picture can be pasted into a page of HTML or Markdown as it is. It brings its colours along,
//! for light and dark pages alike, and takes the colour of its text from the page around it. It has
//! no ids, because two pictures may be on one page, and no blank line, at which Markdown would end
//! the block of HTML.

mod element;
mod hues;
mod legend;
mod page;
pub mod plot;
mod sheet;
mod table;
pub mod timeline;
