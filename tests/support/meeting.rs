//! A server that shows whether a program asks for several things at the same time: one that asks
//! for them one by one waits for a long time.

use std::fs;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};

/// A gallery that answers only when this many requests are open, and a file with links to its
/// pictures.
pub(crate) fn gallery_for_groups_of(
    size: usize,
    pictures: usize,
) -> (Gallery, tempfile::NamedTempFile) {
    let meeting = Arc::new((Mutex::new(0), Condvar::new()));
    let mut builder = Gallery::builder();
    for n in 0..pictures as u64 {
        let meeting = Arc::clone(&meeting);
        let picture = Answer::picture(paint::picture(n, 120, 90, Format::Png), "image/png");
        let answer = Answer::with(move |_| {
            let (arrived, more) = &*meeting;
            let mut arrived = arrived.lock().unwrap();
            let all = (*arrived / size + 1) * size;
            *arrived += 1;
            more.notify_all();
            let limit = Duration::from_secs(30);
            drop(more.wait_timeout_while(arrived, limit, |arrived| *arrived < all).unwrap());
            picture.clone()
        });
        builder = builder.answer(format!("/{n}.png"), answer);
    }
    let gallery = builder.start().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let links: Vec<String> = (0..pictures).map(|n| gallery.link(&format!("/{n}.png"))).collect();
    fs::write(file.path(), links.join("\n")).unwrap();
    (gallery, file)
}
