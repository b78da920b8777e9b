//! The report: how every link ended, collected while the run goes on.

mod file;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::entry::{Entry, LinkOutcome};
use super::lock::lock;
use file::ReportFile;
use summary::Counts;

pub use file::{REPORT, ReportError};
pub use summary::Summary;

/// How many entries a report on a stream keeps for its table, and how many failed ones.
const ROWS: usize = 100;

/// Collects entries as links end, and keeps the JSON file up to date.
///
/// Threads can share it by reference. The file is a whole JSON array after each entry, in the order
/// of completion; [`finish`](Report::finish) brings it into the order of the links, if they are
/// known. If it isn't a file but a stream, such as a pipe, it stays in the order of completion, and
/// the array is closed at the end.
#[derive(Debug)]
pub struct Report {
    /// None if they come as a stream.
    links: Option<Vec<String>>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    /// Where in `entries` the entry of each link is.
    index: HashMap<String, usize>,
    /// Those that are only in the file.
    hidden: Counts,
    /// How many of `entries` failed.
    failed_rows: usize,
    file: Option<ReportFile>,
    /// The first error from writing the file, to be reported at the end.
    trouble: Option<ReportError>,
}

impl Report {
    /// A report on `links`, written as JSON to `path`, if there is one.
    ///
    /// # Errors
    /// If the file cannot be written, or is something other than an earlier report. It is created
    /// right away: it is better to know before the work than after it.
    pub fn new(links: &[String], path: Option<&Path>) -> Result<Report, ReportError> {
        Report::create(Some(links.to_vec()), path)
    }

    /// A report on links that come one by one, however many. For its table it keeps the first
    /// hundred entries and the first hundred that failed; the file has all of them, in the order of
    /// completion.
    ///
    /// ```
    /// use pictures::download::{Entry, LinkOutcome, Report};
    ///
    /// let report = Report::for_stream(None)?;
    /// for n in 0..1000 {
    ///     report.add(Entry::failed(&format!("http://host/{n}.png"), "no such host"));
    /// }
    /// let summary = report.finish();
    /// assert_eq!(summary.count(LinkOutcome::Failed), 1000);
    /// assert_eq!(summary.entries.len(), 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Report::new).
    pub fn for_stream(path: Option<&Path>) -> Result<Report, ReportError> {
        Report::create(None, path)
    }

    fn create(links: Option<Vec<String>>, path: Option<&Path>) -> Result<Report, ReportError> {
        let file = path.map(ReportFile::create).transpose()?;
        Ok(Report { links, inner: Mutex::new(Inner { file, ..Inner::default() }) })
    }

    /// Adds the entry of a link that has ended. If the links are known, a second entry for one of
    /// them replaces the first.
    pub fn add(&self, entry: Entry) {
        let mut inner = lock(&self.inner);
        let written = if self.links.is_some() { inner.put(entry) } else { inner.keep_some(entry) };
        if let Err(trouble) = written {
            inner.trouble.get_or_insert(trouble);
        }
    }

    /// Brings the entries into the order of the links, in the file, too. A link without an entry
    /// has failed, because its worker never came back. If the links came as a stream, the order is
    /// that of completion, and a link without an entry was never begun.
    pub fn finish(mut self) -> Summary {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let added = self.links.as_ref().map_or(Ok(()), |links| inner.add_missing(links));
        if let Err(trouble) = added {
            inner.trouble.get_or_insert(trouble);
        }
        self.finish_stopped()
    }

    /// As [`finish`](Report::finish), for a run that was stopped: a link without an entry was never
    /// begun, and gets none.
    pub fn finish_stopped(self) -> Summary {
        let mut inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(links) = &self.links {
            inner.sort(links);
        }
        let Inner { entries, hidden: mut counts, file, trouble, .. } = inner;
        let sorted = self.links.map(|_| &entries[..]);
        let written = file.map_or(Ok(()), |mut file| file.finish(sorted));
        let hidden = counts.sum();
        entries.iter().for_each(|entry| counts.add(entry));
        Summary { entries, hidden, counts, trouble: trouble.or(written.err()) }
    }
}

impl Inner {
    fn put(&mut self, entry: Entry) -> Result<(), ReportError> {
        match self.index.get(&entry.link) {
            Some(&at) => {
                self.entries[at] = entry;
                self.file.as_mut().map_or(Ok(()), |file| file.replace(&self.entries, at))
            }
            None => {
                let written = self.file.as_mut().map_or(Ok(()), |file| file.append(&entry));
                self.index.insert(entry.link.clone(), self.entries.len());
                self.entries.push(entry);
                written
            }
        }
    }

    /// Writes the entry to the file, and keeps it as well if there is room in the table.
    fn keep_some(&mut self, entry: Entry) -> Result<(), ReportError> {
        let written = self.file.as_mut().map_or(Ok(()), |file| file.append(&entry));
        let failed = entry.outcome == LinkOutcome::Failed;
        let rows = if failed { self.failed_rows } else { self.entries.len() - self.failed_rows };
        if rows == ROWS {
            self.hidden.add(&entry);
        } else {
            self.failed_rows += usize::from(failed);
            self.entries.push(entry);
        }
        written
    }

    /// Adds the entries that are missing.
    fn add_missing(&mut self, links: &[String]) -> Result<(), ReportError> {
        let mut written = Ok(());
        for link in links {
            if !self.index.contains_key(link) {
                let lost = Entry::failed(link, "it was never finished: run again");
                written = written.and(self.put(lost));
            }
        }
        written
    }

    /// Brings the entries into the order of the links.
    fn sort(&mut self, links: &[String]) {
        let place: HashMap<&str, usize> =
            links.iter().enumerate().map(|(place, link)| (link.as_str(), place)).collect();
        self.entries.sort_by_key(|entry| place.get(entry.link.as_str()).copied());
    }
}
