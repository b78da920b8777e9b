//! Step 10: the pipeline overlaps its stages, never runs ahead, and can be stopped and resumed.

#[path = "support/bad_internet.rs"]
mod bad_internet;
#[path = "support/meeting.rs"]
mod meeting;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bad_internet::{BadInternet, visible};
use hands::timeline::{Span, Trace};
use harness::{Run, Step};
use meeting::gallery_for_groups_of;
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use tempfile::NamedTempFile;

fn pipeline(args: &[&str]) -> Step {
    Step::new("10_pipeline").args(args)
}

/// A gallery of this many small pictures, and a file with links to them.
fn gallery_with(count: usize, latency: Duration) -> (Gallery, NamedTempFile) {
    let picture = paint::picture(1, 160, 120, Format::Jpeg);
    let mut builder = Gallery::builder().latency(latency);
    for n in 0..count {
        builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
    }
    let gallery = builder.start().unwrap();
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), gallery.links().join("\n")).unwrap();
    (gallery, file)
}

fn spans<'t>(trace: &'t Trace, word: &str) -> Vec<&'t Span> {
    trace.spans().iter().filter(|span| span.name.split(' ').next() == Some(word)).collect()
}

/// How many entries of the report have this outcome.
fn count(run: &Run, outcome: &str) -> usize {
    let report = run.report().expect("a report");
    report.as_array().unwrap().iter().filter(|entry| entry["outcome"] == outcome).count()
}

#[test]
fn it_makes_what_09_makes() {
    let kinds = [Format::Jpeg, Format::Png, Format::Tiff, Format::WebP];
    let mut builder = Gallery::builder();
    for (n, kind) in kinds.into_iter().enumerate() {
        let picture = paint::picture(n as u64, 300, 200, kind);
        builder =
            builder.picture(format!("/{n}.{}", kind.extension()), picture, kind.content_type());
    }
    let gallery = builder.start().unwrap();
    let links = NamedTempFile::new().unwrap();
    fs::write(links.path(), gallery.links().join("\n")).unwrap();

    let thumbnails = |run: &Run| -> Vec<(String, Vec<u8>)> {
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        let names = visible(run.out()).into_iter();
        names.map(|name| (name.clone(), fs::read(run.out().join(name)).unwrap())).collect()
    };
    let before = Step::new("09_images").arg("--links").arg(links.path()).run();
    let run = pipeline(&[]).arg("--links").arg(links.path()).run();
    assert_eq!(thumbnails(&run), thumbnails(&before));
    assert!(run.stdout.contains("4 saved, 0 skipped, 0 failed"), "{}", run.stdout);
    let said = |word: &str| run.stdout.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!((said("Downloading "), said("Processing "), said("Saved ")), (4, 4, 4));
}

#[test]
fn each_stage_has_its_own_workers_and_they_work_at_the_same_time() {
    let (gallery, links) = gallery_for_groups_of(4, 24);
    let run =
        pipeline(&["--io-workers", "4", "--workers", "2"]).arg("--links").arg(links.path()).run();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(gallery.peak(), 4, "four downloads at a time, and never more");

    let trace = run.trace();
    let (downloads, processes) = (spans(&trace, "download"), spans(&trace, "process"));
    assert_eq!((downloads.len(), processes.len(), spans(&trace, "save").len()), (24, 24, 24));
    let overlap = |process: &&&Span| downloads.iter().any(|download| download.overlaps(process));
    assert!(
        processes.iter().filter(overlap).count() >= 6,
        "pictures come while others are processed"
    );
    for span in trace.spans() {
        let stage = span.name.split(' ').next().unwrap();
        let row = &trace.rows()[span.row].name;
        assert_eq!(row.split(' ').next(), Some(stage), "{row} does the work of one stage only");
    }
    let rows = |stage: &str| trace.rows().iter().filter(|row| row.name.starts_with(stage)).count();
    assert!(rows("download") <= 4 && rows("process") <= 2, "{:?}", trace.rows());
}

#[test]
fn no_more_is_downloaded_than_the_queues_hold_while_the_processing_is_slow() {
    // Large pictures from a server that doesn't wait, so that downloading gets far ahead of a
    // single CPU worker.
    let picture = paint::picture(3, 1200, 900, Format::Jpeg);
    let mut builder = Gallery::builder();
    for n in 0..30 {
        builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
    }
    let gallery = builder.start().unwrap();
    let links = NamedTempFile::new().unwrap();
    fs::write(links.path(), gallery.links().join("\n")).unwrap();
    for (io, queue) in [(1, 1), (3, 0), (4, 5)] {
        let run = pipeline(&["--workers", "1", "--io-workers", &io.to_string()])
            .args(["--queue", &queue.to_string()])
            .arg("--links")
            .arg(links.path())
            .run();
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        let trace = run.trace();
        let (downloads, processes) = (spans(&trace, "download"), spans(&trace, "process"));
        // Begun, but not yet with the CPU worker: one with each I/O worker, and those in the queue.
        let most = downloads.iter().map(|download| {
            let begun = downloads.iter().filter(|other| other.start <= download.start).count();
            let taken = processes.iter().filter(|other| other.start <= download.start).count();
            begun - taken
        });
        let most = most.max().unwrap();
        // After taking a picture and before its span begins, the CPU worker has one more.
        assert!(most <= io + queue + 1, "{most} with {io} workers and a queue of {queue}");
        assert!(most >= io, "{most} with {io} workers: they must not wait when there is room");
    }
}

#[test]
fn every_link_of_a_bad_internet_ends_as_saved_or_failed_with_its_reason() {
    let internet = BadInternet::open();
    let run = pipeline(&BadInternet::FLAGS).arg("--links").arg(internet.links_file()).run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    internet.check(&run.report().unwrap());
    assert_eq!(visible(run.out()).len(), internet.good.len());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert!(run.stdout.contains("10 saved, 0 skipped, 14 failed"), "{}", run.stdout);
}

#[test]
fn damaged_pictures_and_bombs_fail_and_the_others_do_not() {
    let good = paint::picture(1, 200, 100, Format::Png);
    let gallery = Gallery::builder()
        .picture("/bomb.png", paint::bomb(60_000, 60_000), "image/png")
        .picture("/half.png", &good[..good.len() / 2], "image/png")
        .picture("/good.png", good, "image/png")
        .start()
        .unwrap();
    let links = NamedTempFile::new().unwrap();
    fs::write(links.path(), gallery.links().join("\n")).unwrap();
    let run = pipeline(&["--attempts", "1"]).arg("--links").arg(links.path()).run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    assert_eq!((count(&run, "saved"), count(&run, "failed")), (1, 2));
    assert_eq!(visible(run.out()), ["processed_good.png"]);
}

#[test]
fn the_second_run_asks_for_nothing_and_originals_are_kept_if_asked_for() {
    let (gallery, links) = gallery_with(6, Duration::ZERO);
    let folder = tempfile::tempdir().unwrap();
    let (out, originals) = (folder.path().join("out"), folder.path().join("originals"));
    let step = || pipeline(&[]).arg("--links").arg(links.path()).arg("--out").arg(&out);
    let says = |step: Step, counts: &str| {
        let run = step.run();
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(counts), "{counts}: {}", run.stdout);
    };
    says(step(), "6 saved, 0 skipped, 0 failed");
    says(step(), "0 saved, 6 skipped, 0 failed");
    assert_eq!(gallery.requests().len(), 6);
    says(step().arg("--keep-originals").arg(&originals), "6 saved, 0 skipped");
    assert_eq!(visible(&originals).len(), 6);
    says(step().arg("--fresh"), "6 saved, 0 skipped");
    assert_eq!(visible(&out).len(), 6);
}

#[test]
fn a_link_that_is_listed_twice_counts_once() {
    let (gallery, _) = gallery_with(3, Duration::ZERO);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.txt");
    let links = gallery.links();
    fs::write(
        &file,
        format!("# twice\n\n{0}\n{1}\r\n{0}\n  {2}  \n{1}\n", links[0], links[1], links[2]),
    )
    .unwrap();
    let run = pipeline(&[]).arg("--links").arg(&file).run();
    assert!(run.stdout.contains("3 saved, 0 skipped, 0 failed"), "{}", run.stdout);
    assert_eq!(gallery.requests().len(), 3);
}

#[test]
fn what_cannot_be_used_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, binary) = (folder.path().join("empty.txt"), folder.path().join("binary.txt"));
    fs::write(&empty, "# nothing\n\n").unwrap();
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    for file in [empty.clone(), binary, folder.path().join("missing"), folder.path().to_owned()] {
        let run = pipeline(&["--workers", "1"]).arg("--links").arg(&file).run();
        assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
        assert!(run.stderr.contains(file.to_str().unwrap()), "{}", run.stderr);
    }
    let (_gallery, links) = gallery_with(1, Duration::ZERO);
    let below = empty.join("below"); // not even root can create a folder in a file
    for flag in ["--out", "--report", "--keep-originals"] {
        let run = pipeline(&[]).arg("--links").arg(links.path()).arg(flag).arg(&below).run();
        assert_eq!(run.status.code(), Some(1), "{flag}: {}", run.stdout);
        assert!(run.stderr.contains(below.to_str().unwrap()), "{flag}: {}", run.stderr);
    }
}

#[test]
fn help_and_bad_values() {
    let help = pipeline(&["--help"]).run().stdout;
    for flag in
        ["--io-workers", "--workers", "--queue", "--keep-originals", "processed-images", "--report"]
    {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    for bad in ["--workers=0", "--io-workers=0", "--workers=5000", "--queue=-1", "--queue=many"] {
        assert_eq!(pipeline(&[bad]).run().status.code(), Some(2), "{bad}");
    }
}

#[cfg(unix)]
mod ended {
    //! Stopped by Ctrl-C, killed, and resumed.

    use super::*;
    use harness::{Running, wait_for};
    use rustix::process::{Pid, Signal, kill_process};

    fn send(running: &Running, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The files that it says it has saved.
    fn saved(text: &str) -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("Saved "));
        lines.map(str::to_owned).collect()
    }

    fn wait_for_saved(running: &Running, count: usize) {
        wait_for("a picture", || (saved(&running.stdout()).len() >= count).then_some(()));
    }

    #[test]
    fn ctrl_c_ends_what_was_begun_and_writes_the_report_and_the_next_run_goes_on() {
        let (gallery, links) = gallery_with(300, Duration::from_millis(40));
        let out = tempfile::tempdir().unwrap();
        let step = || {
            pipeline(&["--io-workers", "4"])
                .arg("--links")
                .arg(links.path())
                .arg("--out")
                .arg(out.path())
        };
        let running = step().start();
        wait_for_saved(&running, 5);
        send(&running, Signal::INT);
        let run = running.wait();
        assert_eq!(run.status.code(), Some(130), "{}\n{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("Stopping"), "{}", run.stdout);
        assert!(run.stdout.contains("run again to go on"), "{}", run.stdout);

        let asked = gallery.requests().len();
        assert!((5..300).contains(&asked), "{asked}");
        assert_eq!(count(&run, "saved"), asked, "all that was asked for was finished");
        assert_eq!(run.report().unwrap().as_array().unwrap().len(), asked);
        assert_eq!(saved(&run.stdout).len(), asked);
        assert_eq!(visible(out.path()).len(), asked);
        assert_eq!(leftovers(out.path()), 0);

        let again = step().run();
        assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
        assert_eq!((count(&again, "skipped"), count(&again, "saved")), (asked, 300 - asked));
        assert_eq!(gallery.requests().len(), 300, "each link was asked for once");
    }

    #[test]
    fn a_second_ctrl_c_does_not_wait() {
        let gallery = Gallery::builder().answer("/stuck.jpg", Answer::stall()).start().unwrap();
        let links = NamedTempFile::new().unwrap();
        fs::write(links.path(), gallery.link("/stuck.jpg")).unwrap();
        let running = pipeline(&["--stall", "1000"]).arg("--links").arg(links.path()).start();
        wait_for("the request", || (gallery.asked("/stuck.jpg") == 1).then_some(()));
        send(&running, Signal::INT);
        wait_for("an answer", || running.stdout().contains("Stopping").then_some(()));
        send(&running, Signal::INT);
        assert_eq!(running.wait().status.code(), Some(130));
    }

    #[test]
    fn after_a_kill_nothing_that_was_saved_is_fetched_again() {
        let (gallery, links) = gallery_with(120, Duration::from_millis(20));
        let out = tempfile::tempdir().unwrap();
        let step = || {
            pipeline(&["--io-workers", "4"])
                .arg("--links")
                .arg(links.path())
                .arg("--out")
                .arg(out.path())
        };
        let mut known = HashMap::new();
        for round in 1..=3 {
            let running = step().start();
            wait_for_saved(&running, 10);
            send(&running, Signal::KILL);
            let run = running.wait();
            assert_eq!(run.status.code(), None, "it was killed");
            for file in saved(&run.stdout) {
                let name = file.rsplit('/').next().unwrap().to_owned();
                assert_eq!(known.insert(name.clone(), round), None, "{name} was saved twice");
            }
        }
        let asked: HashMap<String, usize> = known
            .keys()
            .map(|name| name.replace("processed_", "/").replace(".png", ".jpg"))
            .map(|path| (path.clone(), gallery.asked(&path)))
            .collect();

        let run = step().run();
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        assert_eq!(visible(out.path()).len(), 120);
        assert_eq!(leftovers(out.path()), 0, "what the killed ones had begun is gone");
        for (path, before) in asked {
            assert_eq!(gallery.asked(&path), before, "{path} was there, and was fetched again");
        }
        assert!(count(&run, "skipped") >= known.len());
    }

    fn leftovers(folder: &Path) -> usize {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".part")).count()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn of_a_million_links_only_those_in_progress_are_in_memory() {
        let (gallery, _) = gallery_with(1, Duration::ZERO);
        let measure = |count: usize| {
            let links = NamedTempFile::new().unwrap();
            let line =
                |n| format!("{}/a/folder/with/some/name/picture-{n:07}.jpg\n", gallery.url());
            fs::write(links.path(), (0..count).map(line).collect::<String>()).unwrap();
            let running = pipeline(&[]).arg("--links").arg(links.path()).start();
            wait_for("2000 links", || {
                (running.stdout().matches("\nFailed ").count() >= 2000).then_some(())
            });
            let memory = harness::status_kib(running.pid(), "VmHWM").expect("it lives");
            send(&running, Signal::INT);
            let run = running.wait();
            assert_eq!(run.status.code(), Some(130), "{}", run.stderr);
            assert_eq!(run.report().unwrap().as_array().unwrap().len(), count_of_failed(&run));
            memory
        };
        let (few, many) = (measure(10_000), measure(1_000_000));
        // The file with a million links has 70 MB. Of each link only a hash of 8 bytes is kept.
        assert!(
            many < few + 40.0 * 1024.0,
            "{few} KiB with 10,000 links, {many} KiB with a million"
        );
    }

    #[cfg(target_os = "linux")]
    fn count_of_failed(run: &Run) -> usize {
        run.stdout.lines().filter(|line| line.starts_with("Failed ")).count()
    }
}
