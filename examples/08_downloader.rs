//! The image downloader: many slow answers, one by one and then eight at a time.
//!
//!     cargo run --release --example 08_downloader
//!     cargo run --release --example 08_downloader -- --using thread-pool --workers 4 --latency 500
//!     cargo run --release --example 08_downloader -- --links my-links.txt --out my-images

use std::process::ExitCode;
use std::thread;

use clap::{Parser, ValueEnum};
use hands::pool::ThreadPool;
use hands::timeline::span;
use pictures::args::Downloads;
use pictures::download::{download_link, name};
use step::Ways;

// ANCHOR: main
fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let setup = args.downloads.set_up("08_downloader", args.workers)?; // with get_links
    let stop = setup.stop_at_ctrl_c()?;

    let summary = setup.compare(&args.using, |way, round| {
        // In Python, `partial(download_link, client, folder)`: the first arguments are bound.
        let download = |link: &String| {
            if stop.is_cancelled() {
                return; // it is left for the next run
            }
            let _span = span(format!("download {}", name::from_link(link)));
            round.say(format!("Downloading {link}"));
            round.done(download_link(&setup.client, round.dir, link));
        };
        match way {
            Way::OneByOne => round.links.iter().for_each(download),
            Way::ThreadPool => thread_pool(download, round.links, args.workers)?,
        }
        anyhow::Ok(())
    })?;
    Ok(setup.finish(&summary)?)
}
// ANCHOR_END: main

// ANCHOR: pool
fn thread_pool(
    download: impl Fn(&String) + Send + Sync,
    links: &[String],
    workers: usize,
) -> anyhow::Result<()> {
    thread::scope(|s| {
        ThreadPool::scoped(s, workers)?.chunk_size(1).map(download, links)?;
        Ok(())
    })
}
// ANCHOR_END: pool

/// The image downloader: many slow answers, one by one and then several at a time.
#[derive(Parser)]
struct Args {
    /// How to download; `all` does it in each way and compares
    #[arg(long, default_value = "all")]
    using: Ways<Way>,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "8", value_parser = step::workers)]
    workers: usize,
    #[command(flatten)]
    downloads: Downloads,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    OneByOne,
    ThreadPool,
}
