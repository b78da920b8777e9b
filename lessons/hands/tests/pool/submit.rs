//! Tasks submitted one by one, and their handles.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use hands::pool::{Failure, TaskError, ThreadPool, as_completed};

use super::support::{Gate, Result};

#[test]
fn handles_can_be_joined_in_any_order() -> Result {
    let gate = Gate::closed();
    let (task_gate, opener) = (gate.clone(), gate.clone());
    let pool = ThreadPool::new(2)?;
    let waiting = pool.submit(
        move |n| {
            task_gate.pass();
            n
        },
        7,
    );
    let opening = pool.submit(
        move |n| {
            opener.open();
            n
        },
        "a task of another type",
    );
    assert_eq!((waiting.task(), opening.task()), (0, 1));
    assert_eq!(waiting.join(), Ok(7));
    assert_eq!(opening.join(), Ok("a task of another type"));
    Ok(())
}

#[test]
fn as_completed_yields_in_completion_order_with_its_key() -> Result {
    let gate = Gate::closed();
    let pool = ThreadPool::new(2)?;
    let handles: Vec<_> = ["waits", "goes", "goes, too"]
        .into_iter()
        .map(|key| {
            let gate = gate.clone();
            let task = move |key: &str| {
                if key == "waits" {
                    gate.pass();
                }
                key.len()
            };
            (key, pool.submit(task, key))
        })
        .collect();
    let mut completed = as_completed(handles);
    assert_eq!(completed.len(), 3);
    assert_eq!(completed.next(), Some(("goes", Ok(4))));
    assert_eq!(completed.next(), Some(("goes, too", Ok(9))));
    gate.open();
    assert_eq!(completed.next(), Some(("waits", Ok(5))));
    assert_eq!(completed.next(), None);
    Ok(())
}

#[test]
fn as_completed_takes_ten_thousand_handles_of_several_pools_and_failures() -> Result {
    let pools = [ThreadPool::new(1)?, ThreadPool::new(2)?];
    let task = |n: usize| {
        assert!(n % 100 != 3, "bad {n}");
        n
    };
    let handles = (0..10_000).map(|n| (n, pools[n % 2].submit(task, n)));
    let mut seen = HashSet::new();
    for (key, outcome) in as_completed(handles) {
        assert!(seen.insert(key), "{key} came twice");
        match outcome {
            Ok(n) => assert_eq!(n, key),
            Err(TaskError { task, failure: Failure::Panicked(panicked) }) => {
                assert_eq!(task, key / 2);
                assert_eq!(panicked.message, format!("bad {key}"));
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(seen.len(), 10_000);
    Ok(())
}

#[test]
fn join_timeout_gives_the_handle_back_and_the_task_goes_on() -> Result {
    let gate = Gate::closed();
    let task_gate = gate.clone();
    let pool = ThreadPool::new(1)?;
    let handle = pool.submit(
        move |n| {
            task_gate.pass();
            n
        },
        7,
    );
    let handle = handle.join_timeout(Duration::from_millis(5)).unwrap_err();
    assert!(!handle.is_finished());
    gate.open();
    assert_eq!(handle.join_timeout(Duration::MAX).unwrap(), Ok(7));
    Ok(())
}

#[test]
fn a_task_that_has_not_started_can_be_cancelled_and_no_other() -> Result {
    let (begun, gate) = (Gate::closed(), Gate::closed());
    let ran = Arc::new(AtomicUsize::new(0));
    let pool = ThreadPool::new(1)?;
    let handles: Vec<_> = (0..3)
        .map(|n| {
            let (begun, gate, ran) = (begun.clone(), gate.clone(), Arc::clone(&ran));
            let task = move |n| {
                ran.fetch_add(1, SeqCst);
                begun.open();
                gate.pass();
                n
            };
            pool.submit(task, n)
        })
        .collect();
    begun.pass();
    handles[0].cancel();
    handles[1].cancel();
    gate.open();
    let outcomes: Vec<_> = handles.into_iter().map(|h| h.join().map_err(|e| e.failure)).collect();
    assert_eq!(outcomes, [Ok(0), Err(Failure::Cancelled), Ok(2)]);
    assert_eq!(ran.load(SeqCst), 2);
    Ok(())
}

#[test]
fn a_dropped_handle_lets_its_task_go_on_and_a_terminated_pool_cancels_what_has_not_begun() -> Result
{
    let (begun, gate) = (Gate::closed(), Gate::closed());
    let ended = Arc::new(AtomicUsize::new(0));
    let pool = ThreadPool::new(1)?;
    let (task_begun, task_gate, task_ended) = (begun.clone(), gate.clone(), Arc::clone(&ended));
    drop(pool.submit(
        move |()| {
            task_begun.open();
            task_gate.pass();
            task_ended.fetch_add(1, SeqCst);
        },
        (),
    ));
    let waiting = pool.submit(|n| n, 7);
    begun.pass();
    thread::scope(|s| {
        s.spawn(|| pool.terminate());
        // A lane that was stopped drops what waits, and none can begin it while the first task goes
        // on.
        gate.open();
    });
    assert_eq!(ended.load(SeqCst), 1, "who has begun is waited for");
    assert!(matches!(waiting.join(), Ok(7) | Err(TaskError { failure: Failure::Cancelled, .. })));
    Ok(())
}

#[test]
fn a_handle_joined_in_a_task_of_its_own_pool_is_an_error() -> Result {
    static POOL: OnceLock<ThreadPool<'static>> = OnceLock::new();
    let pool = POOL.get_or_init(|| ThreadPool::new(1).unwrap());
    let gate = Gate::closed();
    let task_gate = gate.clone();
    let (sender, receiver) = mpsc::channel::<hands::pool::Handle<u32>>();
    let outer = pool.submit(
        move |()| {
            task_gate.pass();
            let inner = receiver.recv().unwrap();
            (inner.join(), POOL.get().unwrap().submit(|n| n, 1).join())
        },
        (),
    );
    sender.send(pool.submit(|n| n, 7))?;
    gate.open();
    let (waited, submitted) = outer.join()?;
    assert_eq!(waited.unwrap_err().failure, Failure::OwnPool);
    assert_eq!(submitted.unwrap_err().failure, Failure::OwnPool);
    Ok(())
}
