//! The downloader against a server that does everything wrong.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use paint::Format;

use super::*;
use crate::gallery::{Answer, Gallery};

mod passwords;
mod redirects;
mod statuses;

/// Small limits, but patient: a busy machine must not look like a stall.
fn limits() -> Limits {
    Limits { backoff: Duration::from_millis(2), attempts: 3, bytes: 100_000, ..Limits::default() }
}

/// For servers that stall indeed.
fn impatient() -> Limits {
    Limits { stall: Duration::from_secs(1), ..limits() }
}

fn picture() -> Vec<u8> {
    paint::picture(1, 40, 30, Format::Png)
}

fn a_picture() -> Answer {
    Answer::picture(picture(), "image/png")
}

/// What a download into an empty folder came to.
struct Run {
    entry: Entry,
    /// All that is in the folder afterwards, but the manifest and the lock.
    files: Vec<String>,
}

fn files_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| ![".many-hands.jsonl", ".many-hands.lock"].contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

fn run(link: &str, limits: Limits) -> Run {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path().join("images")).unwrap();
    let entry = download_link(&Client::new(limits), &dir, link);
    assert_eq!(files_in(parent.path()), ["images"], "something was written outside the folder");
    let files = files_in(dir.path());
    match entry.outcome {
        Outcome::Saved => {
            assert_eq!(files.len(), 1);
            assert_eq!(fs::read(entry.file.as_ref().unwrap()).unwrap(), picture());
        }
        _ => assert_eq!(files, [""; 0], "a failed link leaves no file"),
    }
    Run { entry, files }
}

/// Asks for `/x.png` of a gallery that answers so. Also gives how often it was asked.
fn against(answer: Answer, limits: Limits) -> (Run, usize) {
    let gallery = Gallery::builder().answer("/x.png", answer).start().unwrap();
    let run = run(&gallery.link("/x.png"), limits);
    (run, gallery.asked("/x.png"))
}

/// Checks a failure: what its reason says, how often it was tried, and that the report does not
/// claim more or fewer attempts than the server saw.
#[track_caller]
fn fails(answer: Answer, reason: &str, attempts: usize) {
    fails_within(limits(), answer, reason, attempts);
}

#[track_caller]
fn fails_within(limits: Limits, answer: Answer, reason: &str, attempts: usize) {
    let (run, asked) = against(answer, limits);
    assert_eq!(run.entry.outcome, Outcome::Failed);
    let said = run.entry.reason.unwrap();
    assert!(said.contains(reason), "{said}");
    assert_eq!(run.entry.attempts as usize, attempts, "{said}");
    assert_eq!(asked, attempts, "the server counted otherwise: {said}");
}

#[test]
fn a_picture_is_saved_byte_by_byte() {
    let (run, asked) = against(a_picture(), limits());
    assert_eq!(run.entry.outcome, Outcome::Saved, "{:?}", run.entry.reason);
    assert_eq!((run.entry.attempts, asked), (1, 1));
    assert_eq!(run.entry.bytes, picture().len() as u64);
    assert_eq!(run.files, ["x.png"]);
}

#[test]
fn an_unknown_host_is_not_asked_twice() {
    let run = run("http://no-such-host.invalid/x.png", limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("no host is called no-such-host.invalid"), "{reason}");
    assert_eq!(run.entry.attempts, 1);
}

#[test]
fn a_refused_port_is_tried_again_and_then_told() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let run = run(&format!("http://{port}/x.png"), limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains(&format!("{port} refused the connection")), "{reason}");
    assert!(reason.ends_with("(tried 3 times)"), "{reason}");
    assert_eq!(run.entry.attempts, 3);
}

#[test]
fn a_connection_that_is_reset_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        drop(listener.accept().unwrap());
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let body = picture();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    let run = run(&link, limits());
    server.join().unwrap();
    assert_eq!(run.entry.outcome, Outcome::Saved, "{:?}", run.entry.reason);
    assert_eq!(run.entry.attempts, 2);
}

#[test]
fn a_chunked_body_cut_short_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let whole = picture();
        for body in [&whole[..30], &whole] {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let size = format!("{:x}\r\n", whole.len());
            stream.write_all(&[head.as_bytes(), size.as_bytes(), body].concat()).unwrap();
            if body.len() == whole.len() {
                stream.write_all(b"\r\n0\r\n\r\n").unwrap();
            }
        }
    });
    let run = run(&link, limits());
    server.join().unwrap();
    assert_eq!(run.entry.outcome, Outcome::Saved, "{:?}", run.entry.reason);
    assert_eq!(run.entry.attempts, 2);
}

#[test]
fn what_is_no_http_is_told() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"220 mail.example ready\r\n\r\n").unwrap();
    });
    let reason = run(&link, limits()).entry.reason.unwrap();
    server.join().unwrap();
    assert!(reason.contains("makes no sense"), "{reason}");
}

#[test]
fn retry_after_is_waited_for_in_seconds_and_as_a_date() {
    for busy in [
        Answer::retry_after(Duration::from_secs(1)),
        Answer::retry_after_date(Duration::from_secs(1)),
    ] {
        let answer = Answer::after(1, busy, a_picture());
        let gallery = Gallery::builder().answer("/x.png", answer).start().unwrap();
        let run = run(&gallery.link("/x.png"), limits());
        assert_eq!(run.entry.outcome, Outcome::Saved, "{:?}", run.entry.reason);
        let requests = gallery.requests();
        assert_eq!(requests.len(), 2);
        // The only bound on time: not sooner than was asked. (A date has whole seconds.)
        assert!(requests[1].at - requests[0].at >= Duration::from_millis(900));
    }
}

#[test]
fn a_retry_after_beyond_our_patience_is_told_and_not_waited_for() {
    let busy = Answer::retry_after(Duration::from_secs(3600));
    fails(busy, "429 Too Many Requests and asked to wait 3600 s, more than the 60 s", 1);
}

#[test]
fn a_stall_ends_and_is_tried_again() {
    let once = Answer::after(1, Answer::stall(), a_picture());
    let (run, asked) = against(once, impatient());
    assert_eq!(run.entry.outcome, Outcome::Saved, "{:?}", run.entry.reason);
    assert_eq!((run.entry.attempts, asked), (2, 2));
    let stall = a_picture().stalling_after(20);
    fails_within(impatient(), stall, "the server stalled: 20 bytes in 1 s", 3);
}

#[test]
fn a_server_that_never_answers_stalls_too() {
    let never = a_picture().delayed(Duration::from_secs(600));
    fails_within(impatient(), never, "the server stalled: 0 bytes", 3);
}

#[test]
fn a_drip_feed_ends_although_each_read_gives_a_byte() {
    let drip = a_picture().dripping(Duration::from_millis(50));
    fails_within(impatient(), drip.clone(), "the server stalled", 3);
    fails_within(impatient(), drip.without_length(), "the server stalled", 3);
}

#[test]
fn the_total_limit_ends_what_never_stalls() {
    let limits = Limits { total: Duration::from_millis(700), stall_bytes: 0, ..limits() };
    let (run, asked) = against(a_picture().dripping(Duration::from_millis(50)), limits);
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("not done within 0.7 s: give a longer --timeout"), "{reason}");
    assert_eq!((run.entry.attempts, asked), (3, 3));
}

#[test]
fn a_body_cut_short_is_tried_again_with_and_without_a_length() {
    let whole = picture().len();
    fails(
        a_picture().truncated(30),
        &format!("the body was cut short, after 30 bytes of {whole}"),
        3,
    );
    fails(a_picture().truncated(30).without_length(), "the body was cut short, after 30 bytes", 3);
    fails(a_picture().truncated(0).without_length(), "the body was cut short, after 0 bytes", 3);
    let (run, _) = against(Answer::after(1, a_picture().truncated(30), a_picture()), limits());
    assert_eq!((run.entry.outcome, run.entry.attempts), (Outcome::Saved, 2));
}

#[test]
fn a_file_that_is_cut_short_at_the_server_is_asked_for_once() {
    let half = &picture()[..30];
    fails(Answer::picture(half, "image/png"), "the PNG file is cut off after 30 bytes", 1);
    fails(Answer::picture("", "image/png"), "the file is empty", 1);
}

#[test]
fn a_body_over_the_limit_is_left_declared_or_not() {
    fails(Answer::oversized(100_001), "larger than the limit of 0 MB (100001 bytes)", 1);
    fails(Answer::endless(), "larger than the limit", 1);
}

#[test]
fn a_web_page_called_a_picture_is_no_picture() {
    fails(Answer::picture("<html>Please log in</html>", "image/png"), "looks like a web page", 1);
    fails(Answer::picture("just text", "image/png"), "not a JPEG, PNG", 1);
}

#[test]
fn a_picture_called_a_web_page_is_a_picture() {
    let (run, _) = against(Answer::picture(picture(), "text/html"), limits());
    assert_eq!(run.entry.outcome, Outcome::Saved);
}

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
        assert_eq!(run.entry.outcome, Outcome::Saved, "{path}: {:?}", run.entry.reason);
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
        assert_eq!((run.entry.outcome, run.entry.attempts), (Outcome::Failed, 0), "{link}");
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
        assert_eq!(download_link(&client, &dir, link).outcome, Outcome::Skipped);
    }
    assert_eq!(gallery.requests().len(), 24);
    // Unless it is told to.
    let dir = dir.again(true);
    assert_eq!(download_link(&client, &dir, &links[0]).outcome, Outcome::Saved);
    assert_eq!(files_in(dir.path()).len(), 24, "in place of the old file");
}

#[test]
fn what_was_made_of_two_pictures_of_one_stem_gets_a_file_each() {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    for name in ["a.jpg", "a.png"] {
        let entry = dir.unless_kept(&format!("http://host/{name}"), || {
            let fetched = Fetched { name: name.to_owned(), bytes: picture(), attempts: 2 };
            Ok::<_, Failure>(fetched.made_into(name::processed(name), name.into()))
        });
        assert_eq!((entry.outcome, entry.attempts), (Outcome::Saved, 2));
    }
    let files = files_in(parent.path());
    assert_eq!(files.len(), 2);
    assert!(files.contains(&"processed_a.png".to_owned()), "{files:?}");
}

#[test]
fn a_failure_after_the_download_keeps_the_attempts() {
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    let entry = dir.unless_kept("http://host/a.png", || {
        let fetched = Fetched { name: "a.png".into(), bytes: picture(), attempts: 2 };
        Err::<Fetched, _>(fetched.failed("too dark"))
    });
    assert_eq!(entry.reason.as_deref(), Some("too dark"));
    assert_eq!((entry.attempts, entry.file), (2, None));
}

#[test]
fn connections_are_kept_for_the_next_request() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let body = picture();
        for _ in 0..3 {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            assert!(head.contains("user-agent: many-hands/"), "{head}");
            assert!(head.contains("accept-encoding: identity"), "{head}");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        }
    });
    let client = Client::new(Limits { attempts: 1, ..limits() });
    for n in 0..3 {
        client.fetch(&format!("{url}/{n}.png")).unwrap();
    }
    server.join().unwrap();
}

#[test]
fn the_gallery_is_asked_as_imgur_is() {
    let gallery = Gallery::builder()
        .picture("/a.png", picture(), "image/png")
        .picture("/b.tif", picture(), "image/tiff")
        .picture("/c.mp4", *b"moving", "video/mp4")
        .start()
        .unwrap();
    let (a, b) = (gallery.link("/a.png"), gallery.link("/b.tif"));
    let links = Links::of_gallery(&Client::new(limits()), gallery).unwrap();
    assert_eq!(links[..], [a, b]);
    let asked = links.gallery().unwrap().requests();
    assert_eq!(asked[0].authorization.as_deref(), Some("Client-ID many-hands"));
}

#[test]
fn a_second_run_skips_what_the_gallery_gave_although_its_port_is_another() {
    let parent = tempfile::tempdir().unwrap();
    let client = Client::new(limits());
    for expected in [Outcome::Saved, Outcome::Skipped] {
        let gallery = Gallery::builder()
            .picture("/a.png", picture(), "image/png")
            .picture("/deep/a.png", picture(), "image/png")
            .start()
            .unwrap();
        let dir = setup_download_dir(parent.path()).unwrap().with_gallery(gallery.url());
        for link in &gallery.links() {
            let entry = download_link(&client, &dir, link);
            assert_eq!((entry.outcome, &entry.link), (expected, link));
        }
        assert_eq!(gallery.requests().is_empty(), expected == Outcome::Skipped);
    }
    assert_eq!(files_in(parent.path()).len(), 2);
}

#[test]
fn a_client_id_that_is_missing_or_refused_is_one_clear_line() {
    let client = Client::new(limits());
    let mut said = vec![links::of_imgur(&client, links::IMGUR, "").unwrap_err().to_string()];
    for status in [401, 403, 429] {
        let gallery = Gallery::builder()
            .answer(crate::gallery::RANDOM, Answer::status(status))
            .start()
            .unwrap();
        let error = links::of_imgur(&client, &gallery.url(), "me").unwrap_err();
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        said.push(error.to_string());
    }
    said.push(links::of_imgur(&client, links::IMGUR, "me\nX: y").unwrap_err().to_string());
    for line in said {
        assert!(line.contains("IMGUR_CLIENT_ID") && line.contains("offline gallery"), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn a_list_that_makes_no_sense_is_told() {
    let client = Client::new(limits());
    for list in ["", "<html>", "{}", r#"{"data":{"error":"no"}}"#, r#"{"data":[]}"#] {
        let gallery =
            Gallery::builder().answer(crate::gallery::RANDOM, Answer::bytes(list)).start().unwrap();
        let error = links::of_imgur(&client, &gallery.url(), "me").unwrap_err();
        assert!(matches!(error, LinksError::Answer { .. }), "{list}: {error}");
    }
}

#[test]
fn a_links_file_is_forgiving_and_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("links.txt");
    fs::write(&file, "\u{feff}# mine\r\n\r\n  http://h/a.png \r\nno link\nhttp://h/a.png").unwrap();
    assert_eq!(links::of_file(&file).unwrap()[..], ["http://h/a.png", "no link"]);

    for content in [&b""[..], b"\n \n# nothing\n", b"http://h/\xff.png"] {
        fs::write(&file, content).unwrap();
        let error = links::of_file(&file).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
        assert!(error.contains("one http(s) link a line"), "{error}");
    }
    for path in [dir.path().join("missing.txt"), dir.path().to_owned()] {
        let error = links::of_file(&path).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(error.contains("one http(s) link a line"), "{error}");
    }
}

#[test]
fn the_public_list_has_only_distinct_https_links() {
    let links = links::nasa();
    assert_eq!(links.len(), 15);
    assert!(links.iter().all(|link| link.starts_with("https://")));
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
        let _ = std::process::Command::new("umount").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root, to mount a small file system"]
fn a_full_disk_is_a_failed_link_and_leaves_no_partial_file() {
    let disk = SmallDisk::mount().expect("run as root");
    let mut large = picture();
    large.resize(90_000, 0); // junk behind the end mark is no matter
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
    assert_eq!(entry.outcome, Outcome::Saved, "{:?}", entry.reason);
    let mut filler = fs::File::create(disk.0.path().join("filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let failed = dir.save("other.png", &picture(), "link").unwrap_err();
    assert!(matches!(failed, SaveError::Full { .. }), "{failed}");
    assert_eq!(files_in(disk.0.path()), ["filler", "small.png"]);
}
