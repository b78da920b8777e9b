// Bring the lists home, and then only what counts.
//
// This was a Python program, and is nearly unchanged: each process appends its numbers to a list,
// and in the end nobody has them. A static isn't shared between processes: each child fills a list
// of its own, which dies with it.
//
// Part 1. `lists` makes the list of each recipe in a process of its own, and returns the lists in
//         the order of the recipes, each with the id of the process that made it:
//         `std::process::id()`.
// Part 2. `summaries` does the same, but no list comes home: what the task `SUMMARY` returns for a
//         recipe takes at most 64 bytes.
//
// Change the tasks as you like, what goes in and what comes out. Name each of them in `TASKS`: the
// check gives these to `process::init`. It sees which processes there were and what came home, but
// not who made the numbers. If the parent did, that would pass, and miss the point.

use std::sync::Mutex;

use fastrand::Rng;
use hands::process::{Process, Registered, Task};
use serde::{Deserialize, Serialize};

/// How to make a list: call `rng.u64(0..1000)` this many times, on an `Rng::with_seed(seed)`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recipe {
    pub seed: u64,
    pub numbers: usize,
}

pub const TASKS: &[&dyn Registered] = &[&APPEND, &SUMMARY];

static LIST: Mutex<Vec<u64>> = Mutex::new(Vec::new());

const APPEND: Task<Recipe, ()> = Task::new("append", |recipe| {
    let mut rng = Rng::with_seed(recipe.seed);
    for _ in 0..recipe.numbers {
        LIST.lock().unwrap().push(rng.u64(0..1000));
    }
});

pub fn lists(recipes: &[Recipe]) -> Vec<(u32, Vec<u64>)> {
    let start = |recipe: &Recipe| Process::spawn(&APPEND, *recipe).expect("a process starts");
    let children: Vec<_> = recipes.iter().map(start).collect();
    for child in children {
        child.join().expect("the child does its work");
    }
    let length = LIST.lock().unwrap().len();
    todo!("{length} numbers have come home: return the lists")
}

/// What part 2 wants to know about each list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub pid: u32,
    pub sum: u64,
    pub largest: u64,
}

pub const SUMMARY: Task<Recipe, ()> =
    Task::new("summary", |_job| todo!("make the list, and return little"));

pub fn summaries(recipes: &[Recipe]) -> Vec<Summary> {
    todo!("{} summaries", recipes.len())
}
