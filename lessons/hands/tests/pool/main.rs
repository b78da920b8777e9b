//! What the pool of threads promises, seen from outside. Order and overlap are forced with gates
//! and barriers, and never with sleeps.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};
use std::thread;

use hands::pool::{Failure, TaskError, ThreadPool};
use proptest::prelude::*;

mod cancel;
mod submit;
mod support;

use support::{Gate, Result, counted, opening};

#[test]
fn map_keeps_the_order_of_the_inputs() -> Result {
    // The first task ends last: it waits for the second.
    let gate = Gate::closed();
    let pool = ThreadPool::new(2)?;
    let task = move |n| {
        if n == 0 {
            gate.pass()
        } else {
            gate.open()
        }
        n
    };
    assert_eq!(pool.chunk_size(1).map(task, 0..10)?, (0..10).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn imap_unordered_yields_in_completion_order() -> Result {
    let gate = Gate::closed();
    let task_gate = gate.clone();
    let pool = ThreadPool::new(2)?;
    let mut results = pool.imap_unordered(
        move |n| {
            if n == 0 {
                task_gate.pass();
            }
            n
        },
        0..3,
    );
    assert_eq!(results.next(), Some(Ok(1)));
    assert_eq!(results.next(), Some(Ok(2)));
    gate.open();
    assert_eq!(results.next(), Some(Ok(0)));
    assert_eq!(results.next(), None);
    Ok(())
}

#[test]
fn imap_yields_the_first_before_the_last_is_taken() -> Result {
    let (inputs, taken) = counted(0..1000);
    let pool = ThreadPool::new(2)?;
    let mut results = pool.imap(|n| n, inputs);
    assert_eq!(results.next(), Some(Ok(0)));
    assert!(taken.load(SeqCst) <= 16 + 1, "{taken:?}");
    assert_eq!(results.count(), 999);
    Ok(())
}

#[test]
fn all_workers_work_at_once_and_no_more_than_all() -> Result {
    let barrier = Barrier::new(3); // lets nobody pass until three are there
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 3)?;
        pool.chunk_size(1).map(
            |_| {
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                barrier.wait();
                now.fetch_sub(1, SeqCst);
            },
            0..30,
        )?;
        assert_eq!(most.load(SeqCst), 3);
        Ok(())
    })
}

#[test]
fn the_same_few_threads_do_all_the_work() -> Result {
    let pool = ThreadPool::new(3)?;
    let ids: HashSet<_> = pool.map(|_| thread::current().id(), 0..1000)?.into_iter().collect();
    assert!(ids.len() <= 3);
    assert!(!ids.contains(&thread::current().id()));
    Ok(())
}

#[test]
fn a_panic_is_that_tasks_outcome_and_the_pool_lives_on() -> Result {
    let pool = ThreadPool::new(1)?;
    let outcomes: Vec<_> =
        pool.chunk_size(4).imap(|n| if n == 2 { panic!("no {n}") } else { n }, 0..6).collect();
    let Err(TaskError { task: 2, failure: Failure::Panicked(panicked) }) = &outcomes[2] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(panicked.message, "no 2");
    assert!(panicked.place.contains("pool/main.rs"), "{panicked}");
    for n in [0, 1, 3, 4, 5] {
        assert_eq!(outcomes[n], Ok(n));
    }
    assert_eq!(pool.chunk_size(4).map(|n| n, 0..3)?, [0, 1, 2]);
    Ok(())
}

#[test]
fn map_waits_for_all_and_returns_the_first_failure_in_input_order() -> Result {
    let ran = AtomicUsize::new(0);
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 2)?;
        let error = pool
            .chunk_size(1)
            .map(
                |n| {
                    ran.fetch_add(1, SeqCst);
                    assert!(n != 3 && n != 7, "bad {n}");
                },
                0..10,
            )
            .unwrap_err();
        assert_eq!(ran.load(SeqCst), 10);
        assert_eq!(error.task, 3);
        assert!(error.to_string().starts_with("task 3 panicked at "), "{error}");
        Ok(())
    })
}

#[test]
fn nothing_runs_before_the_first_result_is_asked_for() -> Result {
    let (inputs, taken) = counted(0..10);
    let pool = ThreadPool::new(2)?;
    drop(pool.imap(|n| n, inputs));
    assert_eq!(taken.load(SeqCst), 0);
    Ok(())
}

#[test]
fn dropping_the_results_cancels_what_has_not_started() -> Result {
    let (fifty_taken, gate) = (Gate::closed(), Gate::closed());
    let started = Arc::new(AtomicUsize::new(0));
    let pool = ThreadPool::new(2)?;
    let inputs = opening(&fifty_taken, 50, 0..100);
    let (task_gate, task_started) = (gate.clone(), Arc::clone(&started));
    let mut results = pool.window(100).imap(
        move |n| {
            task_started.fetch_add(1, SeqCst);
            if n == 0 { fifty_taken.pass() } else { task_gate.pass() }
        },
        inputs,
    );
    assert_eq!(results.next(), Some(Ok(())));
    drop(results); // fifty tasks and more wait in the queue
    gate.open();
    pool.join();
    assert!(started.load(SeqCst) <= 3, "{started:?}: one ended, and two workers had one each");
    Ok(())
}

#[test]
fn dropping_the_pool_waits_for_what_runs_and_starts_nothing_more() -> Result {
    let (fifty_taken, gate) = (Gate::closed(), Gate::closed());
    let (started, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let at_drop = thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 2)?;
        let inputs = opening(&fifty_taken, 50, 0..100);
        let mut results = pool.window(100).imap(
            |n| {
                started.fetch_add(1, SeqCst);
                if n == 0 {
                    fifty_taken.pass()
                } else {
                    gate.pass()
                }
                ended.fetch_add(1, SeqCst);
            },
            inputs,
        );
        assert_eq!(results.next(), Some(Ok(())));
        // Leaked, so that only the drop of the pool itself can wait or cancel.
        std::mem::forget(results);
        s.spawn(|| gate.open());
        drop(pool);
        Ok::<_, std::io::Error>((started.load(SeqCst), ended.load(SeqCst)))
    })?;
    assert_eq!(at_drop.0, at_drop.1, "what has started has ended");
    assert_eq!(at_drop.0, started.load(SeqCst), "and nothing starts after the drop");
    Ok(())
}

#[test]
fn a_pool_called_from_its_own_task_is_an_error_and_a_second_pool_works() -> Result {
    static POOL: OnceLock<ThreadPool<'static>> = OnceLock::new();
    let pool = POOL.get_or_init(|| ThreadPool::new(1).unwrap());
    let inner = pool.map(|_| POOL.get().unwrap().map(|n| n, 0..3), [()])?;
    assert_eq!(inner[0], Err(TaskError { task: 0, failure: Failure::OwnPool }));
    // A second pool inside a task works.
    let inner = pool.map(|_| ThreadPool::new(2).unwrap().map(|n| n, 0..3), [()])?;
    assert_eq!(inner[0], Ok(vec![0, 1, 2]));
    Ok(())
}

#[test]
fn a_task_may_drop_the_last_handle_to_its_own_pool() -> Result {
    let pool = Arc::new(ThreadPool::new(1)?);
    let (done, wait) = mpsc::channel();
    let (two_taken, gate) = (Gate::closed(), Gate::closed());
    let inputs = opening(&two_taken, 1, 0..2);
    let (last_handle, task_gate) = (Mutex::new(Some(Arc::clone(&pool))), gate.clone());
    let mut results = pool.imap(
        move |n| {
            if n == 0 {
                return two_taken.pass();
            }
            task_gate.pass();
            drop(last_handle.lock().unwrap().take());
            done.send(()).unwrap();
        },
        inputs,
    );
    assert_eq!(results.next(), Some(Ok(())));
    // The results are leaked, so that in the end only the task holds the pool.
    std::mem::forget(results);
    drop(pool);
    gate.open();
    wait.recv()?;
    Ok(())
}

#[test]
fn a_worker_survives_what_panics_when_it_is_dropped() -> Result {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "dropped while armed");
        }
    }
    let pool = ThreadPool::new(1)?;
    let outcomes: Vec<_> = pool.imap(|bomb: Bomb| drop(bomb), [Bomb(true), Bomb(false)]).collect();
    assert!(outcomes[0].is_err() && outcomes[1].is_ok(), "{outcomes:?}");
    assert_eq!(pool.map(|n| n, 0..3)?, [0, 1, 2]);
    Ok(())
}

#[test]
fn zero_workers_is_an_error_that_says_so() {
    let error = ThreadPool::new(0).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "a pool needs at least one worker");
}

#[test]
fn more_workers_than_there_can_be_is_an_error_that_starts_none() {
    let starts = Arc::new(AtomicUsize::new(0));
    for workers in [usize::MAX, 1_000_000, 32_769] {
        let starts = Arc::clone(&starts);
        let pool = ThreadPool::builder(workers).initializer(move || {
            starts.fetch_add(1, SeqCst);
            Ok::<_, String>(())
        });
        let error = pool.start().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        let says = format!("a pool of {workers} workers is too large, the limit is 32768");
        assert!(error.to_string().starts_with(&says), "{error}");
    }
    assert_eq!(starts.load(SeqCst), 0);
}

#[test]
fn a_thousand_threads_are_fine() -> Result {
    let pool = ThreadPool::new(1000)?;
    let all = Arc::new(Barrier::new(1000));
    let meet = move |n| {
        all.wait();
        n
    };
    assert_eq!(pool.chunk_size(1).map(meet, 0..1000)?.len(), 1000);
    Ok(())
}

#[test]
fn the_options_of_a_call_are_not_those_of_the_pool() -> Result {
    let pool = ThreadPool::new(1)?;
    let taken_for_one = |call: hands::pool::Call<'_, hands::pool::Threads<'static>>| {
        let (inputs, taken) = counted(0..100);
        call.imap(|n| n, inputs).next();
        taken.load(SeqCst)
    };
    let in_threes = pool.chunk_size(3);
    assert_eq!(taken_for_one(in_threes.window(3)), 3);
    assert_eq!(taken_for_one(pool.window(1)), 1);
    assert!((2..=8).contains(&taken_for_one(in_threes)), "at most eight for a worker");
    let (inputs, taken) = counted(0..100);
    assert_eq!(pool.imap(|n| n, inputs).next(), Some(Ok(0)));
    assert!(taken.load(SeqCst) <= 8);
    Ok(())
}

#[test]
fn no_inputs_no_results() -> Result {
    let pool = ThreadPool::new(2)?;
    assert_eq!(pool.map(|n: u8| n, [])?, Vec::<u8>::new());
    assert_eq!(pool.imap(|n: u8| n, []).count(), 0);
    Ok(())
}

#[test]
fn join_lets_every_task_end() -> Result {
    let (all_taken, ended) = (Gate::closed(), AtomicUsize::new(0));
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 2)?;
        let inputs = opening(&all_taken, 49, 0..50);
        let mut results = pool.window(50).imap(
            |n| {
                if n == 0 {
                    all_taken.pass();
                }
                ended.fetch_add(1, SeqCst);
            },
            inputs,
        );
        assert_eq!(results.next(), Some(Ok(())));
        std::mem::forget(results);
        pool.join();
        assert_eq!(ended.load(SeqCst), 50);
        Ok(())
    })
}

#[test]
fn an_initializer_runs_in_each_thread_and_its_failure_is_an_error_at_the_start() -> Result {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let pool = ThreadPool::builder(3)
        .initializer(move || {
            counter.fetch_add(1, SeqCst);
            Ok::<_, String>(())
        })
        .start()?;
    assert_eq!(calls.load(SeqCst), 3);
    drop(pool);
    let fails = ThreadPool::builder(2).initializer(|| Err("no more connections".to_owned()));
    let error = fails.start().unwrap_err().to_string();
    assert!(error.ends_with("cannot be started: its initializer failed: no more connections"));
    let panics = ThreadPool::builder(2)
        .initializer(|| -> std::result::Result<(), String> { panic!("no connection") });
    let error = panics.start().unwrap_err().to_string();
    assert!(error.contains("its initializer panicked at ") && error.contains("no connection"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]
    /// Whatever the sizes, nothing is lost, nothing comes twice, and the window holds.
    #[test]
    fn any_sizes(
        inputs in 0_usize..200, workers in 1_usize..5, chunk in 1_usize..20, window in 1_usize..40,
    ) {
        let pool = ThreadPool::new(workers).unwrap();
        let call = pool.chunk_size(chunk).window(window);
        let (counted_inputs, taken) = counted(0..inputs);
        let mut results = call.imap(|n| n, counted_inputs);
        for k in 0..inputs {
            prop_assert!(taken.load(SeqCst) <= k + window);
            prop_assert_eq!(results.next(), Some(Ok(k)));
        }
        prop_assert_eq!(results.next(), None);
        prop_assert_eq!(call.map(|n| n, 0..inputs).unwrap(), (0..inputs).collect::<Vec<_>>());
        let mut unordered: Vec<_> = call.imap_unordered(|n| n, 0..inputs).map(|r| r.unwrap()).collect();
        unordered.sort_unstable();
        prop_assert_eq!(unordered, (0..inputs).collect::<Vec<_>>());
    }
}
