//! Step 08: the downloader, on a gallery that behaves and on an internet that doesn't.

#[path = "support/bad_internet.rs"]
mod bad_internet;
#[cfg(unix)]
#[path = "support/ctrl_c.rs"]
mod ctrl_c;

use std::fs;
use std::time::Duration;

use bad_internet::{BadInternet, jpeg, visible};
use harness::{Run, Step};
use pictures::gallery::{Answer, Gallery};

fn downloader(args: &[&str]) -> Step {
    Step::new("08_downloader").args(args)
}

fn links_to(gallery: &Gallery) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), gallery.links().join("\n")).unwrap();
    file
}

fn outcomes(run: &Run) -> Vec<(String, u64)> {
    let report = run.report().expect("a report");
    let entries = report.as_array().unwrap().iter();
    entries
        .map(|entry| {
            (entry["outcome"].as_str().unwrap().to_owned(), entry["attempts"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn the_offline_gallery_is_downloaded_both_ways_and_the_second_run_skips_it() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("images");
    let out = out.to_str().unwrap();
    let args = ["--pictures", "6", "--latency", "20", "--out", out];
    let run = downloader(&args).run();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(outcomes(&run), vec![("saved".to_owned(), 1); 6]);
    let saved = visible(run.out());
    assert_eq!(saved.len(), 6, "{saved:?}");
    for line in
        ["one-by-one: 6 pictures", "thread-pool: 6 pictures", "6 saved, 0 skipped, 0 failed"]
    {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let count = |text: &str| run.stdout.matches(text).count();
    assert_eq!((count("Downloading http://127.0.0.1:"), count("Saved ")), (12, 12));

    let trace = run.trace();
    assert_eq!(trace.section("one-by-one").unwrap().at_once(), 1);
    assert_eq!(trace.section("thread-pool").unwrap().spans().len(), 6);

    let again = downloader(&args).run();
    assert_eq!(again.status.code(), Some(0), "{}", again.stderr);
    assert_eq!(outcomes(&again), vec![("skipped".to_owned(), 0); 6]);
    assert!(again.stdout.contains("nothing to compare"), "{}", again.stdout);
    assert_eq!(visible(again.out()), saved);
}

#[test]
fn a_pool_asks_for_as_many_at_once_as_it_has_workers() {
    for workers in [1, 3, 8] {
        let mut builder = Gallery::builder().latency(Duration::from_millis(100));
        for n in 0..16 {
            builder = builder.answer(format!("/{n}.jpg"), Answer::picture(jpeg(), "image/jpeg"));
        }
        let gallery = builder.start().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let links: Vec<String> = (0..16).map(|n| gallery.link(&format!("/{n}.jpg"))).collect();
        fs::write(file.path(), links.join("\n")).unwrap();
        let run = downloader(&["--using", "thread-pool", "--workers", &workers.to_string()])
            .arg("--links")
            .arg(file.path())
            .run();
        assert!(run.status.success(), "{}", run.stderr);
        assert_eq!(gallery.peak(), workers);
        assert_eq!(run.trace().at_once(), workers);
        let counts: Vec<usize> = (0..16).map(|n| gallery.asked(&format!("/{n}.jpg"))).collect();
        assert_eq!(counts, [1; 16], "each link is asked for once");
    }
}

#[test]
fn every_link_of_a_bad_internet_ends_as_saved_or_failed_with_its_reason() {
    let internet = BadInternet::open();
    let run = downloader(&BadInternet::FLAGS)
        .args(["--using", "thread-pool"])
        .arg("--links")
        .arg(internet.links_file())
        .run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    internet.check(&run.report().unwrap());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);

    // Each saved file is there, whole, under one name; nothing else is.
    let report = run.report().unwrap();
    let saved = report.as_array().unwrap().iter().filter(|entry| entry["outcome"] == "saved");
    let mut names: Vec<String> = saved
        .map(|entry| {
            let file = std::path::Path::new(entry["file"].as_str().unwrap());
            assert_eq!(file.parent(), Some(run.out()), "{entry}");
            assert_eq!(fs::metadata(file).unwrap().len(), entry["bytes"].as_u64().unwrap());
            file.file_name().unwrap().to_str().unwrap().to_owned()
        })
        .collect();
    names.sort();
    assert_eq!(visible(run.out()), names);
    assert!(names.iter().all(|name| name.len() < 256 && !name.contains('%')), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("same")).count(), 2, "{names:?}");

    // The printed report says the same.
    assert!(run.stdout.contains("10 saved, 0 skipped, 14 failed"), "{}", run.stdout);
    for (link, _) in &internet.bad {
        assert!(run.stdout.contains(&format!("failed: {link}: ")), "{link}");
    }
}

#[test]
fn a_links_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, binary) = (folder.path().join("empty.txt"), folder.path().join("binary.txt"));
    fs::write(&empty, "# nothing\n\n").unwrap();
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    for file in [empty, binary, folder.path().join("missing.txt"), folder.path().to_owned()] {
        let run = downloader(&[]).arg("--links").arg(&file).run();
        assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
        assert!(run.stderr.contains(file.to_str().unwrap()), "{}", run.stderr);
        assert_eq!(run.stderr.trim().lines().count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_missing_client_id_is_one_clear_line() {
    let run = downloader(&["--imgur"]).env("IMGUR_CLIENT_ID", "").run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("IMGUR_CLIENT_ID"), "{}", run.stderr);
    assert_eq!(run.stderr.trim().lines().count(), 1, "{}", run.stderr);
}

#[test]
fn a_folder_or_report_that_cannot_be_written_stops_before_the_work() {
    let gallery = Gallery::builder().picture("/a.jpg", jpeg(), "image/jpeg").start().unwrap();
    let links = links_to(&gallery);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("below"); // not even root can create a folder in a file
    for (flag, path) in [("--out", &file), ("--out", &below), ("--report", &below)] {
        let run = downloader(&["--using", "one-by-one"])
            .arg("--links")
            .arg(links.path())
            .arg(flag)
            .arg(path)
            .run();
        assert_eq!(run.status.code(), Some(1), "{flag}: {}", run.stdout);
        assert!(run.stderr.contains(path.to_str().unwrap()), "{flag}: {}", run.stderr);
    }
    assert_eq!(gallery.asked("/a.jpg"), 0, "nothing was downloaded in vain");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_what_was_begun_and_the_next_run_goes_on() {
    for way in ["one-by-one", "thread-pool"] {
        ctrl_c::check_that_ctrl_c_stops(|| downloader(&["--using", way, "--workers", "4"]));
    }
    ctrl_c::check_that_ctrl_c_ends_the_waits(|| downloader(&["--using", "thread-pool"]));
    ctrl_c::check_that_a_second_ctrl_c_does_not_wait(|| downloader(&["--using", "one-by-one"]));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_comparison_which_keeps_nothing() {
    let (gallery, links) = ctrl_c::slow_gallery(100);
    let running = downloader(&[]).arg("--links").arg(links.path()).start();
    harness::wait_for("a picture", || running.stdout().contains("\nSaved ").then_some(()));
    ctrl_c::press(&running);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(130), "{}\n{}", run.stdout, run.stderr);
    for line in ["0 saved, 0 skipped, 0 failed", "Stopped with 100 link(s) left"] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("thread-pool"), "no further way begins: {}", run.stdout);
    assert!(!run.stdout.contains("speed-up"), "half a way is no comparison: {}", run.stdout);
    assert!(gallery.requests().len() < 100);
    assert_eq!(ctrl_c::results_and_leftovers(run.out()), (0, 0));
}

#[test]
fn help_and_bad_values() {
    let help = downloader(&["--help"]).run().stdout;
    for flag in [
        "--using",
        "--workers",
        "--latency",
        "--links",
        "--imgur",
        "--nasa",
        "--out",
        "--report",
        "--timeline",
    ] {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    for bad in ["--using=magic", "--workers=0", "--latency=-1", "--timeout=0", "--nonsense"] {
        assert_eq!(downloader(&[bad]).run().status.code(), Some(2), "{bad}");
    }
}
