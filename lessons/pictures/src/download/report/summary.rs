//! The end of a run: a table with a row for each link, and the totals.

use std::fmt;
use std::process::ExitCode;

use hands::output;
use step::text::shown;

use super::super::entry::{Entry, LinkOutcome};
use super::file::ReportError;

/// The longest name that is shown in full, in characters.
const LONGEST_NAME: usize = 48;

/// All entries. Its `Display` is a table with the totals.
#[derive(Debug)]
pub struct Summary {
    /// One entry per link, in the order of the links; of a stream, the first hundred and the first
    /// hundred that failed, in the order of completion.
    pub entries: Vec<Entry>,
    /// How many links are not among them.
    pub(super) hidden: usize,
    pub(super) counts: Counts,
    pub(super) trouble: Option<ReportError>,
}

/// How many links ended in each way.
#[derive(Debug, Default)]
pub(super) struct Counts {
    links: [usize; 3],
    /// The size of all that was saved.
    bytes: u64,
}

impl Counts {
    pub(super) fn add(&mut self, entry: &Entry) {
        self.links[entry.outcome as usize] += 1;
        if entry.outcome == LinkOutcome::Saved {
            self.bytes += entry.bytes;
        }
    }

    pub(super) fn sum(&self) -> usize {
        self.links.iter().sum()
    }
}

impl Summary {
    /// How many links ended like this.
    pub fn count(&self, outcome: LinkOutcome) -> usize {
        self.counts.links[outcome as usize]
    }

    /// How many links have ended, in whatever way.
    pub fn ended(&self) -> usize {
        self.counts.sum()
    }

    /// Whether every link was saved or skipped, and the report was written.
    pub fn all_is_well(&self) -> bool {
        self.trouble.is_none() && self.count(LinkOutcome::Failed) == 0
    }

    /// 1 if a link failed or the report could not be written. Otherwise that of
    /// [`output::exit_code`]: 0, unless what was printed could not be written.
    pub fn exit_code(&self) -> ExitCode {
        if self.all_is_well() { output::exit_code() } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.entries.iter().map(name).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = longest.clamp(4, LONGEST_NAME);
        let [outcome, size, attempts, seconds] = ["outcome", "size", "attempts", "seconds"];
        writeln!(f, "{:width$}  {outcome:7}  {size:>9}  {attempts:>8}  {seconds:>7}", "name")?;
        for (entry, name) in self.entries.iter().zip(&names) {
            let Entry { outcome, attempts, seconds, .. } = entry;
            let size = match outcome {
                LinkOutcome::Failed => "-".to_owned(),
                _ => megabytes(entry.bytes),
            };
            writeln!(f, "{name:width$}  {outcome:7}  {size:>9}  {attempts:>8}  {seconds:>7.2}")?;
        }
        if self.hidden > 0 {
            writeln!(f, "… and {} more: --report FILE lists them all", self.hidden)?;
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
            self.count(LinkOutcome::Saved),
            self.count(LinkOutcome::Skipped),
            self.count(LinkOutcome::Failed),
            megabytes(self.counts.bytes)
        )
    }
}

/// The name of the file, or else the end of the link, in at most 48 characters.
fn name(entry: &Entry) -> String {
    let whole = match &entry.file {
        Some(file) => file.rsplit(['/', '\\']).next().unwrap_or(file),
        None => &entry.link,
    };
    let whole = shown(whole);
    match whole.chars().count() {
        0..=LONGEST_NAME => whole,
        long => format!("…{}", whole.chars().skip(long + 1 - LONGEST_NAME).collect::<String>()),
    }
}

/// A size as people read it, in megabytes of 1,000,000 bytes.
fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
