//! What the benchmarks of steps 09 to 11 share: galleries with a latency, and the steps themselves.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::Step;
use pictures::download::{Client, ClientLimits};
use pictures::gallery::Gallery;

pub(crate) const LATENCY: Duration = Duration::from_millis(200);

/// A gallery of painted pictures, kept where the steps keep theirs. (Cargo runs a benchmark in the
/// folder of its package.)
pub(crate) fn gallery(pictures: usize) -> Result<Gallery> {
    let kept = harness::root().join("target/gallery");
    Ok(Gallery::builder().pictures(pictures).keep_in(kept).latency(LATENCY).start()?)
}

/// The same pictures under ten names each.
pub(crate) fn ten_times(gallery: &Gallery) -> Result<Gallery> {
    let client = Client::new(ClientLimits::default());
    let pictures =
        gallery.links().iter().map(|link| client.fetch(link)).collect::<Result<Vec<_>, _>>()?;
    let mut builder = Gallery::builder().latency(LATENCY);
    for n in 0..10 {
        for picture in &pictures {
            let path = format!("/{n}-{}", picture.name);
            builder = builder.picture(path, picture.bytes.clone(), "image/*");
        }
    }
    Ok(builder.start()?)
}

/// Runs a step as a reader would, with --release, on these links. Returns how many seconds the work
/// took, as the step says.
pub(crate) fn finished_in(step: &str, args: &[&str], links: &[String]) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("links.txt");
    fs::write(&file, links.join("\n"))?;
    let step = Step::new(step).release(true).args(args).arg("--fresh").arg("--links").arg(file);
    let run = step.try_run()?;
    ensure!(run.status.success(), "{}{}", run.stdout, run.stderr);
    let seconds = run
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Finished in ")?.strip_suffix(" second(s)"))
        .with_context(|| format!("it hasn't finished: {}", run.stdout))?;
    Ok(seconds.parse()?)
}
