//! What a pool did in one part of a run, so that a page can schedule its tasks again with other
//! numbers of workers.

use std::collections::BTreeMap;
use std::time::Duration;

use hands::timeline::{Span, Trace};
use serde::Serialize;

use crate::html::escape;

/// A page gets no more tasks than this.
const MOST: usize = 2000;

/// The tasks of a pool, in the order of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PoolRun {
    workers: usize,
    /// How many inputs went to a worker together. `None` if chunks had several sizes.
    chunk: Option<usize>,
    /// How long the part took, in seconds.
    seconds: f64,
    /// From the start of the part to the start of its first task, and from the end of its last task
    /// to the end of the part, in seconds.
    lead: f64,
    tail: f64,
    /// The spans of each task: what it did, when (counted from the task's start), and for how long.
    tasks: Vec<Vec<(String, f64, f64)>>,
}

impl PoolRun {
    /// What one pool did in this part. `None` unless the part is one call with more tasks than
    /// workers: tasks handed out in several rounds may need each other, which no model knows.
    pub(crate) fn from_part(part: &Trace) -> Option<PoolRun> {
        let workers: Vec<usize> = (0..part.rows().len())
            .filter(|&row| part.rows()[row].name.strip_prefix("worker ").is_some_and(is_number))
            .collect();
        // Others worked as well. (The first row is the one that started the part.)
        if part.rows().iter().enumerate().any(|(row, _)| row > 0 && !workers.contains(&row)) {
            return None;
        }
        let mut tasks: BTreeMap<usize, Vec<&Span>> = BTreeMap::new();
        let mut chunks: BTreeMap<usize, usize> = BTreeMap::new();
        for &row in &workers {
            let mut spans: Vec<&Span> =
                part.spans().iter().filter(|span| span.row == row).collect();
            spans.sort_by_key(|span| span.start);
            let mut last = None;
            for span in spans {
                let Some(id) = span.task else { continue }; // an initializer's
                if last != Some(id.task) {
                    if tasks.contains_key(&id.task) {
                        return None; // another call's
                    }
                    *chunks.entry(id.chunk).or_default() += 1;
                    last = Some(id.task);
                }
                tasks.entry(id.task).or_default().push(span);
            }
        }
        if tasks.len() <= workers.len() || tasks.len() > MOST {
            return None;
        }
        let first = tasks.values().flatten().map(|span| span.start).min()?;
        let last = tasks.values().flatten().map(|span| span.end).max()?;
        let sizes: Vec<usize> = chunks.into_values().collect();
        let (rest, others) = sizes.split_last()?;
        let size = others.first().unwrap_or(rest);
        let is_one = others.iter().all(|other| other == size) && rest <= size;
        Some(PoolRun {
            workers: workers.len(),
            chunk: is_one.then_some(*size),
            seconds: seconds(part.length()),
            lead: seconds(first.saturating_sub(part.start())),
            tail: seconds(part.end().saturating_sub(last)),
            tasks: tasks.into_values().map(|spans| parts(&spans)).collect(),
        })
    }

    /// Itself, as an attribute of the picture.
    pub(crate) fn attribute(&self) -> String {
        let json = serde_json::to_string(self).expect("plain text and numbers");
        format!(" data-pool=\"{}\"", escape(&json))
    }
}

fn parts(spans: &[&Span]) -> Vec<(String, f64, f64)> {
    let start = spans.first().map_or(Duration::ZERO, |span| span.start);
    let part = |span: &&Span| {
        let from = span.start.saturating_sub(start);
        (span.name.clone(), seconds(from), seconds(span.length()))
    };
    spans.iter().map(part).collect()
}

/// To the microsecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hands::timeline::TaskId;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(1000 + ms)
    }

    fn part(rows: &[&str]) -> Trace {
        let mut trace = Trace::new("part", at(0), at(1000));
        for row in rows {
            trace.add_row(*row, 1);
        }
        trace
    }

    /// Row, task, chunk, from, to.
    fn add(trace: &mut Trace, spans: &[(usize, usize, usize, u64, u64)]) {
        for &(row, task, chunk, from, to) in spans {
            let name = format!("sleep {task}");
            trace.add(Span::new(row, name, at(from), at(to)).with_task(TaskId { task, chunk }));
        }
    }

    #[test]
    fn tasks_come_in_the_order_of_the_inputs_whoever_did_them() {
        let mut trace = part(&["main", "worker 1", "worker 2"]);
        // Chunks of two: 5 and 6 went to the second worker while the first had 7 and 8.
        add(&mut trace, &[(1, 7, 7, 20, 300), (1, 8, 7, 300, 400)]);
        add(&mut trace, &[(2, 5, 5, 10, 110), (2, 6, 5, 110, 310), (2, 9, 9, 310, 900)]);
        let run = PoolRun::from_part(&trace).unwrap();
        let names: Vec<&str> = run.tasks.iter().map(|task| &*task[0].0).collect();
        assert_eq!(names, ["sleep 5", "sleep 6", "sleep 7", "sleep 8", "sleep 9"]);
        assert_eq!((run.workers, run.chunk), (2, Some(2)));
        assert_eq!((run.seconds, run.lead, run.tail), (1.0, 0.01, 0.1));
        assert_eq!(run.tasks[1], [("sleep 6".to_owned(), 0.0, 0.2)]);
    }

    #[test]
    fn a_task_may_have_several_spans_and_an_initializer_is_no_task() {
        let mut trace = part(&["main", "worker 1"]);
        add(&mut trace, &[(1, 0, 0, 100, 200), (1, 0, 0, 250, 300), (1, 1, 1, 300, 400)]);
        trace.add_span(1, "setup", at(50), at(100));
        let run = PoolRun::from_part(&trace).unwrap();
        assert_eq!(
            run.tasks[0],
            [("sleep 0".to_owned(), 0.0, 0.1), ("sleep 0".to_owned(), 0.15, 0.05)]
        );
        assert_eq!(run.tasks.len(), 2);
    }

    #[test]
    fn chunks_that_shrink_have_no_size() {
        let mut trace = part(&["main", "worker 1"]);
        add(
            &mut trace,
            &[(1, 0, 0, 0, 10), (1, 1, 0, 10, 20), (1, 2, 2, 20, 30), (1, 3, 3, 30, 40)],
        );
        assert_eq!(PoolRun::from_part(&trace).unwrap().chunk, None);
    }

    #[test]
    fn what_is_no_single_call_of_a_pool_is_left_alone() {
        let mut each = part(&["main", "thread 1"]);
        add(&mut each, &[(1, 0, 0, 0, 10), (1, 1, 1, 10, 20)]);
        assert_eq!(PoolRun::from_part(&each), None, "no workers");

        let mut few = part(&["main", "worker 1", "worker 2"]);
        add(&mut few, &[(1, 0, 0, 0, 10), (2, 1, 1, 10, 20)]);
        assert_eq!(PoolRun::from_part(&few), None, "no queue");

        let mut rounds = part(&["main", "worker 1"]);
        add(&mut rounds, &[(1, 0, 0, 0, 10), (1, 1, 1, 10, 20), (1, 0, 0, 20, 30)]);
        assert_eq!(PoolRun::from_part(&rounds), None, "two calls");

        let mut old = part(&["main", "worker 1"]);
        old.add_span(1, "sleep 0", at(0), at(10));
        old.add_span(1, "sleep 1", at(10), at(20));
        assert_eq!(PoolRun::from_part(&old), None, "recorded before tasks had numbers");
    }

    #[test]
    fn names_cannot_end_the_attribute() {
        let mut trace = part(&["main", "worker 1"]);
        let first = Span::new(1, "\"<b>&'\\", at(0), at(10));
        trace.add(first.with_task(TaskId { task: 0, chunk: 0 }));
        add(&mut trace, &[(1, 1, 1, 10, 20)]);
        let attribute = PoolRun::from_part(&trace).unwrap().attribute();
        assert_eq!(attribute.matches('"').count(), 2, "{attribute}");
        assert!(!attribute.contains('<'), "{attribute}");
    }
}
