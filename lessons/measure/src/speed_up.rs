//! The same work done in several ways and by several numbers of workers, side by side.

use std::fmt::{self, Write};
use std::io;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::ValueEnum;
use figures::plot::{Axis, Plot};
use hands::println;
use hands::timeline::Trace;
use step::Run;

use crate::report::report;
use crate::{Busy, Usage};

/// How many times faster `workers` are than one, by Amdahl's law, if the share `serial` of the work
/// (from 0 to 1) can't be divided among them.
///
/// G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing
/// capabilities", AFIPS 1967. The formula is written as is usual today.
///
/// ```
/// use measure::amdahl;
///
/// assert_eq!(amdahl(0.0, 4), 4.0);
/// assert_eq!(amdahl(0.5, 4), 1.6);
/// assert!(amdahl(0.05, 1_000_000) < 20.0); // 1 / serial, at most
/// ```
// ANCHOR: amdahl
pub fn amdahl(serial: f64, workers: usize) -> f64 {
    1.0 / (serial + (1.0 - serial) / workers as f64)
}
// ANCHOR_END: amdahl

/// Several ways of doing the same work, compared with the first of them. It prints as a table.
#[derive(Clone, Debug, Default)]
pub struct SpeedUp {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    way: String,
    workers: usize,
    usage: Usage,
    /// The share of the time in which no worker was in a task.
    serial: f64,
    /// Whether other programs had the cores that it needed.
    busy: Option<Busy>,
}

impl SpeedUp {
    /// Nothing measured yet.
    pub fn new() -> Self {
        SpeedUp::default()
    }

    /// Does the work in this way by this many workers, in a section of the timeline, and adds the
    /// run as [`add`](SpeedUp::add) does. Says first which run it is.
    ///
    /// Returns what the work returns.
    pub fn measure<R>(
        &mut self,
        run: &Run,
        way: impl ValueEnum,
        workers: usize,
        work: impl FnOnce() -> R,
    ) -> R {
        let way = step::name(&way);
        let is_first = self.rows.is_empty();
        let name = if is_first { way.clone() } else { format!("{way} with {workers}") };
        println!("{name}");
        run.section(name);
        let (result, usage) = Usage::measure(work);
        self.add(way, workers, usage, &run.end_section());
        result
    }

    /// Prints the table and, if others have disturbed the machine, a note that says so; and writes
    /// the plot to `target/plots/<step>.json` and `.svg`.
    ///
    /// # Errors
    ///
    /// If the plot can't be written.
    pub fn report(&self, run: &Run, title: &str) -> io::Result<()> {
        let cores = available_parallelism().map_or(1, usize::from);
        report(run, self, self.busy(), &self.plot(title, cores))
    }

    /// Adds a run of the work, with the part of the trace that belongs to it. All runs are compared
    /// with the first. Add the runs of one way one after the other.
    pub fn add(&mut self, way: impl Into<String>, workers: usize, usage: Usage, part: &Trace) {
        // ANCHOR: serial
        let rows = part.summary().rows;
        let in_tasks: Duration = rows.iter().skip(1).map(|row| row.busy).sum(); // without main
        let serial = 1.0 - in_tasks.as_secs_f64() / usage.real.as_secs_f64().max(1e-9);
        // ANCHOR_END: serial
        let (way, serial) = (way.into(), serial.clamp(0.0, 1.0));
        let everywhere = rows.iter().map(|row| row.busy).sum();
        let busy = Busy::detect(format!("{way} with {workers}"), &usage, everywhere);
        self.rows.push(Row { way, workers, usage, serial, busy });
    }

    /// The run that other programs disturbed most, if they did. Only for work that computes all the
    /// time.
    pub fn busy(&self) -> Option<Busy> {
        self.rows.iter().filter_map(|row| row.busy.clone()).reduce(Busy::worse)
    }

    /// How many times faster it was than the first.
    fn measured(&self, row: &Row) -> f64 {
        self.rows[0].usage.real.as_secs_f64() / row.usage.real.as_secs_f64().max(1e-9)
    }

    /// The speed-up that Amdahl's law predicts from the run with one worker, if there was one: more
    /// workers shorten the time that was spent in tasks, and nothing else.
    ///
    /// A pool of one worker is at best as fast as no pool. If it was measured to be faster, that is
    /// noise, and the law must not multiply it: the prediction is never more than the number of
    /// workers.
    fn expected(&self, row: &Row) -> Option<f64> {
        let others = self.rows.iter().skip(1);
        let one = others.into_iter().find(|one| one.workers == 1 && one.way == row.way)?;
        Some(self.measured(one).min(1.0) * amdahl(one.serial, row.workers))
    }

    /// The plot: for each way a curve, and what Amdahl's law predicts beside it; and a mark at the
    /// number of cores.
    pub fn plot(&self, title: &str, cores: usize) -> Plot {
        let first = self.rows.first().map_or("", |row| &row.way);
        let y = format!("times as fast as {first}");
        let mut plot = Plot::new(title, Axis::log2("workers"), y);
        let others = self.rows.get(1..).unwrap_or_default();
        for rows in others.chunk_by(|a, b| a.way == b.way) {
            let at = |row: &Row| row.workers as f64;
            plot = plot.curve(&rows[0].way, rows.iter().map(|row| (at(row), self.measured(row))));
            let model: Vec<(f64, f64)> =
                rows.iter().filter_map(|row| Some((at(row), self.expected(row)?))).collect();
            if !model.is_empty() {
                plot = plot.model("Amdahl's law", model);
            }
        }
        let s = if cores == 1 { "" } else { "s" };
        plot.mark(cores as f64, format!("{cores} core{s}"))
    }
}

impl fmt::Display for SpeedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.way.len()).max().unwrap_or(0).max(5);
        writeln!(
            f,
            "{:width$}  workers      real      user    system  speed-up    Amdahl",
            "using"
        )?;
        for row in &self.rows {
            let mut line = format!("{:width$}  {:>7}", row.way, row.workers);
            for time in [row.usage.real, row.usage.user, row.usage.system] {
                write!(line, "  {:>6.2} s", time.as_secs_f64())?;
            }
            write!(line, "  {:>6.2} ×", self.measured(row))?;
            if let Some(expected) = self.expected(row) {
                write!(line, "  {expected:>6.2} ×")?;
            }
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    /// A run that took so long; each of its workers was in tasks for so long.
    fn run(real: f64, busy: &[f64]) -> (Usage, Trace) {
        let (user, system) = (seconds(8.0), seconds(0.25));
        let usage = Usage { real: seconds(real), user, system, ..Usage::default() };
        let mut trace = Trace::new("run", Duration::ZERO, seconds(real));
        trace.add_row("main", 1);
        for busy in busy {
            let worker = trace.add_row("worker", 1);
            trace.add_span(worker, "list", Duration::ZERO, seconds(*busy));
        }
        (usage, trace)
    }

    fn speed_up() -> SpeedUp {
        let mut speed_up = SpeedUp::new();
        for (way, workers, (usage, part)) in [
            ("alone", 1, run(8.0, &[])),
            ("pool", 1, run(10.0, &[8.0])), // a fifth is serial
            ("pool", 2, run(5.0, &[4.0, 4.0])),
            ("other", 4, run(4.0, &[2.0; 4])),
        ] {
            speed_up.add(way, workers, usage, &part);
        }
        speed_up
    }

    #[test]
    fn the_law_starts_from_the_run_with_one_worker() {
        let speed_up = speed_up();
        let measured: Vec<f64> = speed_up.rows.iter().map(|row| speed_up.measured(row)).collect();
        assert_eq!(measured, [1.0, 0.8, 1.6, 2.0]);
        let expected: Vec<_> = speed_up.rows.iter().map(|row| speed_up.expected(row)).collect();
        assert_eq!((expected[0], expected[1], expected[3]), (None, Some(0.8), None));
        assert!((expected[2].unwrap() - 0.8 / 0.6).abs() < 1e-9, "{expected:?}");
    }

    #[test]
    fn the_law_never_promises_more_than_there_are_workers() {
        let mut speed_up = SpeedUp::new();
        for (way, workers, (usage, part)) in [
            ("alone", 1, run(8.0, &[])),
            ("pool", 1, run(6.0, &[6.0])), // cannot be: the machine was slow before
            ("pool", 4, run(4.0, &[4.0; 4])),
        ] {
            speed_up.add(way, workers, usage, &part);
        }
        assert!(speed_up.measured(&speed_up.rows[1]) > 1.3);
        let expected: Vec<_> = speed_up.rows.iter().map(|row| speed_up.expected(row)).collect();
        assert_eq!(expected, [None, Some(1.0), Some(4.0)]);
    }

    #[test]
    fn a_run_that_did_not_get_its_core_is_named() {
        let mut speed_up = SpeedUp::new();
        let (quiet, part) = run(8.0, &[8.0]);
        speed_up.add("quiet", 1, quiet, &part);
        assert_eq!(speed_up.busy(), None);
        for (way, user) in [("disturbed", 4.0), ("stopped", 1.0)] {
            let usage = Usage { user: seconds(user), ..quiet };
            speed_up.add(way, 1, usage, &part);
        }
        let said = speed_up.busy().unwrap().to_string();
        assert!(said.contains("cores that stopped with 1 could have used"), "{said}");
    }

    #[test]
    fn the_table_has_a_line_for_each_run() {
        assert_eq!(
            speed_up().to_string(),
            "\
using  workers      real      user    system  speed-up    Amdahl
alone        1    8.00 s    8.00 s    0.25 s    1.00 ×
pool         1   10.00 s    8.00 s    0.25 s    0.80 ×    0.80 ×
pool         2    5.00 s    8.00 s    0.25 s    1.60 ×    1.33 ×
other        4    4.00 s    8.00 s    0.25 s    2.00 ×
"
        );
    }

    #[test]
    fn the_plot_has_a_curve_for_each_way() {
        let table = speed_up().plot("Speed-up", 2).table();
        for name in ["pool", "pool, Amdahl&#39;s law", "other"] {
            assert!(table.contains(&format!("<td>{name}</td>")), "{name}: {table}");
        }
        assert!(!table.contains("<td>alone</td>") && !table.contains("other, Amdahl"), "{table}");
        assert!(table.contains("<td>2 cores</td>"), "{table}");
        let _ = SpeedUp::new().plot("Nothing", 1).svg();
    }
}
