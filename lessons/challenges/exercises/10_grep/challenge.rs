// A grep that keeps order and stops early.
//
// This one takes an evening, and has five milestones: the parts of its check, in this order. Stop
// after any of them. All that you need was in earlier challenges, and you may use the pools of
// `hands` or build your own.
//
// `grep` looks in many files for lines that contain a pattern, and reports what it finds:
//
// 1. each line in the order of the files, and within a file from top to bottom. Lines are counted
//    from 1;
// 2. `workers` threads read files at the same time, and no more;
// 3. at any moment, at most `window` files have been begun beyond the one whose lines are being
//    reported, because there may be a million. But that many are, even while `report` takes long;
// 4. a file that can't be read is reported in its place as `Failed`, with the text of the error.
//    The same goes for one that makes `read` panic, with the message of the panic. All others go
//    on;
// 5. when `report` returns `Break`, nothing more is reported and no other file is begun. When
//    `grep` returns, nobody is reading any more.

use std::io;
use std::ops::ControlFlow;

#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub workers: usize,
    pub window: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Line { file: String, number: usize, text: String },
    Failed { file: String, reason: String },
}

pub fn grep(
    pattern: &str,
    files: Vec<String>,
    sizes: Sizes,
    read: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    mut report: impl FnMut(Found) -> ControlFlow<()>,
) {
    if files.len() > 1 {
        todo!("which lines? And {} files at a time, a window of {}", sizes.workers, sizes.window);
    }
    // A beginning: one by one, and only whether it occurs at all.
    for file in files {
        let text = read(&file).unwrap_or_default();
        let found = Found::Line { file, number: 1, text: text.clone() };
        if text.contains(pattern) && report(found).is_break() {
            return;
        }
    }
}
