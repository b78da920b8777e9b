//! The flags that steps 08 to 11 share, to be flattened into each step's own.
//!
//! ```
//! use clap::Parser;
//! use pictures::args::{Limits, Output, Source};
//!
//! /// Downloads pictures.
//! #[derive(Parser)]
//! #[command(mut_arg("out", |out| out.default_value("processed-images")))]
//! struct Args {
//!     #[command(flatten)]
//!     source: Source,
//!     #[command(flatten)]
//!     output: Output,
//!     #[command(flatten)]
//!     limits: Limits,
//! }
//!
//! let args = Args::parse_from(["08_downloader", "--latency", "0", "--attempts", "2"]);
//! assert_eq!(args.source.latency, 0);
//! assert_eq!(args.output.out.to_str(), Some("processed-images"));
//! let client = args.limits.client(8);
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use hands::timeline;
use step::RunArgs;
use step::files::Files;

use crate::download::{
    Client, ClientLimits, Folder, FolderError, FolderOptions, LinkSource, REPORT, Report,
    ReportError,
};
use crate::gallery::{DOZEN, Gallery};

/// The flags of every step that downloads.
#[derive(Debug, Clone, Args)]
// The file is checked together with all others: see `Output::files`.
#[command(mut_arg("timeline", |arg| arg.value_parser(clap::value_parser!(PathBuf))))]
pub struct Downloads {
    /// Where the trace of the run goes.
    #[command(flatten)]
    pub run: RunArgs,
    /// Where the links come from.
    #[command(flatten)]
    pub source: Source,
    /// Where the results go.
    #[command(flatten)]
    pub output: Output,
    /// How patient and how greedy the downloader is.
    #[command(flatten)]
    pub limits: Limits,
}

impl Downloads {
    /// Ends the program if one of the files that were named would destroy another.
    pub(crate) fn check_or_exit(&self, step: &str) {
        self.output.files(&self.source, step, self.run.timeline.as_deref()).check_or_exit();
    }
}

/// The flags of every step that processes what it downloads, too.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("out", |out| out.default_value("processed-images")))]
pub struct Processing {
    /// Also keep the originals, in this folder; those that aren't there yet are downloaded again
    #[arg(long, value_name = "DIR")]
    pub keep_originals: Option<PathBuf>,
    /// The other flags.
    #[command(flatten)]
    pub downloads: Downloads,
}

impl Processing {
    /// The other flags, with the folder for the originals among them.
    pub(crate) fn into_downloads(self) -> Downloads {
        let Downloads { output, .. } = self.downloads;
        let output = Output { originals: self.keep_originals, ..output };
        Downloads { output, ..self.downloads }
    }
}

/// Where the links come from.
#[derive(Debug, Clone, Args)]
#[command(
    next_help_heading = "Where the links come from (the offline gallery, unless one is chosen)"
)]
pub struct Source {
    /// How long the offline gallery waits before each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub latency: u64,

    /// How many pictures the offline gallery shows; the first run paints them
    #[arg(long, value_name = "N", default_value_t = DOZEN, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub pictures: usize,

    /// Take the links from a file instead: one http(s) link a line, # begins a comment
    #[arg(long, value_name = "FILE", conflicts_with_all = ["imgur", "nasa"])]
    pub links: Option<PathBuf>,

    /// Take random pictures from Imgur instead (IMGUR_CLIENT_ID says who asks)
    #[arg(long, conflicts_with = "nasa")]
    pub imgur: bool,

    /// Take the lesson's list of large pictures from NASA and STScI instead
    #[arg(long)]
    pub nasa: bool,
}

impl From<&Source> for LinkSource {
    fn from(flags: &Source) -> LinkSource {
        if let Some(file) = &flags.links {
            LinkSource::File(file.clone())
        } else if flags.imgur {
            LinkSource::Imgur
        } else if flags.nasa {
            LinkSource::Nasa
        } else {
            let latency = Duration::from_millis(flags.latency);
            LinkSource::Gallery(Gallery::builder().latency(latency).pictures(flags.pictures))
        }
    }
}

/// Where the results go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where the results go")]
pub struct Output {
    /// The folder for the pictures; it is made if it isn't there
    #[arg(long, value_name = "DIR", default_value = "images")]
    pub out: PathBuf,

    /// Also write what became of each link to a file, as JSON. An earlier report is replaced; if
    /// any other file is there, it is left alone and the program doesn't start
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Do everything again; without this, links that an earlier run has finished are skipped
    #[arg(long)]
    pub fresh: bool,

    #[arg(skip)]
    originals: Option<PathBuf>,
}

impl Output {
    /// The files that a step with these flags reads and writes, to be
    /// [checked](Files::check_or_exit) before it begins.
    pub fn files(&self, source: &Source, step: &str, timeline: Option<&Path>) -> Files {
        let timeline = timeline.map_or_else(|| timeline::default_file(step), Path::to_owned);
        let mut files = Files::new().writes("--timeline", &timeline, timeline::KIND);
        if let Some(links) = &source.links {
            files = files.reads("--links", links);
        }
        if let Some(report) = &self.report {
            files = files.writes("--report", report, REPORT);
        }
        let folders = [("--out", Some(&self.out)), ("--keep-originals", self.originals.as_ref())];
        for (flag, folder) in folders.into_iter().filter_map(|(flag, path)| Some((flag, path?))) {
            files = files.folder(flag, folder);
            for own in Folder::OWN {
                files = files.keeps(&format!("the list of {flag}"), &folder.join(own));
            }
        }
        files
    }

    /// The output folder, with its folder for the originals, for links that may lead to `gallery`.
    ///
    /// # Errors
    /// If one of them can't be made or written to, or if they are the same.
    pub fn folder(&self, gallery: Option<&Gallery>) -> Result<Folder, FolderError> {
        let options = FolderOptions {
            originals: self.originals.as_ref().map(Into::into),
            again: self.fresh,
            gallery: gallery.map(Gallery::url),
        };
        Folder::open(&self.out, options)
    }

    /// The same folders inside another one, for results that nobody will keep.
    pub(crate) fn inside(&self, folder: &Path) -> Output {
        Output {
            out: folder.join("out"),
            originals: self.originals.as_ref().map(|_| folder.join("originals")),
            ..self.clone()
        }
    }

    /// The report on links that come as a stream.
    ///
    /// # Errors
    /// If its file can't be written.
    pub fn report_for_stream(&self) -> Result<Report, ReportError> {
        Report::for_stream(self.report.as_deref())
    }
}

/// How patient and how greedy the downloader is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How patient and how greedy the downloader is")]
pub struct Limits {
    /// How long one attempt at a link may take at most, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = patience)]
    pub timeout: Duration,

    /// How long a server may send nothing, or next to nothing, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = patience)]
    pub stall: Duration,

    /// How many times to try a link, at most, if trying again can help
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: u32,

    /// The largest picture to take, in megabytes (of 2^20 bytes)
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub max_megabytes: u64,

    /// How many requests one web server gets at a time (loopback: no limit)
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub per_host: u32,
}

impl Limits {
    /// A client with these limits, for this many workers.
    pub fn client(&self, workers: usize) -> Client {
        let default = ClientLimits::default();
        Client::new(ClientLimits {
            total: self.timeout,
            connect: default.connect.min(self.timeout),
            stall: self.stall.min(self.timeout),
            attempts: self.attempts,
            bytes: self.max_megabytes << 20,
            per_host: self.per_host as usize,
            idle_per_host: workers,
            ..default
        })
    }
}

/// If the program was built without optimisation, says so, and that `--release` is faster.
pub fn advise_release() {
    step::advise_release("the pictures take longer");
}

fn patience(text: &str) -> Result<Duration, String> {
    match step::seconds(text)? {
        Duration::ZERO => Err("give more than 0 seconds: nothing arrives in no time".to_owned()),
        time => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use clap::error::ErrorKind;

    #[derive(Debug, Parser)]
    #[command(mut_arg("out", |out| out.default_value("elsewhere")))]
    struct Flags {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        limits: Limits,
    }

    fn refused(flags: &str) -> ErrorKind {
        let error = Flags::try_parse_from(format!("step {flags}").split(' ')).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{flags}");
        error.kind()
    }

    #[test]
    fn the_defaults_are_those_of_the_downloader() {
        let flags = Flags::parse_from(["step"]);
        let default = ClientLimits::default();
        assert_eq!(flags.limits.timeout, default.total);
        assert_eq!(flags.limits.stall, default.stall);
        assert_eq!(flags.limits.attempts, default.attempts);
        assert_eq!(flags.limits.max_megabytes << 20, default.bytes);
        assert_eq!(flags.limits.per_host as usize, default.per_host);
        assert_eq!(flags.source.latency, 200);
        assert_eq!(flags.output.out, PathBuf::from("elsewhere"), "a step has a default of its own");
        let flags = Flags::parse_from(["step", "--out", "here"]);
        assert_eq!(flags.output.out, PathBuf::from("here"));
    }

    #[test]
    fn only_one_source_can_be_chosen() {
        for flags in ["--imgur --nasa", "--links a.txt --imgur", "--links a.txt --nasa"] {
            assert_eq!(refused(flags), ErrorKind::ArgumentConflict, "{flags}");
        }
    }

    #[test]
    fn bad_values_are_refused() {
        for flags in [
            "--timeout 0",
            "--timeout -1",
            "--timeout soon",
            "--timeout NaN",
            "--timeout inf",
            "--stall 1e9",
            "--attempts 0",
            "--max-megabytes 0",
            "--max-megabytes 99999999999",
            "--per-host 0",
            "--latency -5",
            "--latency 1e3",
            "--pictures 0",
            "--pictures 10001",
            "--pictures many",
        ] {
            let kind = refused(flags);
            let bad_value =
                [ErrorKind::ValueValidation, ErrorKind::UnknownArgument].contains(&kind);
            assert!(bad_value, "{flags}: {kind:?}");
        }
    }

    #[test]
    fn the_help_tells_each_default() {
        use clap::CommandFactory;
        let help = Flags::command().render_help().to_string();
        for default in ["200", "elsewhere", "300", "10", "4", "256", "8"] {
            assert!(help.contains(&format!("[default: {default}]")), "{default}:\n{help}");
        }
        assert!(help.contains("the offline gallery, unless one is chosen"), "{help}");
    }
}
