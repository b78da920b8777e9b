//! What the steps 08 to 10 do before their idea, and after it.

use std::io;
use std::process::ExitCode;

use hands::println;
use step::Run;

use crate::args::{Downloads, Output, Processing, advise_release};
use crate::download::{
    Client, Folder, FolderError, LinkSource, LinkStream, Links, LinksError, Report, ReportError,
    Summary, get_links, stream_links,
};

/// A step that is ready to begin: its files are checked, its links are there, and its [`Run`] has
/// started.
#[derive(Debug)]
pub struct Setup<L> {
    /// Downloads what the links lead to.
    pub client: Client,
    /// What to download.
    pub links: L,
    pub(crate) output: Output,
    pub(crate) run: Run,
}

impl Downloads {
    /// Prepares the step with this name, for this many workers that download at the same time.
    ///
    /// Ends the program with exit code 2 if one of the files that were named would destroy another.
    ///
    /// # Errors
    ///
    /// If the source of the links can't be used: the error says what to do.
    pub fn set_up(self, step: &'static str, workers: usize) -> Result<Setup<Links>, LinksError> {
        self.check_or_exit(step);
        self.begin(step, workers, get_links)
    }

    fn begin<L>(
        self,
        step: &'static str,
        workers: usize,
        links: impl FnOnce(&Client, LinkSource) -> Result<L, LinksError>,
    ) -> Result<Setup<L>, LinksError> {
        let client = self.limits.client(workers);
        let links = links(&client, LinkSource::from(&self.source))?;
        Ok(Setup { client, links, output: self.output, run: Run::start(step, self.run) })
    }
}

impl Processing {
    /// As [`Downloads::set_up`], and recommends `--release` to a build without optimisation.
    ///
    /// # Errors
    ///
    /// As for `Downloads::set_up`.
    pub fn set_up(self, step: &'static str, workers: usize) -> Result<Setup<Links>, LinksError> {
        self.checked(step).begin(step, workers, get_links)
    }

    /// The same for links that are read one by one, as they are wanted.
    ///
    /// # Errors
    ///
    /// As for `Downloads::set_up`.
    pub fn set_up_stream(
        self,
        step: &'static str,
        workers: usize,
    ) -> Result<Setup<LinkStream>, LinksError> {
        self.checked(step).begin(step, workers, stream_links)
    }

    fn checked(self, step: &str) -> Downloads {
        let downloads = self.into_downloads();
        downloads.check_or_exit(step);
        advise_release();
        downloads
    }
}

impl Setup<LinkStream> {
    /// The output folder, with its folder for the originals if they are kept.
    ///
    /// # Errors
    ///
    /// If one of them can't be made or written to, or if they are the same.
    pub fn folder(&self) -> Result<Folder, FolderError> {
        self.output.folder(self.links.gallery())
    }

    /// The report, which is written as the links come to their end.
    ///
    /// # Errors
    ///
    /// If its file can't be written.
    pub fn report(&self) -> Result<Report, ReportError> {
        self.output.report_for_stream()
    }
}

impl<L> Setup<L> {
    /// Prints what became of the links, and [finishes](Run::finish) the run. Returns what the
    /// program should exit with.
    ///
    /// # Errors
    ///
    /// If the timeline can't be written.
    pub fn finish(self, summary: &Summary) -> io::Result<ExitCode> {
        println!("{summary}");
        self.run.finish()?;
        Ok(summary.exit_code())
    }
}
