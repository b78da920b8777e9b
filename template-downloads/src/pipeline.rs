//! Two kinds of workers: some download, others do your work on what has come. A bounded channel
//! lies between them, so that downloads wait when the work falls behind, and memory stays flat.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use crate::fetch::{Client, Download};
use crate::save::Saved;

/// What all workers share.
pub struct Shared<W> {
    pub client: Client,
    pub work: W,
    pub links: Vec<String>,
    /// The next link that nobody has begun.
    pub next: AtomicUsize,
    /// Set by Ctrl-C: whatever has begun is finished, and nothing else begins.
    pub stopping: Arc<AtomicBool>,
}

pub struct Workers {
    pub downloads: usize,
    pub work: usize,
    /// How long the work on one download may take.
    pub limit: Duration,
}

/// Links are known by their position in the list.
enum Event {
    Begins(usize),
    Works(usize),
    Ends(usize, Result<Saved>),
    NothingLeft,
}

/// Downloads all links and does the work on them. `ended` hears how each link ended, one at a time.
pub fn run<W>(
    shared: &Arc<Shared<W>>,
    workers: &Workers,
    mut ended: impl FnMut(&str, Result<Saved>) -> Result<()>,
) -> Result<()>
where
    W: Fn(Download) -> Result<Saved> + Send + Sync + 'static,
{
    let (sender, events) = unbounded();
    let (downloads, queue) = bounded(workers.work);
    for _ in 0..workers.downloads {
        let (shared, downloads, sender) = (Arc::clone(shared), downloads.clone(), sender.clone());
        start(move || download(&shared, &downloads, &sender))?;
    }
    drop(downloads); // the queue ends with the last of them
    let start_worker = || {
        let (shared, queue, sender) = (Arc::clone(shared), queue.clone(), sender.clone());
        start(move || work(&shared, &queue, &sender))
    };
    (0..workers.work).try_for_each(|_| start_worker())?;

    let mut at_it = workers.downloads;
    // Since when each is worked on.
    let mut under_way: HashMap<usize, Option<Instant>> = HashMap::new();
    while at_it > 0 || !under_way.is_empty() {
        match events.recv_timeout(Duration::from_millis(200)) {
            Ok(Event::Begins(link)) => drop(under_way.insert(link, None)),
            Ok(Event::Works(link)) => drop(under_way.insert(link, Some(Instant::now()))),
            Ok(Event::NothingLeft) => at_it -= 1,
            Ok(Event::Ends(link, outcome)) if under_way.remove(&link).is_some() => {
                ended(&shared.links[link], outcome)?;
            }
            Ok(Event::Ends(..)) | Err(RecvTimeoutError::Timeout) => {} // too late, or nothing new
            Err(RecvTimeoutError::Disconnected) => unreachable!("we have a sender ourselves"),
        }
        let is_over =
            |since: &Option<Instant>| since.is_some_and(|at| at.elapsed() > workers.limit);
        let hung: Vec<usize> =
            under_way.iter().filter(|(_, since)| is_over(since)).map(|(link, _)| *link).collect();
        for link in hung {
            // A thread cannot be killed. It is left behind, another takes its place, and the
            // end of the program ends both.
            under_way.remove(&link);
            start_worker()?;
            let limit = workers.limit.as_secs_f64();
            ended(&shared.links[link], Err(anyhow!("the work took longer than {limit} s")))?;
        }
    }
    Ok(())
}

fn start(worker: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().spawn(worker).context("a worker cannot be started: try fewer")?;
    Ok(())
}

fn download<W>(shared: &Shared<W>, downloads: &Sender<(usize, Download)>, events: &Sender<Event>) {
    while !shared.stopping.load(Ordering::Relaxed) {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some(link) = shared.links.get(number) else { break };
        tell(events, Event::Begins(number));
        match caught(|| shared.client.fetch(link)) {
            Ok(download) => downloads.send((number, download)).expect("there are workers"),
            Err(error) => tell(events, Event::Ends(number, Err(error))),
        }
    }
    tell(events, Event::NothingLeft);
}

fn work<W>(shared: &Shared<W>, queue: &Receiver<(usize, Download)>, events: &Sender<Event>)
where
    W: Fn(Download) -> Result<Saved>,
{
    for (number, download) in queue {
        tell(events, Event::Works(number));
        tell(events, Event::Ends(number, caught(|| (shared.work)(download))));
    }
}

/// Once a run has ended early, nobody listens any more, and that is fine.
fn tell(events: &Sender<Event>, event: Event) {
    let _ = events.send(event);
}

/// A panic is an error like any other.
fn caught<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    let outcome = panic::catch_unwind(AssertUnwindSafe(f));
    outcome.unwrap_or_else(|panic| Err(anyhow!("panicked: {}", message(&*panic))))
}

fn message(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
