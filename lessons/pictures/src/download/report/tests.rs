//! A report on disk, in a pipe and as a table.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use super::file::ReportFile;
use super::*;
use crate::download::entry::LinkOutcome;

fn saved(link: &str, bytes: u64) -> Entry {
    Entry {
        link: link.to_owned(),
        outcome: LinkOutcome::Saved,
        file: Some(format!("images/{link}.png")),
        reason: None,
        bytes,
        attempts: 1,
        seconds: 0.25,
    }
}

fn links(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn read(path: &Path) -> Vec<Entry> {
    serde_json::from_slice(&fs::read(path).unwrap()).expect("a whole JSON array of entries")
}

#[test]
fn the_file_is_whole_json_after_each_entry_and_ends_in_the_links_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/report.json");
    let report = Report::new(&links(&["a", "b", "c"]), Some(&path)).unwrap();
    assert_eq!(read(&path), []);
    report.add(saved("c", 3));
    assert_eq!(read(&path).len(), 1);
    report.add(Entry::failed("a", "said \"no\"\nand left"));
    let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
    assert_eq!(order, ["c", "a"]);

    let summary = report.finish();
    let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
    assert_eq!(order, ["a", "b", "c"]);
    assert_eq!(read(&path), summary.entries);
    assert_eq!(summary.count(LinkOutcome::Failed), 2, "b was never finished");
    assert_eq!(summary.exit_code(), ExitCode::from(1));
}

#[test]
fn after_a_stop_a_link_that_was_never_begun_has_no_entry() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let report = Report::new(&links(&["a", "b", "c"]), Some(&path)).unwrap();
    report.add(saved("c", 3));
    report.add(saved("a", 1));
    let summary = report.finish_stopped();
    let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
    assert_eq!(order, ["a", "c"]);
    assert_eq!((summary.ended(), summary.count(LinkOutcome::Failed)), (2, 0));
}

#[test]
fn the_json_has_exactly_the_promised_keys() {
    let json = serde_json::to_string(&saved("a", 7)).unwrap();
    assert_eq!(
        json,
        r#"{"link":"a","outcome":"saved","file":"images/a.png","reason":null,"bytes":7,"attempts":1,"seconds":0.25}"#
    );
}

#[test]
fn many_threads_report_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let all: Vec<String> = (0..400).map(|n| format!("link{n}")).collect();
    let report = Report::new(&all, Some(&path)).unwrap();
    thread::scope(|s| {
        for part in all.chunks(50) {
            let report = &report;
            s.spawn(move || part.iter().for_each(|link| report.add(saved(link, 10))));
        }
    });
    assert_eq!(read(&path).len(), 400);
    let summary = report.finish();
    assert!(summary.all_is_well());
    let order: Vec<_> = read(&path).into_iter().map(|entry| entry.link).collect();
    assert_eq!(order, all);
}

#[test]
fn a_second_entry_replaces_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let report = Report::new(&links(&["a", "b"]), Some(&path)).unwrap();
    report.add(Entry::failed("a", "a long reason that takes much room in the file"));
    report.add(saved("a", 1));
    report.add(saved("b", 2));
    assert_eq!(read(&path), [saved("a", 1), saved("b", 2)]);
    assert!(report.finish().all_is_well());
}

#[test]
fn the_table_tells_each_link_and_the_totals() {
    let odd = "b\u{1b}[2J";
    let report = Report::new(&links(&["a", odd]), None).unwrap();
    report.add(saved("a", 34_100_000));
    report.add(Entry::failed(odd, "no such file on the server"));
    let table = report.finish().to_string();
    assert!(table.contains("a.png  saved      34.1 MB         1     0.25"), "{table}");
    assert!(table.contains("failed: b\u{fffd}[2J: no such file"), "{table}");
    assert!(table.ends_with("1 saved, 0 skipped, 1 failed; 34.1 MB"), "{table}");
}

#[test]
fn only_an_earlier_report_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let begin = || Report::new(&links(&["a"]), Some(&path));
    drop(begin().unwrap()); // as a killed run leaves it
    begin().unwrap().add(saved("a", 1));
    let whole = fs::read(&path).unwrap();
    let long = Entry::failed(&"a".repeat(10_000), "too long");
    begin().unwrap().add(long);
    assert!(begin().unwrap().finish().count(LinkOutcome::Failed) == 1);
    for ours in [&whole[..], &whole[..whole.len() - 3], b"[{\"link\": 1,\n \"outcome\": 2}]", b""] {
        fs::write(&path, ours).unwrap();
        drop(begin().unwrap());
    }
    for other in ["[1]", "[{\"link\":\"http://host/a.png\"}]", "http://host/a.png\n", "\n", "{}"] {
        fs::write(&path, other).unwrap();
        let error = begin().unwrap_err().to_string();
        assert!(error.contains("is not a report, so it is left alone"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
}

#[cfg(unix)]
#[test]
fn a_stream_gets_a_whole_array_too() {
    use std::os::unix::net::UnixStream;
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let file = std::os::fd::OwnedFd::from(ours).into();
    let mut report = Report::new(&links(&["a", "b", "c"]), None).unwrap();
    report.inner.get_mut().unwrap().file = Some(ReportFile::begin("pipe".into(), file).unwrap());
    report.add(saved("c", 3));
    report.add(saved("a", 1));
    let summary = report.finish();
    assert_eq!(summary.entries.len(), 3);
    let mut text = String::new();
    io::Read::read_to_string(&mut theirs, &mut text).unwrap();
    let read: Vec<Entry> = serde_json::from_str(&text).expect("a whole array");
    let order: Vec<_> = read.iter().map(|entry| &*entry.link).collect();
    assert_eq!(order, ["c", "a", "b"], "in the order of completion; b was never finished");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let error = Report::new(&[], Some(dir.path())).unwrap_err().to_string();
    assert!(error.contains(&dir.path().display().to_string()), "{error}");
    assert!(error.contains("--report"), "{error}");
}
