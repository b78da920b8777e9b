//! What the benchmarks share: rounds in which each way of doing the work has its turn, a table of
//! what they took, and child processes.
//!
//! ```
//! use benches::{Compared, Rounds, seconds};
//!
//! # fn main() -> anyhow::Result<()> {
//! let measured = Rounds::new()
//!     .way("a for loop", || seconds(&5050, || Ok((1..=100).sum::<u64>())))
//!     .way("a formula", || seconds(&5050, || Ok(100 * 101 / 2)))
//!     .run(5)?;
//! println!("{}", measured.table(Compared::Longer { than: 0 }));
//! # Ok(())
//! # }
//! ```

pub mod child;

use std::fmt::{Debug, Write};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use hands::print;

/// The one in the middle; of an even number, the mean of the two there.
///
/// ```
/// assert_eq!(benches::median([3.0, 1.0, 2.0]), 2.0);
/// assert_eq!(benches::median([4.0, 1.0, 2.0, 3.0]), 2.5);
/// ```
///
/// # Panics
///
/// If there are none.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2])
}

/// How many seconds a call takes. It must come to the expected answer, or it hasn't done the same
/// work.
///
/// # Errors
///
/// If it fails, or comes to another answer.
pub fn seconds<R: PartialEq + Debug>(
    expected: &R,
    call: impl FnOnce() -> Result<R>,
) -> Result<f64> {
    let start = Instant::now();
    let answer = call()?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(answer == *expected, "not the same work: it came to {answer:?}, not to {expected:?}");
    Ok(seconds)
}

/// Times ways that must all come to the same answer, in seconds. Before that, the first one runs
/// once more, to warm up.
///
/// # Errors
///
/// If one of them comes to another answer.
pub fn time_all(rounds: usize, ways: &[(&str, &dyn Fn() -> u64)]) -> Result<Measured> {
    let expected = ways[0].1();
    let timed = ways.iter().map(|(name, run)| (*name, || seconds(&expected, || Ok(run()))));
    Rounds::new().ways(timed).run(rounds)
}

/// As [`time_all`], and prints how long each way takes, compared with the first one.
///
/// # Errors
///
/// If one of them comes to another answer.
pub fn compare_all(rounds: usize, ways: &[(&str, &dyn Fn() -> u64)]) -> Result<Measured> {
    let measured = time_all(rounds, ways)?;
    print!("{}", measured.table(Compared::Longer { than: 0 }));
    Ok(measured)
}

/// Several ways to do the same work. In each round each way has its turn, so that whatever else the
/// machine does hits all of them.
pub struct Rounds<'w, T = f64>(Vec<(String, Way<'w, T>)>);

type Way<'w, T> = Box<dyn FnMut() -> Result<T> + 'w>;

impl<'w, T> Rounds<'w, T> {
    /// Without any ways yet.
    #[expect(clippy::new_without_default, reason = "nobody needs rounds without a way")]
    pub fn new() -> Self {
        Rounds(Vec::new())
    }

    /// Adds a way. `run` does the work once and returns a figure: seconds, most of the time.
    pub fn way(mut self, name: impl Into<String>, run: impl FnMut() -> Result<T> + 'w) -> Self {
        self.0.push((name.into(), Box::new(run)));
        self
    }

    /// Adds several ways.
    pub fn ways<N: Into<String>, R: FnMut() -> Result<T> + 'w>(
        self,
        ways: impl IntoIterator<Item = (N, R)>,
    ) -> Self {
        ways.into_iter().fold(self, |rounds, (name, run)| rounds.way(name, run))
    }

    /// Runs each way this many times, in turn.
    ///
    /// # Errors
    ///
    /// The first error of one of them.
    pub fn run(mut self, rounds: usize) -> Result<Measured<T>> {
        let mut figures: Vec<Vec<T>> = self.0.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for ((name, run), figures) in self.0.iter_mut().zip(&mut figures) {
                figures.push(run().with_context(|| name.clone())?);
            }
        }
        Ok(Measured(self.0.into_iter().map(|(name, _)| name).zip(figures).collect()))
    }
}

/// The name of each way, and its figure of each round.
pub struct Measured<T = f64>(pub Vec<(String, Vec<T>)>);

impl<T> Measured<T> {
    /// One figure of several.
    pub fn map(&self, figure: impl Fn(&T) -> f64) -> Measured {
        let figures = |figures: &Vec<T>| figures.iter().map(&figure).collect();
        Measured(self.0.iter().map(|(name, its)| (name.clone(), figures(its))).collect())
    }
}

/// How a table compares each way with one of them.
#[derive(Clone, Copy)]
pub enum Compared {
    /// How many times as long it takes.
    Longer {
        /// The number of the way to compare with.
        than: usize,
    },
    /// How many times as fast it is.
    Faster {
        /// The number of the way to compare with.
        than: usize,
    },
}

impl Measured {
    /// The median of each way.
    pub fn medians(&self) -> Vec<f64> {
        self.0.iter().map(|(_, figures)| median(figures.iter().copied())).collect()
    }

    /// For each way the median of the ratios of its figures to those of this other way. Both
    /// figures of a ratio come from the same round.
    pub fn ratios(&self, to: usize) -> Vec<f64> {
        let others = &self.0[to].1;
        let ratio =
            |figures: &[f64]| median(figures.iter().zip(others).map(|(this, other)| this / other));
        self.0.iter().map(|(_, figures)| ratio(figures)).collect()
    }

    /// A line for each way: its name, the median of its seconds in milliseconds, and a ratio.
    pub fn table(&self, compared: Compared) -> String {
        let milliseconds: Vec<f64> = self.medians().iter().map(|seconds| seconds * 1e3).collect();
        let least = milliseconds.iter().copied().fold(f64::INFINITY, f64::min);
        let decimals = match least {
            ..1.0 => 3,
            1.0..1000.0 => 2,
            _ => 0,
        };
        let (than, unit, shown): (_, _, fn(f64) -> f64) = match compared {
            Compared::Longer { than } => (than, "×", |longer| longer),
            Compared::Faster { than } => (than, "times as fast", |longer| 1.0 / longer),
        };
        let mut table = String::new();
        for (((name, _), time), longer) in self.0.iter().zip(&milliseconds).zip(self.ratios(than)) {
            let ratio = shown(longer);
            let digits = if ratio < 0.1 { 3 } else { 2 };
            writeln!(table, "  {name:32} {time:9.decimals$} ms   {ratio:7.digits$} {unit}")
                .expect("a string grows");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_turn_in_each_round() {
        let log = std::cell::RefCell::new(String::new());
        let way = |name: &'static str, figure: f64| {
            let log = &log;
            move || {
                log.borrow_mut().push_str(name);
                Ok(figure)
            }
        };
        let measured =
            Rounds::new().way("a", way("a", 0.5)).way("b", way("b", 0.02)).run(3).unwrap();
        assert_eq!(*log.borrow(), "ababab");
        assert_eq!((measured.medians(), measured.ratios(0)), (vec![0.5, 0.02], vec![1.0, 0.04]));
        let table = measured.table(Compared::Longer { than: 0 });
        let lines: Vec<Vec<&str>> =
            table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines, [["a", "500.00", "ms", "1.00", "×"], ["b", "20.00", "ms", "0.040", "×"]]);
        assert!(measured.table(Compared::Faster { than: 1 }).contains("0.040 times as fast\n"));
    }

    #[test]
    fn another_answer_is_not_the_same_work() {
        assert!(seconds(&1, || Ok(1)).is_ok());
        let error = seconds(&1, || Ok(2)).unwrap_err().to_string();
        assert_eq!(error, "not the same work: it came to 2, not to 1");
    }
}
