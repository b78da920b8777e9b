//! How to make a list, and the ways to have many of them made.

use anyhow::Result;
use hands::pool::{ProcessPool, ThreadPool};
use hands::process::Task;
use hands::timeline::span;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use stealing::ShowSteals;

// ANCHOR: list
/// What a worker is sent: how to make a list, not the list.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) numbers: usize,
}

pub(crate) fn list_append(recipe: Recipe) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(recipe.seed);
    let mut list = Vec::new();
    for _ in 0..recipe.numbers {
        list.push(random.f64());
    }
    list
}

/// Makes a list, and returns one number that depends on all of it. The list stays where it is.
fn list_checksum(recipe: Recipe) -> u64 {
    let _span = span(format!("list {}", recipe.seed));
    checksum(&list_append(recipe))
}

fn checksum(list: &[f64]) -> u64 {
    list.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.to_bits()))
}
// ANCHOR_END: list

// ANCHOR: ways
pub(crate) const LIST_APPEND: Task<Recipe, Vec<f64>> = Task::new("list_append", list_append);
pub(crate) const LIST_CHECKSUM: Task<Recipe, u64> = Task::new("list_checksum", list_checksum);

impl Way {
    pub(crate) fn checksums(self, workers: usize, recipes: Vec<Recipe>) -> Result<Vec<u64>> {
        Ok(match self {
            Way::OneByOne => recipes.into_iter().map(list_checksum).collect(),
            Way::ThreadPool => ThreadPool::new(workers)?.map(list_checksum, recipes)?,
            Way::ProcessPool => ProcessPool::new(workers)?.map(&LIST_CHECKSUM, recipes)?,
            Way::ProcessPoolHome => ProcessPool::new(workers)?
                .window(2 * workers)
                .imap(&LIST_APPEND, recipes)
                .map(|list| Ok(checksum(&list?)))
                .collect::<Result<_>>()?,
            Way::Rayon => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build()?;
                pool.install(|| recipes.into_par_iter().show_steals().map(list_checksum).collect())
            }
        })
    }
}
// ANCHOR_END: ways

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Way {
    /// One thread, no pool
    OneByOne,
    /// A pool of threads
    #[value(alias = "threads")]
    ThreadPool,
    /// A pool of processes; each list stays in the process that made it
    #[value(alias = "processes")]
    ProcessPool,
    /// A pool of processes; each list is sent home
    ProcessPoolHome,
    /// rayon's threads
    Rayon,
}
