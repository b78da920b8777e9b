// A hostile picture.
//
// `shrink` makes a thumbnail of a file, with a decoder that was written in a hurry: there are pictures at which it
// panics, others at which its process crashes, others at which it never ends. Make a thumbnail of each file, on a pool
// of 3 worker processes, and let no picture stop another:
//
// - the results come in the order of the files, each once: `Ok` with what `shrink` has returned, or `Err` with a reason;
// - whose process has crashed is tried once more: it may have been bad luck, when the system needed the memory. If it
//   crashes again, it is given up;
// - an error, a panic, or no end within `limit`: that picture is not tried again, for it will do the same;
// - when the function returns, no worker process is left.

use std::time::Duration;

use hands::process::Task;

pub type Shrink = Task<String, Result<String, String>>;

pub fn shrink_all(
    shrink: &Shrink,
    files: &[String],
    limit: Duration,
) -> Vec<Result<String, String>> {
    todo!("{} files, some of them hostile", files.len())
}
