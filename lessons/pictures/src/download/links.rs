//! Where the links come from.

use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use ureq::http::header;

use super::fetch::{Client, Fault, FetchError};
use crate::gallery::{self, Gallery};

/// The service whose API the gallery speaks.
pub const IMGUR: &str = "https://api.imgur.com";

/// The variable that holds what Imgur gave to a registered program.
pub const CLIENT_ID: &str = "IMGUR_CLIENT_ID";

/// An answer of the API is some hundred kilobytes.
const LARGEST_LIST: u64 = 16 << 20;

/// Distinct links, in the order in which their source first names them.
///
/// It holds the offline gallery if the links lead there: the gallery closes when this is dropped.
#[derive(Debug)]
pub struct Links {
    links: Vec<String>,
    gallery: Option<Gallery>,
}

impl Links {
    /// The links as they are, without repetitions.
    pub fn new(links: impl IntoIterator<Item = String>) -> Links {
        let mut seen = HashSet::new();
        let links = links.into_iter().filter(|link| seen.insert(link.clone())).collect();
        Links { links, gallery: None }
    }

    /// The links of an offline gallery, which stays open as long as the result lives.
    ///
    /// # Errors
    /// If the gallery's API does not answer as it should.
    pub fn of_gallery(client: &Client, gallery: Gallery) -> Result<Links, LinksError> {
        let links = of_imgur(client, &gallery.url(), "many-hands")?;
        Ok(Links { gallery: Some(gallery), ..links })
    }

    /// The offline gallery, if the links lead there.
    pub fn gallery(&self) -> Option<&Gallery> {
        self.gallery.as_ref()
    }
}

impl Deref for Links {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.links
    }
}

/// There are no links.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinksError {
    /// The file with the links cannot be read.
    #[error("cannot read the links file {}: {why}; give a text file with one http(s) link a line", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The file is no text.
    #[error("the links file {} is not UTF-8 text: write one http(s) link a line", .0.display())]
    NotText(PathBuf),
    /// The file names no link.
    #[error("the links file {} is empty: write one http(s) link a line (# begins a comment)", .0.display())]
    Empty(PathBuf),
    /// Nobody told who asks.
    #[error(
        "{CLIENT_ID} is not set: register at https://api.imgur.com/oauth2/addclient, then `export {CLIENT_ID}=…`; or leave out --imgur to use the offline gallery"
    )]
    NoClientId,
    /// Imgur does not know, or not like, who asks.
    #[error(
        "Imgur refused this {CLIENT_ID} ({0}): check it, or wait an hour if it made too many requests; or leave out --imgur to use the offline gallery"
    )]
    Refused(String),
    /// The API could not be asked.
    #[error("cannot get the list of pictures: {0}")]
    Fetch(FetchError),
    /// The API's answer is not what it should be.
    #[error(
        "the list of pictures from {base} makes no sense ({why}): run again later, or use the offline gallery"
    )]
    Answer {
        /// Whom we asked.
        base: String,
        /// What is wrong.
        why: String,
    },
    /// The offline gallery did not open.
    #[error(transparent)]
    Gallery(#[from] gallery::Error),
}

/// The links in a file: one a line, blank lines and lines that begin with `#` left out. `-` is the
/// standard input.
///
/// What is no http(s) link is kept: it ends as a failed entry, and the others are downloaded.
///
/// ```
/// use pictures::download::links;
///
/// let dir = tempfile::tempdir()?;
/// let file = dir.path().join("links.txt");
/// std::fs::write(&file, "# cats\nhttp://host/a.png\n\nhttp://host/b.png\nhttp://host/a.png\n")?;
/// assert_eq!(links::of_file(&file)?[..], ["http://host/a.png", "http://host/b.png"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is not UTF-8, or names no link.
pub fn of_file(path: &Path) -> Result<Links, LinksError> {
    let read = || match path.as_os_str() == "-" {
        true => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        }
        false => fs::read(path),
    };
    let bytes = read().map_err(|why| LinksError::Unreadable { path: path.to_owned(), why })?;
    let text = String::from_utf8(bytes).map_err(|_| LinksError::NotText(path.to_owned()))?;
    let links = of_text(&text);
    match links.is_empty() {
        true => Err(LinksError::Empty(path.to_owned())),
        false => Ok(links),
    }
}

/// The lesson's public list: pictures of ultra-high resolution from NASA and STScI.
pub fn nasa() -> Links {
    of_text(include_str!("../../nasa-links.txt"))
}

fn of_text(text: &str) -> Links {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim);
    Links::new(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned))
}

/// The links of Imgur's random gallery. The client's id is what `IMGUR_CLIENT_ID` says.
///
/// # Errors
/// If that variable is not set, or Imgur refuses it, or does not answer as it should.
pub fn imgur(client: &Client) -> Result<Links, LinksError> {
    let id = env::var(CLIENT_ID).unwrap_or_default();
    of_imgur(client, IMGUR, id.trim())
}

/// The links of the random gallery at `base`: [`IMGUR`], or the url of an offline gallery, which
/// speaks the same API.
///
/// Only pictures are kept whose type can be decoded here: JPEG, PNG, GIF, TIFF and WebP.
///
/// # Errors
/// If `client_id` is empty or refused, or the answer is not as it should be.
pub fn of_imgur(client: &Client, base: &str, client_id: &str) -> Result<Links, LinksError> {
    if client_id.is_empty() {
        return Err(LinksError::NoClientId);
    }
    if !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(LinksError::Refused("it has characters that no id has".to_owned()));
    }
    let authorization = format!("Client-ID {client_id}");
    let link = format!("{}/3/gallery/random/random/", base.trim_end_matches('/'));
    let answer = client
        .ask(&link, &[(header::AUTHORIZATION, &authorization)], LARGEST_LIST, |_| Ok(()))
        .map_err(|error| match &error.fault {
            Fault::Status { status, .. } | Fault::TooLong { status, .. }
                if [401, 403, 429].contains(&status.as_u16()) =>
            {
                LinksError::Refused(status.to_string())
            }
            _ => LinksError::Fetch(error),
        })?;

    let nonsense = |why: String| LinksError::Answer { base: base.to_owned(), why };
    let list: List =
        serde_json::from_slice(&answer.bytes).map_err(|error| nonsense(error.to_string()))?;
    let links = Links::new(list.data.into_iter().filter_map(Item::picture));
    match links.is_empty() {
        true => Err(nonsense("it has no picture".to_owned())),
        false => Ok(links),
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Item>,
}

/// A picture, or something else without these fields.
#[derive(Deserialize)]
struct Item {
    link: Option<String>,
    r#type: Option<String>,
}

impl Item {
    fn picture(self) -> Option<String> {
        const DECODED: [&str; 5] =
            ["image/jpeg", "image/png", "image/gif", "image/tiff", "image/webp"];
        self.link.filter(|_| self.r#type.is_some_and(|kind| DECODED.contains(&kind.as_str())))
    }
}
