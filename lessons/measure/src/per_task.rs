//! What a task costs, depending on how it is done.

use std::fmt::{self, Write};

use crate::Usage;

/// How long a task takes and how many context switches it costs, for several kinds of work, each
/// done in several ways and for several numbers of tasks. It prints as two tables.
#[derive(Clone, Debug)]
pub struct PerTask<const N: usize> {
    works: [String; N],
    rows: Vec<Row<N>>,
}

#[derive(Clone, Debug)]
struct Row<const N: usize> {
    tasks: usize,
    way: String,
    usages: [Usage; N],
}

impl<const N: usize> Row<N> {
    fn seconds(&self, work: usize) -> f64 {
        self.usages[work].real.as_secs_f64().max(1e-9)
    }
}

impl<const N: usize> PerTask<N> {
    /// Nothing measured yet. `works` says what a task is: `a file`.
    pub fn new(works: [&str; N]) -> Self {
        PerTask { works: works.map(str::to_owned), rows: Vec::new() }
    }

    /// Adds what `tasks` tasks of each kind of work have cost together, done in this way.
    pub fn add(&mut self, tasks: usize, way: impl Into<String>, usages: [Usage; N]) {
        self.rows.push(Row { tasks, way: way.into(), usages });
    }

    /// How long a task takes: the time for all of them, divided by their number.
    pub fn times(&self) -> String {
        self.table("time for each task", |row, work| {
            format!("{:.3} ms", row.seconds(work) * 1e3 / row.tasks as f64)
        })
    }

    /// How many context switches a task costs.
    pub fn switches(&self) -> String {
        self.table("context switches for each task, voluntary + involuntary", |row, work| {
            row.usages[work].switches(row.tasks)
        })
    }

    fn table(&self, title: &str, cell: impl Fn(&Row<N>, usize) -> String) -> String {
        let lines =
            self.rows.iter().map(|row| self.line(row.tasks, &row.way, |work| cell(row, work)));
        format!("{title}\n{}{}", self.head(), lines.collect::<String>())
    }

    /// How many times faster `way` is than `other`, with a line for each number of tasks.
    pub fn compare(&self, way: &str, other: &str) -> String {
        let mut out = format!("speed of {way} relative to {other}\n{}", self.head());
        for row in self.rows.iter().filter(|row| row.way == way) {
            let same = |of: &&Row<N>| of.way == other && of.tasks == row.tasks;
            let Some(other) = self.rows.iter().find(same) else { continue };
            let ratio = |work| format!("{:.2} ×", other.seconds(work) / row.seconds(work));
            out += &self.line(row.tasks, "", ratio);
        }
        out
    }

    fn head(&self) -> String {
        let mut line = format!("tasks  {:width$}", "using", width = self.width());
        for work in &self.works {
            let _ = write!(line, "  {work:>12}");
        }
        line + "\n"
    }

    fn line(&self, tasks: usize, way: &str, cell: impl Fn(usize) -> String) -> String {
        let mut line = format!("{tasks:>5}  {way:width$}", width = self.width());
        for work in 0..N {
            let _ = write!(line, "  {:>12}", cell(work));
        }
        line + "\n"
    }

    fn width(&self) -> usize {
        self.rows.iter().map(|row| row.way.len()).max().unwrap_or(0).max(5)
    }
}

/// Both tables.
impl<const N: usize> fmt::Display for PerTask<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.times(), self.switches())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn per_task() -> PerTask<2> {
        let mut per_task = PerTask::new(["a file", "a request"]);
        for (tasks, way, file, request) in [
            (4, "alone", 1, 80),
            (4, "each", 8, 40),
            (200, "alone", 50, 4000),
            (200, "each", 100, 400),
        ] {
            let usage = |ms| Usage {
                real: Duration::from_millis(ms),
                voluntary: tasks as u64,
                involuntary: tasks as u64 / 2,
                ..Usage::default()
            };
            per_task.add(tasks, way, [usage(file), usage(request)]);
        }
        per_task
    }

    #[test]
    fn the_tables_have_a_line_for_each_way_and_number_of_tasks() {
        assert_eq!(
            per_task().to_string(),
            "\
time for each task
tasks  using        a file     a request
    4  alone      0.250 ms     20.000 ms
    4  each       2.000 ms     10.000 ms
  200  alone      0.250 ms     20.000 ms
  200  each       0.500 ms      2.000 ms

context switches for each task, voluntary + involuntary
tasks  using        a file     a request
    4  alone     1.0 + 0.5     1.0 + 0.5
    4  each      1.0 + 0.5     1.0 + 0.5
  200  alone     1.0 + 0.5     1.0 + 0.5
  200  each      1.0 + 0.5     1.0 + 0.5
"
        );
    }

    #[test]
    fn two_ways_are_compared_for_each_number_and_kind_of_task() {
        assert_eq!(
            per_task().compare("each", "alone"),
            "\
speed of each relative to alone
tasks  using        a file     a request
    4               0.12 ×        2.00 ×
  200               0.50 ×       10.00 ×
"
        );
        assert_eq!(per_task().compare("each", "nobody").lines().count(), 2);
    }
}
