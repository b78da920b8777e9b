//! Tasks that are cancelled, on threads: those that listen, and those that never begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use hands::cancel::{self, Cancelled, Token};
use hands::pool::{Failure, Reason, ThreadPool, TryError};
use proptest::prelude::*;

use super::support::{Gate, Result};

const HOUR: Duration = Duration::from_secs(3600);

/// Opens the gate, and waits until it is cancelled.
fn listen(begun: &Gate) -> std::result::Result<(), Cancelled> {
    let token = cancel::current();
    begun.open();
    loop {
        token.check()?;
        thread::yield_now();
    }
}

#[test]
fn a_task_that_runs_is_told_and_one_that_waits_never_begins() -> Result {
    let begun = Gate::closed();
    let pool = ThreadPool::new(1)?;
    let running = pool.submit(|gate: Gate| listen(&gate), begun.clone());
    let waiting = pool.submit(|n: u32| n, 7);
    begun.pass();
    waiting.cancel();
    running.cancel();
    assert_eq!(running.join(), Ok(Err(Cancelled::Asked)));
    assert_eq!(waiting.join().unwrap_err().failure, Failure::Cancelled);
    Ok(())
}

#[test]
fn the_first_failure_cancels_the_rest_and_nothing_runs_on() -> Result {
    for wrong in ["an error", "a panic"] {
        let (begun, running) = (Gate::closed(), Arc::new(AtomicUsize::new(0)));
        let pool = ThreadPool::new(2)?;
        let (gate, count) = (begun.clone(), Arc::clone(&running));
        let task = move |input: usize| {
            count.fetch_add(1, SeqCst);
            let result = match input {
                0 => listen(&gate).map_err(|why| why.to_string()),
                1 => {
                    gate.pass();
                    assert!(wrong == "an error", "wrong");
                    Err("wrong".to_owned())
                }
                _ => panic!("it must not begin"),
            };
            count.fetch_sub(1, SeqCst);
            result
        };
        let error = pool.chunk_size(1).try_map(task, 0..100).unwrap_err();
        assert_eq!((error.task, error.input), (1, 1));
        match error.reason {
            Reason::Returned(error) => assert_eq!((error.as_str(), wrong), ("wrong", "an error")),
            Reason::Failed(Failure::Panicked(it)) => assert_eq!(it.message, "wrong"),
            Reason::Failed(other) => panic!("{other}"),
        }
        // The one that panicked didn't count itself out.
        assert_eq!(running.load(SeqCst), usize::from(wrong == "a panic"), "{wrong}");
    }
    Ok(())
}

#[test]
fn a_failure_in_a_chunk_ends_the_chunk() -> Result {
    let pool = ThreadPool::new(1)?;
    let task = |n: u32| {
        assert!(n <= 3, "it must not begin");
        if n == 3 { Err(n) } else { Ok(n) }
    };
    let error = pool.chunk_size(10).try_map(task, 0..10).unwrap_err();
    assert_eq!(error, TryError { task: 3, input: 3, reason: Reason::Returned(3) });
    assert_eq!(pool.try_map(Ok::<u32, u32>, 0..10), Ok((0..10).collect()));
    Ok(())
}

#[test]
fn a_deadline_leaves_the_results_so_far() -> Result {
    let pool = ThreadPool::new(2)?;
    let deadline = Instant::now() + Duration::from_millis(200);
    let task = |time| cancel::current().sleep(time);
    let outcomes = pool.chunk_size(1).map_until(deadline, task, [Duration::ZERO, HOUR, HOUR, HOUR]);
    assert!(Instant::now() >= deadline);
    assert_eq!(outcomes.len(), 4);
    assert!(outcomes[0] != Ok(Err(Cancelled::Asked)));
    let failure = outcomes[3].clone().map_err(|error| error.failure);
    assert_eq!(failure, Err(Failure::Cancelled), "no thread was free for it");
    let late = pool.map_until(deadline, |n: u32| n, 0..3);
    assert!(late.iter().all(|outcome| outcome.is_err()), "{late:?}");
    Ok(())
}

#[test]
fn a_token_ends_an_endless_iterator_and_leaves_the_pool() -> Result {
    let pool = ThreadPool::new(2)?;
    let token = Token::new();
    let mut results = pool.token(&token).imap(|n| n, 0..);
    assert_eq!(results.next(), Some(Ok(0)));
    token.cancel();
    assert!(results.count() <= 16, "no more than a window");
    assert_eq!(pool.map(|n| n, 0..3)?, [0, 1, 2]);
    assert!(pool.token(&token).map(|n| n, 0..3).is_err());
    assert!(pool.token(&token).submit(|n| n, 0).join().is_err());
    Ok(())
}

#[test]
fn what_a_task_starts_in_another_pool_is_cancelled_with_it() -> Result {
    let begun = Gate::closed();
    let (outer, inner) = (ThreadPool::new(1)?, Arc::new(ThreadPool::new(1)?));
    let task = {
        let inner = Arc::clone(&inner);
        move |gate: Gate| inner.submit(|gate: Gate| listen(&gate), gate).join()
    };
    let handle = outer.submit(task, begun.clone());
    begun.pass();
    handle.cancel();
    assert_eq!(handle.join(), Ok(Ok(Err(Cancelled::Asked))));
    Ok(())
}

#[test]
fn a_pool_that_is_dropped_and_results_that_are_dropped_tell_what_runs() -> Result {
    let begun = Gate::closed();
    let pool = ThreadPool::new(1)?;
    let task = pool.submit(|gate: Gate| listen(&gate), begun.clone());
    begun.pass();
    drop(pool);
    assert_eq!(task.join(), Ok(Err(Cancelled::Asked)));

    let (begun, ended) = (Gate::closed(), Gate::closed());
    let pool = ThreadPool::new(1)?;
    let task = |gates: Option<(Gate, Gate)>| {
        gates.inspect(|(begun, ended)| {
            assert_eq!(listen(begun), Err(Cancelled::Asked));
            ended.open();
        });
    };
    let mut results = pool.imap(task, [None, Some((begun.clone(), ended.clone()))]);
    assert_eq!(results.next(), Some(Ok(())));
    begun.pass();
    drop(results);
    ended.pass();
    Ok(())
}

#[test]
fn a_clock_closes_channels_and_ends_sleeps_and_leaves_no_thread() {
    let token = Token::new().with_timeout(Duration::from_millis(20));
    let child = token.child();
    assert!(child.channel().recv().is_err(), "it is closed at the deadline");
    assert_eq!(
        (token.check(), child.check()),
        (Err(Cancelled::Deadline), Err(Cancelled::Deadline))
    );
    assert_eq!(token.child().sleep(HOUR), Err(Cancelled::Deadline), "born cancelled");

    let token = Token::new();
    thread::scope(|s| {
        let sleeps = s.spawn(|| token.sleep(HOUR));
        token.cancel();
        assert_eq!(sleeps.join().unwrap(), Err(Cancelled::Asked));
    });
    assert_eq!(Token::new().sleep(Duration::from_millis(1)), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    /// Cancelled at every moment: each task that was begun or queued ends exactly once, done or
    /// cancelled, and in order.
    #[test]
    fn cancelled_at_every_moment_each_task_ends_once(
        inputs in 0_usize..60, workers in 1_usize..4, chunk in 1_usize..5, window in 1_usize..20,
        after in 0_usize..70,
    ) {
        let runs = Arc::new(AtomicUsize::new(0));
        let pool = ThreadPool::new(workers).unwrap();
        let token = Token::new();
        let count = Arc::clone(&runs);
        let task = move |n: usize| {
            count.fetch_add(1, SeqCst);
            n
        };
        let (mut done, mut cancelled) = (0, 0);
        let results = pool.token(&token).chunk_size(chunk).window(window).imap(task, 0..inputs);
        for (position, outcome) in results.enumerate() {
            match outcome {
                Ok(n) => {
                    prop_assert_eq!(n, position);
                    done += 1;
                }
                Err(error) => {
                    prop_assert_eq!((error.task, error.failure), (position, Failure::Cancelled));
                    cancelled += 1;
                }
            }
            if position == after {
                token.cancel();
            }
        }
        if after >= inputs {
            prop_assert_eq!((done, cancelled), (inputs, 0));
        }
        prop_assert!(done + cancelled <= after + 1 + window.max(1) || after >= inputs);
        prop_assert_eq!(runs.load(SeqCst), done, "what ran was reported, and nothing else ran");
    }
}
