//! Builds the book again when something in it has changed, and tells the pages.

use hands::eprintln;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt};
use notify_debouncer_mini::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};
use tokio_stream::wrappers::BroadcastStream;

use super::Book;

/// An editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(150);
/// What the pages are made of. Chapters include listings of the steps and of the library.
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

/// Watches the sources as long as the result lives.
pub(super) fn watch(book: &Arc<Book>) -> anyhow::Result<Debouncer<RecommendedWatcher>> {
    let told = Arc::clone(book);
    let mut built = SystemTime::now();
    let mut watcher = new_debouncer(QUIET, move |found: DebounceEventResult| {
        let Ok(found) = found else { return };
        // Reading a file is told as well, and a build reads them all.
        if !found.iter().any(|change| is_newer(&change.path, built)) {
            return;
        }
        built = SystemTime::now();
        match crate::site::build_apart(&told.root) {
            Ok(site) => {
                *told.site.write().unwrap_or_else(PoisonError::into_inner) = site;
                told.changes.send(()).ok(); // nobody may be looking
            }
            Err(error) => eprintln!("{error:#}"),
        }
    })
    .context("the book's sources cannot be watched")?;
    for path in SOURCES.map(|source| book.root.join(source)) {
        if !path.exists() {
            continue;
        }
        let watched = watcher.watcher().watch(&path, RecursiveMode::Recursive);
        watched.with_context(|| format!("{} cannot be watched", path.display()))?;
    }
    Ok(watcher)
}

/// Whether the file is gone, or was written since.
fn is_newer(path: &Path, then: SystemTime) -> bool {
    path.metadata().and_then(|file| file.modified()).is_ok_and(|time| time > then) || !path.exists()
}

/// A stream of events that a page listens to: `changed`, whenever it should load itself again.
pub(super) async fn tell(
    State(book): State<Arc<Book>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(book.changes.subscribe());
    // A page that was too slow to read all of them has one change to see, too.
    let events = changes.map(|_| Ok(Event::default().event("changed").data("")));
    Sse::new(events).keep_alive(KeepAlive::default())
}
