//! The same tasks with more and more workers, and where more of them stop to help.

use std::fmt;
use std::time::Duration;

use lessons::plot::{Axis, Plot};

use crate::Usage;

/// The share of the best rate that is as good as the best: the rest is noise, and costs many workers.
const NEARLY: f64 = 0.9;

/// How many tasks are done in a second by how many workers, and how long each takes; for several kinds of work. It
/// prints as a table.
#[derive(Clone, Debug)]
pub struct Sweep {
    tasks: usize,
    points: Vec<Point>,
}

#[derive(Clone, Debug)]
struct Point {
    work: String,
    workers: usize,
    usage: Usage,
    /// How long a task took, on average.
    each: Duration,
}

/// The point of a curve from which on more workers hardly help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The fewest workers that reach 90 % of the best rate.
    pub workers: usize,
    /// Tasks per second, with so many workers.
    pub rate: f64,
    /// Tasks per second at the best, with however many.
    pub best: f64,
}

impl Sweep {
    /// Nothing measured yet. Each run will do so many tasks.
    pub fn new(tasks: usize) -> Self {
        Sweep { tasks, points: Vec::new() }
    }

    /// Adds a run of all tasks, with the times that they took.
    pub fn add(
        &mut self,
        work: impl Into<String>,
        workers: usize,
        usage: Usage,
        times: &[Duration],
    ) {
        let seconds: f64 = times.iter().map(Duration::as_secs_f64).sum();
        let each = Duration::from_secs_f64(seconds / times.len().max(1) as f64);
        self.points.push(Point { work: work.into(), workers, usage, each });
    }

    /// Tasks per second.
    fn rate(&self, point: &Point) -> f64 {
        self.tasks as f64 / point.usage.real.as_secs_f64().max(1e-9)
    }

    /// Workers and tasks per second, in the order of the workers.
    fn curve(&self, work: &str) -> Vec<(usize, f64)> {
        let points = self.points.iter().filter(|point| point.work == work);
        let mut curve: Vec<_> = points.map(|point| (point.workers, self.rate(point))).collect();
        curve.sort_by_key(|&(workers, _)| workers);
        curve
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

    /// Where the curve of this work bends, or `None` if there is none.
    // ANCHOR: knee
    pub fn knee(&self, work: &str) -> Option<Knee> {
        let curve = self.curve(work);
        let best = curve.iter().map(|&(_, rate)| rate).max_by(f64::total_cmp)?;
        let (workers, rate) = curve.into_iter().find(|&(_, rate)| rate >= NEARLY * best)?;
        Some(Knee { workers, rate, best })
    }
    // ANCHOR_END: knee

    /// The picture: a curve for each kind of work, with its knee marked.
    pub fn plot(&self, title: &str) -> Plot {
        let mut plot = Plot::new(title, Axis::log2("workers"), "tasks per second");
        for work in self.works() {
            let curve = self.curve(work).into_iter();
            plot = plot.curve(work, curve.map(|(workers, rate)| (workers as f64, rate)));
        }
        for work in self.works() {
            if let Some(knee) = self.knee(work) {
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
            let mut points: Vec<&Point> = self.points.iter().filter(|p| p.work == work).collect();
            points.sort_by_key(|point| point.workers);
            for point in points {
                writeln!(
                    f,
                    "{work:width$}  {:>7}  {:>10.1}/s  {:>9.2} ms  {:>9}",
                    point.workers,
                    self.rate(point),
                    point.each.as_secs_f64() * 1e3,
                    point.usage.switches(self.tasks),
                )?;
            }
        }
        for work in self.works() {
            if let Some(knee) = self.knee(work) {
                let s = if knee.workers == 1 { "" } else { "s" };
                writeln!(
                    f,
                    "Knee of {work}: {} worker{s} with {:.1}/s, at least 90 % of the best, {:.1}/s",
                    knee.workers, knee.rate, knee.best
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep() -> Sweep {
        let mut sweep = Sweep::new(100);
        for (work, workers, seconds) in [
            ("waiting", 1, 8.0),
            ("computing", 1, 2.0),
            ("waiting", 4, 2.0),
            ("waiting", 2, 4.0), // in any order
            ("computing", 2, 1.05),
            ("computing", 4, 1.0),
        ] {
            let usage = Usage {
                real: Duration::from_secs_f64(seconds),
                voluntary: 200,
                involuntary: 5,
                ..Usage::default()
            };
            sweep.add(work, workers, usage, &[1, 3].map(Duration::from_millis));
        }
        sweep
    }

    #[test]
    fn the_knee_is_the_fewest_workers_near_the_best() {
        let sweep = sweep();
        let knee = sweep.knee("computing").unwrap();
        assert_eq!((knee.workers, knee.best), (2, 100.0));
        assert!((knee.rate - 100.0 / 1.05).abs() < 1e-9);
        assert_eq!(sweep.knee("waiting").unwrap().workers, 4, "it still rises");
        assert_eq!(sweep.knee("sleeping"), None);
    }

    #[test]
    fn the_table_has_a_row_for_each_run_and_a_line_for_each_knee() {
        assert_eq!(
            sweep().to_string(),
            "\
work       workers         tasks    each takes   switches
waiting          1        12.5/s       2.00 ms  2.0 + 0.1
waiting          2        25.0/s       2.00 ms  2.0 + 0.1
waiting          4        50.0/s       2.00 ms  2.0 + 0.1
computing        1        50.0/s       2.00 ms  2.0 + 0.1
computing        2        95.2/s       2.00 ms  2.0 + 0.1
computing        4       100.0/s       2.00 ms  2.0 + 0.1
Knee of waiting: 4 workers with 50.0/s, at least 90 % of the best, 50.0/s
Knee of computing: 2 workers with 95.2/s, at least 90 % of the best, 100.0/s
"
        );
    }

    #[test]
    fn the_plot_has_a_curve_for_each_work_and_marks_its_knee() {
        let table = sweep().plot("Workers").table();
        assert_eq!(table.matches("<td>waiting</td>").count(), 3, "{table}");
        assert_eq!(table.matches("<td>computing</td>").count(), 3, "{table}");
        assert!(table.contains("<td>knee: computing</td><td>2</td>"), "{table}");
        let _ = Sweep::new(1).plot("Nothing").svg();
    }
}
