//! How the values on a command line are read: by the same rules in every step.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};

use hands::timeline;

use crate::files::{self, Files};

/// Reads a number of seconds: `1`, `0.25`.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(step::seconds("0.25"), Ok(Duration::from_millis(250)));
/// assert!(step::seconds("-1").is_err());
/// ```
///
/// # Errors
///
/// If the text isn't a number, or is one that nobody can wait for: negative, infinite, over a day.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 =
        text.parse().map_err(|_| "write a number of seconds, such as 0.5".to_owned())?;
    match number {
        0.0..=86_400.0 => Ok(Duration::from_secs_f64(number)),
        _ => Err("give a number of seconds from 0 to 86400, which is a day".to_owned()),
    }
}

/// Reads a number of workers: from 1 to 4096.
///
/// # Errors
///
/// If the text isn't a whole number, or is out of that range.
pub fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=4096) => Ok(number),
        _ => Err("give a whole number of workers, from 1 to 4096".to_owned()),
    }
}

/// Reads `--timeline FILE`: where the trace goes. Refuses a file that holds something other than an
/// earlier trace, and one that this program's own output or a plot goes to.
///
/// ```
/// use clap::Parser;
/// use std::path::PathBuf;
///
/// #[derive(Debug, Parser)]
/// struct Args {
///     /// Where the trace of the run goes
///     #[arg(long, value_name = "FILE", value_parser = step::timeline())]
///     timeline: Option<PathBuf>,
/// }
///
/// let folder = tempfile::tempdir()?;
/// let letter = folder.path().join("letter.txt");
/// std::fs::write(&letter, "Dear reader,")?;
/// let args = ["step".as_ref(), "--timeline".as_ref(), letter.as_os_str()];
/// let refused = Args::try_parse_from(args).unwrap_err();
/// assert_eq!(refused.exit_code(), 2);
/// assert!(refused.to_string().contains("it already exists and is not a timeline"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn timeline() -> impl TypedValueParser<Value = PathBuf> {
    TimelineFile
}

#[derive(Clone)]
struct TimelineFile;

impl TypedValueParser for TimelineFile {
    type Value = PathBuf;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<PathBuf, clap::Error> {
        let file = PathBufValueParser::new().parse_ref(command, arg, value)?;
        let files = Files::new().owns("the plots", files::PLOTS.as_ref());
        let files = files.writes("--timeline", &file, timeline::KIND);
        match files.check() {
            Ok(()) => Ok(file),
            Err(why) => Err(clap::Error::raw(ErrorKind::ValueValidation, why + "\n")),
        }
    }
}
