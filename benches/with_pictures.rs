//! What the benchmarks of steps 09 to 11 share: galleries with a latency, and the steps themselves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pictures::download::{Client, ClientLimits};
use pictures::gallery::Gallery;

pub(crate) const LATENCY: Duration = Duration::from_millis(200);

/// Painted pictures, kept where the steps keep theirs: cargo runs a benchmark in its package's folder.
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

/// The steps, built as a reader would build them.
pub(crate) struct Programs(PathBuf);

impl Programs {
    pub(crate) fn build(names: &[&str]) -> Result<Programs> {
        for step in names {
            let features =
                harness::features(step).iter().flat_map(|feature| ["--features", feature]);
            let mut cargo = harness::cargo();
            cargo.args(["build", "--quiet", "--release", "--example", step]).args(features);
            ensure!(cargo.status()?.success(), "{step} does not build");
        }
        let us = std::env::current_exe()?; // in target/release/deps
        let release = us.ancestors().nth(2).context("cargo put us into a folder of its own")?;
        Ok(Programs(release.join("examples")))
    }

    pub(crate) fn command(
        &self,
        step: &str,
        args: &[&str],
        links: &Path,
        folder: &Path,
    ) -> Command {
        let mut command = Command::new(self.0.join(step));
        command.args(args).arg("--fresh").arg("--links").arg(links);
        command.arg("--out").arg(folder.join("out"));
        command.arg("--timeline").arg(folder.join("timeline.json"));
        command
    }

    /// How long the work took, in seconds, as the step says.
    pub(crate) fn run(
        &self,
        step: &str,
        args: &[&str],
        links: &Path,
        folder: &Path,
    ) -> Result<f64> {
        let output = self.command(step, args, links, folder).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{step} {args:?}: {text}{error}");
        let seconds = text
            .lines()
            .find_map(|line| line.strip_prefix("Finished in ")?.strip_suffix(" second(s)"))
            .with_context(|| format!("{step} has not finished: {text}"))?;
        Ok(seconds.parse()?)
    }
}
