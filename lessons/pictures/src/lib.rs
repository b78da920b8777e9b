//! The real work of the later steps of *Many Hands*: a gallery of pictures on loopback, a
//! downloader that survives the internet, and the processing of each picture.
//!
//! Nothing here starts a pool: the steps put the two together. [`args`] and [`compare`] are for
//! their command lines; [`gallery`] and [`download`] know nothing of those.

pub mod args;
pub mod compare;
pub mod download;
pub mod gallery;
mod own_files;
mod process_link;
mod setup;
mod stop;

#[doc(no_inline)]
pub use picture;
pub use process_link::process_link;
pub use setup::Setup;
pub use stop::stopped;
