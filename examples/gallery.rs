//! The offline gallery on its own: until Ctrl-C, it serves its pictures to the Python twins of
//! steps 08 to 11, to a browser, or to a downloader of your own.
//!
//!     cargo run --release --example gallery

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hands::{output, println};
use pictures::gallery::{DOZEN, Gallery, write_previews};
use step::files::{FileKind, Files};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.previews {
        let what = || format!("the previews cannot be written to {}", folder.display());
        return write_previews(folder).with_context(what);
    }
    Files::new().writes("--links", &args.links, LIST).check_or_exit();
    output::go_on(); // it keeps serving even if nobody reads this any more
    let latency = Duration::from_millis(args.latency);
    let gallery = Gallery::builder().latency(latency).pictures(args.pictures).start()?;

    let links = gallery.links().join("\n") + "\n";
    fs::write(&args.links, links)
        .with_context(|| format!("{} cannot be written", args.links.display()))?;
    println!("{} links are in {}", args.pictures, args.links.display());
    println!("Serving them at {}, until Ctrl-C", gallery.url());
    loop {
        thread::park();
    }
}

/// An earlier list of a gallery's links. Any other file called `links.txt` is left alone.
const LIST: FileKind = FileKind {
    name: "list of a gallery",
    begins: |head| {
        let ours = b"http://127.0.0.1:";
        // The last line may have been read only in part.
        head.split(|byte| *byte == b'\n')
            .all(|line| line.starts_with(ours) || ours.starts_with(line))
    },
};

/// The offline gallery on its own: serves its pictures until Ctrl-C.
#[derive(Parser)]
struct Args {
    /// How long it waits before each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=60_000))]
    latency: u64,
    /// How many pictures it shows; the first run paints them
    #[arg(long, value_name = "N", default_value_t = DOZEN, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pictures: usize,
    /// Where to write its links, one a line
    #[arg(long, value_name = "FILE", default_value = "links.txt")]
    links: PathBuf,
    /// Serve nothing, but paint the dozen small, as JPEG, into this folder
    #[arg(long, value_name = "DIR")]
    previews: Option<PathBuf>,
}
