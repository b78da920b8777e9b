// Two locks were held while a page was worked on. The one for the results, because it was taken
// before; and the one for the pages, because a guard without a name lives to the end of its
// statement, which is the whole `while let`.

use std::sync::Mutex;
use std::thread;

pub fn index_all(pages: Vec<String>, index: impl Fn(&str) -> u64 + Sync) -> Vec<u64> {
    let pages = Mutex::new(pages);
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                loop {
                    let page = pages.lock().unwrap().pop();
                    let Some(page) = page else { break };
                    let result = index(&page);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}
