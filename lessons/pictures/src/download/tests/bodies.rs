//! Bodies that are a picture, or not, or not all of one.

use super::*;

#[test]
fn a_picture_is_saved_byte_by_byte() {
    let (run, asked) = against(a_picture(), limits());
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
    assert_eq!((run.entry.attempts, asked), (1, 1));
    assert_eq!(run.entry.bytes, picture().len() as u64);
    assert_eq!(run.files, ["x.png"]);
}

#[test]
fn a_chunked_body_cut_short_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let whole = picture();
        for body in [&whole[..30], &whole] {
            let mut stream = accept(&listener);
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
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
    assert_eq!(run.entry.attempts, 2);
}

#[test]
fn what_is_no_http_is_told() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.write_all(b"220 mail.example ready\r\n\r\n").unwrap();
    });
    let reason = run(&link, limits()).entry.reason.unwrap();
    server.join().unwrap();
    assert!(reason.contains("makes no sense"), "{reason}");
}

#[test]
fn a_body_cut_short_is_tried_again_with_and_without_a_length() {
    let whole = picture().len();
    fails(
        a_picture().truncated(30),
        &format!("the body was cut short after 30 bytes of {whole}"),
        3,
    );
    fails(a_picture().truncated(30).without_length(), "the body was cut short after 30 bytes", 3);
    fails(a_picture().truncated(0).without_length(), "the body was cut short after 0 bytes", 3);
    let (run, _) = against(Answer::after(1, a_picture().truncated(30), a_picture()), limits());
    assert_eq!((run.entry.outcome, run.entry.attempts), (LinkOutcome::Saved, 2));
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
    assert_eq!(run.entry.outcome, LinkOutcome::Saved);
}
