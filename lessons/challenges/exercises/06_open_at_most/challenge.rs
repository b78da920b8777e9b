// Twelve workers, four connections.
//
// Each page must be asked for, and then saved. Both wait: for a server, and for a slow disk. The
// server lets you have `at_most` connections, and throws you out if you open one more. A connection
// is open from the beginning of `ask` to its end; `save` needs none.
//
// Write `fetch_all` so that
//
// - no more than `at_most` connections are open at any moment;
// - but that many are, as long as there are pages to ask for and workers to do it, even while other
//   workers save;
// - `workers` threads do all of it. There may be more of them than `at_most`, or fewer. Each
//   of them asks and saves;
// - `ask` returns `None` if the server has no such page. Then there is nothing to save, and that's
//   fine;
// - each page is asked for once, and everything that was found has been saved when `fetch_all`
//   returns.

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    if pages.len() > 1 {
        todo!("this is one at a time; with {workers} workers, at most {at_most} of them in `ask`?");
    }
    for page in pages {
        let Some(text) = ask(*page) else { continue };
        save(*page, text);
    }
}
