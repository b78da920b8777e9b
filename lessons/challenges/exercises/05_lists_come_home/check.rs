//! Four lists come home from four processes, with the numbers that follow from their seeds; then
//! only a few bytes of each.

use std::collections::BTreeSet;
use std::process;

use answer::{Recipe, SUMMARY, Summary, TASKS, lists, summaries};
use challenges::{Judged, Notes, check, note_start, require};
use fastrand::Rng;
use hands::process::{Process, Task, init};
use serde::Serialize;
use serde::de::DeserializeOwned;

challenges::answer!("../../../../challenges/05_lists_come_home.rs");

const NUMBERS: usize = 5000;

/// The most that a task may send home, in bytes.
const MOST: usize = 64;

const MEMORY: &str = "02_process.md#a-process";
const HOME: &str = "02_process.md#a-function-in-a-process-of-its-own";
const RECIPE: &str = "05_cpu_bound.md#who-worked-when";

fn main() {
    note_start();
    init(TASKS);
    check("05_lists_come_home", |check| {
        let notes = Notes::begin();
        check.part("four lists come home, from four processes", || lists_come_home(&notes))?;
        check.part("four summaries, from four processes", || summaries_come_home(&notes))?;
        check.part("a summary is small on its way", || small(&SUMMARY))
    })
}

fn recipes() -> Vec<Recipe> {
    [11, 23, 37, 58].map(|seed| Recipe { seed, numbers: NUMBERS }).to_vec()
}

fn expected(recipe: Recipe) -> Vec<u64> {
    let mut rng = Rng::with_seed(recipe.seed);
    (0..recipe.numbers).map(|_| rng.u64(0..1000)).collect()
}

fn lists_come_home(notes: &Notes) -> Judged {
    let recipes = recipes();
    let lists = lists(&recipes);
    require(
        lists.len() == recipes.len(),
        format!("{} lists", recipes.len()),
        format!("{}", lists.len()),
        MEMORY,
    )?;
    for (recipe, (_, list)) in recipes.iter().zip(&lists) {
        require(
            *list == expected(*recipe),
            format!("the numbers of seed {}: {}", recipe.seed, beginning(&expected(*recipe))),
            beginning(list),
            if list.is_empty() { MEMORY } else { HOME },
        )?;
    }
    four_processes(lists.into_iter().map(|(pid, _)| pid), notes)
}

fn summaries_come_home(notes: &Notes) -> Judged {
    let recipes = recipes();
    let summaries = summaries(&recipes);
    require(
        summaries.len() == recipes.len(),
        format!("{} summaries", recipes.len()),
        format!("{}", summaries.len()),
        HOME,
    )?;
    for (recipe, summary) in recipes.iter().zip(&summaries) {
        let list = expected(*recipe);
        let Summary { sum, largest, .. } = *summary;
        let right = (list.iter().sum(), list.iter().copied().max().unwrap_or(0));
        require(
            (sum, largest) == right,
            format!("of seed {}: sum {} and largest {}", recipe.seed, right.0, right.1),
            format!("sum {sum} and largest {largest}"),
            HOME,
        )?;
    }
    four_processes(summaries.into_iter().map(|summary| summary.pid), notes)
}

fn four_processes(pids: impl Iterator<Item = u32>, notes: &Notes) -> Judged {
    let pids: Vec<u32> = pids.collect();
    let me = process::id();
    require(
        !pids.contains(&me),
        "that the lists are made in processes of their own",
        format!(
            "{pids:?}, and {me} is the process of the check itself: is it a thread, or is the pid asked for after `join`?"
        ),
        HOME,
    )?;
    let started = notes.started();
    require(
        pids.iter().all(|pid| started.contains(pid)),
        "the ids of the processes that made the lists",
        format!("{pids:?}, and the processes that were started are {started:?}"),
        HOME,
    )?;
    let distinct = pids.iter().collect::<BTreeSet<_>>().len();
    require(
        distinct == 4,
        "4 distinct processes, one for each recipe",
        format!(
            "{distinct} distinct: {pids:?} (a pool doesn't promise each recipe a worker of its own)"
        ),
        HOME,
    )
}

/// Runs the task as the answer does, and looks at what it returns, whatever its type is.
fn small<R: Serialize + DeserializeOwned + 'static>(summary: &Task<Recipe, R>) -> Judged {
    let recipe = recipes()[0];
    let child = Process::spawn(summary, recipe).expect("a process starts");
    let result = child.join().unwrap_or_else(|failure| panic!("{failure}"));
    let bytes = postcard::to_stdvec(&result).map_or(0, |bytes| bytes.len());
    require(
        bytes <= MOST,
        format!("that the task SUMMARY returns no more than {MOST} bytes for one recipe"),
        format!("{bytes} bytes: send the recipe instead of the data, and let the answer be small"),
        RECIPE,
    )
}

fn beginning(list: &[u64]) -> String {
    match list {
        [] => "an empty list: what the children had in theirs died with them".to_owned(),
        _ if list.len() <= 6 => format!("{list:?}"),
        _ => format!("{:?} and {} more", &list[..6], list.len() - 6),
    }
}
