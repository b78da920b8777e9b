// A hostile picture.
//
// `shrink` makes a thumbnail of a file, with a decoder that was written in a hurry. Some pictures
// make it panic, some make its process crash, and some keep it busy forever. Make a thumbnail of
// each file, on a pool of 3 worker processes, and let no picture stop another:
//
// - the results come in the order of the files, each once: `Ok` with what `shrink` has returned, or
//   `Err` with a reason: what `shrink` has said, the message of the panic, or what happened to the
//   process;
// - a picture whose process crashed is tried once more: perhaps the system only needed the memory.
//   If it crashes again, it's given up;
// - after an error, a panic, or no end within `limit`, a picture is not tried again, because it
//   will do the same;
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
