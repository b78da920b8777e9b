// Bring the lists home, and then only what counts.
//
// A program from Python, almost as it was: each process appends its numbers to a list, and in the end nobody has
// them. A static is not shared between processes: each child fills a list of its own, which dies with it.
//
// Part 1. `lists` makes the list of each job in a process of its own, and returns them in the order of the jobs, each
//         with the number (pid) of the process that has made it: `std::process::id()`.
// Part 2. `summaries` does the same, and no list comes home: what the task `SUMMARY` returns for one job takes 64
//         bytes at most.
//
// Change the tasks as you like, what goes in and what comes out. Name each of them in `TASKS`: that is what the
// check gives to `process::init`.

use std::sync::Mutex;

use fastrand::Rng;
use hands::process::{Process, Registered, Task};
use serde::{Deserialize, Serialize};

/// The list of a job is: so many times `rng.u64(0..1000)`, of an `Rng::with_seed(seed)`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Job {
    pub seed: u64,
    pub numbers: usize,
}

pub const TASKS: &[&dyn Registered] = &[&APPEND, &SUMMARY];

static LIST: Mutex<Vec<u64>> = Mutex::new(Vec::new());

const APPEND: Task<Job, ()> = Task::new("append", |job| {
    let mut rng = Rng::with_seed(job.seed);
    for _ in 0..job.numbers {
        LIST.lock().unwrap().push(rng.u64(0..1000));
    }
});

pub fn lists(jobs: &[Job]) -> Vec<(u32, Vec<u64>)> {
    let start = |job: &Job| Process::spawn(&APPEND, *job).expect("a process starts");
    let children: Vec<_> = jobs.iter().map(start).collect();
    for child in children {
        child.join().expect("the child does its work");
    }
    let length = LIST.lock().unwrap().len();
    todo!("{length} numbers have come home: return the lists")
}

/// What is asked of each list in part 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub pid: u32,
    pub sum: u64,
    pub largest: u64,
}

pub const SUMMARY: Task<Job, ()> =
    Task::new("summary", |_job| todo!("make the list, and return little"));

pub fn summaries(jobs: &[Job]) -> Vec<Summary> {
    todo!("{} summaries", jobs.len())
}
