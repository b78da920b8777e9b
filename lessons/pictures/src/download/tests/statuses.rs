//! What a server says before it sends anything, or instead.

use super::*;

#[test]
fn a_success_that_brings_the_picture_counts() {
    let size = picture().len();
    let range = format!("bytes 0-{}/{size}", size - 1);
    for answer in [
        a_picture().with_status(203),
        a_picture().with_status(201),
        a_picture().with_status(202),
        a_picture().with_status(206).with_header("Content-Range", range.clone()),
        a_picture().with_status(206).with_header("Content-Range", range).without_length(),
    ] {
        let (run, asked) = against(answer, limits());
        assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
        assert_eq!((run.entry.attempts, asked), (1, 1));
    }
}

#[test]
fn a_part_of_a_picture_is_refused_and_called_a_part() {
    let part = |range: &str| {
        Answer::picture(&picture()[..30], "image/png")
            .with_status(206)
            .with_header("Content-Range", range)
    };
    for range in ["bytes 0-29/1000", "bytes 10-39/40", "bytes 0-29/*", "nonsense"] {
        fails(part(range), &format!("the server sent only part of the file ({range})"), 1);
    }
    let silent = a_picture().with_status(206);
    fails(silent, "only part of the file (it does not say which)", 1);
    // It says that it is the whole, and stops before.
    fails(part("bytes 0-99/100"), "the body was cut short after 30 bytes of 100", 3);
}

#[test]
fn what_brings_no_picture_is_told_in_words_that_help() {
    for (status, words) in [
        (202, "202 Accepted: the picture is not ready yet"),
        (204, "204 No Content: there is no picture at this link"),
        (205, "205 Reset Content: there is no picture at this link"),
        (300, "300 Multiple Choices: there are several versions"),
        (304, "304 Not Modified: it says that nothing has changed"),
        (
            401,
            "401 Unauthorized: it wants a name and a password, or different ones; write name:password and an @",
        ),
        (403, "403 Forbidden: it does not show this to everyone"),
        (407, "407 Proxy Authentication Required: the proxy wants a name and a password"),
        (410, "410 Gone: there is nothing at this link"),
        (418, "418 I'm a teapot: check the link"),
    ] {
        fails(Answer::status(status), &format!("the server answered {words}"), 1);
    }
    let page = Answer::picture("<html>Please log in</html>", "image/png");
    fails(page.with_status(203), "looks like a web page", 1);
    fails(a_picture().with_status(203).truncated(30).without_length(), "cut short", 3);
    fails(Answer::status(204).without_length(), "the server answered 204 No Content", 1);
    fails(a_picture().with_status(205), "the server answered 205 Reset Content", 1);
}

#[test]
fn news_before_the_answer_is_passed_over() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut stream = accept(&listener);
        let body = picture();
        let news =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n";
        let head = format!("{news}HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    let run = run(&link, limits());
    server.join().unwrap();
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
}

#[test]
fn a_refusal_is_final() {
    for status in [400, 401, 403, 404, 410] {
        fails(Answer::status(status), &format!("the server answered {status}"), 1);
    }
}

#[test]
fn trouble_at_the_server_is_tried_again_up_to_the_limit() {
    for status in [408, 425, 500, 503] {
        fails(Answer::status(status), &format!("the server answered {status}"), 3);
    }
    let (run, asked) = against(Answer::after(1, Answer::status(500), a_picture()), limits());
    assert_eq!(run.entry.outcome, LinkOutcome::Saved);
    assert_eq!((run.entry.attempts, asked), (2, 2));
}
