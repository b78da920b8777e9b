//! Waits until a file has been saved.

use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

/// How often we look.
const LOOK: Duration = Duration::from_millis(200);

/// An editor may empty a file, or remove it, before it writes. So a file that looks like that is
/// given this many looks before we believe it.
const LOOKS: u32 = 5;

/// Returns once the file holds something else than before, and has stopped changing.
pub(super) fn wait_for_save(file: &Path, before: Option<&[u8]>) {
    let mut last = None;
    let mut same = 0;
    loop {
        let now = fs::read(file).ok();
        same = if now == last { same + 1 } else { 0 };
        if is_saved(now.as_deref(), before, same) {
            return;
        }
        last = now;
        thread::sleep(LOOK);
    }
}

/// Whether this is a new version that is complete. It has looked the `same` this many times.
fn is_saved(now: Option<&[u8]>, before: Option<&[u8]>, same: u32) -> bool {
    match now {
        None => false,
        now if now == before => false,
        Some([]) => same >= LOOKS,
        Some(_) => same >= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKS, is_saved};

    #[test]
    fn half_a_save_is_not_a_save() {
        let before = Some(&b"fn old() {}"[..]);
        assert!(!is_saved(before, before, 9), "nothing has changed");
        assert!(!is_saved(None, before, 9), "the editor has removed it, and will put it back");
        assert!(!is_saved(Some(b""), before, LOOKS - 1), "the editor has emptied it");
        assert!(!is_saved(Some(b"fn n"), before, 0), "it has just changed");
        assert!(is_saved(Some(b"fn new() {}"), before, 1));
        assert!(is_saved(Some(b""), before, LOOKS), "it stays empty: that is what was saved");
    }
}
