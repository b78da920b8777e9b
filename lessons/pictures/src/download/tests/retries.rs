//! What is tried again, how often, and how long that takes.

use super::*;

#[test]
fn an_unknown_host_is_not_asked_twice() {
    let run = run("http://no-such-host.invalid/x.png", limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("there is no host called no-such-host.invalid"), "{reason}");
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
        let mut stream = accept(&listener);
        let body = picture();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    let run = run(&link, limits());
    server.join().unwrap();
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
    assert_eq!(run.entry.attempts, 2);
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
        assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
        let requests = gallery.requests();
        assert_eq!(requests.len(), 2);
        // The only bound on time: not sooner than was asked. (A date has whole seconds.)
        assert!(requests[1].at - requests[0].at >= Duration::from_millis(900));
    }
}

#[test]
fn a_retry_after_beyond_our_patience_is_told_and_not_waited_for() {
    let busy = Answer::retry_after(Duration::from_secs(3600));
    fails(
        busy,
        "429 Too Many Requests and asked us to wait 3600 s, more than the limit of 60 s",
        1,
    );
}

#[test]
fn a_stall_ends_and_is_tried_again() {
    let once = Answer::after(1, Answer::stall(), a_picture());
    let (run, asked) = against(once, impatient());
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
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
    let limits = ClientLimits { total: Duration::from_millis(700), stall_bytes: 0, ..limits() };
    let (run, asked) = against(a_picture().dripping(Duration::from_millis(50)), limits);
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("not finished within 0.7 s: give a longer --timeout"), "{reason}");
    assert_eq!((run.entry.attempts, asked), (3, 3));
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
    let client = Client::new(ClientLimits { attempts: 1, ..limits() });
    for n in 0..3 {
        client.fetch(&format!("{url}/{n}.png")).unwrap();
    }
    server.join().unwrap();
}
