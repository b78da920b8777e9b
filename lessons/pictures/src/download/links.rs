//! Where the links come from.

use std::collections::HashSet;
use std::env;
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use step::text::{shown, trimmed};
use ureq::http::header;

use super::fault::{Fault, FetchError};
use super::fetch::Client;
use crate::gallery::{self, Gallery};

/// The service whose API the gallery speaks.
pub const IMGUR: &str = "https://api.imgur.com";

/// The variable that holds what Imgur gave to a registered program.
pub const CLIENT_ID: &str = "IMGUR_CLIENT_ID";

/// An answer of the API is some hundred kilobytes.
const LARGEST_LIST: u64 = 16 << 20;

/// A line of a list is some hundred bytes long, and with a picture in it (`data:`) some megabytes. A file without line
/// breaks has longer ones, and `/dev/zero` has no end.
const LONGEST_LINE: u64 = 64 << 20;

/// Distinct links, in the order in which their source first names them.
///
/// It holds the offline gallery if the links lead there: the gallery closes when this is dropped.
pub struct Links {
    links: Vec<String>,
    gallery: Option<Gallery>,
}

impl Links {
    /// The links as they are, without repetitions.
    pub fn new(links: impl IntoIterator<Item = String>) -> Links {
        let mut seen = Seen::default();
        let links = links.into_iter().filter(|link| seen.is_new(link)).collect();
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

/// Distinct links, read when they are asked for: a file of a million is never in memory.
///
/// To know repetitions it remembers 8 bytes of each link. It holds the offline gallery if the links
/// lead there, as [`Links`] do.
pub struct LinkStream {
    links: Box<dyn Iterator<Item = Result<String, LinksError>> + Send>,
    count: Option<usize>,
    gallery: Option<Gallery>,
}

impl LinkStream {
    /// How many links there are, repetitions included. None if nobody can know before the end.
    pub fn count_hint(&self) -> Option<usize> {
        self.count
    }

    /// The offline gallery, if the links lead there.
    pub fn gallery(&self) -> Option<&Gallery> {
        self.gallery.as_ref()
    }
}

impl Iterator for LinkStream {
    type Item = Result<String, LinksError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.links.next()
    }
}

impl From<Links> for LinkStream {
    fn from(Links { links, gallery }: Links) -> Self {
        let count = Some(links.len());
        LinkStream { links: Box::new(links.into_iter().map(Ok)), count, gallery }
    }
}

// Neither tells the links: some have a password in them.
impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("count", &self.links.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for LinkStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkStream").field("count", &self.count).finish_non_exhaustive()
    }
}

/// What was seen before, by its hash. Of a million links two share one with a chance of one in 37
/// million, and then the later is left out.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    fn is_new(&mut self, link: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(link))
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
    /// The file is text of another kind.
    #[error("the links file {} is UTF-16 text: save it as UTF-8, with one http(s) link a line", .0.display())]
    Utf16(PathBuf),
    /// A line of the file has no end.
    #[error("the links file {} has a line of more than {} MB: write one http(s) link a line", .0.display(), LONGEST_LINE >> 20)]
    Endless(PathBuf),
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

/// The links in a file: one a line, blank lines and lines that begin with `#` left out, without the white space
/// around them. `-` is the standard input.
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
/// If the file cannot be read, is not UTF-8, has a line of more than 64 MB, or names no link.
pub fn of_file(path: &Path) -> Result<Links, LinksError> {
    let links = Lines::open(path)?.collect::<Result<_, _>>()?;
    Ok(Links { links, gallery: None })
}

/// As [`of_file`], but each link is read when it is asked for.
///
/// ```
/// use pictures::download::links;
///
/// let dir = tempfile::tempdir()?;
/// let file = dir.path().join("links.txt");
/// std::fs::write(&file, "http://host/a.png\nhttp://host/b.png\n")?;
/// let mut links = links::stream_of_file(&file)?;
/// assert_eq!(links.count_hint(), Some(2));
/// assert_eq!(links.next().transpose()?.as_deref(), Some("http://host/a.png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read. What is wrong further on comes as an item, the last: that it is not UTF-8,
/// or that it ends without a link.
pub fn stream_of_file(path: &Path) -> Result<LinkStream, LinksError> {
    let unreadable = |why| LinksError::Unreadable { path: path.to_owned(), why };
    let count = path.is_file().then(|| count_in(path)).transpose().map_err(unreadable)?;
    let mut lines = Lines::open(path)?;
    lines.seen.hashes.reserve(count.unwrap_or(0));
    Ok(LinkStream { links: Box::new(lines), count, gallery: None })
}

/// How many lines of the file are no blank lines and no comments.
fn count_in(path: &Path) -> io::Result<usize> {
    let mut text = BufReader::new(File::open(path)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        count += usize::from(str::from_utf8(&line).is_ok_and(|line| link_in(line).is_some()));
        line.clear();
    }
    Ok(count)
}

/// The lesson's public list: pictures of ultra-high resolution from NASA and STScI.
pub fn nasa() -> Links {
    Links::new(include_str!("../../nasa-links.txt").lines().filter_map(link_in))
}

/// The distinct links of a text, line by line. Ends with the first error.
struct Lines {
    path: PathBuf,
    text: Option<Box<dyn BufRead + Send>>,
    seen: Seen,
}

impl Lines {
    fn open(path: &Path) -> Result<Lines, LinksError> {
        let unreadable = |why| LinksError::Unreadable { path: path.to_owned(), why };
        let text: Box<dyn BufRead + Send> = match path.as_os_str() == "-" {
            true => Box::new(BufReader::new(io::stdin())),
            false => Box::new(BufReader::new(File::open(path).map_err(unreadable)?)),
        };
        Ok(Lines { path: path.to_owned(), text: Some(text), seen: Seen::default() })
    }

    fn read(&mut self) -> Result<Option<String>, LinksError> {
        let Some(text) = &mut self.text else { return Ok(None) };
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = text.take(LONGEST_LINE).read_until(b'\n', &mut line);
            let length =
                read.map_err(|why| LinksError::Unreadable { path: self.path.clone(), why })?;
            if length == 0 {
                self.text = None;
                return match self.seen.hashes.is_empty() {
                    true => Err(LinksError::Empty(self.path.clone())),
                    false => Ok(None),
                };
            }
            let path = || self.path.clone();
            if length as u64 == LONGEST_LINE {
                return Err(LinksError::Endless(path()));
            }
            if line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]) {
                return Err(LinksError::Utf16(path()));
            }
            if line.contains(&0) {
                return Err(LinksError::NotText(path()));
            }
            let line = str::from_utf8(&line).map_err(|_| LinksError::NotText(path()))?;
            if let Some(link) = link_in(line).filter(|link| self.seen.is_new(link)) {
                return Ok(Some(link));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<String, LinksError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.text = None;
        }
        read.transpose()
    }
}

/// The link in a line, unless it is blank or a comment.
fn link_in(line: &str) -> Option<String> {
    let line = trimmed(line);
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
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

    let nonsense = |why: String| LinksError::Answer { base: shown(base), why: shown(&why) };
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
        let link = link_in(&self.link?)?;
        DECODED.contains(&self.r#type?.as_str()).then_some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lines(text: impl BufRead + Send + 'static) -> Lines {
        Lines { path: "links.txt".into(), text: Some(Box::new(text)), seen: Seen::default() }
    }

    #[test]
    fn lines_are_read_when_they_are_asked_for() {
        let endless = io::repeat(b'a').take(4).chain(io::repeat(b'\n'));
        let mut links = lines(BufReader::new(endless));
        assert_eq!(links.next().unwrap().unwrap(), "aaaa");
        // A second one never comes: to look for it would not end.
    }

    #[test]
    fn debug_output_tells_no_link() {
        let links = Links::new(["http://me:secret@host/".to_owned()]);
        let debug = format!("{links:?}") + &format!("{:?}", LinkStream::from(links));
        assert!(!debug.contains("secret"), "{debug}");
    }

    #[test]
    fn an_error_is_the_last_item() {
        let text = Cursor::new(b"http://host/a.png\n\xff\nhttp://host/b.png\n");
        let mut links = lines(text);
        assert_eq!(links.next().unwrap().unwrap(), "http://host/a.png");
        assert!(matches!(links.next(), Some(Err(LinksError::NotText(_)))));
        assert!(links.next().is_none());

        let mut none = lines(Cursor::new("# only a comment\n\n"));
        assert!(matches!(none.next(), Some(Err(LinksError::Empty(_)))));
        assert!(none.next().is_none());
    }

    #[test]
    fn what_is_no_list_is_named() {
        let utf16 = "\u{feff}http://host/a.png\n".encode_utf16().flat_map(u16::to_le_bytes);
        let utf16: Vec<u8> = utf16.collect();
        assert!(matches!(lines(Cursor::new(utf16)).next(), Some(Err(LinksError::Utf16(_)))));
        let without_mark = "http://host/a.png\n".encode_utf16().flat_map(u16::to_le_bytes);
        let without_mark: Vec<u8> = without_mark.collect();
        let read = lines(Cursor::new(without_mark)).next();
        assert!(matches!(read, Some(Err(LinksError::NotText(_)))));
        let mut endless = lines(BufReader::new(io::repeat(b'a')));
        assert!(matches!(endless.next(), Some(Err(LinksError::Endless(_)))));
        assert!(endless.next().is_none());
    }

    #[test]
    fn each_link_comes_once_without_what_surrounds_it() {
        let text = "\u{feff}a\n# b\n\n  c  \r\na\n\u{a0}\u{3000}d e\u{200b}\u{2003}\n \u{feff}f\n\u{a0}\n\u{1a}";
        let links: Vec<String> = lines(Cursor::new(text)).map(Result::unwrap).collect();
        assert_eq!(links, ["a", "c", "d e", "f"]);
    }

    #[test]
    fn what_cannot_be_counted_beforehand_has_no_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("links.txt");
        std::fs::write(&file, "\u{feff}# a\na\n\n# b\n\u{a0}\nc\na\n").unwrap();
        let stream = stream_of_file(&file).unwrap();
        assert_eq!(stream.count_hint(), Some(3), "with its repetitions");
        assert_eq!(stream.map(Result::unwrap).collect::<Vec<_>>(), ["a", "c"]);
        assert!(stream_of_file(&folder.path().join("missing")).is_err());
    }
}
