//! The folder on disk: names, leftovers, strangers' files, several processes.

use std::collections::HashSet;
use std::fs;
use std::thread;

use super::*;

fn visible(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != MANIFEST && name != LOCK)
        .collect();
    names.sort();
    names
}

#[test]
fn many_threads_and_folders_save_one_name_and_nothing_is_lost() {
    let parent = tempfile::tempdir().unwrap();
    // Two `Folder`s stand for two processes: they share nothing but the disk.
    let folders = [1, 2].map(|_| setup_download_dir(parent.path()).unwrap());
    let paths = Mutex::new(HashSet::new());
    thread::scope(|s| {
        for worker in 0..8 {
            let (dir, paths) = (&folders[worker % 2], &paths);
            s.spawn(move || {
                for n in 0..20 {
                    let link = format!("http://host/{worker}/{n}/a.png");
                    let saved = dir.save_bytes("a.png", link.as_bytes(), &link).unwrap();
                    assert_eq!(fs::read(&saved.path).unwrap(), link.as_bytes());
                    assert!(lock(paths).insert(saved.path), "a name was given twice");
                }
            });
        }
    });
    drop(folders);
    assert_eq!(visible(parent.path()).len(), 160);
    let dir = setup_download_dir(parent.path()).unwrap();
    for worker in 0..8 {
        for n in 0..20 {
            let link = format!("http://host/{worker}/{n}/a.png");
            let kept = dir.kept(&link).expect("recorded");
            assert_eq!(fs::read(kept.path).unwrap(), link.as_bytes());
        }
    }
}

#[test]
fn a_changed_or_missing_file_is_not_kept_and_is_replaced_in_place() {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    let saved = dir.save_bytes("a.png", b"good", "link").unwrap();
    assert_eq!(dir.kept("link"), Some(saved.clone()));

    fs::write(&saved.path, b"bad!").unwrap();
    assert_eq!(dir.kept("link"), None);
    assert_eq!(dir.save_bytes("a.png", b"good", "link").unwrap(), saved);
    fs::remove_file(&saved.path).unwrap();
    assert_eq!(dir.kept("link"), None);
    assert_eq!(dir.save_bytes("a.png", b"new", "link").unwrap().path, saved.path);
    assert_eq!(visible(parent.path()), ["a.png"]);
    let options = FolderOptions { again: true, ..FolderOptions::default() };
    assert_eq!(Folder::open(parent.path(), options).unwrap().kept("link"), None);
}

#[test]
fn a_strangers_file_is_never_overwritten() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("a.png"), "precious").unwrap();
    fs::create_dir(parent.path().join("b.png")).unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    for name in ["a.png", "b.png"] {
        let saved = dir.save_bytes(name, b"new", "link").unwrap();
        assert_ne!(saved.path, parent.path().join(name));
    }
    let kept = fs::read(parent.path().join("a.png")).unwrap();
    assert_eq!(kept, b"precious");
}

#[test]
fn a_missing_files_name_stays_with_the_link_that_took_it() {
    let parent = tempfile::tempdir().unwrap();
    let one = setup_download_dir(parent.path()).unwrap();
    let two = setup_download_dir(parent.path()).unwrap();
    let first = one.save_bytes("a.png", b"first", "link 1").unwrap();
    fs::remove_file(&first.path).unwrap();
    assert_eq!(two.save_bytes("a.png", b"second", "link 2").unwrap().path, first.path);
    let again = one.save_bytes("a.png", b"first", "link 1").unwrap();
    assert_ne!(again.path, first.path);
    assert_eq!(fs::read(first.path).unwrap(), b"second");
}

#[test]
fn a_file_that_a_killed_run_did_not_record_is_adopted() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("a.png"), "whole").unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    dir.save_bytes("a.png", b"whole", "link").unwrap();
    assert_eq!(visible(parent.path()), ["a.png"]);
    assert!(dir.kept("link").is_some());
}

#[test]
fn leftovers_go_at_the_next_start_unless_another_process_is_at_work() {
    let parent = tempfile::tempdir().unwrap();
    let leftover = parent.path().join(".many-hands-killed.part");
    fs::write(&leftover, "half").unwrap();
    fs::write(parent.path().join(".mine.part"), "not ours").unwrap();

    let working = setup_download_dir(parent.path()).unwrap();
    assert_eq!(visible(parent.path()), [".mine.part"]);
    fs::write(&leftover, "half").unwrap();
    let second = setup_download_dir(parent.path()).unwrap();
    assert!(leftover.exists(), "it may belong to the process that is at work");
    drop((working, second));
    setup_download_dir(parent.path()).unwrap();
    assert_eq!(visible(parent.path()), [".mine.part"]);
}

#[test]
fn a_file_in_the_way_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("images");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("deeper")] {
        let error = setup_download_dir(&path).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
        assert!(error.contains("give"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let parent = tempfile::tempdir().unwrap();
    let (inside, outside) = (parent.path().join("in"), parent.path().join("out"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    symlink(outside.join("a.png"), inside.join("a.png")).unwrap();
    let dir = setup_download_dir(&inside).unwrap();
    dir.save_bytes("a.png", b"new", "link").unwrap();
    drop(dir);
    assert_eq!(visible(&outside), [""; 0]);

    fs::remove_file(inside.join(MANIFEST)).unwrap();
    symlink(outside.join("manifest"), inside.join(MANIFEST)).unwrap();
    let error = setup_download_dir(&inside).unwrap_err();
    assert!(matches!(error, FolderError::Manifest(..)), "{error}");
    assert_eq!(visible(&outside), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_saved_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    let saved = dir.save_bytes("a.png", b"new", "link").unwrap();
    fs::write(parent.path().join("plain"), "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&saved.path), mode(&parent.path().join("plain")));
}
