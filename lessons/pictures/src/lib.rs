//! The real work of the later steps of *Many Hands*: a gallery of pictures on loopback, a downloader
//! that survives the internet, and what is done to each picture.
//!
//! Arrows run one way: nothing here knows of pools. The steps put the two together.

pub mod args;
pub mod compare;
pub mod download;
pub mod gallery;
mod process_link;
mod setup;

#[doc(no_inline)]
pub use picture;
pub use process_link::process_link;
pub use setup::Setup;
