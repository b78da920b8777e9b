//! Starts drives and hosts, and looks at what they leave behind.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use harness::{Run, Running, Step, children, wait_for};
use pictures::gallery::Gallery;
use pictures::gallery::paint::{self, Format};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::bad_internet::visible;
use crate::nats::Nats;

pub(crate) fn cluster(args: &[&str]) -> Step {
    Step::new("11_cluster").args(args)
}

/// A host on this machine, started as it would be on another one.
pub(crate) fn host(nats: &Nats, args: &[&str]) -> Running {
    let running = start_host(nats, args);
    wait_for("the host", || running.stdout().contains("is working").then_some(()));
    running
}

pub(crate) fn start_host(nats: &Nats, args: &[&str]) -> Running {
    cluster(&["work"]).args(args).bare().env("NATS_URL", nats.url()).start()
}

pub(crate) fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).ok(); // it may be gone already
}

/// Ends it as `kill -9` would. What it has started ends by itself.
pub(crate) fn kill(running: Running) -> Run {
    send(running.pid(), Signal::KILL);
    running.wait()
}

pub(crate) fn end(running: Running) -> Run {
    send(running.pid(), Signal::INT);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    run
}

/// Small pictures on a slow server, a file of links to them, and a folder for the results.
pub(crate) struct Work {
    pub(crate) gallery: Gallery,
    folder: TempDir,
}

impl Work {
    pub(crate) fn new(count: usize, latency: u64) -> Work {
        let picture = paint::picture(1, 160, 120, Format::Jpeg);
        let mut builder = Gallery::builder().latency(Duration::from_millis(latency));
        for n in 0..count {
            builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
        }
        Work::on(builder.start().unwrap())
    }

    pub(crate) fn on(gallery: Gallery) -> Work {
        let folder = tempfile::tempdir().unwrap();
        let work = Work { gallery, folder };
        fs::write(work.file(), work.gallery.links().join("\n")).unwrap();
        work
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("links.txt")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// The step that drives it, and that soon gives up on a host that was killed.
    pub(crate) fn drive(&self, nats: &Nats) -> Step {
        self.drive_patiently(nats).args(["--ack-wait", "1"])
    }

    /// For tests in which nobody is killed: a host that a busy machine slows down is not taken for
    /// dead.
    pub(crate) fn drive_patiently(&self, nats: &Nats) -> Step {
        let step = cluster(&["drive"]).env("NATS_URL", nats.url());
        step.arg("--links").arg(self.file()).arg("--out").arg(self.out())
    }

    /// Checks that every link is in the report once, with one of these outcomes.
    #[track_caller]
    pub(crate) fn check(&self, run: &Run, outcomes: &[&str]) {
        let report = run.report().expect("a report");
        let entries = report.as_array().unwrap();
        let mut links: Vec<&str> = entries.iter().map(|e| e["link"].as_str().unwrap()).collect();
        links.sort_unstable();
        let mut all = self.gallery.links();
        all.sort_unstable();
        assert_eq!(links, all, "{}\n{}", run.stdout, run.stderr);
        for entry in entries {
            assert!(outcomes.contains(&entry["outcome"].as_str().unwrap()), "{entry}");
        }
    }

    #[track_caller]
    pub(crate) fn check_all_saved(&self, run: &Run) {
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        self.check(run, &["saved"]);
        assert_eq!(visible(&self.out()).len(), self.gallery.links().len());
    }
}

pub(crate) fn count(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.starts_with(word)).count()
}

pub(crate) fn wait_for_saved(running: &Running, least: usize) {
    wait_for("pictures", || (count(&running.stdout(), "Saved ") >= least).then_some(()));
}

/// The name that the driver gave its run.
pub(crate) fn run_name(running: &Running) -> String {
    wait_for("the run's name", || {
        let stdout = running.stdout();
        let line = stdout.lines().find_map(|line| line.strip_prefix("Run "))?;
        line.split(' ').next().map(str::to_owned)
    })
}

/// What `status` prints.
pub(crate) fn status(nats: &Nats) -> String {
    cluster(&["status"]).bare().env("NATS_URL", nats.url()).run().stdout
}

/// The hosts that a drive with `--local` has started: this program. The keeper of its server is a
/// shell.
pub(crate) fn local_hosts(drive: &Running) -> Vec<u32> {
    let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    children(drive.pid()).into_iter().filter(|&pid| name(pid) != "sh\n").collect()
}
