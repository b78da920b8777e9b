//@ refused: at most 5 files are begun
// A window of eight, because it was eight.

use std::io;
use std::ops::ControlFlow;

use hands::pool::{Failure, ThreadPool};

#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub workers: usize,
    pub window: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Line { file: String, number: usize, text: String },
    Failed { file: String, reason: String },
}

pub fn grep(
    pattern: &str,
    files: Vec<String>,
    sizes: Sizes,
    read: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    mut report: impl FnMut(Found) -> ControlFlow<()>,
) {
    let pool = ThreadPool::new(sizes.workers).expect("the threads start");
    let pattern = pattern.to_owned();
    let search = move |file: String| match read(&file) {
        Ok(text) => lines(&pattern, &file, &text),
        Err(error) => vec![Found::Failed { file, reason: error.to_string() }],
    };
    let outcomes = pool.window(8).imap(search, files.clone());
    for (file, outcome) in files.into_iter().zip(outcomes) {
        let found = outcome.unwrap_or_else(|error| {
            let reason = match error.failure {
                Failure::Panicked(panic) => panic.message,
                other => other.to_string(),
            };
            vec![Found::Failed { file, reason }]
        });
        for found in found {
            if report(found).is_break() {
                return;
            }
        }
    }
}

fn lines(pattern: &str, file: &str, text: &str) -> Vec<Found> {
    let numbered = text.lines().zip(1..).filter(|(line, _)| line.contains(pattern));
    let found = |(line, number): (&str, usize)| Found::Line {
        file: file.into(),
        number,
        text: line.into(),
    };
    numbered.map(found).collect()
}
