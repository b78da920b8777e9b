//! Builds the book again when something in it has changed, and tells the pages.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use hands::eprintln;

use super::book::Book;
use super::http::{self, Refusal};
use crate::{check, files, site};

/// How often the sources are looked at. An editor writes a file in several steps, which are over by
/// the next look.
const PAUSE: Duration = Duration::from_millis(400);
/// How often a page hears that the server is still there, which also shows whether the page is.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// What the pages are made from. Chapters include listings of the steps and of the library.
const SOURCES: [&str; 8] = [
    "book/src",
    "book/theme",
    "book/book.toml",
    "book/quizzes",
    "book/mistakes",
    "book/fixes",
    "examples",
    "lessons",
];

/// Watches the sources as long as the program runs. `built` is how they looked when the book was
/// built. (Looking at a thousand files takes a few milliseconds, and needs no other crate.)
pub(super) fn watch(book: Arc<Book>, mut built: u64) {
    thread::spawn(move || {
        let mut last = built;
        loop {
            thread::sleep(PAUSE);
            let now = look(&book.root);
            if now != built && now == last {
                built = now;
                match check::warn(&book.root).and_then(|()| site::build_apart(&book.root)) {
                    Ok(site) => book.replace(site),
                    Err(error) => {
                        eprintln!("{error:#}");
                        book.broke(format!("{error:#}"));
                    }
                }
            }
            last = now;
        }
    });
}

/// What changes when a file is written, made, moved or removed.
pub(super) fn look(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES.map(|source| root.join(source)) {
        let inside = files::all(&source).unwrap_or_default(); // nothing, if it is a file
        // A twin that runs in its folder leaves its trace there.
        let is_made = |file: &Path| {
            let inside = file.strip_prefix(root).unwrap_or(file);
            inside.components().any(|part| part.as_os_str() == "target")
        };
        for file in inside.iter().chain([&source]).filter(|file| !is_made(file)) {
            file.hash(&mut hasher);
            file.metadata().and_then(|file| file.modified()).ok().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Sends events to a page that listens: `built`, now and with each build, and `broken`, with the
/// reason why the last one failed.
pub(super) fn tell(book: &Book, client: &mut TcpStream) -> Result<(), Refusal> {
    let headers = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")];
    http::start(client, 200, &headers)?;
    let mut seen = None;
    loop {
        let builds = book.wait_for_build(seen.as_ref(), SIGN_OF_LIFE);
        let event = match &builds.error {
            _ if seen.as_ref() == Some(&builds) => ":\n\n".to_owned(),
            None => format!("event: built\ndata: {}-{}\n\n", std::process::id(), builds.count),
            Some(error) => format!("event: broken\ndata: {}\n\n", error.replace('\n', "\ndata: ")),
        };
        client.write_all(event.as_bytes())?;
        seen = Some(builds);
    }
}
