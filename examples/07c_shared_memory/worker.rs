//! What a worker process does with the part of the file that it has in its memory.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hands::process::{ErrorText, Task};
use hands::timeline::span;
use memmap2::{MmapMut, MmapOptions};
use serde::{Deserialize, Serialize};

// ANCHOR: worker
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) size: usize,
    pub(crate) rows: Range<usize>,
}

/// What a worker process keeps between its tasks: of each plate its rows with those above and
/// below, which it reads, and its rows alone, which it writes.
struct Band {
    size: usize,
    plates: [(MmapMut, MmapMut); 2],
}

static BAND: Mutex<Option<Band>> = Mutex::new(None);

pub(crate) const OPEN: Task<Place, Result<(), ErrorText>> = Task::new("open", |place| {
    let _span = span("map");
    let Place { file, size, rows } = place;
    let open = |plate| {
        let around = map(&file, size, plate, rows.start - 1..rows.end + 1)?;
        io::Result::Ok((around, map(&file, size, plate, rows.clone())?))
    };
    let plates = [open(0)?, open(1)?];
    *BAND.lock().expect("nobody panics") = Some(Band { size, plates });
    Ok(())
});

pub(crate) const STEP: Task<usize, ()> = Task::new("step", |step| {
    let _span = span(format!("step {}", step + 1));
    let mut band = BAND.lock().expect("nobody panics");
    let Band { size, plates: [even, odd] } = band.as_mut().expect("the worker has opened its band");
    let (now, next) = if step % 2 == 0 { (&even.0, &mut odd.1) } else { (&odd.0, &mut even.1) };
    let now: &[f64] = bytemuck::cast_slice(now);
    let (above, rest) = now.split_at(*size);
    let (rows, below) = rest.split_at(rest.len() - *size);
    heat::advance(above, rows, below, bytemuck::cast_slice_mut(next));
});

/// Maps some rows of one of the two plates into this process's memory.
pub(crate) fn map(
    file: &Path,
    size: usize,
    plate: usize,
    rows: Range<usize>,
) -> io::Result<MmapMut> {
    let file = File::options().read(true).write(true).open(file)?;
    let row = size * size_of::<f64>();
    let mut options = MmapOptions::new();
    options.offset(((plate * size + rows.start) * row) as u64).len(rows.len() * row);
    // SAFETY: memory that no other process writes while we read it, or reads while we write it, is
    // as good as our own. The file is a temporary one of ours, which no process shortens. In each
    // step all workers read one plate, and each writes only its own rows of the other. No step
    // begins until the last one has ended everywhere, and no reference outlives its step.
    #[allow(unsafe_code)]
    let map = unsafe { options.map_mut(&file) };
    map
}
// ANCHOR_END: worker
