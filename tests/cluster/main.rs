//! Step 11: whatever is killed or goes away, each link ends exactly once.
//!
//! The tests in this file are about all that goes well, and about private clusters.

#[path = "../support/bad_internet.rs"]
mod bad_internet;
mod credentials;
mod drives;
mod killed;
mod namespaces;
mod nats;
mod refused;
mod slow;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bad_internet::{BadInternet, visible};
use drives::{Work, cluster, count, host, send, wait_for_saved};
use harness::{Run, Running, Step, children, is_alive, wait_for};
use nats::Nats;
use pictures::gallery::Gallery;
use pictures::gallery::paint::{self, Format};
use rustix::process::Signal;

#[test]
fn it_makes_what_10_makes() {
    let kinds = [Format::Jpeg, Format::Png, Format::Tiff, Format::WebP];
    let mut builder = Gallery::builder();
    for (n, kind) in kinds.into_iter().enumerate() {
        let picture = paint::picture(n as u64, 300, 200, kind);
        builder =
            builder.picture(format!("/{n}.{}", kind.extension()), picture, kind.content_type());
    }
    let work = Work::on(builder.start().unwrap());
    let thumbnails = |run: &Run| -> Vec<(String, Vec<u8>)> {
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        let names = visible(run.out()).into_iter();
        names.map(|name| (name.clone(), fs::read(run.out().join(name)).unwrap())).collect()
    };
    let before = Step::new("10_pipeline").arg("--links").arg(work.file()).run();
    let run = cluster(&["drive", "--local", "2"]).arg("--links").arg(work.file()).run();
    assert_eq!(thumbnails(&run), thumbnails(&before));
    assert!(run.stdout.contains("4 saved, 0 skipped, 0 failed"), "{}", run.stdout);
    let said = |word| count(&run.stdout, word);
    assert_eq!((said("Downloading "), said("Processing "), said("Saved ")), (4, 4, 4));
}

#[test]
fn two_hosts_work_at_the_same_time_and_one_picture_shows_both() {
    let work = Work::new(24, 100);
    let run = cluster(&["drive", "--local", "2", "--io-workers", "3", "--workers", "1"])
        .arg("--links")
        .arg(work.file())
        .run();
    work.check(&run, &["saved"]);
    assert!(work.gallery.peak() > 3, "more than one host was there: {}", work.gallery.peak());
    assert!(work.gallery.peak() <= 6, "three at a time each: {}", work.gallery.peak());

    let trace = run.trace();
    let of = |what: &str| trace.spans_on(|row| row.starts_with(what));
    let (one, two) = (of("host1 download "), of("host2 download "));
    assert_eq!(one.len() + two.len(), 24);
    assert!(one.iter().any(|span| two.iter().any(|other| span.overlaps(other))));
    assert_eq!(of("host1 process ").len(), one.len());
    // A picture is downloaded, then processed, then saved, also by the clock of the driver.
    for n in 0..24 {
        let find = |what: &str| {
            let name = format!("{what} {n}.jpg");
            trace.spans().iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}"))
        };
        let (download, process, save) = (find("download"), find("process"), find("save"));
        assert!(download.end <= process.start, "{download:?} {process:?}");
        let late = Duration::from_millis(20); // two clocks, compared across a socket
        assert!(process.end <= save.start + late, "{process:?} {save:?}");
    }
}

/// The folders of private servers.
fn stores(temporary: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(temporary).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("many-hands-nats-")).collect()
}

/// Everything that a process has started, and what those processes have started.
fn descendants(pid: u32) -> Vec<u32> {
    let mut all = children(pid);
    let mut next = 0;
    while let Some(&pid) = all.get(next) {
        all.extend(children(pid));
        next += 1;
    }
    all
}

/// A private cluster in the middle of a run: its driver, and all that it has started.
fn private_cluster(work: &Work, temporary: &Path) -> (Running, Vec<u32>) {
    let running = cluster(&["drive", "--local", "2", "--io-workers", "1"])
        .arg("--links")
        .arg(work.file())
        .arg("--out")
        .arg(work.out())
        .env("TMPDIR", temporary)
        .start();
    wait_for_saved(&running, 1);
    let all = descendants(running.pid());
    assert!(all.len() >= 4, "a keeper, a server and two hosts: {all:?}");
    assert_eq!(stores(temporary).len(), 1);
    (running, all)
}

fn all_gone(all: &[u32], temporary: &Path) {
    wait_for("the end of all that it has started", || {
        (!all.iter().any(|&pid| is_alive(pid)) && stores(temporary).is_empty()).then_some(())
    });
}

#[test]
fn of_a_private_cluster_nothing_is_left_however_its_driver_ends() {
    for signal in [None, Some(Signal::INT), Some(Signal::KILL)] {
        let work = Work::new(40, 200); // some seconds
        let temporary = tempfile::tempdir().unwrap();
        let (running, all) = private_cluster(&work, temporary.path());
        if let Some(signal) = signal {
            send(running.pid(), signal);
        }
        let run = running.wait();
        let expected = match signal {
            None => Some(0),
            Some(Signal::INT) => Some(130),
            Some(_) => None,
        };
        assert_eq!(run.status.code(), expected, "{}\n{}", run.stdout, run.stderr);
        all_gone(&all, temporary.path());
    }
}

#[test]
fn ctrl_c_ends_what_was_begun_and_the_next_run_goes_on() {
    let work = Work::new(200, 50);
    let nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive_patiently(&nats).start();
    wait_for_saved(&running, 5);
    send(running.pid(), Signal::INT);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(130), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("run again to go on"), "{}", run.stdout);
    let asked = work.gallery.requests().len();
    assert!((5..150).contains(&asked), "{asked}");
    let report = run.report().unwrap();
    assert_eq!(report.as_array().unwrap().len(), asked, "what was begun was finished");

    let again = work.drive_patiently(&nats).run();
    assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
    work.check(&again, &["saved", "skipped"]);
    assert_eq!(work.gallery.requests().len(), 200, "each link was asked for once");
}

#[test]
fn the_second_drive_asks_for_nothing() {
    let work = Work::new(6, 0);
    let nats = Nats::start();
    let _host = host(&nats, &[]);
    work.check_all_saved(&work.drive_patiently(&nats).run());
    let again = work.drive_patiently(&nats).run();
    assert!(again.stdout.contains("0 saved, 6 skipped, 0 failed"), "{}", again.stdout);
    assert_eq!(work.gallery.requests().len(), 6);
}

#[test]
fn every_link_of_a_bad_internet_ends_as_saved_or_failed_with_its_reason() {
    let internet = BadInternet::open();
    let run = cluster(&["drive", "--local", "2"])
        .args(BadInternet::FLAGS)
        .arg("--links")
        .arg(internet.links_file())
        .run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    internet.check(&run.report().unwrap());
    assert_eq!(visible(run.out()).len(), internet.good.len());
}
