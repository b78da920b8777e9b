//! What a task costs, by the way in which it is done.

use std::fmt::{self, Write};

use crate::Usage;

/// How long a task takes when so many of them are done in this or that way, for several kinds of work.
/// It prints as a table.
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

impl<const N: usize> PerTask<N> {
    /// Nothing measured yet. `works` says what a task is: `file`.
    pub fn new(works: [&str; N]) -> Self {
        PerTask { works: works.map(str::to_owned), rows: Vec::new() }
    }

    /// Adds what so many tasks of each kind of work have cost, all of them together.
    pub fn add(&mut self, tasks: usize, way: impl Into<String>, usages: [Usage; N]) {
        self.rows.push(Row { tasks, way: way.into(), usages });
    }

    /// How many times as fast `way` is as `other`: a line for each number of tasks and kind of work.
    pub fn compare(&self, way: &str, other: &str) -> String {
        let mut out = String::new();
        for row in self.rows.iter().filter(|row| row.way == way) {
            let same = |other_row: &&Row<N>| other_row.way == other && other_row.tasks == row.tasks;
            let Some(other) = self.rows.iter().find(same) else { continue };
            for (n, work) in self.works.iter().enumerate() {
                let [time, others] = [row, other].map(|row| row.usages[n].real.as_secs_f64());
                let s = if row.tasks == 1 { "" } else { "s" };
                let _ = writeln!(
                    out,
                    "{:>5} {:10}  {:>6.2} ×",
                    row.tasks,
                    format!("{work}{s}"),
                    others / time.max(1e-9)
                );
            }
        }
        out
    }
}

impl<const N: usize> fmt::Display for PerTask<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.way.len()).max().unwrap_or(0).max(5);
        let mut head = format!("tasks  {:width$}", "using");
        for work in &self.works {
            write!(head, "  {:>12}    switches", format!("a {work}"))?;
        }
        writeln!(f, "{head}")?;
        for Row { tasks, way, usages } in &self.rows {
            let mut line = format!("{tasks:>5}  {way:width$}");
            for usage in usages {
                let each = |all: f64| all / *tasks as f64;
                let time = each(usage.real.as_secs_f64() * 1e3);
                let switches = each((usage.gave_way + usage.had_to) as f64);
                write!(line, "  {time:>9.3} ms  {switches:>5.1}/task")?;
            }
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn per_task() -> PerTask<2> {
        let mut per_task = PerTask::new(["file", "request"]);
        for (tasks, way, file, request) in [
            (4, "alone", 1, 80),
            (4, "each", 8, 40),
            (200, "alone", 50, 4000),
            (200, "each", 100, 400),
        ] {
            let usage = |ms| Usage {
                real: Duration::from_millis(ms),
                gave_way: tasks as u64,
                had_to: tasks as u64 / 2,
                ..Usage::default()
            };
            per_task.add(tasks, way, [usage(file), usage(request)]);
        }
        per_task
    }

    #[test]
    fn the_table_has_a_line_for_each_way_and_number_of_tasks() {
        assert_eq!(
            per_task().to_string(),
            "\
tasks  using        a file    switches     a request    switches
    4  alone      0.250 ms    1.5/task     20.000 ms    1.5/task
    4  each       2.000 ms    1.5/task     10.000 ms    1.5/task
  200  alone      0.250 ms    1.5/task     20.000 ms    1.5/task
  200  each       0.500 ms    1.5/task      2.000 ms    1.5/task
"
        );
    }

    #[test]
    fn two_ways_are_compared_for_each_number_and_kind_of_task() {
        assert_eq!(
            per_task().compare("each", "alone"),
            "    4 files         0.12 ×\n    4 requests      2.00 ×\n  \
               200 files         0.50 ×\n  200 requests     10.00 ×\n"
        );
        assert_eq!(per_task().compare("each", "nobody"), "");
    }
}
