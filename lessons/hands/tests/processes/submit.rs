//! Tasks submitted one by one, their handles, and `as_completed`, on worker processes.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use hands::pool::{Failure, ProcessPool, as_completed};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Place, Result, is_gone, numbers_in, open, wait_until};
use crate::tasks::{ERRAND, Errand, FUSSY, SAME, workers_of};

pub(crate) fn handles_can_be_joined_in_any_order() -> Result {
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(2)?;
    let waiting = pool.submit(&ERRAND, Errand::new(0).waiting_at(&door));
    let opening = pool.submit(&ERRAND, Errand::new(1).opening(&door));
    assert_eq!((waiting.task(), opening.task()), (0, 1));
    assert_eq!(waiting.join(), Ok(0));
    assert_eq!(opening.join(), Ok(1));
    Ok(())
}

pub(crate) fn as_completed_yields_in_completion_order_with_its_key() -> Result {
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(2)?;
    let handles = [
        ("waits", pool.submit(&ERRAND, Errand::new(0).waiting_at(&door))),
        ("goes", pool.submit(&ERRAND, Errand::new(1))),
        ("goes, too", pool.submit(&ERRAND, Errand::new(2))),
    ];
    let mut completed = as_completed(handles);
    assert_eq!(completed.len(), 3);
    assert_eq!(completed.next(), Some(("goes", Ok(1))));
    assert_eq!(completed.next(), Some(("goes, too", Ok(2))));
    open(&door);
    assert_eq!(completed.next(), Some(("waits", Ok(0))));
    assert_eq!(completed.next(), None);
    Ok(())
}

pub(crate) fn as_completed_takes_handles_of_several_pools_and_failures() -> Result {
    let place = Place::new();
    let journal = place.path("begun");
    let pools = [ProcessPool::new(1)?, ProcessPool::new(1)?];
    let handles = (0..10).map(|n| (n, pools[n as usize % 2].submit(&FUSSY, (n, journal.clone()))));
    let (mut good, mut bad) = (BTreeSet::new(), BTreeSet::new());
    for (key, outcome) in as_completed(handles) {
        match outcome {
            Ok(n) => assert!(n == key && good.insert(n)),
            Err(error) => {
                assert!(matches!(error.failure, Failure::Panicked(_)), "{error}");
                bad.insert(key);
            }
        }
    }
    assert_eq!(bad, BTreeSet::from([3, 7]));
    assert_eq!(good.len(), 8);
    Ok(())
}

pub(crate) fn join_timeout_gives_the_handle_back_and_the_task_goes_on() -> Result {
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(1)?;
    let handle = pool.submit(&ERRAND, Errand::new(7).waiting_at(&door));
    let handle = handle.join_timeout(Duration::from_millis(20)).unwrap_err();
    assert!(!handle.is_finished());
    open(&door);
    wait_until("it ends", || handle.is_finished());
    assert_eq!(handle.join_timeout(Duration::ZERO).unwrap(), Ok(7));
    Ok(())
}

pub(crate) fn a_task_that_has_not_started_can_be_cancelled_and_no_other() -> Result {
    let place = Place::new();
    let (door, begun) = (place.door("door"), place.path("begun"));
    let pool = ProcessPool::new(1)?;
    let errand = |n| Errand::new(n).noting_its_begin_in(&begun).waiting_at(&door);
    let handles: Vec<_> = (0..3).map(|n| pool.submit(&ERRAND, errand(n))).collect();
    wait_until("the first begins", || numbers_in(&begun) == [0]);
    handles[0].cancel();
    handles[1].cancel();
    open(&door);
    let outcomes: Vec<_> = handles.into_iter().map(|h| h.join().map_err(|e| e.failure)).collect();
    assert_eq!(outcomes, [Ok(0), Err(Failure::Cancelled), Ok(2)]);
    assert_eq!(numbers_in(&begun), [0, 2]);
    Ok(())
}

pub(crate) fn terminate_kills_what_runs_and_every_handle_ends_as_cancelled() -> Result {
    let place = Place::new();
    let (never, begun) = (place.door("never"), place.path("begun"));
    let pool = ProcessPool::new(2)?;
    let pids = workers_of(&pool);
    let errand = |n| Errand::new(n).noting_its_begin_in(&begun).waiting_at(&never);
    let handles: Vec<_> = (0..100).map(|n| pool.submit(&ERRAND, errand(n))).collect();
    wait_until("both workers have one", || numbers_in(&begun).len() == 2);
    pool.terminate();
    assert!(pids.iter().all(|&pid| is_gone(pid)), "no process is left");
    for handle in handles {
        let task = handle.task();
        let error = handle.join().unwrap_err();
        assert_eq!((error.task, error.failure), (task, Failure::Cancelled));
    }
    assert_eq!(numbers_in(&begun).len(), 2);
    Ok(())
}

pub(crate) fn ten_thousand_submitted_at_once_need_no_file_descriptors() -> Result {
    // Alone, because the limit is for the whole process.
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(40), ..before })?;
    let pool = ProcessPool::new(2)?;
    let open_files = || fs::read_dir("/dev/fd").map(Iterator::count);
    let at_first = open_files()?;
    let handles: Vec<_> = (0..10_000).map(|n| (n, pool.submit(&SAME, n))).collect();
    assert_eq!(open_files()?, at_first);
    let mut seen = BTreeSet::new();
    for (key, outcome) in as_completed(handles) {
        assert_eq!(outcome, Ok(key));
        assert!(seen.insert(key), "{key} came twice");
    }
    assert_eq!(seen.len(), 10_000);
    assert_eq!(open_files()?, at_first);
    Ok(())
}
