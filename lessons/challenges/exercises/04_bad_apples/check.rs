//! A hundred tasks in processes, four of which come to a bad end. Each runs once, each has its
//! fate, and no process is left.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::{env, fs, process};

use answer::{Fate, Pick, pick_all};
use challenges::{
    Judged, Notes, check, nobody_is_left, note, others_sleep, require, sign_of_life, wait_until,
};
use hands::process::{Task, init};

challenges::answer!("../../../../challenges/04_bad_apples.rs");

const PICK: Pick = Task::new("pick", pick);

const APPLES: u32 = 100;
const ERRS: u32 = 17;
const PANICS: u32 = 34;
const ABORTS: u32 = 58;
const NEVER_ENDS: u32 = 71;

/// More apples than workers that never end, and then one that is picked at once.
const STUCK: Range<u32> = 100..104;
const AT_ONCE: u32 = 104;

/// One for each worker. They are done when the check says so.
const PATIENT: Range<u32> = 105..109;

/// Far longer than a worker needs for an apple, even on a busy machine, and shorter than four of
/// them need for all.
const LIMIT: Duration = Duration::from_secs(5);
const APPLE: Duration = Duration::from_millis(220);

const WRONG: &str = "04_futures.md#what-goes-wrong";
const TIMEOUTS: &str = "04_futures.md#two-timeouts";
const POOL_GOES: &str = "03_pool.md#when-the-pool-goes";

fn main() {
    init(&[&PICK]);
    check("04_bad_apples", |check| {
        check.if_stuck(
            "who is waiting for the apple that never ends? Only a time limit for the task ends it",
            TIMEOUTS,
        );
        let notes = Notes::begin();
        check.watch(notes.length());
        let mut fates = Vec::new();
        check.part("each apple comes back once", || {
            fates = pick_all(&PICK, (0..APPLES).collect(), LIMIT);
            each_once(&fates)
        })?;
        check.part("each has its fate", || exact_fates(&fates))?;
        check.part("each was picked once, in a worker process", || picked_once(&notes))?;
        check.part("four at a time; those that never end make room for others", || {
            room_for_others(&notes)
        })?;
        check.part("no worker process is left", || {
            nobody_is_left(notes.read().into_iter().map(|note| note.pid), POOL_GOES)
        })
    })
}

fn pick(apple: u32) -> Result<u32, String> {
    note(&apple.to_string());
    if apple < APPLES {
        thread::sleep(APPLE);
    }
    match apple {
        ERRS => Err("a worm: green".to_owned()),
        PANICS => panic!("bruised: at the top"),
        ABORTS => process::abort(),
        never_ends if never_ends == NEVER_ENDS || STUCK.contains(&never_ends) => loop {
            thread::park();
        },
        patient if PATIENT.contains(&patient) => {
            while !go(parent_id()).exists() {
                thread::sleep(Duration::from_millis(10));
            }
            Ok(patient * 10)
        }
        good => Ok(good * 10),
    }
}

/// Once this file is there, the patient apples are done.
fn go(check: u32) -> PathBuf {
    env::temp_dir().join(format!("many-hands-go-{check}"))
}

fn expected(apple: u32) -> Fate {
    match apple {
        ERRS => Fate::Erred("a worm: green".to_owned()),
        PANICS => Fate::Panicked("bruised: at the top".to_owned()),
        ABORTS => Fate::Crashed(6),
        NEVER_ENDS => Fate::TimedOut,
        good => Fate::Good(good * 10),
    }
}

fn each_once(fates: &[(u32, Fate)]) -> Judged {
    let mut count = BTreeMap::new();
    for (apple, _) in fates {
        *count.entry(*apple).or_insert(0) += 1;
    }
    let missing: Vec<_> = (0..APPLES).filter(|apple| !count.contains_key(apple)).collect();
    let others: Vec<_> = count
        .iter()
        .filter(|(apple, n)| **n > 1 || **apple >= APPLES)
        .map(|(apple, _)| apple)
        .collect();
    require(
        missing.is_empty() && others.is_empty(),
        "each of the 100 apples, once",
        format!(
            "{} fates; {}; {}",
            fates.len(),
            list("missing", missing.iter()),
            list("more than once, or never asked for", others.into_iter()),
        ),
        WRONG,
    )
}

fn exact_fates(fates: &[(u32, Fate)]) -> Judged {
    let given_up: Vec<_> = fates
        .iter()
        .filter(|(apple, fate)| *fate == Fate::TimedOut && *apple != NEVER_ENDS)
        .map(|(apple, _)| apple)
        .collect();
    require(
        given_up.is_empty(),
        format!(
            "that only the apple that never ends ({NEVER_ENDS}) is given up: none of the others takes {LIMIT:?}"
        ),
        list("given up with it", given_up.iter()),
        TIMEOUTS,
    )?;
    for (apple, fate) in fates {
        let expected = expected(*apple);
        require(
            *fate == expected,
            format!("of apple {apple}: {expected:?}"),
            format!("{fate:?}"),
            WRONG,
        )?;
    }
    Ok(())
}

/// Whether this is one of the first hundred apples.
fn is_first(apple: &str) -> bool {
    apple.parse::<u32>().is_ok_and(|apple| apple < APPLES)
}

/// Two calls at the same time: one with a short limit, and one with an hour, which began before and
/// ends after it.
fn room_for_others(notes: &Notes) -> Judged {
    // A few limits, one after the other, are no standstill yet.
    thread::spawn(|| {
        for _ in 0..15 {
            sign_of_life();
            thread::sleep(Duration::from_secs(1));
        }
    });
    let (at_once, fates, patient) = thread::scope(|s| {
        let hour = Duration::from_secs(3600);
        let patient = s.spawn(move || pick_all(&PICK, PATIENT.collect(), hour));
        let picked = |note: &String| note.parse().is_ok_and(|apple| PATIENT.contains(&apple));
        let count = || notes.read().iter().filter(|note| picked(&note.text)).count();
        wait_until(|| count() == PATIENT.len() || patient.is_finished());
        let at_once = count();
        let mut fates = Vec::new();
        if at_once == PATIENT.len() {
            let apples = STUCK.chain([AT_ONCE]).collect();
            fates = pick_all(&PICK, apples, Duration::from_secs(2));
            others_sleep(); // whoever has given up by now has had the time to
        }
        fs::write(go(process::id()), "").expect("room for an empty file");
        (at_once, fates, patient.join().expect("the answer doesn't panic"))
    });
    let _ = fs::remove_file(go(process::id()));
    require(
        at_once == PATIENT.len(),
        "four apples picked at the same time",
        format!("{at_once}, and no other began"),
        "03_pool.md#worker-processes",
    )?;
    let fates: BTreeMap<u32, Fate> = fates.into_iter().collect();
    let fate = |apple| fates.get(&apple).cloned();
    require(
        fate(AT_ONCE) == Some(expected(AT_ONCE)),
        format!("that an apple behind four that never end is picked: {:?}", expected(AT_ONCE)),
        format!(
            "{:?}: the others still keep all four workers busy. Was only the waiting given up?",
            fate(AT_ONCE)
        ),
        TIMEOUTS,
    )?;
    for apple in STUCK {
        let seen = format!("{:?}", fate(apple));
        require(fate(apple) == Some(Fate::TimedOut), "TimedOut", seen, TIMEOUTS)?;
    }
    require(
        patient.iter().all(|(apple, fate)| *fate == expected(*apple)),
        "that apples with a limit of an hour aren't given up when others, with two seconds, are",
        format!("{patient:?}: is it always the same limit?"),
        TIMEOUTS,
    )
}

fn picked_once(notes: &Notes) -> Judged {
    let notes = notes.read();
    require(
        !notes.iter().any(|note| note.pid == process::id()),
        "that the apples are picked in other processes",
        "some were picked in this one",
        "03_pool.md#worker-processes",
    )?;
    for apple in 0..APPLES {
        let times = notes.iter().filter(|note| note.text == apple.to_string()).count();
        require(
            times == 1,
            "that each apple is picked once, even the bad ones",
            format!("apple {apple} was picked {times} times"),
            WRONG,
        )?;
    }
    let pids: BTreeSet<_> =
        notes.iter().filter(|note| is_first(&note.text)).map(|note| note.pid).collect();
    require(
        (4..=6).contains(&pids.len()),
        "4 worker processes, and another one for each of two that were ended",
        format!("{} processes", pids.len()),
        "03_pool.md#worker-processes",
    )
}

fn list<T: std::fmt::Display>(what: &str, items: impl ExactSizeIterator<Item = T>) -> String {
    let count = items.len();
    let first: Vec<_> = items.take(8).map(|item| item.to_string()).collect();
    match count {
        0 => format!("none {what}"),
        1..=8 => format!("{what}: {}", first.join(", ")),
        _ => format!("{what}: {} and {} others", first.join(", "), count - 8),
    }
}
