//! Presses Ctrl-C while a step is at work, and looks at what it leaves behind.

use std::fs;
use std::path::Path;
use std::time::Duration;

use harness::{Run, Running, Step, children, is_alive, wait_for};
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::NamedTempFile;

/// As a terminal does it: everything in the step's group gets the signal.
pub(crate) fn press(running: &Running) {
    let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap()).unwrap();
    kill_process_group(pid, Signal::INT).unwrap();
}

/// A gallery that takes its time for each of this many small pictures, and a file with links to
/// them.
pub(crate) fn slow_gallery(count: usize) -> (Gallery, NamedTempFile) {
    let picture = paint::picture(1, 160, 120, Format::Jpeg);
    let mut builder = Gallery::builder().latency(Duration::from_millis(40));
    for n in 0..count {
        builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
    }
    let gallery = builder.start().unwrap();
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), gallery.links().join("\n")).unwrap();
    (gallery, file)
}

/// How many entries of the report have this outcome.
pub(crate) fn count(run: &Run, outcome: &str) -> usize {
    let report = run.report().expect("a report");
    report.as_array().unwrap().iter().filter(|entry| entry["outcome"] == outcome).count()
}

/// What a step has in this folder: its results, and whatever it had not finished.
pub(crate) fn results_and_leftovers(folder: &Path) -> (usize, usize) {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let is_leftover = |name: &&String| name.ends_with(".part");
    (
        names.iter().filter(|name| !name.starts_with('.')).count(),
        names.iter().filter(is_leftover).count(),
    )
}

/// Presses Ctrl-C once some pictures are saved. What has begun ends well, nothing else begins, the
/// step says what is left and leaves no process behind; and the next run does the rest.
pub(crate) fn check_that_ctrl_c_stops(step: impl Fn() -> Step) {
    const ALL: usize = 100;
    let (gallery, links) = slow_gallery(ALL);
    let out = tempfile::tempdir().unwrap();
    let step = || step().arg("--links").arg(links.path()).arg("--out").arg(out.path());

    let running = step().start();
    wait_for("some pictures", || (running.stdout().matches("\nSaved ").count() >= 3).then_some(()));
    let workers = children(running.pid());
    press(&running);
    let run = running.wait();
    let output = format!("{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.status.code(), Some(130), "{output}");
    assert!(run.stdout.contains("Stopping once everything that has begun is done"), "{output}");

    let asked = gallery.requests().len();
    assert!((3..ALL).contains(&asked), "{asked}");
    let left = format!("Stopped with {} link(s) left: run again to go on.", ALL - asked);
    assert!(run.stdout.contains(&left), "{left}: {output}");
    assert_eq!(count(&run, "saved"), asked, "what has begun has ended: {output}");
    assert_eq!(run.report().unwrap().as_array().unwrap().len(), asked, "and nothing else has");
    assert_eq!(results_and_leftovers(out.path()), (asked, 0));
    wait_for("its workers", || workers.iter().all(|worker| !is_alive(*worker)).then_some(()));

    let again = step().run();
    assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
    assert_eq!((count(&again, "skipped"), count(&again, "saved")), (asked, ALL - asked));
    assert_eq!(gallery.requests().len(), ALL, "each link was asked for once");
}

/// Presses Ctrl-C while a link waits to be tried again: it hears that, and waits no longer.
pub(crate) fn check_that_ctrl_c_ends_the_waits(step: impl FnOnce() -> Step) {
    let busy = Answer::retry_after(Duration::from_secs(60));
    let gallery = Gallery::builder().answer("/busy.jpg", busy).start().unwrap();
    let links = NamedTempFile::new().unwrap();
    fs::write(links.path(), gallery.link("/busy.jpg")).unwrap();
    let running = step().arg("--links").arg(links.path()).start();
    wait_for("the request", || (gallery.asked("/busy.jpg") == 1).then_some(()));
    press(&running);
    let run = running.wait();
    // It was the last link, so none is left; but it has failed.
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    let entry = &run.report().unwrap()[0];
    assert_eq!(entry["attempts"], 1, "{entry}");
    assert!(
        entry["reason"].as_str().unwrap().contains("stopped before another attempt"),
        "{entry}"
    );
    assert_eq!(gallery.asked("/busy.jpg"), 1);
}

/// Presses Ctrl-C twice while a server says nothing: the step ends, and so do its workers.
pub(crate) fn check_that_a_second_ctrl_c_does_not_wait(step: impl FnOnce() -> Step) {
    let gallery = Gallery::builder().answer("/stuck.jpg", Answer::stall()).start().unwrap();
    let links = NamedTempFile::new().unwrap();
    fs::write(links.path(), gallery.link("/stuck.jpg")).unwrap();
    let running = step().args(["--stall", "1000"]).arg("--links").arg(links.path()).start();
    wait_for("the request", || (gallery.asked("/stuck.jpg") == 1).then_some(()));
    let workers = children(running.pid());
    press(&running);
    wait_for("an answer", || running.stdout().contains("Stopping").then_some(()));
    press(&running);
    assert_eq!(running.wait().status.code(), Some(130));
    wait_for("its workers", || workers.iter().all(|worker| !is_alive(*worker)).then_some(()));
}
