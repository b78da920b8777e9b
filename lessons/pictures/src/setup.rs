//! What the steps 08 to 10 do before their idea, and after it.

use std::io;
use std::process::ExitCode;

use hands::cancel::Token;
use hands::println;
use step::Run;

use crate::args::{Downloads, Output, Processing, advise_release};
use crate::download::{
    Client, Folder, FolderError, LinkSource, LinkStream, Links, LinksError, Report, ReportError,
    Stages, Summary, get_links, stream_links,
};
use crate::stop::{cancel_at_ctrl_c, stopped};

/// A step that is ready to begin: its files are checked, its links are there, and its [`Run`] has
/// started.
#[derive(Debug)]
pub struct Setup<L> {
    /// Downloads what the links lead to.
    pub client: Client,
    /// What to download.
    pub links: L,
    /// The progress bars, and lines above them.
    pub stages: Stages,
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
        self.begin_with_list(step, workers)
    }

    fn begin_with_list(
        self,
        step: &'static str,
        workers: usize,
    ) -> Result<Setup<Links>, LinksError> {
        self.begin(step, workers, get_links, |links| Some(links.as_slice().len()))
    }

    fn begin<L>(
        self,
        step: &'static str,
        workers: usize,
        links: impl FnOnce(&Client, LinkSource) -> Result<L, LinksError>,
        count: impl FnOnce(&L) -> Option<usize>,
    ) -> Result<Setup<L>, LinksError> {
        let client = self.limits.client(workers);
        let links = links(&client, LinkSource::from(&self.source))?;
        let stages = Stages::new(count(&links));
        Ok(Setup { client, links, stages, output: self.output, run: Run::start(step, self.run) })
    }
}

impl Processing {
    /// As [`Downloads::set_up`], and recommends `--release` to a build without optimisation.
    ///
    /// # Errors
    ///
    /// As for `Downloads::set_up`.
    pub fn set_up(self, step: &'static str, workers: usize) -> Result<Setup<Links>, LinksError> {
        self.checked(step).begin_with_list(step, workers)
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
        self.checked(step).begin(step, workers, stream_links, LinkStream::count_hint)
    }

    fn checked(self, step: &str) -> Downloads {
        let downloads = self.into_downloads();
        downloads.check_or_exit(step);
        advise_release();
        downloads
    }
}

impl Setup<Links> {
    /// Prints what became of the links, and [finishes](Run::finish) the run. If Ctrl-C came before
    /// all of them had ended, says how many are left. Returns what the program should exit with.
    ///
    /// # Errors
    ///
    /// If the timeline can't be written.
    pub fn finish(self, summary: &Summary) -> io::Result<ExitCode> {
        let left = self.links.as_slice().len().saturating_sub(summary.ended());
        let was_stopped = left > 0 && self.client.token().is_cancelled();
        let exit_code = self.show(summary)?;
        Ok(if was_stopped { stopped(Some(left)) } else { exit_code })
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

    /// Prints what became of the links, and [finishes](Run::finish) the run. If Ctrl-C came before
    /// the last link had begun, says so, and how many are left if that's known. Returns what the
    /// program should exit with.
    ///
    /// # Errors
    ///
    /// If the timeline can't be written.
    pub fn finish(self, summary: &Summary, all_begun: bool) -> io::Result<ExitCode> {
        let left = self.links.count_hint().map(|links| links.saturating_sub(summary.ended()));
        let exit_code = self.show(summary)?;
        Ok(if all_begun { exit_code } else { stopped(left) })
    }
}

impl<L> Setup<L> {
    /// A token that the first Ctrl-C cancels. What has begun may end then, but nothing waits any
    /// longer to try again. The second Ctrl-C ends the program at once, with exit code 130.
    ///
    /// # Errors
    ///
    /// If something else in this program already handles Ctrl-C.
    pub fn stop_at_ctrl_c(&self) -> Result<Token, ctrlc::Error> {
        let stop = self.client.token();
        cancel_at_ctrl_c(stop, &self.stages)?;
        Ok(stop.clone())
    }

    fn show(self, summary: &Summary) -> io::Result<ExitCode> {
        println!("{summary}");
        self.run.finish()?;
        Ok(summary.exit_code())
    }
}
