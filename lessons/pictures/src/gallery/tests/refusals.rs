//! Requests that are refused.

use super::*;

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
