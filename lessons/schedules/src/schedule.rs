//! A schedule as text: the number of the thread that goes on, at each moment at which there was a
//! choice.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Which thread went on at each step. Threads are numbered in the order in which they were started:
/// 0 is the one that began.
///
/// As text it is a list of runs: `0 1*2 2` stands for 0, 1, 1 and 2.
///
/// ```
/// use schedules::Schedule;
///
/// let schedule: Schedule = "0*3 1 2".parse()?;
/// assert_eq!(schedule.steps(), [0, 0, 0, 1, 2]);
/// assert_eq!(schedule.to_string(), "0*3 1 2");
/// assert!("one, two".parse::<Schedule>().is_err());
/// # Ok::<(), schedules::BadSchedule>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(pub(crate) Vec<usize>);

impl Schedule {
    /// The number of the thread that went on, step by step.
    pub fn steps(&self) -> &[usize] {
        &self.0
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, run) in self.0.chunk_by(|a, b| a == b).enumerate() {
            let before = if n == 0 { "" } else { " " };
            match run.len() {
                1 => write!(f, "{before}{}", run[0])?,
                times => write!(f, "{before}{}*{times}", run[0])?,
            }
        }
        Ok(())
    }
}

/// A text that is no schedule.
#[derive(Debug, PartialEq, Eq)]
pub struct BadSchedule(String);

impl fmt::Display for BadSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a thread's number: a schedule reads 0 1*2 2, with the number of a thread \
             for each step, and *2 for two steps in a row",
            self.0
        )
    }
}

impl Error for BadSchedule {}

/// Longer ones are a slip of the pen.
const MOST: usize = 100_000;

impl FromStr for Schedule {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let mut steps = Vec::new();
        for word in text.split_whitespace() {
            let bad = || BadSchedule(word.to_owned());
            let (thread, times) = word.split_once('*').unwrap_or((word, "1"));
            let (thread, times) = (thread.parse(), times.parse::<usize>());
            let (Ok(thread), Ok(times @ 1..=MOST)) = (thread, times) else { return Err(bad()) };
            steps.resize(steps.len() + times, thread);
        }
        if steps.is_empty() { Err(BadSchedule(text.to_owned())) } else { Ok(Schedule(steps)) }
    }
}
