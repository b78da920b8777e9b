//@ refused: and the processes that were started are
// Threads instead of processes, with ids that nobody has.

use std::process;
use std::thread;

use fastrand::Rng;
use hands::process::{Process, Registered, Task};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recipe {
    pub seed: u64,
    pub numbers: usize,
}

pub const TASKS: &[&dyn Registered] = &[&SUMMARY];

fn list(recipe: Recipe) -> Vec<u64> {
    let mut rng = Rng::with_seed(recipe.seed);
    (0..recipe.numbers).map(|_| rng.u64(0..1000)).collect()
}

pub fn lists(recipes: &[Recipe]) -> Vec<(u32, Vec<u64>)> {
    let start = |(recipe, pid): (&Recipe, u32)| {
        let recipe = *recipe;
        thread::spawn(move || (pid, list(recipe)))
    };
    let threads: Vec<_> = recipes.iter().zip(1_000_001..).map(start).collect();
    threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub pid: u32,
    pub sum: u64,
    pub largest: u64,
}

pub const SUMMARY: Task<Recipe, Summary> = Task::new("summary", |recipe| {
    let list = list(recipe);
    Summary {
        pid: process::id(),
        sum: list.iter().sum(),
        largest: list.iter().copied().max().unwrap_or(0),
    }
});

pub fn summaries(recipes: &[Recipe]) -> Vec<Summary> {
    let start = |recipe: &Recipe| Process::spawn(&SUMMARY, *recipe).expect("a process starts");
    let children: Vec<_> = recipes.iter().map(start).collect();
    children.into_iter().map(|child| child.join().expect("the child does its work")).collect()
}
