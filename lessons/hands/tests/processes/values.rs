//! What tasks take and return: panics, errors, and values that cannot travel.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use hands::panics;
use hands::pool::{Failure, ProcessPool};
use hands::process::{Process, Task};
use serde::de::{Deserializer, Error as _};
use serde::ser::{Error as _, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::Result;
use crate::tasks::{PID, SAME, workers_of};

const PANIC_LINE: u32 = line!() + 1;
pub(crate) const PANIC: Task<u64, u64> = Task::new("panic", |n| panic!("no {n}"));

pub(crate) const PARSE: Task<String, std::result::Result<u8, String>> =
    Task::new("parse", |word| word.parse().map_err(|e: std::num::ParseIntError| e.to_string()));

pub(crate) const ECHO_JSON: Task<Value, Value> = Task::new("echo_json", |value| value);

/// The kind of value that people used to Python send: some fields are missing, some have any type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Letter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    number: u64,
    body: Body,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Body {
    Number(f64),
    Text(String),
    Picture { width: u32, height: u32 },
}

fn letter(number: u64) -> Letter {
    let body = match number % 3 {
        0 => Body::Number(number as f64 + 0.5),
        1 => Body::Text(number.to_string()),
        _ => Body::Picture { width: 3, height: number as u32 },
    };
    let to = number.is_multiple_of(2).then(|| "Ferris".to_owned());
    Letter { to, number, body, rest: [("more".to_owned(), json!([number, null]))].into() }
}

pub(crate) const ECHO: Task<Letter, Letter> = Task::new("echo", |letter| letter);

/// What this process was told when it started.
static TOLD: OnceLock<Letter> = OnceLock::new();

pub(crate) const LEARN: Task<Letter, std::result::Result<(), String>> =
    Task::new("learn", |letter| TOLD.set(letter).map_err(|_| "told twice".to_owned()));
pub(crate) const LEARNT: Task<(), Option<Letter>> = Task::new("learnt", |()| TOLD.get().cloned());

pub(crate) const TAKE_STUBBORN: Task<Stubborn, u64> = Task::new("take_stubborn", |_| 1);
pub(crate) const GIVE_STUBBORN: Task<Stubborn, Stubborn> = Task::new("give_stubborn", |s| s);

pub(crate) const LONGER: Task<String, String> = Task::new("longer", |text| text + "!");

pub(crate) const TAKE_HUGE: Task<Huge, usize> = Task::new("take_huge", |huge| huge.0);
pub(crate) const GIVE_HUGE: Task<usize, Huge> = Task::new("give_huge", Huge);

/// The most memory that this process ever used, in MiB.
pub(crate) const PEAK: Task<(), u64> = Task::new("peak", |()| peak());

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kB") >> 10
}

/// A value that travels well, or fails or panics on its way out or in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stubborn {
    Fine,
    FailsOut,
    PanicsOut,
    FailsIn,
    PanicsIn,
    /// Returns a value that fails or panics on its way out.
    TurnsBad(bool),
}

use Stubborn::{FailsIn, FailsOut, Fine, PanicsIn, PanicsOut, TurnsBad};

impl Serialize for Stubborn {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_u8(match self {
            Fine => 0,
            FailsOut => return Err(S::Error::custom("it will not go")),
            PanicsOut => panic!("it will not go, and how"),
            FailsIn => 1,
            PanicsIn => 2,
            TurnsBad(fails) => 3 + u8::from(*fails),
        })
    }
}

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        match u8::deserialize(from)? {
            0 => Ok(Fine),
            1 => Err(D::Error::custom("it will not come")),
            2 => panic!("it will not come, and how"),
            3 => Ok(PanicsOut),
            _ => Ok(FailsOut),
        }
    }
}

/// A value of this many MiB, which needs no memory until it is sent.
#[derive(Debug)]
pub(crate) struct Huge(usize);

impl Serialize for Huge {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        static MIB: OnceLock<String> = OnceLock::new();
        let mib = MIB.get_or_init(|| "x".repeat(1 << 20));
        let mut parts = to.serialize_seq(Some(self.0))?;
        for _ in 0..self.0 {
            parts.serialize_element(mib)?;
        }
        parts.end()
    }
}

impl<'de> Deserialize<'de> for Huge {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        Ok(Huge(Vec::<String>::deserialize(from)?.len()))
    }
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Codec { reason } => reason,
        other => panic!("{other}"),
    }
}

fn message(failure: Failure) -> String {
    match failure {
        Failure::Panicked(panicked) => panicked.message,
        other => panic!("{other}"),
    }
}

pub(crate) fn a_panic_keeps_its_message_and_place_and_its_worker() -> Result {
    let pool = ProcessPool::new(1)?;
    let before = workers_of(&pool);
    let outcomes: Vec<_> = pool.chunk_size(3).imap(&PANIC, 0..6).collect();
    for (n, outcome) in outcomes.into_iter().enumerate() {
        let error = outcome.unwrap_err();
        assert_eq!(error.task, n);
        let Failure::Panicked(panicked) = error.failure else { panic!("{error}") };
        assert_eq!(panicked.message, format!("no {n}"));
        assert!(panicked.place.contains(&format!("values.rs:{PANIC_LINE}:")), "{panicked}");
    }
    assert_eq!(workers_of(&pool), before);
    let panicked = Process::spawn(&PANIC, 7)?.join().unwrap_err();
    assert_eq!(message(panicked), "no 7");
    Ok(())
}

pub(crate) fn an_error_that_a_task_returns_is_a_value() -> Result {
    let pool = ProcessPool::new(2)?;
    let outcomes: Vec<_> = pool.imap(&PARSE, ["7", "seven"].map(str::to_owned)).collect();
    assert_eq!(outcomes, [Ok(Ok(7)), Ok(Err("invalid digit found in string".to_owned()))]);
    Ok(())
}

pub(crate) fn what_has_no_fixed_form_crosses_both_ways() -> Result {
    let pool = ProcessPool::builder(2).initializer(&LEARN, letter(7)).start()?;
    let letters = || (0..40).map(letter);
    let all: Vec<Letter> = letters().collect();
    assert_eq!(pool.map(&ECHO, letters())?, all);
    assert_eq!(pool.imap(&ECHO, letters()).collect::<std::result::Result<Vec<_>, _>>()?, all);
    let mut any_order: Vec<_> =
        pool.imap_unordered(&ECHO, letters()).collect::<std::result::Result<_, _>>()?;
    any_order.sort_by_key(|letter| letter.number);
    assert_eq!(any_order, all);
    assert_eq!(pool.submit(&ECHO, letter(3)).join()?, letter(3));
    assert_eq!(Process::spawn(&ECHO, letter(4))?.join()?, letter(4));
    assert_eq!(pool.submit(&LEARNT, ()).join()?, Some(letter(7)));
    assert_eq!(pool.chunk_size(16).map(&ECHO, letters())?, all);

    let value = json!({ "name": "a", "sizes": [1, 2.5, null], "deep": { "er": [] } });
    assert_eq!(pool.submit(&ECHO_JSON, value.clone()).join()?, value);
    assert_eq!(Process::spawn(&ECHO_JSON, value.clone())?.join()?, value);
    Ok(())
}

pub(crate) fn what_does_not_encode_or_decode_is_that_tasks_failure() -> Result {
    let pool = ProcessPool::new(1)?;
    let before = workers_of(&pool);
    let taken = pool.submit(&TAKE_STUBBORN, FailsIn).join().unwrap_err().failure;
    assert_eq!(reason(taken), "its input: it will not come");
    let taken = Process::spawn(&TAKE_STUBBORN, FailsIn)?.join().unwrap_err();
    assert_eq!(reason(taken), "its input: it will not come");
    let given = Process::spawn(&GIVE_STUBBORN, TurnsBad(true))?.join().unwrap_err();
    assert_eq!(reason(given), "its result: it will not go");
    let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(pool.submit(&ECHO_JSON, deep(200)).join()?, deep(200));
    let deeper = pool.submit(&ECHO_JSON, deep(300)).join().unwrap_err().failure;
    assert!(reason(deeper).starts_with("its input: it is nested more than 256 levels deep"));

    // In a chunk, the tasks around it succeed.
    let inputs = [Fine, FailsOut, Fine, FailsIn, Fine, PanicsIn, FailsOut, FailsOut, Fine];
    let outcomes: Vec<_> = pool.chunk_size(9).imap(&TAKE_STUBBORN, inputs).collect();
    for (n, (input, outcome)) in inputs.into_iter().zip(outcomes).enumerate() {
        let failure = outcome.map_err(|error| {
            assert_eq!(error.task, n);
            error.failure
        });
        match input {
            Fine => assert_eq!(failure, Ok(1)),
            FailsOut => assert_eq!(reason(failure.unwrap_err()), FAILS_OUT),
            PanicsIn => assert_eq!(message(failure.unwrap_err()), "it will not come, and how"),
            _ => assert!(reason(failure.unwrap_err()).starts_with("its input: ")),
        }
    }
    let inputs = [TurnsBad(true), Fine, TurnsBad(false)];
    let mut outcomes = pool.chunk_size(9).imap(&GIVE_STUBBORN, inputs);
    let bad = outcomes.next().expect("three").unwrap_err().failure;
    assert!(reason(bad).starts_with("its result: "));
    assert_eq!(outcomes.next(), Some(Ok(Fine)));
    let worse = outcomes.next().expect("three").unwrap_err().failure;
    assert_eq!(message(worse), "it will not go, and how");
    drop(outcomes);
    assert_eq!(workers_of(&pool), before, "no worker was harmed");
    Ok(())
}

const FAILS_OUT: &str = "its input: it will not go";

pub(crate) fn an_input_that_panics_on_its_way_out_panics_where_it_was_given_and_the_pool_lives_on()
-> Result {
    let pool = ProcessPool::new(1)?;
    let submitted = panics::catch(|| drop(pool.submit(&TAKE_STUBBORN, PanicsOut)));
    assert_eq!(submitted.unwrap_err().message, "it will not go, and how");
    let mapped = panics::catch(|| pool.chunk_size(2).map(&TAKE_STUBBORN, [Fine, PanicsOut, Fine]));
    assert_eq!(mapped.unwrap_err().message, "it will not go, and how");
    // Even the same results go on. The tasks that would have been sent with it are cancelled.
    let mut results = pool.chunk_size(2).imap(&TAKE_STUBBORN, [Fine, PanicsOut, Fine, Fine]);
    assert!(panics::catch(|| results.next()).is_err());
    let failures: Vec<_> = results.map(|outcome| outcome.map_err(|e| e.failure)).collect();
    let cancelled = || Err(Failure::Cancelled);
    assert_eq!(failures, [cancelled(), cancelled(), Ok(1), Ok(1)]);
    assert_eq!(pool.chunk_size(2).map(&SAME, 0..10)?, (0..10).collect::<Vec<_>>());
    Ok(())
}

pub(crate) fn a_mebibyte_goes_both_ways_though_the_pipes_are_full() -> Result {
    let pool = ProcessPool::new(2)?;
    let text = "x".repeat(1 << 20);
    let mut results = pool.window(64).imap(&LONGER, (0..100).map(|n| format!("{n}{text}")));
    for n in 0..100 {
        let result = results.next().expect("a hundred")?;
        assert!(result.starts_with(&n.to_string()) && result.ends_with("x!"));
    }
    drop(results);
    let results = pool.chunk_size(16).map(&LONGER, (0..64).map(|n| format!("{n}{text}")))?;
    assert_eq!(results.len(), 64);
    Ok(())
}

pub(crate) fn what_is_too_long_is_a_failure_and_not_an_allocation() -> Result {
    // Alone, because it looks at the memory of the whole process.
    let pool = ProcessPool::new(1)?;
    let worker = pool.submit(&PID, ()).join()?;
    let taken = pool.submit(&TAKE_HUGE, Huge(1024)).join().unwrap_err().failure;
    assert!(reason(taken).contains("longer than 256 MiB"));
    assert!(peak() < 600, "{} MiB for what is not sent", peak());
    let given = pool.submit(&GIVE_HUGE, 1024).join().unwrap_err().failure;
    assert!(reason(given).contains("longer than 256 MiB"));
    let peak = pool.submit(&PEAK, ()).join()?;
    assert!(peak < 600, "{peak} MiB for what is not sent");
    assert_eq!(pool.submit(&PID, ()).join()?, worker, "the worker lives on");
    assert_eq!(pool.submit(&TAKE_HUGE, Huge(200)).join(), Ok(200), "what is not too long arrives");
    let spawned = Process::spawn(&TAKE_HUGE, Huge(1024)).unwrap_err().to_string();
    assert!(spawned.contains("longer than 256 MiB"), "{spawned}");
    Ok(())
}

/// Something that calls a pool while it is decoded, on the thread that keeps the worker.
#[derive(Serialize)]
pub(crate) struct Caller(bool);

pub(crate) const CALLER: Task<(), Caller> = Task::new("caller", |()| Caller(false));

static POOL: OnceLock<ProcessPool> = OnceLock::new();

impl<'de> Deserialize<'de> for Caller {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let _ = bool::deserialize(from)?;
        let inner = POOL.get().map(|pool| pool.submit(&SAME, 1).join().map_err(|e| e.failure));
        Ok(Caller(inner == Some(Err(Failure::OwnPool))))
    }
}

pub(crate) fn a_pool_called_by_its_own_lane_is_an_error() -> Result {
    let pool = POOL.get_or_init(|| ProcessPool::new(1).expect("a pool"));
    assert!(pool.submit(&CALLER, ()).join()?.0, "it was told that this is its own pool");
    Ok(())
}
