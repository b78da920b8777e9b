//! Tasks that several tests use.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hands::pool::ProcessPool;
use hands::process::Task;
use serde::{Deserialize, Serialize};

use crate::support::{Place, note, open, pass, wait_until};

pub(crate) const SAME: Task<u64, u64> = Task::new("same", |n| n);

pub(crate) const PID: Task<(), u32> = Task::new("pid", |()| std::process::id());

/// Waits until this many processes are in the folder, and returns its own id.
pub(crate) const MEET: Task<(PathBuf, usize), u32> = Task::new("meet", |(folder, count)| {
    let me = std::process::id();
    open(&folder.join(me.to_string()));
    wait_until("the others to come", || {
        fs::read_dir(&folder).is_ok_and(|entries| entries.count() >= count)
    });
    me
});

/// Fails if it is 3 or 7.
pub(crate) const FUSSY: Task<(u64, PathBuf), u64> = Task::new("fussy", |(n, journal)| {
    note(&journal, n);
    assert!(n != 3 && n != 7, "bad {n}");
    n
});

pub(crate) const ERRAND: Task<Errand, usize> = Task::new("errand", Errand::run);

/// A task that notes that it has begun, opens a door, waits at another, notes that it has ended,
/// and returns its number. It does only what it was asked to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Errand {
    number: usize,
    begins: Option<PathBuf>,
    opens: Option<PathBuf>,
    waits: Option<PathBuf>,
    ends: Option<PathBuf>,
}

impl Errand {
    pub(crate) fn new(number: usize) -> Self {
        Errand { number, ..Errand::default() }
    }

    pub(crate) fn noting_its_begin_in(self, journal: &Path) -> Self {
        Errand { begins: Some(journal.to_owned()), ..self }
    }

    pub(crate) fn opening(self, door: &Path) -> Self {
        Errand { opens: Some(door.to_owned()), ..self }
    }

    pub(crate) fn waiting_at(self, door: &Path) -> Self {
        Errand { waits: Some(door.to_owned()), ..self }
    }

    pub(crate) fn noting_its_end_in(self, journal: &Path) -> Self {
        Errand { ends: Some(journal.to_owned()), ..self }
    }

    fn run(self) -> usize {
        self.begins.inspect(|journal| note(journal, self.number));
        self.opens.inspect(|door| open(door));
        self.waits.inspect(|door| pass(door));
        self.ends.inspect(|journal| note(journal, self.number));
        self.number
    }
}

/// The processes of all workers.
pub(crate) fn workers_of(pool: &ProcessPool) -> BTreeSet<u32> {
    let place = Place::new();
    let meet = |_| pool.submit(&MEET, (place.path(""), pool.workers()));
    let handles: Vec<_> = (0..pool.workers()).map(meet).collect();
    let pids: BTreeSet<_> = handles.into_iter().map(|h| h.join().expect("they meet")).collect();
    assert_eq!(pids.len(), pool.workers());
    pids
}
