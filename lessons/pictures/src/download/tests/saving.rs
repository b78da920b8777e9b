//! What ends up in the folder.

use super::*;

#[test]
fn hostile_names_stay_in_the_folder() {
    let long = format!("/{}.png", "long".repeat(100));
    for (path, name) in [
        ("/..%2f..%2fx.png", "x.png"),
        ("/..%5c..%5cx.png", "x.png"),
        ("/a%00b", "a_b.png"),
        ("/", "picture.png"),
        ("/nul.png", "_nul.png"),
        (&long, &format!("{}.png", &"long".repeat(100)[..175])),
    ] {
        let gallery = Gallery::builder().answer(path, a_picture()).start().unwrap();
        let run = run(&gallery.link(path), limits());
        assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{path}: {:?}", run.entry.reason);
        assert_eq!(run.files, [name], "{path}");
    }
}

#[test]
fn what_is_no_link_fails_alone() {
    for (link, why) in [
        ("hello", "does not begin with http"),
        ("ftp://127.0.0.1/x.png", "it begins with ftp:"),
        ("http://", "no http(s) link"),
        ("http:///x.png", "no http(s) link"),
        ("http://host:99999/x.png", "no http(s) link"),
        ("http://ho st/x.png", "no http(s) link"),
        ("", "no http(s) link"),
        ("/etc/passwd", "does not begin with http"),
    ] {
        let run = run(link, limits());
        let reason = run.entry.reason.unwrap();
        assert!(reason.contains(why), "{link}: {reason}");
        assert!(reason.contains("write it as http://host/path"), "{link}: {reason}");
        assert_eq!((run.entry.outcome, run.entry.attempts), (LinkOutcome::Failed, 0), "{link}");
    }
}

#[test]
fn a_link_may_have_blanks_and_letters_beyond_ascii() {
    let gallery = Gallery::builder().answer("/gr%C3%BCn%20x.png", a_picture()).start().unwrap();
    let run = run(&gallery.link("/grün x.png"), limits());
    assert_eq!(run.files, ["grün x.png"], "{:?}", run.entry.reason);
}

#[test]
fn links_with_one_name_get_a_file_each_from_many_threads() {
    let mut gallery = Gallery::builder();
    for n in 0..24 {
        gallery = gallery.answer(format!("/{n}/x.png"), a_picture());
    }
    let gallery = gallery.start().unwrap();
    let links: Vec<String> = (0..24).map(|n| gallery.link(&format!("/{n}/x.png"))).collect();
    let parent = tempfile::tempdir().unwrap();
    let json = parent.path().join("report.json");
    let dir = setup_download_dir(parent.path().join("images")).unwrap();
    let client = Client::new(limits());
    let report = Report::new(&links, Some(&json)).unwrap();
    let next = AtomicUsize::new(0);
    thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                while let Some(link) = links.get(next.fetch_add(1, Ordering::Relaxed)) {
                    report.add(download_link(&client, &dir, link));
                }
            });
        }
    });
    let summary = report.finish();
    assert!(summary.all_is_well(), "{summary}");
    let files: HashSet<_> = summary.entries.iter().map(|entry| entry.file.clone()).collect();
    assert_eq!(files.len(), 24);
    assert_eq!(files_in(dir.path()).len(), 24);
    let read: Vec<Entry> = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(read, summary.entries);

    // A second run, as another process would do it, asks for nothing.
    let dir = setup_download_dir(dir.path()).unwrap();
    for link in &links {
        assert_eq!(download_link(&client, &dir, link).outcome, LinkOutcome::Skipped);
    }
    assert_eq!(gallery.requests().len(), 24);
    // Unless it is told to.
    let options = FolderOptions { again: true, ..FolderOptions::default() };
    let dir = Folder::open(dir.path(), options).unwrap();
    assert_eq!(download_link(&client, &dir, &links[0]).outcome, LinkOutcome::Saved);
    assert_eq!(files_in(dir.path()).len(), 24, "in place of the old file");
}

#[test]
fn what_was_made_of_two_pictures_of_one_stem_gets_a_file_each() {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    for name in ["a.jpg", "a.png"] {
        let entry = dir.save_unless_kept(&format!("http://host/{name}"), || {
            let fetched = Fetched { name: name.to_owned(), bytes: picture(), attempts: 2 };
            fetched.processed_with(|_| Ok::<_, LinkFailure>(name.into()))
        });
        assert_eq!((entry.outcome, entry.attempts), (LinkOutcome::Saved, 2));
    }
    let files = files_in(parent.path());
    assert_eq!(files.len(), 2);
    assert!(files.contains(&"processed_a.png".to_owned()), "{files:?}");
}

#[test]
fn a_failure_after_the_download_keeps_the_attempts() {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    let entry = dir.save_unless_kept("http://host/a.png", || {
        let fetched = Fetched { name: "a.png".into(), bytes: picture(), attempts: 2 };
        fetched.processed_with(|_| Err("too dark"))
    });
    assert_eq!(entry.reason.as_deref(), Some("too dark"));
    assert_eq!((entry.attempts, entry.file), (2, None));
}

#[test]
fn a_second_run_skips_what_the_gallery_gave_although_its_port_is_another() {
    let parent = tempfile::tempdir().unwrap();
    let client = Client::new(limits());
    for expected in [LinkOutcome::Saved, LinkOutcome::Skipped] {
        let gallery = Gallery::builder()
            .picture("/a.png", picture(), "image/png")
            .picture("/deep/a.png", picture(), "image/png")
            .start()
            .unwrap();
        let options = FolderOptions { gallery: Some(gallery.url()), ..FolderOptions::default() };
        let dir = Folder::open(parent.path(), options).unwrap();
        for link in &gallery.links() {
            let entry = download_link(&client, &dir, link);
            assert_eq!((entry.outcome, &entry.link), (expected, link));
        }
        assert_eq!(gallery.requests().is_empty(), expected == LinkOutcome::Skipped);
    }
    assert_eq!(files_in(parent.path()).len(), 2);
}

#[test]
fn one_client_and_one_folder_are_shared_by_all_workers() {
    fn shared<T: Sync + Send>() {}
    shared::<Client>();
    shared::<Folder>();
    shared::<Report>();
    shared::<Progress>();
    shared::<Mutex<Links>>();
}

/// Mounts a file system of 64 KiB, if this machine lets us; it goes with the guard.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(place.path())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(SmallDisk(place))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        std::process::Command::new("umount").arg(self.0.path()).status().ok();
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root, to mount a small file system"]
fn a_full_disk_is_a_failed_link_and_leaves_no_partial_file() {
    let disk = SmallDisk::mount().expect("run as root");
    let mut large = picture();
    large.resize(90_000, 0); // junk after the end marker does not matter
    let gallery = Gallery::builder()
        .answer("/large.png", Answer::picture(large, "image/png"))
        .answer("/small.png", a_picture())
        .start()
        .unwrap();
    let client = Client::new(limits());
    let dir = setup_download_dir(disk.0.path()).unwrap();
    let entry = download_link(&client, &dir, &gallery.link("/large.png"));
    let reason = entry.reason.unwrap();
    assert!(reason.starts_with("no room for ") && reason.contains("large.png"), "{reason}");
    assert!(reason.contains("free some space"), "{reason}");
    assert_eq!(files_in(disk.0.path()), [""; 0]);

    // There is room for others, until the last page is taken. Then nothing can be recorded.
    let entry = download_link(&client, &dir, &gallery.link("/small.png"));
    assert_eq!(entry.outcome, LinkOutcome::Saved, "{:?}", entry.reason);
    let mut filler = fs::File::create(disk.0.path().join("filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let failed = dir.save_bytes("other.png", &picture(), "link").unwrap_err();
    assert!(matches!(failed, SaveError::Full { .. }), "{failed}");
    assert_eq!(files_in(disk.0.path()), ["filler", "small.png"]);
}
