//! Each answer and each refusal, as a client sees them on the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{Answer, Builder, Gallery, RANDOM};

const CAT: &[u8] = b"not much of a cat";

fn cat() -> Answer {
    Answer::picture(CAT, "image/png")
}

fn one(answer: Answer) -> Gallery {
    Gallery::builder().answer("/x", answer).start().unwrap()
}

fn connect(gallery: &Gallery) -> TcpStream {
    let stream = TcpStream::connect(gallery.address).unwrap();
    // Only so that a fault shows as a failure and not as a hang.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// What the gallery says to these bytes, up to the end of the connection.
fn say(gallery: &Gallery, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(gallery);
    // The gallery may refuse, and close, before it has heard all.
    let _ = stream.write_all(bytes.as_ref());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn ask(stream: &mut TcpStream, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
}

/// Asks once, on a connection of its own, and returns head and body.
fn get(gallery: &Gallery, path: &str) -> (String, String) {
    let answer =
        say(gallery, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

fn status(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {answer:?}"))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Reads one head, byte by byte so that nothing of the body is lost.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

// --- Answers ---

#[test]
fn a_picture_comes_with_its_type_and_length() {
    let (head, body) = get(&one(cat()), "/x");
    assert_eq!(status(&head), 200);
    assert_eq!(header(&head, "Content-Type"), Some("image/png"));
    assert_eq!(header(&head, "Content-Length"), Some("17"));
    assert!(httpdate::parse_http_date(header(&head, "Date").unwrap()).is_ok());
    assert_eq!(body.as_bytes(), CAT);
}

#[test]
fn head_sends_the_same_head_and_no_body() {
    let gallery = one(cat());
    let answer = say(&gallery, "HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(header(&answer, "Content-Length"), Some("17"));
    assert!(answer.ends_with("\r\n\r\n"), "{answer:?}");
}

#[test]
fn one_connection_carries_many_requests_and_pipelined_ones() {
    let gallery = one(cat());
    let mut stream = connect(&gallery);
    ask(&mut stream, "/x");
    ask(&mut stream, "/x?again");
    for _ in 0..2 {
        assert_eq!(status(&read_head(&mut stream)), 200);
        let mut body = [0; CAT.len()];
        stream.read_exact(&mut body).unwrap();
        assert_eq!(body, CAT);
    }
    ask(&mut stream, "/x");
    assert_eq!(status(&read_head(&mut stream)), 200);
    assert_eq!(gallery.asked("/x"), 3);
    assert_eq!(gallery.peak(), 1);
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let gallery = one(cat());
    let mut stream = connect(&gallery);
    stream.set_nodelay(true).unwrap();
    for byte in b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert_eq!(status(&read_head(&mut stream)), 200);
}

#[test]
fn without_length_the_body_ends_with_the_connection() {
    let gallery = one(cat().without_length());
    let answer = say(&gallery, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"); // did not ask to close
    assert_eq!(header(&answer, "Content-Length"), None);
    assert_eq!(header(&answer, "Connection"), Some("close"));
    assert!(answer.as_bytes().ends_with(CAT));
}

#[test]
fn what_was_not_hung_is_404() {
    assert_eq!(status(&get(&one(cat()), "/y").0), 404);
}

#[test]
fn a_status_says_itself_and_may_carry_a_body() {
    let (head, body) = get(&one(Answer::status(410)), "/x");
    assert_eq!((status(&head), body.as_str()), (410, "410 Gone\n"));
    let (head, body) = get(&one(Answer::bytes("a long story").with_status(500)), "/x");
    assert_eq!((status(&head), body.as_str()), (500, "a long story"));
}

#[test]
fn failures_come_first_and_only_as_often_as_said() {
    let gallery = one(Answer::after(2, Answer::status(500), cat()));
    let statuses: Vec<_> = (0..4).map(|_| status(&get(&gallery, "/x").0)).collect();
    assert_eq!(statuses, [500, 500, 200, 200]);
}

#[test]
fn retry_after_comes_in_seconds_rounded_up_or_as_a_date() {
    let (head, _) = get(&one(Answer::retry_after(Duration::from_millis(1500))), "/x");
    assert_eq!((status(&head), header(&head, "Retry-After")), (429, Some("2")));

    let before = SystemTime::now();
    let (head, _) = get(&one(Answer::retry_after_date(Duration::from_secs(3600))), "/x");
    let date = httpdate::parse_http_date(header(&head, "Retry-After").unwrap()).unwrap();
    assert_eq!(status(&head), 429);
    assert!(date >= before + Duration::from_secs(3600));
}

#[test]
fn a_redirect_says_where_to() {
    let (head, _) = get(&one(Answer::redirect("/y")), "/x");
    assert_eq!((status(&head), header(&head, "Location")), (302, Some("/y")));
}

#[test]
fn a_redirect_loop_never_shows_the_same_link_twice() {
    let gallery = one(Answer::redirect_loop());
    let mut path = "/x".to_owned();
    for hop in 1..=30 {
        let (head, _) = get(&gallery, &path);
        path = header(&head, "Location").unwrap().to_owned();
        assert_eq!(path, format!("/x?hop={hop}"));
    }
    let (head, _) = get(&gallery, &format!("/x?hop={}", u64::MAX));
    assert_eq!(status(&head), 302);
}

#[test]
fn a_stall_sends_its_head_and_ends_when_the_client_leaves() {
    let gallery = one(Answer::stall());
    let mut stream = connect(&gallery);
    ask(&mut stream, "/x");
    assert_eq!(header(&read_head(&mut stream), "Content-Length"), Some("65536"));
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let silence = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(silence.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut));
    drop(stream);
    while gallery.server.connections() > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_stall_in_the_middle_has_sent_what_it_promised() {
    let gallery = one(cat().stalling_after(3));
    let mut stream = connect(&gallery);
    ask(&mut stream, "/x");
    assert_eq!(header(&read_head(&mut stream), "Content-Length"), Some("17"));
    let mut sent = [0; 3];
    stream.read_exact(&mut sent).unwrap();
    assert_eq!(&sent, b"not");
    drop(gallery); // the stall ends
    assert_eq!(stream.read(&mut sent).unwrap(), 0);
}

#[test]
fn a_drip_feed_comes_whole_if_one_waits() {
    let (head, body) = get(&one(cat().dripping(Duration::from_millis(1))), "/x");
    assert_eq!(header(&head, "Content-Length"), Some("17"));
    assert_eq!(body.as_bytes(), CAT);
}

#[test]
fn bandwidth_and_latency_change_nothing_but_time() {
    let gallery = Gallery::builder()
        .bandwidth(2_000_000)
        .latency(Duration::from_millis(1))
        .answer("/x", Answer::picture(vec![b'c'; 100_000], "image/png"))
        .start()
        .unwrap();
    assert_eq!(get(&gallery, "/x").1.len(), 100_000);
}

#[test]
fn a_truncated_body_is_shorter_than_its_length_says() {
    let (head, body) = get(&one(cat().truncated(3)), "/x");
    assert_eq!((header(&head, "Content-Length"), body.as_str()), (Some("17"), "not"));
    let (head, body) = get(&one(cat().truncated(3).without_length()), "/x");
    assert_eq!((header(&head, "Content-Length"), body.as_str()), (None, "not"));
}

#[test]
fn an_oversized_body_declares_its_length_and_an_endless_one_does_not() {
    let gallery = Gallery::builder()
        .answer("/huge", Answer::oversized(1 << 50))
        .answer("/endless", Answer::endless())
        .start()
        .unwrap();
    for (path, length) in [("/huge", Some("1125899906842624")), ("/endless", None)] {
        let mut stream = connect(&gallery);
        ask(&mut stream, path);
        assert_eq!(header(&read_head(&mut stream), "Content-Length"), length);
        let read = io::copy(&mut stream.take(10_000_000), &mut io::sink()).unwrap();
        assert_eq!(read, 10_000_000);
    }
}

#[test]
fn spoiled_answers_may_be_made_of_computed_ones() {
    let flaky = Answer::after(1, Answer::status(500), cat()).truncated(3).with_header("X-Why", "y");
    let gallery = one(flaky);
    assert_eq!(get(&gallery, "/x").1, "500");
    let (head, body) = get(&gallery, "/x");
    assert_eq!((header(&head, "X-Why"), body.as_str()), (Some("y"), "not"));
}

// --- The API ---

fn page(gallery: &Gallery, authorization: &str) -> (u16, serde_json::Value) {
    let answer = say(
        gallery,
        format!("GET {RANDOM} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\r\n"),
    );
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status(&answer), serde_json::from_str(body).unwrap())
}

#[test]
fn the_api_lists_the_pictures_and_an_album_without_a_type() {
    let gallery = Gallery::builder()
        .picture("/a.png", CAT, "image/png")
        .picture("/b.jpg", CAT, "image/jpeg")
        .answer("/not-listed.png", cat())
        .start()
        .unwrap();
    let (status, page) = page(&gallery, "Authorization: Client-ID 123\r\n");
    assert_eq!((status, &page["status"], &page["success"]), (200, &200.into(), &true.into()));
    let items = page["data"].as_array().unwrap();
    let pictures: Vec<_> = items.iter().filter(|item| item.get("type").is_some()).collect();
    assert_eq!(items.len(), 3);
    assert_eq!(pictures[0]["link"], gallery.link("/a.png"));
    assert_eq!(pictures[0]["type"], "image/png");
    assert_eq!(pictures[1]["type"], "image/jpeg");
    assert_eq!(gallery.links(), [gallery.link("/a.png"), gallery.link("/b.jpg")]);
    let asked = gallery.requests();
    assert_eq!(asked[0].authorization.as_deref(), Some("Client-ID 123"));
}

#[test]
fn the_api_wants_a_client_id() {
    let gallery = Gallery::builder().start().unwrap();
    for authorization in ["", "Authorization: Bearer 1\r\n", "Authorization: Client-ID \r\n"] {
        let (status, page) = page(&gallery, authorization);
        assert_eq!((status, &page["status"], &page["success"]), (401, &401.into(), &false.into()));
        assert_eq!(page["data"]["error"], "Authentication required");
    }
}

#[test]
fn an_answer_given_by_the_caller_takes_the_place_of_the_api() {
    let gallery = Gallery::builder().answer(RANDOM, Answer::status(403)).start().unwrap();
    assert_eq!(status(&get(&gallery, RANDOM).0), 403);
}

// --- Refusals ---

#[test]
fn a_request_that_makes_no_sense_is_refused_with_a_status_that_says_why() {
    let gallery = one(cat());
    let long_line = format!("GET /{} HTTP/1.1\r\n", "x".repeat(5000));
    let long_header = format!("GET /x HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n", "x".repeat(9000));
    let many = format!("GET /x HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(100));
    for (request, expected) in [
        ("hello\r\n\r\n", 400),
        ("\0\u{1}\u{2}\r\n\r\n", 400),
        ("GET /x\r\n\r\n", 400),
        ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /x HTTP/1.1\r\n\r\n", 400), // no Host
        ("GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", 400),
        ("GET /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", 405),
        ("DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (&long_line, 414),
        (&long_header, 431),
        (&many, 431),
        (&"\r\n".repeat(5000), 431),
        ("GET /x HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ] {
        let answer = say(&gallery, request);
        assert_eq!(status(&answer), expected, "{:.40}", request);
        assert_eq!(header(&answer, "Connection"), Some("close"));
    }
    assert_eq!(gallery.requests().len(), 0);
    assert_eq!(status(&get(&gallery, "/x").0), 200); // and it still serves
}

#[test]
fn a_request_that_ends_too_early_is_refused() {
    let gallery = one(cat());
    let mut stream = connect(&gallery);
    stream.write_all(b"GET /x HT").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(status(&read_head(&mut stream)), 400);
}

#[test]
fn a_client_that_dawdles_over_its_request_is_refused_and_a_silent_one_is_left() {
    let gallery = Gallery::builder().patience(Duration::from_millis(50)).start().unwrap();
    assert_eq!(status(&say(&gallery, "GET /x HTTP/1.1\r\n")), 408);
    assert_eq!(say(&gallery, ""), "");
}

#[test]
fn one_connection_too_many_is_told_so() {
    let gallery = Gallery::builder().connections(2).answer("/x", cat()).start().unwrap();
    let mut within = [connect(&gallery), connect(&gallery)];
    for stream in &mut within {
        ask(stream, "/x");
        assert_eq!(status(&read_head(stream)), 200);
    }
    assert_eq!(status(&get(&gallery, "/x").0), 503);
}

#[test]
fn http_1_0_closes_unless_it_asks_not_to() {
    let gallery = one(cat());
    let answer = say(&gallery, "GET /x HTTP/1.0\r\n\r\n");
    assert_eq!(header(&answer, "Connection"), Some("close"));
}

#[test]
fn a_whole_link_may_be_asked_for() {
    let gallery = one(cat());
    let answer =
        say(&gallery, "GET http://127.0.0.1/x?y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&answer), 200);
    assert_eq!(gallery.requests()[0].query.as_deref(), Some("y"));
}

// --- Counting, and the end ---

#[test]
fn the_peak_is_how_many_were_open_at_once() {
    let meet = Arc::new(Barrier::new(3));
    let gallery = one(Answer::with(move |_| {
        meet.wait();
        cat()
    }));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(status(&get(&gallery, "/x").0), 200));
        }
    });
    assert_eq!(gallery.peak(), 3);
}

#[test]
fn one_request_after_the_other_never_counts_as_two() {
    let gallery = one(cat());
    for _ in 0..200 {
        get(&gallery, "/x"); // each on a connection of its own
    }
    assert_eq!(gallery.peak(), 1);
}

/// Drops the gallery and checks that every thread is gone: each held the server, and none does now.
fn ends(gallery: Gallery) {
    let server = Arc::downgrade(&gallery.server);
    drop(gallery);
    assert!(server.upgrade().is_none());
}

#[test]
fn a_dropped_gallery_leaves_no_thread_behind() {
    let hour = Duration::from_secs(3600);
    let answers = || -> Builder {
        Gallery::builder()
            .answer("/stall", Answer::stall())
            .answer("/delayed", cat().delayed(hour))
            .answer("/drip", cat().dripping(hour))
            .answer("/endless", Answer::endless())
    };
    ends(answers().start().unwrap());

    let gallery = answers().start().unwrap();
    let idle = connect(&gallery);
    let clients = ["/stall", "/delayed", "/drip", "/endless"].map(|path| {
        let mut stream = connect(&gallery);
        ask(&mut stream, path);
        stream
    });
    while gallery.requests().len() < clients.len() {
        thread::yield_now();
    }
    ends(gallery); // with five clients connected, none of which reads
    drop((idle, clients));

    ends(answers().latency(hour).start().unwrap());
}

#[test]
fn an_answer_that_panics_costs_one_connection() {
    let gallery = Gallery::builder()
        .answer("/x", cat())
        .answer("/bad", Answer::with(|_| panic!("the test wants this")))
        .start()
        .unwrap();
    assert_eq!(say(&gallery, "GET /bad HTTP/1.1\r\nHost: x\r\n\r\n"), "");
    assert_eq!(status(&get(&gallery, "/x").0), 200);
    ends(gallery);
}

// --- The page, and pictures from a folder ---

#[test]
fn the_first_page_shows_the_pictures() {
    let gallery = Gallery::builder().picture("/a&b.png", CAT, "image/png").start().unwrap();
    let (head, page) = get(&gallery, "/");
    assert_eq!(header(&head, "Content-Type"), Some("text/html; charset=utf-8"));
    assert!(page.contains("<img src=\"/a&amp;b.png\""), "{page}");
}

#[test]
fn a_file_is_read_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cat.png");
    let gallery = one(Answer::file(&file, "image/png"));
    assert_eq!(status(&get(&gallery, "/x").0), 404);
    std::fs::write(&file, CAT).unwrap();
    let (head, body) = get(&gallery, "/x");
    assert_eq!(header(&head, "Content-Type"), Some("image/png"));
    assert_eq!(body.as_bytes(), CAT);
}
