//! Draws the trace of any program: of a step, of a program of your own with `hands::timeline`, of
//! one in Python with `examples/python/timeline.py`, or whatever else writes Chrome's trace events.
//!
//!     cargo run --example draw -- target/timelines/03_pool.json
//!     cargo run --example draw -- trace.json --out picture.svg

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use figures::timeline;
use hands::files::FileKind;
use hands::println;
use hands::timeline::Trace;

/// An earlier picture. Any other file is left alone.
const PICTURE: FileKind = FileKind {
    name: "picture of a trace",
    begins: |head| String::from_utf8_lossy(head).contains("Timeline of "),
};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let out = args.out.unwrap_or_else(|| args.trace.with_extension("html"));
    PICTURE.may_replace(&out).with_context(|| format!("--out {}", out.display()))?;
    let trace = Trace::read(&args.trace)?;
    ensure!(!trace.spans().is_empty(), "{}: there is no span in it", args.trace.display());
    println!("{}", trace.text());
    let picture = match out.extension().and_then(|extension| extension.to_str()) {
        Some("html") => timeline::page(&trace),
        Some("svg") => {
            let [part] = &trace.parts()[..] else {
                bail!("it has several parts, and an SVG shows one: try --out picture.html");
            };
            timeline::svg(part)
        }
        _ => bail!("{}: it can be a .html or a .svg", out.display()),
    };
    fs::write(&out, picture).with_context(|| format!("{} cannot be written", out.display()))?;
    println!("Picture: {}", out.display());
    Ok(())
}

/// Draws a trace in the terminal, and as a file of its own that any browser opens.
#[derive(Parser)]
struct Args {
    /// The trace: JSON, in the Chrome trace-event format
    trace: PathBuf,
    /// Where the picture goes, a .html or .svg [default: beside the trace, as .html]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}
