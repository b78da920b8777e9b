//! Where the links come from.

mod distinct;
mod error;
mod file;
mod imgur;

use std::path::PathBuf;

use crate::gallery;

pub use distinct::{LinkStream, Links};
pub use error::{CLIENT_ID, LinksError};
pub use file::{from_file, stream_file};
pub use imgur::{IMGUR, from_api, from_gallery, from_imgur};

/// Where to get links from.
#[derive(Debug, Clone)]
pub enum LinkSource {
    /// An offline gallery, which is opened for this.
    Gallery(gallery::Builder),
    /// A text file, with one link a line.
    File(PathBuf),
    /// Imgur's random gallery.
    Imgur,
    /// The public list from the lesson: very large pictures from NASA and STScI.
    Nasa,
}

/// The public list from the lesson: very large pictures from NASA and STScI.
pub fn nasa() -> Links {
    Links::new(include_str!("../../nasa-links.txt").lines().filter_map(distinct::link_in))
}
