//! Why there are no links.

use std::io;
use std::path::PathBuf;

use super::super::fault::FetchError;
use crate::gallery;

/// The variable that holds the id that Imgur gives to a registered program.
pub const CLIENT_ID: &str = "IMGUR_CLIENT_ID";

/// The longest line of a links file, in bytes. Most links have some hundred, and one with a picture
/// in it (`data:`) some millions. A file without line breaks has more, and `/dev/zero` has no end.
pub(super) const LONGEST_LINE: u64 = 64 << 20;

/// There are no links.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinksError {
    /// The links file cannot be read.
    #[error("cannot read the links file {}: {}; give a text file with one http(s) link a line", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The file is not text.
    #[error("the links file {} is not UTF-8 text: write one http(s) link a line", .0.display())]
    NotText(PathBuf),
    /// The file is text in another encoding.
    #[error("the links file {} is UTF-16 text: save it as UTF-8, with one http(s) link a line", .0.display())]
    Utf16(PathBuf),
    /// A line of the file does not end.
    #[error("the links file {} has a line of more than {} MB: write one http(s) link a line", .0.display(), LONGEST_LINE >> 20)]
    Endless(PathBuf),
    /// There is no link in the file.
    #[error("the links file {} is empty: write one http(s) link a line (# begins a comment)", .0.display())]
    Empty(PathBuf),
    /// The client id is not set.
    #[error(
        "{CLIENT_ID} is not set: register at https://api.imgur.com/oauth2/addclient, then `export {CLIENT_ID}=…`; or leave out --imgur to use the offline gallery"
    )]
    NoClientId,
    /// Imgur does not accept the client id.
    #[error(
        "Imgur refused this {CLIENT_ID} ({0}): check it, or wait an hour if it made too many requests; or leave out --imgur to use the offline gallery"
    )]
    Refused(String),
    /// The API could not be asked.
    #[error("cannot get the list of pictures: {0}")]
    Fetch(FetchError),
    /// The API's answer is malformed.
    #[error(
        "the list of pictures from {base} makes no sense ({why}): run again later, or use the offline gallery"
    )]
    Answer {
        /// The server that was asked.
        base: String,
        /// What is wrong.
        why: String,
    },
    /// The offline gallery did not open.
    #[error(transparent)]
    Gallery(#[from] gallery::Error),
}
