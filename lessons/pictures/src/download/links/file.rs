//! The links in a text file, one a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::distinct::{LinkStream, Links, Seen, link_in};
use super::error::{LONGEST_LINE, LinksError};

/// The links in a file: one a line, with white space around it ignored. Blank lines and lines that
/// begin with `#` are skipped. `-` is the standard input.
///
/// A line that isn't an http(s) link is kept: it ends as a failed entry, and the others are
/// downloaded.
///
/// ```
/// use pictures::download::links;
///
/// let dir = tempfile::tempdir()?;
/// let file = dir.path().join("links.txt");
/// std::fs::write(&file, "# cats\nhttp://host/a.png\n\nhttp://host/b.png\nhttp://host/a.png\n")?;
/// let links = links::from_file(&file)?;
/// assert_eq!(links.as_slice(), ["http://host/a.png", "http://host/b.png"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is not UTF-8, has a line of more than 64 MB, or has no link in it.
pub fn from_file(path: &Path) -> Result<Links, LinksError> {
    let links: Vec<String> = Lines::open(path)?.collect::<Result<_, _>>()?;
    Ok(Links::new(links))
}

/// As [`from_file`], but each link is read only when it is asked for.
///
/// ```
/// use pictures::download::links;
///
/// let dir = tempfile::tempdir()?;
/// let file = dir.path().join("links.txt");
/// std::fs::write(&file, "http://host/a.png\nhttp://host/b.png\n")?;
/// let mut links = links::stream_file(&file)?;
/// assert_eq!(links.count_hint(), Some(2));
/// assert_eq!(links.next().transpose()?.as_deref(), Some("http://host/a.png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read. If it turns out later not to be UTF-8, or to have no link in it, the
/// error is the last item.
pub fn stream_file(path: &Path) -> Result<LinkStream, LinksError> {
    let unreadable = |why| LinksError::Unreadable(path.to_owned(), why);
    let count = path.is_file().then(|| count_in(path)).transpose().map_err(unreadable)?;
    let mut lines = Lines::open(path)?;
    lines.seen.hashes.reserve(count.unwrap_or(0));
    Ok(LinkStream::new(lines, count))
}

/// How many lines of the file are neither blank nor comments.
fn count_in(path: &Path) -> io::Result<usize> {
    let mut text = BufReader::new(File::open(path)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        count += usize::from(str::from_utf8(&line).is_ok_and(|line| link_in(line).is_some()));
        line.clear();
    }
    Ok(count)
}

/// The distinct links in a text. Ends after the first error.
struct Lines {
    path: PathBuf,
    text: Option<Box<dyn BufRead + Send>>,
    seen: Seen,
}

impl Lines {
    fn open(path: &Path) -> Result<Lines, LinksError> {
        let unreadable = |why| LinksError::Unreadable(path.to_owned(), why);
        let text: Box<dyn BufRead + Send> = if path.as_os_str() == "-" {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
        };
        Ok(Lines { path: path.to_owned(), text: Some(text), seen: Seen::default() })
    }

    fn read(&mut self) -> Result<Option<String>, LinksError> {
        let Some(text) = &mut self.text else { return Ok(None) };
        let path = || self.path.clone();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = text.take(LONGEST_LINE).read_until(b'\n', &mut line);
            let length = read.map_err(|why| LinksError::Unreadable(path(), why))?;
            if length == 0 {
                self.text = None;
                let is_empty = self.seen.hashes.is_empty();
                return if is_empty { Err(LinksError::Empty(path())) } else { Ok(None) };
            }
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
        // There is no other link, and looking for one would never end.
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
    fn an_error_names_what_is_not_a_list() {
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
        let stream = stream_file(&file).unwrap();
        assert_eq!(stream.count_hint(), Some(3), "with its repetitions");
        assert_eq!(stream.map(Result::unwrap).collect::<Vec<_>>(), ["a", "c"]);
        assert!(stream_file(&folder.path().join("missing")).is_err());
    }
}
