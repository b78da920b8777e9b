//! The same work in several ways, one after the other, with the times side by side.

use std::fmt::Display;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hands::println;
use hands::timeline::Timeline;

use crate::args::Output;
use crate::download::{
    Entry, Folder, FolderError, LinkOutcome, Links, Progress, Report, ReportError, Summary,
};

/// One way of doing the work: what is to be done, and where to.
#[derive(Debug)]
pub struct Round<'r> {
    /// Where the results go.
    pub dir: &'r Folder,
    /// What is to be downloaded.
    pub links: &'r [String],
    /// Where to say what happens.
    pub progress: Progress,
    report: Option<&'r Report>,
    saved: AtomicUsize,
}

impl Round<'_> {
    /// Prints a line, above the progress bar if there is one.
    pub fn say(&self, text: impl AsRef<str>) {
        self.progress.line(text);
    }

    /// Notes that a link is done, says so, and moves the progress bar on.
    pub fn done(&self, mut entry: Entry) {
        // A file that will not be kept has no path worth telling.
        if self.report.is_none()
            && let Some(file) = &mut entry.file
        {
            *file = file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        }
        self.say(entry.to_string());
        if entry.outcome == LinkOutcome::Saved {
            self.saved.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(report) = self.report {
            report.add(entry);
        }
        self.progress.advance();
    }
}

/// The work cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// There is no room for what is only downloaded to be compared.
    #[error("cannot make a folder for the pictures that are only compared: {0}")]
    Scratch(io::Error),
}

/// Calls `run` once for each of the `ways`, and prints their times side by side if there are several.
///
/// Every way downloads the same links: those that no earlier run has finished. The last way saves to
/// the output folder and fills the report; what the others save is thrown away, so that none of them
/// finds its work done. Each way is a section of the timeline if there are several.
///
/// # Errors
///
/// If the output folder or the report cannot be written, or `run` fails.
///
/// # Panics
///
/// If there are no ways.
pub fn compare<W, E>(
    ways: &[W],
    output: &Output,
    links: &Links,
    timeline: &Timeline,
    mut run: impl FnMut(&W, &Round<'_>) -> Result<(), E>,
) -> Result<Summary, E>
where
    W: Display,
    E: From<CompareError>,
{
    let (last, others) = ways.split_last().expect("there is at least one way");
    let (gallery, links) = (links.gallery(), links.as_slice());
    let dir = output.folder(gallery).map_err(CompareError::from)?;
    let report = output.report(links).map_err(CompareError::from)?;

    let to_do: Vec<String> =
        links.iter().filter(|link| dir.kept(link).is_none()).cloned().collect();
    let mut rows = Vec::new();
    if !others.is_empty() && to_do.is_empty() {
        println!(
            "All {} pictures are in {} already: nothing to compare (--fresh does all anew)",
            links.len(),
            dir.path().display()
        );
    } else {
        for way in others {
            let scratch = dir.scratch().map_err(CompareError::Scratch)?;
            let dir = output.inside(scratch.path()).folder(gallery).map_err(CompareError::from)?;
            rows.push(one_round(way, Some(timeline), &dir, &to_do, None, &mut run)?);
        }
    }
    let section = (!rows.is_empty()).then_some(timeline);
    rows.push(one_round(last, section, &dir, links, Some(&report), &mut run)?);

    if rows.len() > 1 {
        print_table(&rows);
    }
    Ok(report.finish())
}

struct Row {
    way: String,
    saved: usize,
    time: Duration,
}

fn one_round<W: Display, E>(
    way: &W,
    section: Option<&Timeline>,
    dir: &Folder,
    links: &[String],
    report: Option<&Report>,
    run: &mut impl FnMut(&W, &Round<'_>) -> Result<(), E>,
) -> Result<Row, E> {
    let progress = Progress::new(links.len());
    let round = Round { dir, links, progress, report, saved: AtomicUsize::new(0) };
    if let Some(timeline) = section {
        timeline.section(way.to_string());
        round.say(format!("{way}: {} pictures", links.len()));
    }
    let start = Instant::now();
    let result = run(way, &round);
    let time = start.elapsed();
    if let Some(timeline) = section {
        timeline.end_section();
    }
    round.progress.finish();
    result.map(|()| Row { way: way.to_string(), saved: round.saved.into_inner(), time })
}

fn print_table(rows: &[Row]) {
    let width = rows.iter().map(|row| row.way.len()).max().unwrap_or(0);
    println!("\n{:width$}  {:>8}  {:>8}  {:>8}", "using", "pictures", "seconds", "speed-up");
    for Row { way, saved, time } in rows {
        let speed_up = rows[0].time.as_secs_f64() / time.as_secs_f64().max(1e-9);
        println!("{way:width$}  {saved:>8}  {:>8.2}  {speed_up:>6.2} ×", time.as_secs_f64());
    }
    println!();
}
