//! The gallery itself is the judge. It holds its answers until eight requests are open, should
//! never see nine, lets one go and expects the next, and counts how often it is asked for each
//! link.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use answer::download_all;
use challenges::{Judged, PATIENCE, Refusal, check, require, sign_of_life};
use pictures::download::{Client, ClientLimits, Entry, LinkOutcome, setup_download_dir};
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};

challenges::answer!("../../../../challenges/08_pool_of_8.rs");

const LINKS: usize = 24;
const AT_ONCE: usize = 8;

const EIGHT: &str = "08_downloader.md#one-by-one-then-eight";
const READ: &str = "08_downloader.md#read-it";
const COPIES: &str = "08_downloader.md#why-naive-copies-fetch-everything-twice";

fn main() {
    check("08_pool_of_8", |check| {
        let door = Arc::new(Door::default());
        let gallery = gallery(&door);
        let links: Vec<_> = (0..LINKS).map(|n| gallery.link(&path(n))).collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut entries = Vec::new();
        check.part(
            "eight requests are open, never nine, and as soon as one ends the next comes",
            || {
                let keeper = thread::spawn({
                    let door = Arc::clone(&door);
                    move || door.keep()
                });
                let client =
                    Client::new(ClientLimits { idle_per_host: AT_ONCE, ..ClientLimits::default() });
                let dir = setup_download_dir(folder.path()).expect("a folder to write to");
                entries = download_all(&client, &dir, &links);
                door.close();
                keeper.join().expect("the keeper does not panic");
                door.state().refusal.take().map_or(Ok(()), Err)
            },
        )?;
        check.part("each link is asked for once", || {
            let missing: Vec<_> =
                (0..LINKS).map(path).filter(|link| gallery.asked(link) != 1).collect();
            require(
                missing.is_empty(),
                format!("one request for each of {LINKS} links"),
                format!("something else for {}", missing.join(", ")),
                COPIES,
            )
        })?;
        check.part("each picture is saved, and the entries are in the order of the links", || {
            saved(&links, &entries)
        })
    })
}

fn path(n: usize) -> String {
    format!("/{n}.png")
}

/// Each answer must pass the door.
fn gallery(door: &Arc<Door>) -> Gallery {
    let mut builder = Gallery::builder();
    for n in 0..LINKS {
        let door = Arc::clone(door);
        let picture = Answer::picture(paint::picture(n as u64, 32, 24, Format::Png), "image/png");
        let answer = Answer::with(move |request| {
            door.pass(&request.path);
            picture.clone()
        });
        builder = builder.answer(path(n), answer);
    }
    builder.start().expect("a port on loopback")
}

fn saved(links: &[String], entries: &[Entry]) -> Judged {
    let told: Vec<_> = entries.iter().map(|entry| &entry.link).collect();
    require(
        told.iter().copied().eq(links),
        format!("an entry for each of the {LINKS} links, in their order"),
        format!("{} entries, which begin with {:?}", told.len(), &told[..told.len().min(3)]),
        READ,
    )?;
    let not_saved = entries.iter().find(|entry| entry.outcome != LinkOutcome::Saved);
    require(
        not_saved.is_none(),
        "that each picture is saved",
        not_saved.map(|entry| format!("{entry}: {:?}", entry.reason)).unwrap_or_default(),
        READ,
    )
}

/// Where answers wait until one is let go.
#[derive(Default)]
struct Door {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: BTreeSet<String>,
    /// How many have come, and how many were let go.
    come: usize,
    gone: usize,
    /// The function has returned: no more requests will come.
    closed: bool,
    refusal: Option<Refusal>,
}

impl Door {
    /// A request has come. Returns when it may be answered.
    fn pass(&self, link: &str) {
        sign_of_life();
        let mut state = self.state();
        if !state.asked.insert(link.to_owned()) {
            state.refuse(
                "one request for each link",
                format!(
                    "{link} was asked for twice: a worker that takes a link must take it away from the others"
                ),
                COPIES,
            );
        }
        let number = state.come;
        state.come += 1;
        if state.come > state.gone + AT_ONCE {
            state.refuse(
                "eight requests open, never nine",
                "a ninth came while eight were open",
                EIGHT,
            );
        }
        self.changed.notify_all();
        let is_held = |state: &mut State| state.gone <= number && state.refusal.is_none();
        drop(self.changed.wait_while(state, is_held).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets one go each time eight are there, and then expects the next.
    fn keep(&self) {
        for gone in 0..LINKS {
            let expected = LINKS.min(gone + AT_ONCE);
            let is_waiting = |state: &mut State| {
                state.come < expected && !state.closed && state.refusal.is_none()
            };
            let state = self.state();
            let (mut state, _) = self
                .changed
                .wait_timeout_while(state, PATIENCE, is_waiting)
                .unwrap_or_else(PoisonError::into_inner);
            let open = state.come.saturating_sub(gone);
            let is_judged = state.closed || state.refusal.is_some() || state.come == expected;
            if !is_judged && gone == 0 {
                state.refuse("eight requests at a time", format!("{open} at a time"), EIGHT);
            } else if !is_judged {
                state.refuse(
                    "the next request as soon as one has ended",
                    format!(
                        "one of eight has its answer, {open} are open, and nobody asked for the next: \
                         does each group of eight wait for its slowest?"
                    ),
                    EIGHT,
                );
            }
            drop(state);
            // One too many would come now.
            thread::sleep(Duration::from_millis(if gone == 0 { 100 } else { 5 }));
            self.state().gone = gone + 1;
            self.changed.notify_all();
        }
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuse(&mut self, expected: &str, seen: impl Into<String>, page: &str) {
        let refusal = Refusal { expected: expected.into(), seen: seen.into(), page: page.into() };
        self.refusal.get_or_insert(refusal);
    }
}
