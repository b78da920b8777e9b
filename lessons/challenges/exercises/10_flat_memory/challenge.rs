// Memory that stays flat.
//
// A pipeline of two stages. Downloading is the quick one, so pictures pile up before the slow one
// unless something holds it back. Write `run` so that
//
// - `io_workers` threads download at the same time, and `workers` threads process at the same time;
// - there is room for `queue` pictures between them, and a worker that finds it full waits. So at
//   any moment there are at most `io_workers + queue + workers` pictures, however many links there
//   are;
// - links are read as they are wanted, perhaps a few ahead: there may be a million of them;
// - once everything is done, it returns the sum of what `process` returned.

#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub io_workers: usize,
    pub queue: usize,
    pub workers: usize,
}

pub fn run<L: Send, P: Send>(
    sizes: Sizes,
    links: impl Iterator<Item = L> + Send,
    download: impl Fn(L) -> P + Sync,
    process: impl Fn(P) -> u64 + Sync,
) -> u64 {
    // One by one, this would be: links.map(|link| process(download(link))).sum()
    todo!("a pipeline with {sizes:?}")
}
