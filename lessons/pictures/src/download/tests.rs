//! The downloader against a server that does everything wrong.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use paint::Format;

use super::*;
use crate::gallery::{Answer, Gallery};

mod bodies;
mod passwords;
mod redirects;
mod retries;
mod saving;
mod sources;
mod statuses;

/// Small limits, but a long timeout: a busy machine must not look like a stall.
fn limits() -> ClientLimits {
    ClientLimits {
        backoff: Duration::from_millis(2),
        attempts: 3,
        bytes: 100_000,
        ..ClientLimits::default()
    }
}

/// For servers that really stall.
fn impatient() -> ClientLimits {
    ClientLimits { stall: Duration::from_secs(1), ..limits() }
}

fn picture() -> Vec<u8> {
    paint::picture(1, 40, 30, Format::Png)
}

fn a_picture() -> Answer {
    Answer::picture(picture(), "image/png")
}

/// A download into an empty folder.
struct Run {
    entry: Entry,
    /// The files in the folder afterwards, except the manifest and the lock.
    files: Vec<String>,
}

fn files_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| ![".many-hands.jsonl", ".many-hands.lock"].contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

fn run(link: &str, limits: ClientLimits) -> Run {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path().join("images")).unwrap();
    let entry = download_link(&Client::new(limits), &dir, link);
    assert_eq!(files_in(parent.path()), ["images"], "something was written outside the folder");
    let files = files_in(dir.path());
    match entry.outcome {
        LinkOutcome::Saved => {
            assert_eq!(files.len(), 1);
            assert_eq!(fs::read(entry.file.as_ref().unwrap()).unwrap(), picture());
        }
        _ => assert_eq!(files, [""; 0], "a failed link leaves no file"),
    }
    Run { entry, files }
}

/// Downloads `/x.png` from a gallery that gives this answer. Also returns how often it was asked.
fn against(answer: Answer, limits: ClientLimits) -> (Run, usize) {
    let gallery = Gallery::builder().answer("/x.png", answer).start().unwrap();
    let run = run(&gallery.link("/x.png"), limits);
    (run, gallery.asked("/x.png"))
}

/// Checks a failure: its reason, and that the number of attempts in the report is the number that
/// the server saw.
#[track_caller]
fn fails(answer: Answer, reason: &str, attempts: usize) {
    fails_within(limits(), answer, reason, attempts);
}

#[track_caller]
fn fails_within(limits: ClientLimits, answer: Answer, reason: &str, attempts: usize) {
    let (run, asked) = against(answer, limits);
    assert_eq!(run.entry.outcome, LinkOutcome::Failed);
    let said = run.entry.reason.unwrap();
    assert!(said.contains(reason), "{said}");
    assert_eq!(run.entry.attempts as usize, attempts, "{said}");
    assert_eq!(asked, attempts, "the server saw another number: {said}");
}

/// Accepts a connection and reads its request, for answers that no gallery gives.
fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    read_request(&mut stream);
    stream
}

fn read_request(stream: &mut TcpStream) {
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
}
