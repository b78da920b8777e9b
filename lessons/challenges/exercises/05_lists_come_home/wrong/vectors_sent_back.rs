//@ refused: 64 bytes
// The lists come home again, and are summed up here.

use std::process;

use fastrand::Rng;
use hands::process::{Process, Registered, Task};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recipe {
    pub seed: u64,
    pub numbers: usize,
}

pub const TASKS: &[&dyn Registered] = &[&LIST, &SUMMARY];

const LIST: Task<Recipe, (u32, Vec<u64>)> =
    Task::new("list", |recipe| (process::id(), list(recipe)));

fn list(recipe: Recipe) -> Vec<u64> {
    let mut rng = Rng::with_seed(recipe.seed);
    (0..recipe.numbers).map(|_| rng.u64(0..1000)).collect()
}

pub fn lists(recipes: &[Recipe]) -> Vec<(u32, Vec<u64>)> {
    let start = |recipe: &Recipe| Process::spawn(&LIST, *recipe).expect("a process starts");
    let children: Vec<_> = recipes.iter().map(start).collect();
    children.into_iter().map(|child| child.join().expect("the child does its work")).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub pid: u32,
    pub sum: u64,
    pub largest: u64,
}

pub const SUMMARY: Task<Recipe, (u32, Vec<u64>)> =
    Task::new("summary", |recipe| (process::id(), list(recipe)));

pub fn summaries(recipes: &[Recipe]) -> Vec<Summary> {
    let start = |recipe: &Recipe| Process::spawn(&SUMMARY, *recipe).expect("a process starts");
    let children: Vec<_> = recipes.iter().map(start).collect();
    let summary = |child: Process<(u32, Vec<u64>)>| {
        let (pid, list) = child.join().expect("the child does its work");
        Summary { pid, sum: list.iter().sum(), largest: list.iter().copied().max().unwrap_or(0) }
    };
    children.into_iter().map(summary).collect()
}
