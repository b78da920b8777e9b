//! Distinct links, all at once or one by one.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use step::text::trimmed;

use super::error::LinksError;
use crate::gallery::Gallery;

/// Distinct links, in the order in which their source first names them.
///
/// If the links lead to the offline gallery, it stays open as long as this lives.
pub struct Links {
    links: Vec<String>,
    gallery: Option<Gallery>,
}

impl Links {
    /// These links, without repetitions.
    pub fn new(links: impl IntoIterator<Item = String>) -> Links {
        let mut seen = Seen::default();
        let links = links.into_iter().filter(|link| seen.is_new(link)).collect();
        Links { links, gallery: None }
    }

    /// The same links, with the gallery that they lead to.
    pub(super) fn with_gallery(self, gallery: Gallery) -> Links {
        Links { gallery: Some(gallery), ..self }
    }

    /// The links.
    pub fn as_slice(&self) -> &[String] {
        &self.links
    }

    /// The offline gallery, if the links lead there.
    pub fn gallery(&self) -> Option<&Gallery> {
        self.gallery.as_ref()
    }
}

/// Distinct links that are read one by one, so that a file of a million is never in memory.
///
/// To recognize repetitions, it remembers 8 bytes of each link. If the links lead to the offline
/// gallery, it stays open as long as this lives.
pub struct LinkStream {
    links: Box<dyn Iterator<Item = Result<String, LinksError>> + Send>,
    count: Option<usize>,
    gallery: Option<Gallery>,
}

impl LinkStream {
    pub(super) fn new(
        links: impl Iterator<Item = Result<String, LinksError>> + Send + 'static,
        count: Option<usize>,
    ) -> LinkStream {
        LinkStream { links: Box::new(links), count, gallery: None }
    }

    /// How many links there are, including repetitions. None if that cannot be known in advance.
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
        LinkStream { gallery, ..LinkStream::new(links.into_iter().map(Ok), count) }
    }
}

// `Debug` shows no links, because there may be passwords in them.
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

/// The links seen so far, by their hashes. Among a million links, the chance that two have the same
/// hash is one in 37 million; then the later one is left out.
#[derive(Default)]
pub(super) struct Seen {
    hasher: RandomState,
    pub(super) hashes: HashSet<u64>,
}

impl Seen {
    pub(super) fn is_new(&mut self, link: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(link))
    }
}

/// The link in a line, unless the line is blank or a comment.
pub(super) fn link_in(line: &str) -> Option<String> {
    let line = trimmed(line);
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_tells_no_link() {
        let links = Links::new(["http://me:secret@host/".to_owned()]);
        let debug = format!("{links:?}") + &format!("{:?}", LinkStream::from(links));
        assert!(!debug.contains("secret"), "{debug}");
    }
}
