//! The same work done in several ways, one after the other, with the times side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use hands::pool::{Failure, Outcome, TaskError};
use hands::println;
use step::{Run, Ways};

use crate::download::{
    Client, Entry, Folder, FolderError, LinkOutcome, Links, Progress, Report, ReportError,
    Settings, Summary,
};
use crate::setup::Setup;

/// What one way of doing the work is given: the links, and where the results go.
#[derive(Debug)]
pub struct Round<'r> {
    /// Where the results go.
    pub dir: &'r Folder,
    /// What to download.
    pub links: &'r [String],
    /// Where to say what is happening.
    pub progress: Progress,
    client: &'r Client,
    report: Option<&'r Report>,
    saved: AtomicUsize,
    ended: AtomicUsize,
}

impl Round<'_> {
    /// Prints a line, above the progress bar if there is one.
    pub fn say(&self, text: impl AsRef<str>) {
        self.progress.line(text);
    }

    /// What a worker process must be told to do its part.
    pub fn settings(&self) -> Settings {
        Settings::new(self.client, self.dir)
    }

    /// Notes that a link is done, says so, and moves the progress bar on.
    pub fn done(&self, mut entry: Entry) {
        // The path of a file that won't be kept is of no interest.
        if self.report.is_none()
            && let Some(file) = &mut entry.file
        {
            *file = file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        }
        self.say(entry.to_string());
        self.ended.fetch_add(1, Ordering::Relaxed);
        if entry.outcome == LinkOutcome::Saved {
            self.saved.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(report) = self.report {
            report.add(entry);
        }
        self.progress.advance();
    }

    /// Notes what a pool has answered for one of the links. If there's no entry, because the worker
    /// process is gone, the link has failed. If it was cancelled before it began, it's left for the
    /// next run.
    pub fn answered(&self, answer: Outcome<Entry>) {
        match answer {
            Ok(entry) => self.done(entry),
            Err(TaskError { failure: Failure::Cancelled, .. }) => (),
            Err(TaskError { task, failure }) => {
                self.done(Entry::failed(&self.links[task], failure));
            }
        }
    }
}

impl Setup<Links> {
    /// Calls `work` once for each of the `ways`, and prints their times side by side if there are
    /// several.
    ///
    /// Every way downloads the same links: those that no earlier run has finished. The last way
    /// saves to the output folder and fills the report. What the others save is thrown away, so
    /// that none of them finds its work done already. If there are several ways, each is a section
    /// of the timeline.
    ///
    /// Once the run was [stopped](Setup::stop_at_ctrl_c), no further way begins. A link that `work`
    /// left undone then counts as left, not as failed.
    ///
    /// # Errors
    ///
    /// If the output folder or the report can't be written, or `work` fails.
    ///
    /// # Panics
    ///
    /// If there are no ways.
    pub fn compare<W, E>(
        &self,
        ways: &Ways<W>,
        mut work: impl FnMut(&W, &Round<'_>) -> Result<(), E>,
    ) -> Result<Summary, E>
    where
        W: ValueEnum,
        E: From<FolderError> + From<ReportError>,
    {
        let (last, others) = ways.ways().split_last().expect("there is at least one way");
        let (gallery, links) = (self.links.gallery(), self.links.as_slice());
        let dir = self.output.folder(gallery)?;
        let report = Report::new(links, self.output.report.as_deref())?;
        let is_left = |link: &&String| dir.kept(link).is_none();
        let to_do: Vec<String> = links.iter().filter(is_left).cloned().collect();
        let is_stopped = || self.client.token().is_cancelled();

        let mut rows = Vec::new();
        if !others.is_empty() && to_do.is_empty() {
            println!(
                "All {} pictures are in {} already: nothing to compare (--fresh does them all again)",
                links.len(),
                dir.path().display()
            );
        } else {
            for way in others.iter().take_while(|_| !is_stopped()) {
                let scratch = dir.scratch()?;
                let output = self.output.inside(scratch.path());
                let dir = output.folder(gallery)?;
                rows.extend(one_round(way, self.round(&dir, &to_do), Some(&self.run), &mut work)?);
            }
        }
        if !is_stopped() {
            let section = (!rows.is_empty()).then_some(&self.run);
            let round = Round { report: Some(&report), ..self.round(&dir, links) };
            rows.extend(one_round(last, round, section, &mut work)?);
        }

        if rows.len() > 1 {
            print_table(&rows);
        }
        Ok(if is_stopped() { report.finish_stopped() } else { report.finish() })
    }

    fn round<'r>(&'r self, dir: &'r Folder, links: &'r [String]) -> Round<'r> {
        let progress = Progress::below(&self.stages, links.len());
        let (saved, ended) = Default::default();
        Round { dir, links, progress, client: &self.client, report: None, saved, ended }
    }
}

struct Row {
    way: String,
    saved: usize,
    time: Duration,
}

/// No row comes of a round that was stopped before its end: its time says nothing.
fn one_round<W: ValueEnum, E>(
    way: &W,
    round: Round<'_>,
    section: Option<&Run>,
    work: &mut impl FnMut(&W, &Round<'_>) -> Result<(), E>,
) -> Result<Option<Row>, E> {
    let name = step::name(way);
    if let Some(run) = section {
        run.section(name.as_str());
        round.say(format!("{name}: {} pictures", round.links.len()));
    }
    let start = Instant::now();
    let result = work(way, &round);
    let time = start.elapsed();
    if let Some(run) = section {
        run.end_section();
    }
    round.progress.finish();
    result?;
    let was_stopped = round.client.token().is_cancelled();
    let is_whole = !was_stopped || round.ended.into_inner() == round.links.len();
    Ok(is_whole.then(|| Row { way: name, saved: round.saved.into_inner(), time }))
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
