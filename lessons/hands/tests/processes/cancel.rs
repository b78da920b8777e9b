//! Tasks that are cancelled: those that listen, those that don't, and those that never begin.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use hands::cancel::{self, Cancelled, Token};
use hands::pool::{Failure, ProcessPool, Reason, TaskError, TryError};
use hands::process::Task;
use serde::{Deserialize, Serialize};

use crate::crashes::Dice;
use crate::leftovers::{Programs, START, Then};
use crate::support::{
    Place, Result, is_alive, is_childless, kill_9, note, numbers_in, open, wait_until,
};
use crate::tasks::{ERRAND, Errand, PID, SAME, workers_of};

const HOUR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(50);

/// Notes that it has begun, and computes until it is cancelled.
pub(crate) const LISTEN: Task<PathBuf, std::result::Result<(), Cancelled>> =
    Task::new("listen", |journal| listen(&journal));

fn listen(journal: &std::path::Path) -> std::result::Result<(), Cancelled> {
    let token = cancel::current();
    note(journal, 1);
    loop {
        token.check()?;
        thread::yield_now();
    }
}

/// What a task of a `try_map` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Deed {
    Note(PathBuf),
    Listen(PathBuf),
    Fail(PathBuf),
    Panic(PathBuf),
    Abort(PathBuf),
}

/// Does it. What goes wrong does so only once somebody has begun to listen.
pub(crate) const TRY: Task<Deed, std::result::Result<(), String>> = Task::new("try", |deed| {
    let wait = |journal: PathBuf| {
        wait_until("somebody to listen", || !numbers_in(&journal).is_empty());
    };
    match deed {
        Deed::Note(journal) => note(&journal, 2),
        Deed::Listen(journal) => listen(&journal).map_err(|why| why.to_string())?,
        Deed::Fail(journal) => {
            wait(journal);
            return Err("it failed".to_owned());
        }
        Deed::Panic(journal) => {
            wait(journal);
            panic!("it panicked");
        }
        Deed::Abort(journal) => {
            wait(journal);
            process::abort();
        }
    }
    Ok(())
});

pub(crate) const TIME_LEFT: Task<(), Option<Duration>> =
    Task::new("time_left", |()| cancel::current().time_left());

/// Has a listening task run in a pool of its own.
pub(crate) const NESTED: Task<PathBuf, std::result::Result<(), Cancelled>> =
    Task::new("nested", |journal| {
        let pool = hands::pool::ThreadPool::new(1).expect("a thread");
        pool.map(|journal: PathBuf| listen(&journal), [journal])
            .map(|results| results.into_iter().collect())
            .unwrap_or(Err(Cancelled::Asked))
    });

pub(crate) fn a_task_that_listens_is_told_and_its_worker_lives_on() -> Result {
    let place = Place::new();
    let journal = place.path("begun");
    let pool = ProcessPool::builder(1).grace(HOUR).start()?;
    let worker = pool.submit(&PID, ()).join()?;
    for round in 1..=3 {
        let task = pool.submit(&LISTEN, journal.clone());
        wait_until("it begins", || numbers_in(&journal).len() == round);
        task.cancel();
        assert_eq!(task.join(), Ok(Err(Cancelled::Asked)));
    }
    assert_eq!(pool.submit(&PID, ()).join(), Ok(worker));
    Ok(())
}

pub(crate) fn a_task_that_does_not_listen_is_killed_with_its_programs() -> Result {
    let programs = Programs::new(1);
    let pool = ProcessPool::builder(1).grace(SHORT).start()?;
    let worker = pool.submit(&PID, ()).join()?;
    let task = pool.submit(&START, programs.asked_to(Then::Wait));
    programs.run();
    task.cancel();
    assert_eq!(task.join().unwrap_err().failure, Failure::Cancelled);
    programs.end("cancelled");
    assert_ne!(pool.submit(&PID, ()).join()?, worker, "another one goes on");
    Ok(())
}

pub(crate) fn a_task_ahead_of_which_another_runs_is_cancelled_without_being_begun() -> Result {
    let place = Place::new();
    let (journal, door) = (place.path("begun"), place.door("door"));
    let pool = ProcessPool::builder(1).grace(HOUR).start()?;
    let first =
        pool.submit(&ERRAND, Errand::new(1).noting_its_begin_in(&journal).waiting_at(&door));
    let second = pool.submit(&ERRAND, Errand::new(2).noting_its_begin_in(&journal));
    let third = pool.submit(&ERRAND, Errand::new(3).noting_its_begin_in(&journal));
    second.cancel();
    open(&door);
    assert_eq!(second.join().unwrap_err().failure, Failure::Cancelled);
    assert_eq!((first.join(), third.join()), (Ok(1), Ok(3)));
    assert_eq!(numbers_in(&journal), [1, 3]);
    Ok(())
}

pub(crate) fn the_rest_of_a_cancelled_chunk_is_not_begun() -> Result {
    let place = Place::new();
    let (begun, rest) = (place.path("begun"), place.path("rest"));
    let pool = ProcessPool::builder(1).grace(HOUR).start()?;
    let token = Token::new();
    let mut deeds = vec![Deed::Listen(begun.clone())];
    deeds.resize(5, Deed::Note(rest.clone()));
    let mut results = pool.token(&token).chunk_size(5).imap(&TRY, deeds);
    let outcomes = thread::scope(|s| {
        s.spawn(|| {
            wait_until("it begins", || !numbers_in(&begun).is_empty());
            token.cancel();
        });
        results.by_ref().collect::<Vec<_>>()
    });
    assert_eq!(outcomes[0], Ok(Err("cancelled".to_owned())));
    let failures = outcomes[1..].iter().map(|outcome| &outcome.as_ref().unwrap_err().failure);
    assert!(failures.eq(&vec![Failure::Cancelled; 4]), "{outcomes:?}");
    assert!(numbers_in(&rest).is_empty());
    Ok(())
}

pub(crate) fn the_first_error_panic_or_crash_cancels_the_rest_and_comes_with_its_input() -> Result {
    let pool = ProcessPool::builder(2).grace(HOUR).start()?;
    for wrong in [Deed::Fail, Deed::Panic, Deed::Abort] {
        let place = Place::new();
        let (begun, never) = (place.path("begun"), place.path("never"));
        let mut deeds = vec![Deed::Listen(begun.clone()), wrong(begun.clone())];
        deeds.resize(100, Deed::Note(never.clone()));
        // One at a time, so that nothing but those two is begun before it goes wrong.
        let error = pool.chunk_size(1).try_map(&TRY, deeds.clone()).unwrap_err();
        let TryError { task, input, reason } = error;
        assert_eq!((task, input), (1, deeds[1].clone()));
        match (&deeds[1], reason) {
            (Deed::Fail(_), Reason::Returned(error)) => assert_eq!(error, "it failed"),
            (Deed::Panic(_), Reason::Failed(Failure::Panicked(it))) => {
                assert_eq!(it.message, "it panicked");
            }
            (_, Reason::Failed(failure)) => {
                assert_eq!(failure, Failure::Crashed { signal: Some(6), code: None });
            }
            (deed, reason) => panic!("{deed:?}: {reason:?}"),
        }
        assert!(numbers_in(&never).is_empty(), "nothing else was begun");
    }
    assert_eq!(pool.map(&SAME, 0..10)?, (0..10).collect::<Vec<_>>());
    let place = Place::new();
    assert_eq!(pool.try_map(&TRY, vec![Deed::Note(place.path("good")); 3]), Ok(vec![(); 3]));
    Ok(())
}

pub(crate) fn a_deadline_leaves_the_results_so_far() -> Result {
    let place = Place::new();
    let (begun, never) = (place.path("begun"), place.door("never"));
    let pool = ProcessPool::builder(2).grace(SHORT).start()?;
    let waits = |n| Errand::new(n).noting_its_begin_in(&begun).waiting_at(&never);
    let errands = [Errand::new(0), waits(1), waits(2), waits(3)];
    let deadline = Instant::now() + Duration::from_secs(1);
    let outcomes = pool.chunk_size(1).map_until(deadline, &ERRAND, errands);
    assert!(Instant::now() >= deadline);
    assert_eq!(outcomes[0], Ok(0));
    let failures = outcomes[1..].iter().map(|outcome| &outcome.as_ref().unwrap_err().failure);
    assert!(failures.eq(&vec![Failure::Cancelled; 3]), "{outcomes:?}");
    assert!(!numbers_in(&begun).contains(&3), "no worker was free for the last one");
    Ok(())
}

pub(crate) fn a_deadline_is_known_in_the_worker() -> Result {
    let pool = ProcessPool::new(1)?;
    let place = Place::new();
    for _ in 0..20 {
        // The pool knows of it as early as the worker does. The task hears of its deadline, and
        // not that it was cancelled.
        let soon = Instant::now() + SHORT;
        let outcomes = pool.map_until(soon, &LISTEN, [place.path("begun")]);
        assert!(
            matches!(
                &outcomes[0],
                Ok(Err(Cancelled::Deadline)) | Err(TaskError { failure: Failure::Cancelled, .. })
            ),
            "{outcomes:?}",
        );
    }
    assert_eq!(pool.submit(&TIME_LEFT, ()).join(), Ok(None));
    let token = Token::new().with_timeout(HOUR);
    let left = pool.token(&token).submit(&TIME_LEFT, ()).join()?;
    assert!(left.is_some_and(|left| left > HOUR / 2 && left <= HOUR), "{left:?}");
    assert_eq!(pool.submit(&TIME_LEFT, ()).join(), Ok(None), "the next has none");
    Ok(())
}

pub(crate) fn nobody_kills_a_task_that_nobody_waits_for() -> Result {
    let place = Place::new();
    let (begun, door, ended) = (place.path("begun"), place.door("door"), place.path("ended"));
    let pool = ProcessPool::builder(1).grace(Duration::ZERO).start()?;
    let long = Errand::new(1).noting_its_begin_in(&begun).waiting_at(&door);
    let mut results = pool.imap(&ERRAND, [Errand::new(0), long.noting_its_end_in(&ended)]);
    assert_eq!(results.next(), Some(Ok(0)));
    wait_until("it begins", || !numbers_in(&begun).is_empty());
    drop(results);
    open(&door);
    assert_eq!(pool.submit(&SAME, 2).join(), Ok(2));
    assert_eq!(numbers_in(&ended), [1]);
    Ok(())
}

pub(crate) fn a_pool_that_is_dropped_tells_what_runs() -> Result {
    let place = Place::new();
    let journal = place.path("begun");
    let pool = ProcessPool::builder(1).start()?;
    let task = pool.submit(&LISTEN, journal.clone());
    wait_until("it begins", || !numbers_in(&journal).is_empty());
    drop(pool);
    assert_eq!(task.join(), Ok(Err(Cancelled::Asked)));
    Ok(())
}

pub(crate) fn a_pool_in_a_task_is_cancelled_with_the_task() -> Result {
    let place = Place::new();
    let journal = place.path("begun");
    let pool = ProcessPool::builder(1).grace(HOUR).start()?;
    let task = pool.submit(&NESTED, journal.clone());
    wait_until("it begins", || !numbers_in(&journal).is_empty());
    task.cancel();
    assert_eq!(task.join(), Ok(Err(Cancelled::Asked)));
    Ok(())
}

/// What a task does in the test of many.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Temper {
    Quick,
    Listens,
    IsDeaf,
    StartsAProgram,
}

/// Returns its number, unless it was cancelled before.
pub(crate) const ANY: Task<(usize, Temper, PathBuf), std::result::Result<usize, Cancelled>> =
    Task::new("any", |(number, temper, journal)| {
        match temper {
            Temper::Quick => {}
            Temper::Listens => cancel::current().sleep(HOUR)?,
            Temper::IsDeaf => thread::sleep(HOUR),
            Temper::StartsAProgram => {
                let mut command = Command::new("sleep");
                command.arg("3600").stdin(Stdio::null()).stdout(Stdio::null());
                note(&journal, command.spawn().expect("sleep").id());
                cancel::current().sleep(HOUR)?;
            }
        }
        Ok(number)
    });

/// How tasks have ended.
#[derive(Debug, Default)]
struct Ends {
    done: usize,
    stopped: usize,
    cancelled: usize,
    crashed: usize,
}

/// `CANCELS=10000` has it done that often.
///
/// Alone: every child of this process is a worker of this pool.
pub(crate) fn random_cancels_and_kills_end_each_task_once_and_leave_nothing() -> Result {
    const TASKS: usize = 8;
    let cancels: usize = env::var("CANCELS").map_or(Ok(400), |count| count.parse())?;
    let place = Place::new();
    let journal = place.path("programs");
    let threads = harness::thread_states(process::id()).len();
    let pool = ProcessPool::builder(4).grace(Duration::from_millis(2)).start()?;
    let (mut dice, mut ends, mut kills) = (Dice(19), Ends::default(), 0);
    for round in 0..cancels {
        let inputs: Vec<_> = (0..TASKS)
            .map(|n| {
                let temper = match dice.roll(64) {
                    0..=1 => Temper::IsDeaf,
                    2..=9 => Temper::Listens,
                    10 => Temper::StartsAProgram,
                    _ => Temper::Quick,
                };
                (n, temper, journal.clone())
            })
            .collect();
        let token = Token::new();
        let call = pool.token(&token);
        let kill = (dice.roll(8) == 0).then(|| dice.roll(4));
        let after = Duration::from_micros(dice.roll(3000) as u64);
        let is_fast_enough = after.is_zero();
        let outcomes = thread::scope(|s| {
            s.spawn(|| {
                thread::sleep(after);
                if let Some(n) = kill {
                    harness::children(process::id()).get(n).copied().into_iter().for_each(kill_9);
                }
                token.cancel();
            });
            match round % 3 {
                0 => {
                    let handles: Vec<_> =
                        inputs.into_iter().map(|input| call.submit(&ANY, input)).collect();
                    handles.into_iter().map(|handle| handle.join()).collect::<Vec<_>>()
                }
                1 => call.imap(&ANY, inputs).collect(),
                _ => call.chunk_size(3).map_until(Instant::now() + HOUR, &ANY, inputs),
            }
        });
        kills += usize::from(kill.is_some());
        // A lazy call that is cancelled takes no more inputs. Each that was taken has one end.
        assert!(outcomes.len() == TASKS || round % 3 == 1 || is_fast_enough);
        let mut numbers = BTreeSet::new();
        for (position, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(Ok(number)) => {
                    assert!(number == position && numbers.insert(number));
                    ends.done += 1;
                }
                Ok(Err(_)) => ends.stopped += 1,
                Err(error) => match error.failure {
                    Failure::Cancelled => ends.cancelled += 1,
                    Failure::Crashed { signal: Some(9), .. } => ends.crashed += 1,
                    other => return Err(format!("round {round}: task {position} {other}").into()),
                },
            }
        }
    }
    println!("{cancels} cancels, {kills} kills: {ends:?}");
    assert!(ends.crashed <= 3 * kills, "{} crashed, {kills} kills", ends.crashed);
    assert_eq!(pool.map(&SAME, 0..100)?, (0..100).collect::<Vec<_>>(), "the pool lives on");
    workers_of(&pool);
    pool.join();
    assert!(is_childless(), "no process is left");
    let programs = numbers_in(&journal);
    wait_until("the programs to end", || !programs.iter().any(|&pid| is_alive(pid as u32)));
    wait_until("the threads to end", || harness::thread_states(process::id()).len() == threads);
    Ok(())
}
