// Pictures in worker processes.
//
// `thumbnails` makes a thumbnail of each file, and saves it in the folder `out`, under the name
// that `pictures::download::name::processed` gives: processed_cat.png for cat.png. A pool of
// `workers` processes does all the work:
//
// - reading, `pictures::picture::process`, and saving happen in the worker. Only names travel;
// - `workers` files are being read at any moment, as long as there are some left, and never one
//   more;
// - the results come in the order of the files: `Made`, or a reason. One of the files is damaged.
//
// Choose what the task takes and what it returns, and name it in `TASKS`, which the check gives to
// `process::init`.
//
// So that the check sees who saves, `out` leads to its folder in a worker only. (On Linux it's
// `/proc/self/cwd/processed`.) Take it as it is.

use std::path::{Path, PathBuf};

use hands::process::{Registered, Task};
use serde::{Deserialize, Serialize};

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where the thumbnail is.
    pub thumbnail: PathBuf,
    /// The process that made it: `std::process::id()`.
    pub pid: u32,
}

pub const TASKS: &[&dyn Registered] = &[&THUMBNAIL];

const THUMBNAIL: Task<(), ()> = Task::new("thumbnail", |()| todo!("read, process, save"));

pub fn thumbnails(files: &[PathBuf], out: &Path, workers: usize) -> Vec<Result<Made, String>> {
    todo!("{} thumbnails, by {workers} processes", files.len())
}
