//! The gallery itself is the judge. It holds its answers until eight requests are open, should
//! never see nine, lets one go and expects the next, and counts how often it is asked for each
//! link.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use answer::download_all;
use challenges::{Door, Judged, Rush, check, require};
use pictures::download::{Client, ClientLimits, Entry, LinkOutcome, setup_download_dir};
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};

challenges::answer!("../../../../challenges/08_pool_of_8.rs");

/// So many that `map` would send some of them in chunks.
const LINKS: usize = 64;
const AT_ONCE: usize = 8;

/// Longer than the door holds anyone, on the busiest machine.
const LONG: Duration = Duration::from_secs(3600);

const EIGHT: &str = "08_downloader.md#one-by-one-then-eight";
const READ: &str = "08_downloader.md#read-it";
const COPIES: &str = "08_downloader.md#why-naive-copies-fetch-everything-twice";

fn main() {
    check("08_pool_of_8", |check| {
        let door = Door::new(LINKS, AT_ONCE);
        let gallery = gallery(&door);
        let links: Vec<_> = (0..LINKS).map(|n| gallery.link(&path(n))).collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut entries = Vec::new();
        check.part(
            "eight requests are open, never nine, and as soon as one ends the next comes",
            || {
                // An answer may be held for long, and a client that loses patience asks again.
                let client = Client::new(ClientLimits {
                    idle_per_host: AT_ONCE,
                    stall: LONG,
                    total: LONG,
                    ..ClientLimits::default()
                });
                let dir = setup_download_dir(folder.path()).expect("a folder to write to");
                entries = download_all(&client, &dir, &links);
                judge(door.close())
            },
        )?;
        check.part("each link is asked for once", || {
            let missing: Vec<_> =
                (0..LINKS).map(path).filter(|link| gallery.asked(link) != 1).collect();
            require(
                missing.is_empty(),
                format!("one request for each of {LINKS} links"),
                format!("something else for {}", missing.join(", ")),
                COPIES,
            )
        })?;
        check.part("each picture is saved, and the entries are in the order of the links", || {
            saved(&links, &entries)
        })
    })
}

fn path(n: usize) -> String {
    format!("/{n}.png")
}

/// Each answer must pass the door.
fn gallery(door: &Arc<Door>) -> Gallery {
    let mut builder = Gallery::builder();
    for n in 0..LINKS {
        let door = Arc::clone(door);
        let picture = Answer::picture(paint::picture(n as u64, 32, 24, Format::Png), "image/png");
        let answer = Answer::with(move |request| {
            door.pass(&request.path);
            picture.clone()
        });
        builder = builder.answer(path(n), answer);
    }
    builder.start().expect("a port on loopback")
}

fn saved(links: &[String], entries: &[Entry]) -> Judged {
    let told: Vec<_> = entries.iter().map(|entry| &entry.link).collect();
    require(
        told.iter().copied().eq(links),
        format!("an entry for each of the {LINKS} links, in their order"),
        format!("{} entries, which begin with {:?}", told.len(), &told[..told.len().min(3)]),
        READ,
    )?;
    let not_saved = entries.iter().find(|entry| entry.outcome != LinkOutcome::Saved);
    require(
        not_saved.is_none(),
        "that each picture is saved",
        not_saved.map(|entry| format!("{entry}: {:?}", entry.reason)).unwrap_or_default(),
        READ,
    )?;
    let is_there =
        |entry: &&Entry| entry.file.as_ref().is_some_and(|file| Path::new(file).is_file());
    let there = entries.iter().filter(is_there).count();
    require(
        there == LINKS,
        format!("the files of {LINKS} pictures in the folder"),
        format!("{there} are there"),
        READ,
    )
}

/// What the door has seen, in words.
fn judge(rush: Option<Rush>) -> Judged {
    let (expected, seen, page) = match rush {
        None => return Ok(()),
        Some(Rush::Again(link)) => (
            "one request for each link",
            format!(
                "{link} was asked for twice: a worker that takes a link must take it away from the others"
            ),
            COPIES,
        ),
        Some(Rush::TooMany) => (
            "eight requests open, never nine",
            "a ninth came while eight were open".to_owned(),
            EIGHT,
        ),
        Some(Rush::TooFew(open)) => {
            ("eight requests at a time", format!("{open} at a time"), EIGHT)
        }
        Some(Rush::NoNext(open)) => (
            "the next request as soon as one has ended",
            format!(
                "one of eight has its answer, {open} are open, and nobody asked for the next: does each group of \
                 eight wait for its slowest, or does a link travel in a chunk, behind a slow one?"
            ),
            EIGHT,
        ),
    };
    require(false, expected, seen, page)
}
