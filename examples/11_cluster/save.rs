//! Links go out to the hosts, and thumbnails come home.

use std::thread;

use anyhow::Result;
use cluster::{Done, Run};
use hands::pool::ThreadPool;
use hands::timeline::span;
use pictures::download::{
    Entry, Folder, LinkFailure, LinkStream, LinksError, Report, Stages, Visit, name,
};

use crate::work::Made;

/// How many results are saved at a time: saving waits for the disk.
const SAVERS: usize = 4;

// ANCHOR: save
/// From one pool into another: the threads of the second one wait for the disk. False if Ctrl-C
/// came before the last link was begun.
pub(crate) fn save_all(
    run: Run,
    links: LinkStream,
    dir: &Folder,
    report: &Report,
    stages: &Stages,
) -> Result<bool> {
    let bar = stages.bar("save");
    let ended = |entry: Entry| {
        stages.line(entry.to_string());
        bar.advance(0);
        report.add(entry);
    };
    let mut wanted = Wanted { links, dir, ended: &ended, all_read: Ok(()) };
    let mut results = run.imap_unordered(&mut wanted);
    let all_saved = thread::scope(|s| {
        let savers = ThreadPool::scoped(s, SAVERS)?;
        let save_one = |done: Result<_, cluster::Error>| {
            ended(save(dir, done?));
            Ok(())
        };
        savers.imap_unordered(save_one, &mut results).try_for_each(|saved| saved?)
    });
    stages.finish();
    let all_begun = results.all_begun();
    drop(results); // and with it, the loan of `wanted`
    wanted.all_read?;
    all_saved.map(|()| all_begun)
}

/// Takes a result home. Once it is on this disk, the server doesn't have to keep it any longer.
fn save(dir: &Folder, done: Done<String, Made>) -> Entry {
    let visit = Visit::since(&done.input, done.given);
    let _span = span(format!("save {}", name::from_link(&done.input)));
    let made = done.outcome.as_ref().map_err(LinkFailure::new).cloned().flatten();
    let saved = made.and_then(|made| Ok((dir.save(&made, &visit.link)?, made.attempts)));
    done.confirm();
    match saved {
        Ok((saved, attempts)) => visit.saved(saved, attempts),
        Err(failure) => visit.failed(failure),
    }
}

/// The links that have no thumbnail yet. The others end as skipped.
struct Wanted<'d, F> {
    links: LinkStream,
    dir: &'d Folder,
    ended: F,
    all_read: Result<(), LinksError>,
}

impl<F: Fn(Entry)> Iterator for Wanted<'_, F> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            match self.links.next()? {
                Ok(link) => match self.dir.kept(&link) {
                    Some(kept) => (self.ended)(Visit::begin(link).skipped(kept)),
                    None => return Some(link),
                },
                Err(why) => {
                    self.all_read = Err(why);
                    return None;
                }
            }
        }
    }
}
// ANCHOR_END: save
