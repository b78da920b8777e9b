//! Pictures count themselves. Processing is held up until as many exist as are allowed, and then
//! not one more may come.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use answer::pipeline;
use challenges::{
    Judged, Meeting, check, let_others_come, others_sleep, require, sign_of_life, wait_while,
};

challenges::answer!("../../../../challenges/10_bounded_queue.rs");

const LINKS: usize = 100;
const DOWNLOADERS: usize = 4;
const PROCESSORS: usize = 2;
const MOST: usize = DOWNLOADERS + 2 + PROCESSORS;

const PIPELINE: &str = "10_pipeline.md#back-pressure";
const SENDER: &str = "03_pool.md#two-mistakes";

fn main() {
    check("10_bounded_queue", |check| {
        check.if_stuck("a channel ends with its last sender. Which one is left?", SENDER);
        check.part("at most eight pictures exist while both stages are working", bounded)
    })
}

/// All pictures that exist, and what became of the others.
struct Memory {
    counts: Mutex<Counts>,
    changed: Condvar,
    downloads: Meeting,
    processes: Meeting,
    /// Whether those sleep who have to wait.
    asleep: OnceLock<bool>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            counts: Mutex::default(),
            changed: Condvar::new(),
            downloads: Meeting::for_all(DOWNLOADERS),
            processes: Meeting::for_all(PROCESSORS),
            asleep: OnceLock::new(),
        }
    }
}

#[derive(Default)]
struct Counts {
    links: usize,
    pictures: usize,
    most: usize,
    /// Links that were taken, and whose pictures are not processed yet.
    most_links: usize,
    processed: BTreeSet<usize>,
    twice: usize,
    /// How many pictures there were when processing was no longer held up.
    held_until: Option<usize>,
}

struct Picture {
    number: usize,
    memory: Arc<Memory>,
}

impl Drop for Picture {
    fn drop(&mut self) {
        self.memory.counts().pictures -= 1;
    }
}

impl Memory {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        sign_of_life();
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_link(&self) {
        let mut counts = self.counts();
        counts.links += 1;
        counts.most_links = counts.most_links.max(counts.links - counts.processed.len());
    }

    fn download(self: &Arc<Self>, number: usize) -> Picture {
        if number < DOWNLOADERS {
            self.downloads.attend();
        }
        let mut counts = self.counts();
        counts.pictures += 1;
        counts.most = counts.most.max(counts.pictures);
        self.changed.notify_all();
        Picture { number, memory: Arc::clone(self) }
    }

    /// Waits until as many pictures exist as are allowed.
    fn process(&self, picture: &Picture) {
        if picture.number < PROCESSORS {
            self.processes.attend();
        }
        let too_few = |counts: &mut Counts| counts.held_until.is_none() && counts.pictures < MOST;
        drop(wait_while(&self.changed, self.counts(), too_few));
        if self.counts().held_until.is_none() {
            self.asleep.get_or_init(others_sleep);
            let_others_come(Duration::from_millis(100)); // one too many would come now
        }
        let mut counts = self.counts();
        let pictures = counts.pictures;
        counts.held_until.get_or_insert(pictures);
        self.changed.notify_all();
        if !counts.processed.insert(picture.number) {
            counts.twice += 1;
        }
    }
}

fn bounded() -> Judged {
    let memory = Arc::new(Memory::default());
    let links = (0..LINKS).inspect(|_| memory.take_link());
    pipeline(links, |link| memory.download(link), |picture| memory.process(&picture));

    let counts = memory.counts();
    let Counts { most, most_links, twice, held_until, .. } = *counts;
    let done = counts.processed.len();
    require(
        done == LINKS && twice == 0,
        format!("that each of {LINKS} pictures has been processed once when `pipeline` returns"),
        format!("{done} have been, and {twice} of them more than once"),
        PIPELINE,
    )?;
    for (meeting, all, what) in [
        (&memory.downloads, DOWNLOADERS, "downloads"),
        (&memory.processes, PROCESSORS, "pictures being processed"),
    ] {
        require(
            meeting.meetings() > 0,
            format!("{all} {what} at the same time"),
            format!("{} at a time: is a lock held meanwhile?", meeting.most()),
            PIPELINE,
        )?;
    }
    let held_until = held_until.unwrap_or(0);
    require(
        most <= MOST,
        format!("{MOST} pictures in memory at most, however slow the processing"),
        format!(
            "{most} at the same time: what waits between the stages, and what holds back the first?"
        ),
        PIPELINE,
    )?;
    require(
        held_until == MOST,
        format!("that downloads go on during the processing, until there are {MOST} pictures"),
        format!("there were {held_until}, and then no more came"),
        PIPELINE,
    )?;
    require(
        memory.asleep.get() != Some(&false),
        "that a worker that finds the queue full sleeps",
        "it computes: a loop that looks again and again keeps a core busy",
        PIPELINE,
    )?;
    require(
        most_links <= MOST + 4,
        "that a link is taken only when a worker wants it",
        format!("{most_links} links had been taken whose pictures were not processed yet"),
        PIPELINE,
    )
}
