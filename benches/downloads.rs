//! How close a pool of downloads comes to the ideal: rounds of waiting.
//!
//!     cargo bench --bench downloads
//!
//! 64 small pictures, a server that waits 200 ms before each answer. The ideal is ⌈64 / workers⌉
//! rounds of 200 ms, and nothing else.

use std::thread;
use std::time::{Duration, Instant};

use benches::Rounds;
use hands::pool::ThreadPool;
use hands::println;
use pictures::download::{Client, ClientLimits, LinkOutcome, download_link, setup_download_dir};
use pictures::gallery::Gallery;
use pictures::gallery::paint::{self, Format};

const LINKS: usize = 64;
const LATENCY: Duration = Duration::from_millis(200);
const ROUNDS: usize = 5;
const WORKERS: [usize; 5] = [4, 8, 16, 32, 64];

fn main() -> anyhow::Result<()> {
    let picture = paint::picture(1, 160, 120, Format::Jpeg);
    let mut builder = Gallery::builder().latency(LATENCY);
    for n in 0..LINKS {
        builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
    }
    let gallery = builder.start()?;
    let links = gallery.links();

    let links = &links;
    let way = |workers| (format!("{workers} workers"), move || download_all(links, workers));
    let measured = Rounds::new().ways(WORKERS.map(way)).run(ROUNDS)?;
    println!("{LINKS} links, {} ms of latency, medians of {ROUNDS} runs", LATENCY.as_millis());
    println!("  workers   rounds    ideal   measured   measured / ideal");
    for (workers, time) in WORKERS.into_iter().zip(measured.medians()) {
        let rounds = LINKS.div_ceil(workers);
        let ideal = LATENCY.as_secs_f64() * rounds as f64;
        let ratio = time / ideal;
        println!("  {workers:7}  {rounds:7}  {ideal:5.2} s   {time:6.2} s   {ratio:16.2}");
    }
    Ok(())
}

/// Downloads all links into a new folder, and returns how many seconds that took.
fn download_all(links: &[String], workers: usize) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let dir = setup_download_dir(folder.path())?;
    let client = Client::new(ClientLimits { idle_per_host: workers, ..ClientLimits::default() });
    let start = Instant::now();
    let entries = thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers)?;
        anyhow::Ok(
            pool.chunk_size(1).map(|link: &String| download_link(&client, &dir, link), links)?,
        )
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let saved = entries.iter().filter(|entry| entry.outcome == LinkOutcome::Saved).count();
    anyhow::ensure!(saved == LINKS, "only {saved} of {LINKS} were saved");
    Ok(seconds)
}
