//! Step 09: download and process, in every way.

#[path = "support/bad_internet.rs"]
mod bad_internet;
#[cfg(unix)]
#[path = "support/ctrl_c.rs"]
mod ctrl_c;
#[path = "support/meeting.rs"]
mod meeting;
#[path = "support/python_server.rs"]
mod python_server;

use std::collections::HashMap;
use std::fs;

use bad_internet::{BadInternet, visible};
use harness::{Run, Step};
use meeting::gallery_for_groups_of;
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use python_server::PythonServer;

const WAYS: [&str; 6] =
    ["one-by-one", "threads", "processes", "thread-pool", "process-pool", "rayon"];

fn images(args: &[&str]) -> Step {
    Step::new("09_images").args(args)
}

/// A gallery with pictures of every kind, and a file of links to them.
fn small_gallery() -> (Gallery, tempfile::NamedTempFile) {
    let kinds = [Format::Jpeg, Format::Png, Format::Tiff, Format::WebP];
    let mut builder = Gallery::builder();
    for (n, kind) in kinds.into_iter().enumerate() {
        let picture = paint::picture(n as u64, 300, 200, kind);
        builder =
            builder.picture(format!("/{n}.{}", kind.extension()), picture, kind.content_type());
    }
    let gallery = builder.start().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), gallery.links().join("\n")).unwrap();
    (gallery, file)
}

fn assert_all_is_well(run: &Run) {
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
}

/// The thumbnails, by name.
fn thumbnails(run: &Run) -> Vec<(String, Vec<u8>)> {
    let names = visible(run.out()).into_iter();
    names.map(|name| (name.clone(), fs::read(run.out().join(name)).unwrap())).collect()
}

#[test]
fn every_way_makes_the_same_thumbnails() {
    let (gallery, links) = small_gallery();
    let mut first = None;
    for way in WAYS {
        let run = images(&["--using", way]).arg("--links").arg(links.path()).run();
        assert_all_is_well(&run);
        let made = thumbnails(&run);
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        let expected = ["processed_0.png", "processed_1.png", "processed_2.png", "processed_3.png"];
        assert_eq!(names, expected, "{way}");
        for (name, bytes) in &made {
            let thumbnail = pictures::picture::decode_gray(bytes).unwrap();
            assert_eq!(thumbnail.size(), (128, 128), "{way}: {name}");
        }
        assert_eq!(*first.get_or_insert_with(|| made.clone()), made, "{way}");
    }
    for request in gallery.requests() {
        assert_eq!(gallery.asked(&request.path), WAYS.len(), "once for each way");
    }
}

#[test]
fn all_compares_the_ways_on_the_same_pictures() {
    let (gallery, links) = small_gallery();
    let run = images(&["--using", "all", "--workers", "2"]).arg("--links").arg(links.path()).run();
    assert_all_is_well(&run);
    assert_eq!(gallery.requests().len(), 4 * WAYS.len(), "each way downloads all of them");
    assert_eq!(thumbnails(&run).len(), 4);
    assert_eq!(run.report().unwrap().as_array().unwrap().len(), 4, "one entry a link");
    let trace = run.trace();
    for way in WAYS {
        let part = trace.section(way).unwrap_or_else(|| panic!("{way} is in the trace"));
        let count =
            |word: &str| part.spans().iter().filter(|span| span.name.starts_with(word)).count();
        assert_eq!((count("download"), count("process")), (4, 4), "{way}");
        let row = run.stdout.lines().find(|line| line.starts_with(&format!("{way} "))).unwrap();
        assert!(row.contains(" 4 ") && row.ends_with('×'), "{row}");
        let in_main = part.spans().iter().all(|span| part.rows()[span.row].pid == run.pid);
        assert_eq!(in_main, !way.starts_with("process"), "{way}");
    }
    assert_eq!(trace.section("one-by-one").unwrap().at_once(), 1);
    assert!(trace.section("thread-pool").unwrap().at_once() <= 2);
    assert!(trace.section("process-pool").unwrap().at_once() <= 2);
    assert!(trace.section("rayon").unwrap().at_once() <= 2);
}

#[test]
fn the_ways_with_processes_are_a_step_of_their_own_that_makes_the_same() {
    let (_gallery, links) = small_gallery();
    let all = images(&[]).arg("--links").arg(links.path()).run();
    let step = Step::new("09b_processes").args(["--using", "all", "--workers", "2"]);
    let run = step.arg("--links").arg(links.path()).run();
    assert_all_is_well(&run);
    assert_eq!(thumbnails(&run), thumbnails(&all));
    let trace = run.trace();
    for way in ["processes", "process-pool"] {
        let part = trace.section(way).unwrap_or_else(|| panic!("{way} is in the trace"));
        assert!(part.spans().iter().all(|span| part.rows()[span.row].pid != run.pid), "{way}");
    }
    let help = Step::new("09b_processes").arg("--help").run().stdout;
    assert!(help.contains("[possible values: processes, process-pool, all]"), "{help}");
}

#[test]
fn originals_are_kept_only_if_asked_for_and_the_second_run_skips() {
    let (gallery, links) = small_gallery();
    let folder = tempfile::tempdir().unwrap();
    let (out, originals) = (folder.path().join("out"), folder.path().join("originals"));
    let step =
        |way| images(&["--using", way]).arg("--links").arg(links.path()).arg("--out").arg(&out);

    assert_all_is_well(&step("thread-pool").run());
    assert_eq!(visible(&out).len(), 4);
    let asked = gallery.requests().len();
    for way in WAYS {
        let again = step(way).run();
        assert_all_is_well(&again);
        assert!(again.stdout.contains("0 saved, 4 skipped, 0 failed"), "{}", again.stdout);
        assert_eq!(gallery.requests().len(), asked, "a second run asks for nothing");
    }
    for way in WAYS {
        let fresh = step(way).arg("--fresh").arg("--keep-originals").arg(&originals).run();
        assert_all_is_well(&fresh);
        assert_eq!(visible(&out).len(), 4, "{way}: each takes the place of its former self");
        assert_eq!(visible(&originals), ["0.jpg", "1.png", "2.tif", "3.webp"]);
        fs::remove_dir_all(&originals).unwrap();
    }
}

#[test]
fn a_finished_link_is_downloaded_again_if_its_original_is_wanted_and_not_there() {
    let (gallery, links) = small_gallery();
    let folder = tempfile::tempdir().unwrap();
    let (out, originals) = (folder.path().join("out"), folder.path().join("originals"));
    let step = || images(&[]).arg("--links").arg(links.path()).arg("--out").arg(&out);
    let says = |step: Step, counts: &str| {
        let run = step.run();
        assert_all_is_well(&run);
        assert!(run.stdout.contains(counts), "{counts}: {}", run.stdout);
    };
    says(step(), "4 saved, 0 skipped");

    let keep = || step().arg("--keep-originals").arg(&originals);
    says(keep(), "4 saved, 0 skipped");
    assert_eq!(visible(&originals), ["0.jpg", "1.png", "2.tif", "3.webp"]);
    says(keep(), "0 saved, 4 skipped");
    fs::remove_file(originals.join("2.tif")).unwrap();
    says(keep(), "1 saved, 3 skipped");
    assert_eq!(visible(&originals), ["0.jpg", "1.png", "2.tif", "3.webp"]);
    assert_eq!(visible(&out).len(), 4, "each thumbnail took the place of its former self");

    let run = step().arg("--keep-originals").arg(&out).run();
    assert_eq!(run.status.code(), Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("give each a folder"), "{}", run.stderr);

    // In a comparison each way does everything that is missing, and only the last one keeps it.
    fs::remove_dir_all(&originals).unwrap();
    let before = gallery.requests().len();
    says(keep().args(["--using", "all"]), "4 saved, 0 skipped");
    assert_eq!(gallery.requests().len() - before, 4 * WAYS.len());
    assert_eq!(visible(&originals).len(), 4);
}

#[test]
fn originals_of_the_offline_gallery_are_recognised_on_its_next_port() {
    let folder = tempfile::tempdir().unwrap();
    let (out, originals) = (folder.path().join("out"), folder.path().join("originals"));
    let runs = [
        ("process-pool", "2 saved, 0 skipped"),
        ("process-pool", "0 saved, 2 skipped"),
        ("processes", "0 saved, 2 skipped"),
        ("thread-pool", "0 saved, 2 skipped"),
    ];
    for (way, counts) in runs {
        let run = images(&["--pictures", "2", "--latency", "0", "--using", way])
            .args(["--out".as_ref(), out.as_os_str()])
            .args(["--keep-originals".as_ref(), originals.as_os_str()])
            .run();
        assert_all_is_well(&run);
        assert!(run.stdout.contains(counts), "{counts}: {}", run.stdout);
        assert_eq!(visible(&originals).len(), 2);
    }
}

#[test]
fn every_link_of_a_bad_internet_ends_as_saved_or_failed_with_its_reason() {
    for way in ["thread-pool", "threads", "process-pool", "processes"] {
        let internet = BadInternet::open();
        let run = images(&BadInternet::FLAGS)
            .args(["--using", way])
            .arg("--links")
            .arg(internet.links_file())
            .run();
        assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
        internet.check(&run.report().unwrap());
        assert_eq!(visible(run.out()).len(), internet.good.len());
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn pictures_that_are_damaged_or_bombs_fail_and_the_others_do_not() {
    let good = paint::picture(1, 200, 100, Format::Png);
    let mut corrupt = good.clone();
    for byte in corrupt.iter_mut().skip(60).step_by(3).take(200) {
        *byte ^= 0x5a;
    }
    let gallery = Gallery::builder()
        .picture("/good.png", good.clone(), "image/png")
        .picture("/corrupt.png", corrupt, "image/png")
        .picture("/half.png", &good[..good.len() / 2], "image/png")
        .picture("/bomb.png", paint::bomb(60_000, 60_000), "image/png")
        .answer("/empty.png", Answer::picture("", "image/png"))
        .start()
        .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let links = ["good", "corrupt", "half", "bomb", "empty"]
        .map(|name| gallery.link(&format!("/{name}.png")));
    fs::write(file.path(), links.join("\n")).unwrap();
    for way in WAYS {
        let run =
            images(&["--using", way, "--attempts", "1"]).arg("--links").arg(file.path()).run();
        assert_eq!(run.status.code(), Some(1), "{way}: {}", run.stderr);
        let report = run.report().unwrap();
        let outcomes: Vec<&str> = report
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["outcome"].as_str().unwrap())
            .collect();
        assert_eq!(outcomes, ["saved", "failed", "failed", "failed", "failed"], "{way}: {report}");
        assert_eq!(visible(run.out()), ["processed_good.png"], "{way}");
        assert!(report[3]["reason"].as_str().unwrap().contains("limit"), "{report}");
    }
}

#[test]
fn a_process_pool_has_as_many_processes_as_it_says_and_the_other_way_one_for_each_link() {
    for (way, processes) in [("process-pool", 2), ("processes", 4)] {
        let (gallery, links) = gallery_for_groups_of(processes, 4);
        let run = images(&["--using", way, "--workers", "2", "--attempts", "1", "--stall", "60"])
            .arg("--links")
            .arg(links.path())
            .run();
        assert_all_is_well(&run);
        assert_eq!(gallery.peak(), processes, "{way}: all of them ask at the same time");

        let trace = run.trace();
        let mut spans: HashMap<u32, Vec<&str>> = HashMap::new();
        for span in trace.spans() {
            spans.entry(trace.rows()[span.row].pid).or_default().push(&span.name);
        }
        assert!(!spans.contains_key(&run.pid), "{way}: the main process does none of it");
        assert_eq!(spans.len(), processes, "{way}: {spans:?}");
        for names in spans.values() {
            let count = |word| names.iter().filter(|name| name.starts_with(word)).count();
            assert_eq!(count("setup"), 1, "{way}: {names:?}");
            assert_eq!(count("download"), 4 / processes, "{way}: {names:?}");
            assert_eq!(count("process"), 4 / processes, "{way}: {names:?}");
        }
    }
}

#[cfg(target_os = "linux")]
mod killed {
    //! Finds a worker while it works, and kills it.

    use super::*;
    use harness::{children, wait_for};
    use rustix::process::{Pid, Signal, kill_process};

    #[test]
    fn a_worker_takes_only_its_own_link_with_it() {
        let picture = |n| Answer::picture(paint::picture(n, 120, 90, Format::Png), "image/png");
        // The only worker that is left is the one that is stuck: the pool has only one, and all
        // other processes have been joined before the last.
        let ways = [
            ("process-pool", ["/a.png", "/stuck.png", "/b.png", "/c.png"]),
            ("processes", ["/a.png", "/b.png", "/c.png", "/stuck.png"]),
        ];
        for (way, paths) in ways {
            let gallery = Gallery::builder()
                .answer("/a.png", picture(1))
                .answer("/stuck.png", Answer::after(1, Answer::stall(), picture(2)))
                .answer("/b.png", picture(3))
                .answer("/c.png", picture(4))
                .start()
                .unwrap();
            let folder = tempfile::tempdir().unwrap();
            let (out, file) = (folder.path().join("out"), folder.path().join("links.txt"));
            fs::write(&file, paths.map(|path| gallery.link(path)).join("\n")).unwrap();
            let step = || {
                images(&["--using", way, "--workers", "1", "--stall", "100", "--timeout", "100"])
                    .args(["--links".as_ref(), file.as_os_str()])
                    .args(["--out".as_ref(), out.as_os_str()])
            };

            let running = step().start();
            let [worker] = wait_for("a worker that is stuck", || {
                let asked = gallery.asked("/stuck.png") == 1;
                <[u32; 1]>::try_from(asked.then(|| children(running.pid()))?).ok()
            });
            let worker = Pid::from_raw(worker.try_into().unwrap()).unwrap();
            kill_process(worker, Signal::KILL).unwrap();
            let run = running.wait();

            assert_eq!(run.status.code(), Some(1), "{way}: {}\n{}", run.stdout, run.stderr);
            let report = run.report().unwrap();
            let entries = report.as_array().unwrap();
            let said = |key: &str| -> Vec<String> {
                entries.iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
            };
            assert_eq!(said("link"), paths.map(|path| gallery.link(path)), "{way}");
            let outcomes =
                paths.map(|path| if path == "/stuck.png" { "failed" } else { "saved" }.to_owned());
            assert_eq!(said("outcome"), outcomes, "{way}: {report}");
            let stuck = entries.iter().find(|entry| entry["outcome"] == "failed").unwrap();
            let reason = stuck["reason"].as_str().unwrap();
            assert!(reason.contains("SIGKILL"), "{way}: {reason}");
            assert!(run.stdout.contains("3 saved, 0 skipped, 1 failed"), "{}", run.stdout);
            assert_eq!(gallery.asked("/stuck.png"), 1, "{way}: it was not tried again");

            let again = step().run();
            assert_all_is_well(&again);
            assert!(again.stdout.contains("1 saved, 3 skipped, 0 failed"), "{}", again.stdout);
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_what_was_begun_and_the_next_run_goes_on() {
    for way in ["one-by-one", "thread-pool", "rayon", "process-pool"] {
        ctrl_c::check_that_ctrl_c_stops(|| images(&["--using", way, "--workers", "2"]));
    }
    let processes = || Step::new("09b_processes").args(["--workers", "2"]);
    ctrl_c::check_that_ctrl_c_stops(processes);
    ctrl_c::check_that_ctrl_c_ends_the_waits(processes);
    ctrl_c::check_that_a_second_ctrl_c_does_not_wait(processes);
    ctrl_c::check_that_ctrl_c_ends_the_waits(|| images(&["--using", "one-by-one"]));
}

#[cfg(unix)]
#[test]
fn ctrl_c_after_the_last_link_has_begun_leaves_none() {
    for way in ["threads", "processes"] {
        let (gallery, links) = ctrl_c::slow_gallery(6);
        let running = images(&["--using", way]).arg("--links").arg(links.path()).start();
        harness::wait_for("all requests", || (gallery.requests().len() == 6).then_some(()));
        ctrl_c::press(&running);
        let run = running.wait();
        assert_all_is_well(&run);
        assert_eq!(ctrl_c::count(&run, "saved"), 6, "{way}");
        assert_eq!(ctrl_c::results_and_leftovers(run.out()), (6, 0), "{way}");
    }
}

#[test]
fn a_server_that_is_not_ours_will_do() {
    let folder = tempfile::tempdir().unwrap();
    for (n, kind) in Format::ALL.into_iter().enumerate() {
        let name = format!("{n} photo.{}", kind.extension());
        fs::write(folder.path().join(name), paint::picture(n as u64, 160, 120, kind)).unwrap();
    }
    let server = PythonServer::start(folder.path());
    let links: Vec<String> = visible(folder.path()).iter().map(|name| server.link(name)).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), links.join("\r\n")).unwrap();
    let run = images(&["--workers", "4"]).arg("--links").arg(file.path()).run();
    assert_all_is_well(&run);
    assert_eq!(thumbnails(&run).len(), Format::ALL.len());
    assert_eq!(visible(run.out())[0], "processed_0 photo.png");
}

#[test]
fn without_optimisation_it_says_that_release_is_better() {
    let (_gallery, links) = small_gallery();
    let run = images(&[]).arg("--links").arg(links.path()).run();
    assert!(run.stderr.contains("--release"), "{}", run.stderr);
}

#[test]
fn help_and_bad_values() {
    let help = images(&["--help"]).run().stdout;
    for flag in
        ["--using", "--workers", "--keep-originals", "processed-images", "--report", "--timeline"]
    {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    for bad in ["--using=magic", "--workers=0", "--attempts=0"] {
        assert_eq!(images(&[bad]).run().status.code(), Some(2), "{bad}");
    }
}
