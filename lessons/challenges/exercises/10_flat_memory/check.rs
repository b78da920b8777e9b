//! Pictures are counted as they come and go. With the slow stage held up, the quick one fills the
//! room that there is, and no more. Links are read as they are wanted.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use answer::{Sizes, run};
use challenges::{
    Judged, Meeting, Refusal, check, others_sleep, require, sign_of_life, wait_while,
};

challenges::answer!("../../../../challenges/10_flat_memory.rs");

const SIZES: Sizes = Sizes { io_workers: 3, queue: 8, workers: 2 };
const OTHERS: Sizes = Sizes { io_workers: 2, queue: 1, workers: 4 };

/// The most pictures that there may be at any moment.
fn most(sizes: Sizes) -> usize {
    sizes.io_workers + sizes.queue + sizes.workers
}

const LINKS: usize = 300;

/// How many more links may be read than pictures are processed. One for each download would do.
const AHEAD: usize = 3 * (3 + 8 + 2);

const STAGE: &str = "10_pipeline.md#a-stage";
const PRESSURE: &str = "10_pipeline.md#back-pressure";

fn main() {
    check("10_flat_memory", |check| {
        check.if_stuck(
            "who still has a sender? The channel closes when the last one is dropped. And is a lock held while \
             a worker downloads?",
            STAGE,
        );
        let house = House::new(SIZES);
        let mut sum = 0;
        check.part(
            "3 download, 2 process, and the pictures between them have their room and no more",
            || {
                sum = house.run();
                house.state().refusal.take().map_or(Ok(()), Err)
            },
        )?;
        check.part("everything is done when the sum is there", || all_done(&house, sum))?;
        check.part("2 download, 4 process, and there is room for one picture", || {
            let house = House::new(OTHERS);
            let sum = house.run();
            house.state().refusal.take().map_or(Ok(()), Err)?;
            all_done(&house, sum)
        })
    })
}

fn all_done(house: &House, sum: u64) -> Judged {
    let (processed, here) = {
        let state = house.state();
        (state.processed, state.here)
    };
    require(
        processed == LINKS && here == 0,
        format!("that each of {LINKS} pictures has been processed when `run` returns"),
        format!("{processed} were, and {here} are still somewhere"),
        STAGE,
    )?;
    let expected: u64 = (0..LINKS as u64).sum();
    require(
        sum == expected,
        format!("the sum of what `process` returned: {expected}"),
        format!("{sum}"),
        STAGE,
    )
}

/// Where all pictures are counted.
struct House {
    sizes: Sizes,
    state: Mutex<State>,
    changed: Condvar,
    downloads: Meeting,
    processes: Meeting,
    /// Whether a worker that has to wait sleeps.
    asleep: OnceLock<bool>,
}

#[derive(Default)]
struct State {
    read: usize,
    downloaded: usize,
    /// How many pictures there are, and how many of them are being processed.
    here: usize,
    processing: usize,
    processed: usize,
    /// The slow stage may go on.
    is_open: bool,
    refusal: Option<Refusal>,
}

/// Counted from its download until it is dropped.
struct Picture<'h> {
    number: u64,
    house: &'h House,
}

impl House {
    fn new(sizes: Sizes) -> Self {
        House {
            sizes,
            state: Mutex::default(),
            changed: Condvar::new(),
            downloads: Meeting::for_all(sizes.io_workers),
            processes: Meeting::for_all(sizes.workers),
            asleep: OnceLock::new(),
        }
    }

    fn run(&self) -> u64 {
        run(self.sizes, self.links(), |link| self.download(link), |p| self.process(p))
    }

    fn links(&self) -> impl Iterator<Item = u64> + Send {
        (0..LINKS as u64).map_while(|link| {
            sign_of_life();
            let mut state = self.state();
            state.read += 1;
            let State { read, processed, .. } = *state;
            if read > processed + AHEAD {
                self.refuse(
                    &mut state,
                    "that links are read as they are wanted, because there may be a million",
                    format!(
                        "{read} links had been read when {processed} pictures had been processed"
                    ),
                    PRESSURE,
                );
            }
            state.refusal.is_none().then_some(link)
        })
    }

    fn download(&self, number: u64) -> Picture<'_> {
        if (number as usize) < self.sizes.io_workers && !self.downloads.attend() {
            self.refuse(
                &mut self.state(),
                format!("{} downloads at the same time", self.sizes.io_workers),
                format!("at most {} at the same time", self.downloads.most()),
                STAGE,
            );
        }
        let mut state = self.state();
        state.downloaded += 1;
        state.here += 1;
        let here = state.here;
        let most = most(self.sizes);
        if here > most {
            self.refuse(
                &mut state,
                format!("{most} pictures at most: one with each worker, and {} between", self.sizes.queue),
                format!(
                    "{here} pictures at the same time, and no worker was held back: with a million links \
                     it would be a million"
                ),
                PRESSURE,
            );
        }
        self.changed.notify_all();
        Picture { number, house: self }
    }

    fn process(&self, picture: Picture<'_>) -> u64 {
        sign_of_life();
        let mut state = self.state();
        state.processing += 1;
        let processing = state.processing;
        if processing > self.sizes.workers {
            self.refuse(
                &mut state,
                format!("that at most {} pictures are processed at a time", self.sizes.workers),
                format!("{processing} were processed at the same time"),
                STAGE,
            );
        }
        let is_first = !state.is_open;
        drop(state);
        if is_first {
            self.hold_up();
        }
        thread::sleep(Duration::from_millis(1));
        let mut state = self.state();
        state.processing -= 1;
        state.processed += 1;
        drop(state);
        picture.number
    }

    /// Waits until all workers of the slow stage are here, and the others have filled the room that
    /// there is.
    fn hold_up(&self) {
        if self.state().refusal.is_none() && !self.processes.attend() {
            self.refuse(
                &mut self.state(),
                format!("that {} pictures are processed at the same time", self.sizes.workers),
                format!("at most {} at the same time", self.processes.most()),
                STAGE,
            );
        }
        let most = most(self.sizes);
        let is_filling = |state: &mut State| state.here < most && !state.is_open;
        let mut state = wait_while(&self.changed, self.state(), is_filling);
        let here = state.here;
        // A worker that asks for room before it downloads has one picture less.
        if here < self.sizes.queue + self.sizes.workers && !state.is_open {
            self.refuse(
                &mut state,
                format!(
                    "room for {} pictures between the stages: with {} being processed, {most} in all",
                    self.sizes.queue, self.sizes.workers
                ),
                format!("{here} came, and then no more"),
                PRESSURE,
            );
        }
        drop(state);
        let asleep = *self.asleep.get_or_init(others_sleep);
        state = self.state();
        if !asleep {
            self.refuse(
                &mut state,
                "that a worker sleeps while it finds the room full",
                "it computes: a loop that looks again and again keeps a core busy",
                PRESSURE,
            );
        }
        // One too many would come now.
        let mut downloaded = 0;
        while state.downloaded > downloaded && !state.is_open {
            downloaded = state.downloaded;
            drop(state);
            thread::sleep(Duration::from_millis(20));
            state = self.state();
        }
        self.open(&mut state);
    }

    fn refuse(
        &self,
        state: &mut State,
        expected: impl Into<String>,
        seen: impl Into<String>,
        page: &str,
    ) {
        let refusal = Refusal { expected: expected.into(), seen: seen.into(), page: page.into() };
        state.refusal.get_or_insert(refusal);
        self.open(state);
    }

    /// Nobody needs to wait any more.
    fn open(&self, state: &mut State) {
        state.is_open = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Picture<'_> {
    fn drop(&mut self) {
        self.house.state().here -= 1;
    }
}
