//! The tasks: one sleeps, and the other tempts fate. And how the caller learns what went wrong.

use std::time::Duration;
use std::{fs, process, thread};

use hands::pool::{Handle, as_completed};
use hands::println;
use hands::process::Task;
use serde::{Deserialize, Serialize};

// ANCHOR: tasks
pub(crate) const DO_SOMETHING: Task<Duration, String> = Task::new("do_something", do_something);
pub(crate) const TEMPT: Task<(Fate, Duration), Result<String, String>> = Task::new("tempt", tempt);

pub(crate) fn do_something(time: Duration) -> String {
    step::sleep(time);
    "Done sleeping".to_owned()
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Fate {
    Well,
    Error,
    Panic,
    Crash,
    Hang,
}

pub(crate) fn tempt((fate, time): (Fate, Duration)) -> Result<String, String> {
    let done = do_something(time);
    match fate {
        Fate::Well => Ok(done),
        Fate::Error => fs::read_to_string("no-such-file").map_err(|error| error.to_string()),
        Fate::Panic => panic!("out of luck"),
        Fate::Crash => process::abort(),
        Fate::Hang => loop {
            thread::park(); // until it is woken, which never happens
        },
    }
}
// ANCHOR_END: tasks

// ANCHOR: report
pub(crate) fn report<S>(fates: [Fate; 5], times: [Duration; 5], submit: S)
where
    S: Fn((Fate, Duration)) -> Handle<Result<String, String>>,
{
    println!("And what becomes of these:");
    let inputs = fates.into_iter().zip(times);
    for (fate, outcome) in as_completed(inputs.map(|input| (input.0, submit(input)))) {
        match outcome {
            Ok(Ok(done)) => println!("{fate:?}: {done}"),
            Ok(Err(reason)) => println!("{fate:?}: it ran, and returned: {reason}"),
            Err(error) => println!("{fate:?}: {error}"),
        }
    }
}
// ANCHOR_END: report
