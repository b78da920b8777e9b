//! `--using WAY`: the same work, done in one way or in all of them.

use std::ffi::OsStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser, ValueParserFactory};
use clap::{Arg, Command, ValueEnum};

/// The ways that a reader asked for: one of `W`, or `all` of them, in the order of the enum.
///
/// ```
/// use clap::{Parser, ValueEnum};
/// use step::Ways;
///
/// #[derive(Parser)]
/// struct Args {
///     /// How to do it; `all` does it each way and compares
///     #[arg(long, default_value = "all")]
///     using: Ways<Way>,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
/// enum Way {
///     OneByOne,
///     ThreadPool,
/// }
///
/// assert_eq!(Args::parse_from(["step"]).using.ways(), [Way::OneByOne, Way::ThreadPool]);
/// let args = Args::parse_from(["step", "--using", "thread-pool"]);
/// assert_eq!(args.using.ways(), [Way::ThreadPool]);
/// assert_eq!(step::name(&Way::ThreadPool), "thread-pool");
/// assert!(Args::try_parse_from(["step", "--using", "magic"]).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Ways<W>(Vec<W>);

impl<W> Ways<W> {
    /// What to do, one after the other. There is at least one, unless `W` has no values.
    pub fn ways(&self) -> &[W] {
        &self.0
    }
}

/// What a value is called on the command line: `thread-pool`.
pub fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl<W: ValueEnum + Send + Sync + 'static> ValueParserFactory for Ways<W> {
    type Parser = OneOrAll<W>;

    fn value_parser() -> OneOrAll<W> {
        OneOrAll(EnumValueParser::new())
    }
}

/// Reads [`Ways`].
#[derive(Clone, Debug)]
pub struct OneOrAll<W: ValueEnum + Send + Sync + 'static>(EnumValueParser<W>);

const ALL: &str = "all";

impl<W: ValueEnum + Send + Sync + 'static> TypedValueParser for OneOrAll<W> {
    type Value = Ways<W>;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Ways<W>, clap::Error> {
        if value == ALL {
            return Ok(Ways(W::value_variants().to_vec()));
        }
        Ok(Ways(vec![self.0.parse_ref(command, arg, value)?]))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let ways = W::value_variants().iter().filter_map(W::to_possible_value);
        let is_told = ways.clone().any(|way| way.get_help().is_some());
        let all = PossibleValue::new(ALL);
        let all = if is_told { all.help("All of them") } else { all };
        Some(Box::new(ways.chain([all])))
    }
}
