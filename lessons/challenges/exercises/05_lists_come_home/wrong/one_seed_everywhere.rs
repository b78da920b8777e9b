//@ refused: the numbers of seed
// Each process begins with the same seed, so all lists are the same.

use std::process;

use fastrand::Rng;
use hands::process::{Process, Registered, Task};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Job {
    pub seed: u64,
    pub numbers: usize,
}

pub const TASKS: &[&dyn Registered] = &[&LIST, &SUMMARY];

const LIST: Task<Job, (u32, Vec<u64>)> = Task::new("list", |job| (process::id(), list(job)));

fn list(job: Job) -> Vec<u64> {
    let mut rng = Rng::with_seed(42);
    (0..job.numbers).map(|_| rng.u64(0..1000)).collect()
}

pub fn lists(jobs: &[Job]) -> Vec<(u32, Vec<u64>)> {
    let start = |job: &Job| Process::spawn(&LIST, *job).expect("a process starts");
    let children: Vec<_> = jobs.iter().map(start).collect();
    children.into_iter().map(|child| child.join().expect("the child does its work")).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub pid: u32,
    pub sum: u64,
    pub largest: u64,
}

pub const SUMMARY: Task<Job, Summary> = Task::new("summary", |job| {
    let list = list(job);
    Summary {
        pid: process::id(),
        sum: list.iter().sum(),
        largest: list.iter().copied().max().unwrap_or(0),
    }
});

pub fn summaries(jobs: &[Job]) -> Vec<Summary> {
    let start = |job: &Job| Process::spawn(&SUMMARY, *job).expect("a process starts");
    let children: Vec<_> = jobs.iter().map(start).collect();
    children.into_iter().map(|child| child.join().expect("the child does its work")).collect()
}
