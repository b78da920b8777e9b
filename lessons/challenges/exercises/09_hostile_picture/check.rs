//! Nine pictures, of which one is damaged, and some do worse. Each has its result and is tried as
//! often as it should be, and no process is left.

use std::collections::BTreeSet;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::{env, fs, process};

use answer::{Shrink, shrink_all};
use challenges::{
    Judged, Notes, check, nobody_is_left, note, others_sleep, require, times_noted, wait_until,
};
use hands::process::{Task, init};

challenges::answer!("../../../../challenges/09_hostile_picture.rs");

const SHRINK: Shrink = Task::new("shrink", shrink);

const FILES: [&str; 9] =
    ["cat", "damaged", "dog", "panics", "unlucky", "crashes", "bird", "endless", "fish"];

/// Far longer than a worker needs for a small file, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(8);

/// It's done once the endless one was given up.
const PATIENT: &str = "patient";

const WORKERS: usize = 3;

/// Noted by each of the first three pictures if all of them are worked on at the same time.
const MET: &str = "met";

const CUT_OFF: &str = "the file is cut off";
const BUG: &str = "index out of bounds: the height is 0";

/// A picture that is tried more often than this gets a thumbnail, so that there is an end.
const ENOUGH: usize = 5;

const WRONG: &str = "04_futures.md#what-goes-wrong";
const BUILDER: &str = "04_futures.md#two-timeouts";
const PROCESSES: &str = "09_images.md#in-processes";
const WORKER: &str = "03_pool.md#worker-processes";

fn main() {
    init(&[&SHRINK]);
    check("09_hostile_picture", |check| {
        check.if_stuck(
            "who is waiting for the picture that never ends? A task can have a time limit",
            BUILDER,
        );
        let notes = Notes::begin();
        check.watch(notes.length());
        let (mut results, mut patient) = (Vec::new(), Vec::new());
        check.part("a result for each file", || {
            [results, patient] = shrink_twice(&notes);
            require(
                results.len() == FILES.len(),
                format!("{} results, one for each file", FILES.len()),
                format!("{}: {results:?}", results.len()),
                WRONG,
            )
        })?;
        check.part("three pictures at the same time", || three_at_once(&notes))?;
        check.part("good pictures have their thumbnails, in the order of the files", || {
            good_ones(&results)
        })?;
        check.part("to crash once is bad luck, to crash twice is hostile", || {
            crashed_ones(&results, &notes)
        })?;
        check.part("an error, a panic and a task without end are not tried again", || {
            bad_ones(&results, &notes)
        })?;
        check.part("each call has the limit that it was given", || patience(&patient))?;
        check.part("three worker processes, and no more", || no_more(&notes))?;
        check.part("no worker process is left", || {
            nobody_is_left(notes.read().into_iter().map(|note| note.pid), PROCESSES)
        })
    })
}

/// All the files, with their limit; and meanwhile another one, which began before, and has an hour.
fn shrink_twice(notes: &Notes) -> [Vec<Result<String, String>>; 2] {
    thread::scope(|s| {
        let one = [PATIENT.to_owned()];
        let patient = s.spawn(move || shrink_all(&SHRINK, &one, Duration::from_secs(3600)));
        wait_until(|| count(notes, PATIENT) > 0 || patient.is_finished());
        let files: Vec<_> = FILES.iter().map(|file| (*file).to_owned()).collect();
        let results = shrink_all(&SHRINK, &files, LIMIT);
        others_sleep(); // whoever has given up by now has had the time to
        fs::write(go(process::id()), "").expect("room for an empty file");
        let patient = patient.join().expect("the answer doesn't panic");
        let _ = fs::remove_file(go(process::id()));
        [results, patient]
    })
}

/// Once this file is there, the patient picture is done.
fn go(check: u32) -> PathBuf {
    env::temp_dir().join(format!("many-hands-go-{check}"))
}

fn patience(seen: &[Result<String, String>]) -> Judged {
    require(
        seen == [Ok(thumbnail(PATIENT))],
        format!(
            "of a picture that may take an hour: {:?}. It was done when \"endless\" had been given up",
            thumbnail(PATIENT)
        ),
        format!("{seen:?}: is it always the same limit?"),
        BUILDER,
    )
}

fn shrink(file: String) -> Result<String, String> {
    let tries = note(&file);
    if FILES[..WORKERS].contains(&file.as_str())
        && wait_until(|| FILES[..WORKERS].iter().all(|file| times_noted(file) > 0))
    {
        note(MET);
    }
    match file.as_str() {
        "damaged" => Err(CUT_OFF.to_owned()),
        "panics" => panic!("{BUG}"),
        "unlucky" if tries == 1 => {
            // The system needs memory, and takes it from a process that has a lot.
            let me = rustix::process::getpid();
            let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
            Err("it should have been killed".to_owned())
        }
        "crashes" if tries <= ENOUGH => process::abort(),
        "endless" => loop {
            thread::park();
        },
        PATIENT => {
            while !go(parent_id()).exists() {
                thread::sleep(Duration::from_millis(10));
            }
            Ok(thumbnail(PATIENT))
        }
        _ => Ok(thumbnail(&file)),
    }
}

fn thumbnail(file: &str) -> String {
    format!("processed_{file}.png")
}

fn three_at_once(notes: &Notes) -> Judged {
    let met = count(notes, MET);
    require(
        met == WORKERS,
        format!("{WORKERS} pictures at the same time"),
        "fewer: the first was waiting for the others, and they didn't come. Do they wait behind another picture, in a \
         chunk?",
        WORKER,
    )
}

fn no_more(notes: &Notes) -> Judged {
    // One is replaced after each of three crashes, and one at the end of its time.
    let notes = notes.read().into_iter().filter(|note| note.text != PATIENT);
    let pids: BTreeSet<_> = notes.map(|note| note.pid).collect();
    require(
        pids.len() <= WORKERS + 4,
        format!("{WORKERS} worker processes, and another one for each that was ended"),
        format!("{} processes for {} pictures", pids.len(), FILES.len()),
        WORKER,
    )
}

fn result_for<'r>(results: &'r [Result<String, String>], file: &str) -> &'r Result<String, String> {
    let place = FILES.iter().position(|name| *name == file).expect("it is one of the files");
    &results[place]
}

fn good_ones(results: &[Result<String, String>]) -> Judged {
    for file in ["cat", "dog", "bird", "fish"] {
        let result = result_for(results, file);
        require(
            *result == Ok(thumbnail(file)),
            format!("of {file:?}: {:?}", thumbnail(file)),
            match result {
                Ok(other) => format!("{other:?}: are the results in the order of the files?"),
                Err(reason) => format!("{reason:?}: it suffered because of another picture"),
            },
            WRONG,
        )?;
    }
    Ok(())
}

fn crashed_ones(results: &[Result<String, String>], notes: &Notes) -> Judged {
    let unlucky = result_for(results, "unlucky");
    require(
        *unlucky == Ok(thumbnail("unlucky")),
        format!(
            "of \"unlucky\": {:?}. Its process was killed at the first try, which was bad luck. The second try is good",
            thumbnail("unlucky")
        ),
        format!("{unlucky:?}, after {}", tries(notes, "unlucky")),
        BUILDER,
    )?;
    let crashes = result_for(results, "crashes");
    let count = count(notes, "crashes");
    require(
        crashes.is_err() && count == 2,
        "that \"crashes\", whose process crashes each time, is given up after two tries",
        format!("{crashes:?}, after {}", tries(notes, "crashes")),
        BUILDER,
    )
}

fn bad_ones(results: &[Result<String, String>], notes: &Notes) -> Judged {
    for (file, reason) in [("damaged", CUT_OFF), ("panics", BUG), ("endless", ""), ("crashes", "")]
    {
        let seen = result_for(results, file).clone().err().unwrap_or_default();
        require(
            seen.contains(reason) && !seen.is_empty(),
            match reason {
                "" => format!("a reason for {file:?}: what happened to its process"),
                reason => format!("a reason for {file:?} that says {reason:?}"),
            },
            format!("{seen:?}"),
            WRONG,
        )?;
    }
    for (file, what) in [
        ("damaged", "returns an error"),
        ("panics", "has run into a bug"),
        ("endless", "has no end"),
    ] {
        let result = result_for(results, file);
        require(
            result.is_err(),
            format!("an Err for {file:?}, which {what}"),
            format!("{result:?}"),
            WRONG,
        )?;
        require(
            count(notes, file) == 1,
            format!("that {file:?} is not tried again: it {what}, and would do the same again"),
            tries(notes, file),
            WRONG,
        )?;
    }
    for file in ["cat", "dog", "bird", "fish"] {
        require(
            count(notes, file) == 1,
            format!("that {file:?} is shrunk once, because all went well"),
            tries(notes, file),
            WRONG,
        )?;
    }
    Ok(())
}

fn count(notes: &Notes, file: &str) -> usize {
    notes.read().iter().filter(|note| note.text == file).count()
}

fn tries(notes: &Notes, file: &str) -> String {
    match count(notes, file) {
        1 => "1 try".to_owned(),
        n => format!("{n} tries"),
    }
}
