//! The same tasks with more and more workers, and the point at which more of them stop helping.

use std::fmt;
use std::io;
use std::time::Duration;

use figures::plot::{Axis, Plot};
use step::Run;

use crate::report::report;
use crate::{Busy, Usage};

/// The share of the best rate that is as good as the best: the rest is noise, or takes many more
/// workers.
const NEARLY: f64 = 0.9;

/// How many tasks a second each number of workers gets done, and how long a task takes, for several
/// kinds of work and in several rounds. It prints as a table, which shows the median round of each
/// number of workers: if something disturbs the machine for a while, that is in another round.
#[derive(Clone, Debug)]
pub struct Sweep {
    tasks: usize,
    points: Vec<Point>,
}

#[derive(Clone, Debug)]
struct Point {
    work: String,
    workers: usize,
    rounds: Vec<Round>,
}

#[derive(Clone, Debug)]
struct Round {
    usage: Usage,
    /// How long a task took, on average.
    each: Duration,
}

impl Point {
    /// The median round. If the number of rounds is even, the slower of the two in the middle.
    fn median(&self) -> &Round {
        let mut rounds: Vec<&Round> = self.rounds.iter().collect();
        rounds.sort_by_key(|round| round.usage.real);
        rounds[rounds.len() / 2]
    }
}

/// What a curve does as the number of workers grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It rises up to the knee, and hardly any further.
    Bends,
    /// Even the fewest workers reach 90 % of the best rate: more of them gain nothing.
    Flat,
    /// Only the most workers reach 90 % of the best rate: with more, it may rise further.
    Rises,
}

/// The point of a curve beyond which more workers hardly help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The fewest workers that reach 90 % of the best rate.
    pub workers: usize,
    /// Tasks per second with this number of workers.
    pub rate: f64,
    /// Tasks per second at the best point of the curve.
    pub best: f64,
    /// Whether the curve bends there.
    pub shape: Shape,
}

impl Sweep {
    /// Nothing measured yet. Each run is to do this many tasks.
    pub fn new(tasks: usize) -> Self {
        Sweep { tasks, points: Vec::new() }
    }

    /// Does all tasks of this kind of work once, by this many workers, and adds the run as
    /// [`add`](Sweep::add) does, with the times that `times` returns. In the first round it is a
    /// section of the timeline.
    ///
    /// # Errors
    ///
    /// Those of `times`.
    pub fn measure<E>(
        &mut self,
        run: &Run,
        work: &str,
        workers: usize,
        times: impl FnOnce() -> Result<Vec<Duration>, E>,
    ) -> Result<(), E> {
        if self.points_for(work).iter().all(|point| point.workers != workers) {
            run.section(format!("{work}, {workers} at work"));
        }
        let (times, usage) = Usage::measure(times);
        run.end_section();
        self.add(work, workers, usage, &times?);
        Ok(())
    }

    /// Prints the table and, if others have disturbed the machine, a note that says so; and writes
    /// the plot to `target/plots/<step>.json` and `.svg`. `computing` is the work that computes all
    /// the time, by which disturbances are noticed.
    ///
    /// # Errors
    ///
    /// If the plot can't be written.
    pub fn report(&self, run: &Run, title: &str, computing: &str) -> io::Result<()> {
        let rounds = self.points.first().map_or(0, |point| point.rounds.len());
        let table = format!("Medians of {rounds} round(s)\n{self}");
        report(run, table, self.busy(computing), &self.plot(title))
    }

    /// Adds a run of all tasks, with the time that each of them took. A second run of the same work
    /// by the same number of workers is another round.
    pub fn add(&mut self, work: &str, workers: usize, usage: Usage, times: &[Duration]) {
        let seconds: f64 = times.iter().map(Duration::as_secs_f64).sum();
        let each = Duration::from_secs_f64(seconds / times.len().max(1) as f64);
        let round = Round { usage, each };
        let same = |point: &&mut Point| point.work == work && point.workers == workers;
        match self.points.iter_mut().find(same) {
            Some(point) => point.rounds.push(round),
            None => self.points.push(Point { work: work.to_owned(), workers, rounds: vec![round] }),
        }
    }

    /// Tasks per second.
    fn rate(&self, point: &Point) -> f64 {
        self.tasks as f64 / point.median().usage.real.as_secs_f64().max(1e-9)
    }

    /// What was measured of this work, in the order of the workers.
    fn points_for(&self, work: &str) -> Vec<&Point> {
        let mut points: Vec<_> = self.points.iter().filter(|point| point.work == work).collect();
        points.sort_by_key(|point| point.workers);
        points
    }

    /// Workers and tasks per second, in the order of the workers.
    fn curve(&self, work: &str) -> Vec<(usize, f64)> {
        self.points_for(work).into_iter().map(|point| (point.workers, self.rate(point))).collect()
    }

    /// The kinds of work, in the order in which they came.
    fn works(&self) -> Vec<&str> {
        let mut works: Vec<&str> = Vec::new();
        for point in &self.points {
            if !works.contains(&point.work.as_str()) {
                works.push(&point.work);
            }
        }
        works
    }

    /// Where the curve of this work bends, and whether it does. `None` for fewer than two points.
    // ANCHOR: knee
    pub fn knee(&self, work: &str) -> Option<Knee> {
        let curve = self.curve(work); // medians
        let [(fewest, _), .., (most, _)] = curve[..] else { return None };
        let best = curve.iter().map(|&(_, rate)| rate).max_by(f64::total_cmp)?;
        let (workers, rate) = curve.into_iter().find(|&(_, rate)| rate >= NEARLY * best)?;
        let shape = match workers {
            w if w == fewest => Shape::Flat,
            w if w == most => Shape::Rises,
            _ => Shape::Bends,
        };
        Some(Knee { workers, rate, best, shape })
    }
    // ANCHOR_END: knee

    /// The point whose median round other programs disturbed most, if they did. Only for work that
    /// computes all the time.
    pub fn busy(&self, work: &str) -> Option<Busy> {
        let judge = |point: &&Point| {
            let Round { usage, each } = point.median();
            let s = if point.workers == 1 { "" } else { "s" };
            let run = format!("{work} by {} worker{s}", point.workers);
            Busy::detect(run, usage, each.mul_f64(self.tasks as f64))
        };
        self.points_for(work).iter().filter_map(judge).reduce(Busy::worse)
    }

    /// The plot: a curve for each kind of work, with its knee marked if it has one.
    pub fn plot(&self, title: &str) -> Plot {
        let mut plot = Plot::new(title, Axis::log2("workers"), "tasks per second");
        for work in self.works() {
            let curve = self.curve(work).into_iter();
            plot = plot.curve(work, curve.map(|(workers, rate)| (workers as f64, rate)));
        }
        for work in self.works() {
            if let Some(knee) = self.knee(work).filter(|knee| knee.shape == Shape::Bends) {
                plot = plot.mark(knee.workers as f64, format!("knee: {work}"));
            }
        }
        plot
    }
}

impl fmt::Display for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.works().iter().map(|work| work.len()).max().unwrap_or(0).max(4);
        let head = "  workers         tasks    each takes   switches";
        writeln!(f, "{:width$}{head}", "work")?;
        for work in self.works() {
            for point in self.points_for(work) {
                let Round { usage, each } = point.median();
                writeln!(
                    f,
                    "{work:width$}  {:>7}  {:>10.1}/s  {:>9.2} ms  {:>9}",
                    point.workers,
                    self.rate(point),
                    each.as_secs_f64() * 1e3,
                    usage.switches(self.tasks),
                )?;
            }
        }
        for work in self.works() {
            if let Some(knee) = self.knee(work) {
                writeln!(f, "Knee of {work}: {knee}")?;
            }
        }
        Ok(())
    }
}

/// Says where it is, or that there is none.
impl fmt::Display for Knee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Knee { workers, rate, best, shape } = self;
        let s = if *workers == 1 { "" } else { "s" };
        match shape {
            Shape::Bends => write!(
                f,
                "{workers} worker{s} with {rate:.1}/s, at least 90 % of the best, {best:.1}/s"
            ),
            Shape::Flat => write!(
                f,
                "none, the curve is flat: {rate:.1}/s with {workers} worker{s}, {best:.1}/s at best"
            ),
            Shape::Rises => {
                write!(f, "none yet, the curve still rises: {rate:.1}/s with {workers} worker{s}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(seconds: f64) -> Usage {
        let real = Duration::from_secs_f64(seconds);
        Usage { real, user: real, voluntary: 200, involuntary: 5, ..Usage::default() }
    }

    /// Each kind of work with its number of workers and how long they took, round by round.
    fn sweep(rounds: &[&[(&str, usize, f64)]]) -> Sweep {
        let mut sweep = Sweep::new(100);
        for &(work, workers, seconds) in rounds.iter().copied().flatten() {
            sweep.add(work, workers, usage(seconds), &[1, 3].map(Duration::from_millis));
        }
        sweep
    }

    const RUNS: [(&str, usize, f64); 6] = [
        ("waiting", 1, 8.0),
        ("computing", 1, 2.0),
        ("waiting", 4, 2.0),
        ("waiting", 2, 4.0), // in any order
        ("computing", 2, 1.05),
        ("computing", 4, 1.0),
    ];

    #[test]
    fn the_knee_is_the_fewest_workers_near_the_best() {
        let sweep = sweep(&[&RUNS]);
        let knee = sweep.knee("computing").unwrap();
        assert_eq!((knee.workers, knee.best, knee.shape), (2, 100.0, Shape::Bends));
        assert!((knee.rate - 100.0 / 1.05).abs() < 1e-9);
        let knee = sweep.knee("waiting").unwrap();
        assert_eq!((knee.workers, knee.shape), (4, Shape::Rises));
        assert_eq!(sweep.knee("sleeping"), None);
    }

    #[test]
    fn one_disturbed_round_moves_no_knee() {
        // In the second round the machine did something else while two and four were at work.
        let disturbed = [
            ("computing", 1, 2.0),
            ("computing", 2, 2.5),
            ("computing", 4, 2.2),
            ("computing", 8, 1.0),
        ];
        let quiet = [
            ("computing", 1, 2.0),
            ("computing", 2, 1.05),
            ("computing", 4, 1.0),
            ("computing", 8, 1.02),
        ];
        let knee = |rounds: &[&[_]]| sweep(rounds).knee("computing").unwrap().workers;
        assert_eq!(knee(&[&disturbed]), 8, "one round alone says anything");
        assert_eq!(knee(&[&quiet, &disturbed, &quiet]), 2);
    }

    #[test]
    fn a_flat_curve_has_no_knee_and_no_mark() {
        let flat = [("computing", 1, 1.02), ("computing", 2, 1.0), ("computing", 4, 1.05)];
        let sweep = sweep(&[&flat, &flat]);
        assert_eq!(sweep.knee("computing").unwrap().shape, Shape::Flat);
        let says =
            "Knee of computing: none, the curve is flat: 98.0/s with 1 worker, 100.0/s at best";
        assert!(sweep.to_string().contains(says), "{sweep}");
        assert!(!sweep.plot("Workers").table().contains("knee"));
        assert_eq!(
            super::tests::sweep(&[&flat[..1]]).knee("computing"),
            None,
            "one point is no curve"
        );
    }

    #[test]
    fn the_table_has_a_row_for_each_number_of_workers_and_a_line_for_each_knee() {
        let slower = RUNS.map(|(work, workers, seconds)| (work, workers, seconds * 1.5));
        assert_eq!(
            sweep(&[&slower, &RUNS, &RUNS]).to_string(),
            "\
work       workers         tasks    each takes   switches
waiting          1        12.5/s       2.00 ms  2.0 + 0.1
waiting          2        25.0/s       2.00 ms  2.0 + 0.1
waiting          4        50.0/s       2.00 ms  2.0 + 0.1
computing        1        50.0/s       2.00 ms  2.0 + 0.1
computing        2        95.2/s       2.00 ms  2.0 + 0.1
computing        4       100.0/s       2.00 ms  2.0 + 0.1
Knee of waiting: none yet, the curve still rises: 50.0/s with 4 workers
Knee of computing: 2 workers with 95.2/s, at least 90 % of the best, 100.0/s
"
        );
    }

    #[test]
    fn the_plot_has_a_curve_for_each_work_and_marks_its_knee() {
        let table = sweep(&[&RUNS]).plot("Workers").table();
        assert_eq!(table.matches("<td>waiting</td>").count(), 3, "{table}");
        assert_eq!(table.matches("<td>computing</td>").count(), 3, "{table}");
        assert!(table.contains("<td>knee: computing</td><td>2</td>"), "{table}");
        assert!(!table.contains("knee: waiting"), "it still rises: {table}");
        let _ = Sweep::new(1).plot("Nothing").svg();
    }

    #[test]
    fn who_computes_without_a_core_is_disturbed_and_who_waits_is_asked_nothing() {
        let mut sweep = Sweep::new(100);
        let real = Duration::from_secs(1);
        let times = [Duration::from_millis(10)]; // a hundred of them are a second
        sweep.add("computing", 1, Usage { real, user: real, ..Usage::default() }, &times);
        assert_eq!(sweep.busy("computing"), None);
        sweep.add("stolen", 1, Usage { real, user: real / 2, ..Usage::default() }, &times);
        assert_eq!(sweep.busy("computing"), None);
        let said = sweep.busy("stolen").unwrap().to_string();
        assert!(
            said.contains("It got 0.5 of the 1.0 cores that stolen by 1 worker could have used"),
            "{said}"
        );
    }
}
