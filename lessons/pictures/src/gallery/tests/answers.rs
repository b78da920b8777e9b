//! Each answer, as a client sees it on the wire.

use super::*;

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
fn a_path_without_an_answer_is_404() {
    assert_eq!(status(&get(&one(cat()), "/y").0), 404);
}

#[test]
fn a_status_repeats_itself_and_may_carry_a_body() {
    let (head, body) = get(&one(Answer::status(410)), "/x");
    assert_eq!((status(&head), body.as_str()), (410, "410 Gone\n"));
    let (head, body) = get(&one(Answer::bytes("a long story").with_status(500)), "/x");
    assert_eq!((status(&head), body.as_str()), (500, "a long story"));
}

#[test]
fn the_first_answer_comes_as_often_as_asked_and_then_the_other() {
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
    while gallery.server.shared.connections() > 0 {
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
fn a_drip_feed_arrives_whole_in_the_end() {
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
