// Memory that stays flat.
//
// A pipeline of two stages. Downloading is the quick one, so pictures pile up before the slow one, unless something
// holds it back. Write `run` so that
//
// - `io_workers` threads download at the same time, and `workers` threads process at the same time;
// - between them is room for `queue` pictures, and whoever finds it full waits. So at any moment there are
//   `io_workers + queue + workers` pictures at most, however many links there are;
// - a link is read when somebody is about to download it: there may be a million of them;
// - the sum of what `process` returned comes back when all is done.

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
    // One by one it is: links.map(|link| process(download(link))).sum()
    todo!("a pipeline with {sizes:?}")
}
