//! What became of each link: a line in a table, an entry in a JSON file.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use hands::output;
use serde::{Deserialize, Serialize};
use step::files::Kind;
use step::text::{masked, shown};

use super::fault::Failure;
use super::folder::Saved;
use super::gate::lock;

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is a new file.
    Saved,
    /// An earlier run had saved it, and the file is still as it was.
    Skipped,
    /// There is no file; the entry says why.
    Failed,
}

/// What became of one link.
///
/// Its JSON has these keys, in this order: that is the format of `--report`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The link, as written in its source. In a report, its password is masked: `http://me:***@host/`.
    pub link: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The file's path: the output folder as it was given, and the name. None if the link failed.
    pub file: Option<String>,
    /// What happened and what to do. None unless the link failed.
    pub reason: Option<String>,
    /// The size of the file, in bytes; 0 if the link failed.
    pub bytes: u64,
    /// How many times the server was asked; 0 for what was skipped.
    pub attempts: u32,
    /// From first look to last, in seconds.
    pub seconds: f64,
}

impl Entry {
    /// An entry for a link that failed before anything was asked. The reason is made fit to be shown.
    ///
    /// ```
    /// use pictures::download::{Entry, Outcome};
    ///
    /// let entry = Entry::failed("http://host/a.png", "its worker was killed: run again");
    /// assert_eq!(entry.outcome, Outcome::Failed);
    /// ```
    pub fn failed(link: &str, reason: impl fmt::Display) -> Entry {
        Entry {
            link: link.to_owned(),
            outcome: Outcome::Failed,
            file: None,
            reason: Some(shown(&reason.to_string())),
            bytes: 0,
            attempts: 0,
            seconds: 0.0,
        }
    }
}

impl fmt::Debug for Entry {
    /// As JSON, in a report's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::from_utf8_lossy(&line(self, true)).trim())
    }
}

impl fmt::Display for Entry {
    /// What is said when a link is done. Why it failed is said in the report at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.outcome, &self.file) {
            (Outcome::Saved, Some(file)) => write!(f, "Saved {file}"),
            (Outcome::Skipped, Some(file)) => write!(f, "Skipped {file}: it is there"),
            _ => write!(f, "Failed {}", shown(&self.link)),
        }
    }
}

/// A link on its way to its [`Entry`], from first look to last.
///
/// ```
/// use pictures::download::{Failure, Outcome, Visit};
///
/// let visit = Visit::begin("http://host/a.png");
/// let entry = visit.failed(Failure::new("the picture is upside down"));
/// assert_eq!((entry.link, entry.outcome), (visit.link, Outcome::Failed));
/// ```
pub struct Visit {
    /// Where it leads.
    pub link: String,
    start: Instant,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("link", &masked(&self.link)).finish_non_exhaustive()
    }
}

impl Visit {
    /// The first look.
    pub fn begin(link: impl Into<String>) -> Visit {
        Visit::since(link, Instant::now())
    }

    /// The first look was then: at a link that somebody else has worked on meanwhile.
    pub fn since(link: impl Into<String>, start: Instant) -> Visit {
        Visit { link: link.into(), start }
    }

    /// There is a new file, and so often the server was asked for it.
    pub fn saved(&self, saved: Saved, attempts: u32) -> Entry {
        self.with_file(Outcome::Saved, saved, attempts)
    }

    /// An earlier run had saved it.
    pub fn skipped(&self, kept: Saved) -> Entry {
        self.with_file(Outcome::Skipped, kept, 0)
    }

    /// There is no file, and this is why.
    pub fn failed(&self, failure: impl Into<Failure>) -> Entry {
        let Failure { reason, attempts } = failure.into();
        let seconds = self.start.elapsed().as_secs_f64();
        Entry { attempts, seconds, ..Entry::failed(&self.link, reason) }
    }

    fn with_file(&self, outcome: Outcome, file: Saved, attempts: u32) -> Entry {
        Entry {
            link: self.link.clone(),
            outcome,
            file: Some(file.path.display().to_string()),
            reason: None,
            bytes: file.bytes,
            attempts,
            seconds: self.start.elapsed().as_secs_f64(),
        }
    }
}

/// Collects entries as they finish, and keeps the JSON file up to date.
///
/// It can be shared by reference among threads. The file is a whole JSON array after each entry,
/// in the order of completion; [`finish`](Report::finish) brings it into the order of the links, if
/// they are known. What is no file but a stream, such as a pipe, gets the entries in the order of completion, and the
/// end of the array at the end.
#[derive(Debug)]
pub struct Report {
    /// None if they come as a stream.
    links: Option<Vec<String>>,
    inner: Mutex<Inner>,
}

/// How many entries, and how many failed ones, the report on a stream has rows for.
const ROWS: usize = 100;

#[derive(Debug)]
struct Inner {
    entries: Vec<Entry>,
    /// Where in `entries` a link's entry is.
    index: HashMap<String, usize>,
    /// Of the entries that are in the file alone.
    beyond: Counts,
    /// Of the entries that are here.
    failed_rows: usize,
    file: Option<ReportFile>,
    /// The first error of writing the file: kept, and told at the end.
    trouble: Option<ReportError>,
}

/// The report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report {}: {why}; give another --report FILE", path.display())]
pub struct ReportError {
    path: PathBuf,
    why: io::Error,
}

impl Report {
    /// A report on `links`, written to `path` as JSON if there is one.
    ///
    /// # Errors
    /// If the file cannot be written, or is something else than an earlier report. It is tried at once: better now
    /// than after the work.
    pub fn new(links: &[String], path: Option<&Path>) -> Result<Report, ReportError> {
        Report::with(Some(links.to_vec()), path)
    }

    /// A report on links that come one after the other, however many: it keeps the first hundred and
    /// the first hundred that failed for its table. The file has all of them, in the order of
    /// completion.
    ///
    /// ```
    /// use pictures::download::{Entry, Outcome, Report};
    ///
    /// let report = Report::of_stream(None)?;
    /// for n in 0..1000 {
    ///     report.add(Entry::failed(&format!("http://host/{n}.png"), "no such host"));
    /// }
    /// let summary = report.finish();
    /// assert_eq!(summary.count(Outcome::Failed), 1000);
    /// assert_eq!(summary.entries.len(), 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Report::new).
    pub fn of_stream(path: Option<&Path>) -> Result<Report, ReportError> {
        Report::with(None, path)
    }

    fn with(links: Option<Vec<String>>, path: Option<&Path>) -> Result<Report, ReportError> {
        let inner = Inner {
            entries: Vec::new(),
            index: HashMap::new(),
            beyond: Counts::default(),
            failed_rows: 0,
            file: path.map(ReportFile::create).transpose()?,
            trouble: None,
        };
        Ok(Report { links, inner: Mutex::new(inner) })
    }

    /// Takes the entry of a link that is done. A second entry for a link replaces its first, where
    /// the links are known.
    pub fn add(&self, entry: Entry) {
        let mut inner = lock(&self.inner);
        let inner = &mut *inner;
        let written = match inner.index.get(&entry.link) {
            Some(&at) => {
                inner.entries[at] = entry;
                let entry = &inner.entries[at];
                inner.file.as_mut().map(|file| match file.is_stream {
                    true => file.append(entry),
                    false => file.rewrite(inner.entries.iter()),
                })
            }
            None => {
                let written = inner.file.as_mut().map(|file| file.append(&entry));
                match &self.links {
                    Some(_) => {
                        inner.index.insert(entry.link.clone(), inner.entries.len());
                        inner.entries.push(entry);
                    }
                    None => inner.keep_some(entry),
                }
                written
            }
        };
        if let Some(Err(trouble)) = written {
            inner.trouble.get_or_insert(trouble);
        }
    }

    /// The entries in the links' order, also in the file. A link without an entry has failed: its
    /// worker never came back. Where the links came as a stream, the order is that of completion,
    /// and what has no entry was not begun.
    pub fn finish(self) -> Summary {
        let Report { links, inner } = self;
        let inner = inner.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Inner { mut entries, index, beyond, mut file, trouble, .. } = inner;
        if let Some(links) = &links {
            let lost = links.iter().filter(|link| !index.contains_key(*link));
            entries
                .extend(lost.map(|link| Entry::failed(link, "it was never finished: run again")));
            let place: HashMap<&str, usize> =
                links.iter().enumerate().map(|(place, link)| (link.as_str(), place)).collect();
            entries.sort_by_key(|entry| place.get(entry.link.as_str()).copied());
        }
        let written = match &mut file {
            Some(file) if file.is_stream => {
                let lost = entries.iter().filter(|_| links.is_some());
                let lost = lost.filter(|entry| !index.contains_key(&entry.link));
                file.finish(lost)
            }
            Some(file) if links.is_some() => file.rewrite(entries.iter()),
            _ => Ok(()),
        };
        Summary { entries, beyond, trouble: trouble.or(written.err()) }
    }
}

impl Inner {
    fn keep_some(&mut self, entry: Entry) {
        let failed = entry.outcome == Outcome::Failed;
        let rows = if failed { self.failed_rows } else { self.entries.len() - self.failed_rows };
        if rows == ROWS {
            return self.beyond.add(&entry);
        }
        self.failed_rows += usize::from(failed);
        self.entries.push(entry);
    }
}

/// How many entries of each outcome.
#[derive(Debug, Default)]
struct Counts {
    saved: usize,
    skipped: usize,
    failed: usize,
    /// Of the saved ones.
    bytes: u64,
}

impl Counts {
    fn add(&mut self, entry: &Entry) {
        match entry.outcome {
            Outcome::Saved => {
                self.saved += 1;
                self.bytes += entry.bytes;
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    fn of(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Saved => self.saved,
            Outcome::Skipped => self.skipped,
            Outcome::Failed => self.failed,
        }
    }
}

/// How an earlier report is known: by the first keys of its first entry.
pub const REPORT: Kind = Kind {
    name: "report",
    begins: |head| {
        let text: Vec<u8> =
            head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let has_outcome = || text.windows(OUTCOME.len()).any(|part| part == OUTCOME);
        text == b"[]"
            || (text.starts_with(br#"[{"link":"#) && (head.len() == 4096 || has_outcome()))
    },
};

const OUTCOME: &[u8] = br#""outcome":"#;

/// The JSON array on disk, or on its way to somebody.
#[derive(Debug)]
struct ReportFile {
    path: PathBuf,
    file: File,
    /// A pipe, for instance: what was written there cannot be written over.
    is_stream: bool,
    /// A write has failed.
    is_broken: bool,
    /// Where the closing bracket is, or would be: it is written over by the next entry.
    end: u64,
}

const OPEN: &[u8] = b"[";
const CLOSE: &[u8] = b"\n]\n";

impl ReportFile {
    fn create(path: &Path) -> Result<Self, ReportError> {
        let create = || {
            REPORT.may_replace(path)?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            OpenOptions::new().write(true).create(true).truncate(true).open(path)
        };
        let file = create().map_err(|why| ReportError { path: path.to_owned(), why })?;
        ReportFile::begin(path.to_owned(), file)
    }

    fn begin(path: PathBuf, file: File) -> Result<Self, ReportError> {
        let is_stream = !file.metadata().is_ok_and(|found| found.is_file());
        let mut report = ReportFile { path, file, is_stream, is_broken: false, end: 0 };
        report.write_at(0, OPEN)?;
        report.end = OPEN.len() as u64;
        Ok(report)
    }

    /// Writes `entry` over the closing bracket, and the bracket again, in one write: before and
    /// after it the file is a whole JSON array.
    fn append(&mut self, entry: &Entry) -> Result<(), ReportError> {
        let text = line(entry, self.end == OPEN.len() as u64);
        self.write_at(self.end, &text)?;
        self.end += text.len() as u64;
        Ok(())
    }

    fn rewrite<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>) -> Result<(), ReportError> {
        let mut text = OPEN.to_vec();
        for (n, entry) in entries.enumerate() {
            text.extend(line(entry, n == 0));
        }
        self.write_at(0, &text)?;
        self.end = text.len() as u64;
        let whole = self.end + CLOSE.len() as u64;
        self.file.set_len(whole).map_err(|why| ReportError { path: self.path.clone(), why })
    }

    /// The last entries of a stream, and the end of its array.
    fn finish<'e>(&mut self, mut last: impl Iterator<Item = &'e Entry>) -> Result<(), ReportError> {
        last.try_for_each(|entry| self.append(entry))?;
        self.write_at(self.end, CLOSE)
    }

    /// Writes this, and to a file the end of the array after it.
    fn write_at(&mut self, at: u64, text: &[u8]) -> Result<(), ReportError> {
        let written = match self.is_stream {
            true if self.is_broken => return Ok(()), // after a gap, the rest would make no sense
            true => self.file.write_all(text),
            false => {
                let whole = [text, CLOSE].concat();
                self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(&whole))
            }
        };
        self.is_broken |= written.is_err();
        written.map_err(|why| ReportError { path: self.path.clone(), why })
    }
}

/// An entry on a line of its own, after a comma unless it is the first.
fn line(entry: &Entry, first: bool) -> Vec<u8> {
    let mut text = if first { b"\n  ".to_vec() } else { b",\n  ".to_vec() };
    let entry = Entry { link: masked(&entry.link), ..entry.clone() };
    serde_json::to_writer(&mut text, &entry).expect("an entry is plain text and numbers");
    text
}

/// All entries, in the links' order. Its `Display` is a table with the totals.
#[derive(Debug)]
pub struct Summary {
    /// One entry per link, in the links' order; or the first of a stream, in the order of completion.
    pub entries: Vec<Entry>,
    /// Of the entries that are not among them.
    beyond: Counts,
    trouble: Option<ReportError>,
}

impl Summary {
    /// How many links ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        let here = self.entries.iter().filter(|entry| entry.outcome == outcome).count();
        here + self.beyond.of(outcome)
    }

    /// The size of all that was saved in this run, in bytes.
    pub fn bytes_saved(&self) -> u64 {
        let saved = self.entries.iter().filter(|e| e.outcome == Outcome::Saved);
        saved.map(|entry| entry.bytes).sum::<u64>() + self.beyond.bytes
    }

    /// Whether each link was saved or skipped, and the report written.
    pub fn all_is_well(&self) -> bool {
        self.trouble.is_none() && self.count(Outcome::Failed) == 0
    }

    /// 0 if no link failed, and the report and all that was printed could be written; [`READER_GONE`](output::READER_GONE)
    /// if all is well, but nobody read what was printed; else 1.
    pub fn exit_code(&self) -> ExitCode {
        match self.all_is_well() {
            true => output::exit_code(),
            false => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.entries.iter().map(shown_name).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(4, 48);
        writeln!(
            f,
            "{:width$}  {:7}  {:>9}  {:>8}  {:>7}",
            "name", "outcome", "size", "attempts", "seconds"
        )?;
        for (entry, name) in self.entries.iter().zip(&names) {
            let size = match entry.outcome {
                Outcome::Failed => "-".to_owned(),
                _ => megabytes(entry.bytes),
            };
            writeln!(
                f,
                "{name:width$}  {:7}  {size:>9}  {:>8}  {:>7.2}",
                word(entry.outcome),
                entry.attempts,
                entry.seconds
            )?;
        }
        let Counts { saved, skipped, failed, .. } = self.beyond;
        if saved + skipped + failed > 0 {
            writeln!(f, "… and {} more: --report FILE tells each", saved + skipped + failed)?;
        }
        for entry in &self.entries {
            if let Some(reason) = &entry.reason {
                writeln!(f, "failed: {}: {}", shown(&entry.link), shown(reason))?;
            }
        }
        if let Some(trouble) = &self.trouble {
            writeln!(f, "{trouble}")?;
        }
        write!(
            f,
            "{} saved, {} skipped, {} failed; {}",
            self.count(Outcome::Saved),
            self.count(Outcome::Skipped),
            self.count(Outcome::Failed),
            megabytes(self.bytes_saved())
        )
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Saved => "saved",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
    }
}

/// The file's name, or the end of the link, at most 48 characters.
fn shown_name(entry: &Entry) -> String {
    let whole = match &entry.file {
        Some(file) => file.rsplit(['/', '\\']).next().unwrap_or(file),
        None => &entry.link,
    };
    let whole = shown(whole);
    match whole.chars().count() {
        0..=48 => whole,
        long => format!("…{}", whole.chars().skip(long - 47).collect::<String>()),
    }
}

/// A size as people read it: megabytes of 1,000,000 bytes.
fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn saved(link: &str, bytes: u64) -> Entry {
        Entry {
            link: link.to_owned(),
            outcome: Outcome::Saved,
            file: Some(format!("images/{link}.png")),
            reason: None,
            bytes,
            attempts: 1,
            seconds: 0.25,
        }
    }

    fn links(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn read(path: &Path) -> Vec<Entry> {
        serde_json::from_slice(&fs::read(path).unwrap()).expect("a whole JSON array of entries")
    }

    #[test]
    fn the_file_is_whole_json_after_each_entry_and_ends_in_the_links_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/report.json");
        let report = Report::new(&links(&["a", "b", "c"]), Some(&path)).unwrap();
        assert_eq!(read(&path), []);
        report.add(saved("c", 3));
        assert_eq!(read(&path).len(), 1);
        report.add(Entry::failed("a", "said \"no\"\nand left"));
        let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
        assert_eq!(order, ["c", "a"]);

        let summary = report.finish();
        let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
        assert_eq!(order, ["a", "b", "c"]);
        assert_eq!(read(&path), summary.entries);
        assert_eq!(summary.count(Outcome::Failed), 2, "b was never finished");
        assert_eq!(summary.exit_code(), ExitCode::from(1));
    }

    #[test]
    fn the_json_has_exactly_the_promised_keys() {
        let json = serde_json::to_string(&saved("a", 7)).unwrap();
        assert_eq!(
            json,
            r#"{"link":"a","outcome":"saved","file":"images/a.png","reason":null,"bytes":7,"attempts":1,"seconds":0.25}"#
        );
    }

    #[test]
    fn many_threads_report_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let all: Vec<String> = (0..400).map(|n| format!("link{n}")).collect();
        let report = Report::new(&all, Some(&path)).unwrap();
        thread::scope(|s| {
            for part in all.chunks(50) {
                let report = &report;
                s.spawn(move || part.iter().for_each(|link| report.add(saved(link, 10))));
            }
        });
        assert_eq!(read(&path).len(), 400);
        let summary = report.finish();
        assert!(summary.all_is_well());
        let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
        assert_eq!(order, all);
    }

    #[test]
    fn a_second_entry_replaces_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let report = Report::new(&links(&["a", "b"]), Some(&path)).unwrap();
        report.add(Entry::failed("a", "a long reason that takes much room in the file"));
        report.add(saved("a", 1));
        report.add(saved("b", 2));
        assert_eq!(read(&path), [saved("a", 1), saved("b", 2)]);
        assert!(report.finish().all_is_well());
    }

    #[test]
    fn the_table_tells_each_link_and_the_totals() {
        let report = Report::new(&links(&["a", "b"]), None).unwrap();
        report.add(saved("a", 34_100_000));
        report.add(Entry::failed("b\u{1b}[2J", "no such file on the server"));
        let mut summary = report.finish();
        summary.entries.retain(|entry| entry.link != "b");
        let table = summary.to_string();
        assert!(table.contains("a.png  saved      34.1 MB         1     0.25"), "{table}");
        assert!(table.contains("failed: b\u{fffd}[2J: no such file"), "{table}");
        assert!(table.ends_with("1 saved, 0 skipped, 1 failed; 34.1 MB"), "{table}");
    }

    #[test]
    fn only_an_earlier_report_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let begin = || Report::new(&links(&["a"]), Some(&path));
        drop(begin().unwrap()); // as a killed run leaves it
        begin().unwrap().add(saved("a", 1));
        let whole = fs::read(&path).unwrap();
        let long = Entry::failed(&"a".repeat(10_000), "too long");
        begin().unwrap().add(long);
        assert!(begin().unwrap().finish().count(Outcome::Failed) == 1);
        for ours in
            [&whole[..], &whole[..whole.len() - 3], b"[{\"link\": 1,\n \"outcome\": 2}]", b""]
        {
            fs::write(&path, ours).unwrap();
            drop(begin().unwrap());
        }
        for other in
            ["[1]", "[{\"link\":\"http://host/a.png\"}]", "http://host/a.png\n", "\n", "{}"]
        {
            fs::write(&path, other).unwrap();
            let error = begin().unwrap_err().to_string();
            assert!(error.contains("is not a report, so it is left alone"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), other);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_stream_gets_a_whole_array_too() {
        use std::os::unix::net::UnixStream;
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let file = std::os::fd::OwnedFd::from(ours).into();
        let mut report = Report::new(&links(&["a", "b", "c"]), None).unwrap();
        report.inner.get_mut().unwrap().file =
            Some(ReportFile::begin("pipe".into(), file).unwrap());
        report.add(saved("c", 3));
        report.add(saved("a", 1));
        let summary = report.finish();
        assert_eq!(summary.entries.len(), 3);
        let mut text = String::new();
        io::Read::read_to_string(&mut theirs, &mut text).unwrap();
        let read: Vec<Entry> = serde_json::from_str(&text).expect("a whole array");
        let order: Vec<_> = read.iter().map(|entry| &*entry.link).collect();
        assert_eq!(order, ["c", "a", "b"], "in the order of completion; b was never finished");
    }

    #[test]
    fn a_report_that_cannot_be_written_is_said_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let error = Report::new(&[], Some(dir.path())).unwrap_err().to_string();
        assert!(error.contains(&dir.path().display().to_string()), "{error}");
        assert!(error.contains("--report"), "{error}");
    }
}
