//! Each file is a named pipe, which the check writes to. So it sees which process reads, and how
//! many files are being read at the same time.

use std::os::unix::fs::symlink;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, process};

use answer::{Made, TASKS, thumbnails};
use challenges::{Judged, Notes, Pipes, Refusal, Rush, check, nobody_is_left, note_start, require};
use hands::process::init;
use pictures::gallery::paint::{self, Format};
use pictures::picture;

challenges::answer!("../../../../challenges/09_in_processes.rs");

const FILES: usize = 7;
const WORKERS: usize = 3;

/// This file is cut off in the middle.
const DAMAGED: usize = 2;

const PROCESSES: &str = "09_images.md#in-processes";
const WORKER: &str = "03_pool.md#worker-processes";
const NAME: &str = "07_messages.md#c-processes";

fn main() {
    note_start();
    let _ = env::set_current_dir(workplace(parent_id())); // only a worker has one
    init(TASKS);
    check("09_in_processes", |check| {
        check.if_stuck(
            "each file here can be read only once, by one worker: who is still waiting for one?",
            PROCESSES,
        );
        let notes = Notes::begin();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let places = Places::lay_out(folder.path());
        let out = &places.named;
        let file = |n: usize| (folder.path().join(format!("{n}.png")), bytes(n));
        let files = Pipes::lay_out((0..FILES).map(file).collect(), WORKERS);
        let mut results = Vec::new();
        check.part("3 worker processes read at a time, and each file is read once", || {
            results = thumbnails(files.paths(), out, WORKERS);
            judge(&files, WORKERS)
        })?;
        check.part("each thumbnail is there, and the damaged file is reported", || {
            thumbnails_are_there(&results, &places)
        })?;
        check.part("2 worker processes read at a time, if it is asked for 2", || {
            let file = |n: usize| (folder.path().join(format!("again {n}.png")), bytes(n));
            let files = Pipes::lay_out((0..4).map(file).collect(), 2);
            thumbnails(files.paths(), out, 2);
            judge(&files, 2)
        })?;
        check.part("they were made in other processes, and none of these is left", || {
            in_processes(&results, &notes)
        })
    })
}

/// The folder for the thumbnails. Its name leads the workers to another place than this process, on
/// Linux: so the check sees who has saved something there.
struct Places {
    named: PathBuf,
    of_workers: PathBuf,
    of_this: PathBuf,
}

impl Places {
    fn lay_out(folder: &Path) -> Self {
        let here = folder.join("here");
        let (of_workers, of_this) = (folder.join("processed"), here.join("processed"));
        fs::create_dir_all(&of_this).expect("a folder in it");
        fs::create_dir(&of_workers).expect("a folder in it");
        symlink(folder, workplace(process::id())).expect("a link in the temporary folder");
        env::set_current_dir(here).expect("it is there");
        let named = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/cwd/processed")
        } else {
            of_workers.clone()
        };
        Places { named, of_workers, of_this }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        let _ = fs::remove_file(workplace(process::id()));
    }
}

/// The folder in which the workers of this check work.
fn workplace(check: u32) -> PathBuf {
    env::temp_dir().join(format!("many-hands-pictures-{check}"))
}

fn judge(pipes: &Pipes, workers: usize) -> Judged {
    let rush = pipes.close();
    require(
        !pipes.were_read_here(),
        "that a worker process gets the name of a file, and reads it",
        "a file was read in the main process: are the workers threads, or are they sent its contents?",
        NAME,
    )?;
    let (expected, seen) = match rush {
        None => return Ok(()),
        Some(Rush::Again(file)) => {
            ("that each file is read once".to_owned(), format!("{file} was read twice"))
        }
        Some(Rush::TooMany) => (
            format!("that {workers} files are being read at a time, and never one more"),
            format!("{workers} were being read, and one more came"),
        ),
        Some(Rush::TooFew(n)) => (
            format!("that {workers} files are being read at a time"),
            format!("{n} at a time: no other worker came while it was being read"),
        ),
        Some(Rush::NoNext(n)) => (
            "that a worker that is done with a file begins the next one".to_owned(),
            format!("one is done, {n} are being read, and no worker came for the next"),
        ),
    };
    Err(Refusal { expected, seen, page: PROCESSES.to_owned() })
}

fn bytes(n: usize) -> Vec<u8> {
    static PICTURES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let paint = |n: usize| paint::picture(n as u64, 160 + n as u32, 120, Format::Png);
    let pictures = PICTURES.get_or_init(|| (0..FILES).map(paint).collect());
    match n {
        DAMAGED => pictures[n][..pictures[n].len() / 2].to_vec(),
        _ => pictures[n].clone(),
    }
}

fn thumbnails_are_there(results: &[Result<Made, String>], places: &Places) -> Judged {
    let saved_here = fs::read_dir(&places.of_this).map_or(0, Iterator::count);
    require(
        saved_here == 0,
        "that a worker saves what it has made",
        format!("the main process has saved {saved_here}: do pictures travel from the workers?"),
        NAME,
    )?;
    require(
        results.len() == FILES,
        format!("{FILES} results, one for each file"),
        format!("{}", results.len()),
        PROCESSES,
    )?;
    for (n, result) in results.iter().enumerate() {
        let name = format!("processed_{n}.png");
        let (path, file) = (places.named.join(&name), places.of_workers.join(&name));
        if n == DAMAGED {
            require(
                result.is_err() && !file.exists(),
                format!("an Err for {n}.png, which is damaged, and no thumbnail"),
                format!("{result:?}"),
                PROCESSES,
            )?;
            continue;
        }
        let thumbnail = result.as_ref().map(|made| &made.thumbnail);
        require(
            thumbnail == Ok(&path),
            format!("of {n}.png: {}", path.display()),
            match thumbnail {
                Ok(other) => {
                    format!("{}: are the results in the order of the files?", other.display())
                }
                Err(reason) => format!("an Err: {reason}"),
            },
            PROCESSES,
        )?;
        let expected = picture::process(&bytes(n)).expect("it is a good picture");
        let saved = fs::read(&file);
        require(
            saved.as_ref().is_ok_and(|saved| *saved == expected),
            format!("in {}: what `picture::process` makes of {n}.png", path.display()),
            match saved {
                Ok(saved) => format!("{} other bytes", saved.len()),
                Err(error) => error.to_string(),
            },
            PROCESSES,
        )?;
    }
    Ok(())
}

/// The answer says which processes they were, and the processes say so themselves.
fn in_processes(results: &[Result<Made, String>], notes: &Notes) -> Judged {
    let pids: Vec<_> = results.iter().flatten().map(|made| made.pid).collect();
    let me = process::id();
    require(
        !pids.contains(&me),
        "thumbnails made in worker processes",
        format!("{pids:?}, and {me} is the process of the check itself"),
        WORKER,
    )?;
    let started = notes.started();
    require(
        pids.iter().all(|pid| started.contains(pid)),
        "the ids of the processes that made the thumbnails",
        format!("{pids:?}, and the processes that were started are {started:?}"),
        WORKER,
    )?;
    nobody_is_left(started, "03_pool.md#when-the-pool-goes")
}
