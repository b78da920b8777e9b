//! Servers that redirect.

use super::*;

/// A gallery whose `/x.png` is this, with a picture under some other paths.
fn gallery(answer: Answer) -> Gallery {
    let mut gallery = Gallery::builder().answer("/a/x.png", answer);
    for path in ["/y.png", "/a/y.png", "/a%20b.png", "/%C3%BC.png", "/%FC.png", "/a/%C3%BC%20.png"]
    {
        gallery = gallery.answer(path, a_picture());
    }
    gallery.start().unwrap()
}

#[track_caller]
fn leads_to(location: &[u8], path: &str) {
    let gallery = gallery(Answer::redirect(location));
    let run = run(&gallery.link("/a/x.png"), limits());
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{path}: {:?}", run.entry.reason);
    assert_eq!(run.files, ["x.png"], "the name is that of the link");
    assert_eq!((run.entry.attempts, gallery.asked(path)), (1, 1));
}

#[test]
fn a_redirect_is_followed_as_browsers_do_it() {
    leads_to(b"/y.png", "/y.png");
    leads_to(b"y.png", "/a/y.png");
    leads_to(b"../y.png", "/y.png");
    leads_to(b"/z/.././y.png", "/y.png");
    leads_to(b"/y.png?w=1#fragment", "/y.png");
    leads_to(b" /y.png ", "/y.png");
    leads_to(b"/a b.png", "/a%20b.png");
    leads_to("/ü.png".as_bytes(), "/%C3%BC.png");
    leads_to(b"/\xfc.png", "/%FC.png");
    leads_to("ü .png".as_bytes(), "/a/%C3%BC%20.png");
}

#[test]
fn a_redirect_may_change_the_query_alone_or_leave_out_the_scheme() {
    let answer = Answer::with(|request| match request.query.as_deref() {
        Some("ü=%C3%BC" | "%C3%BC=1") => a_picture(),
        _ => Answer::redirect("?ü=1"),
    });
    let (run, asked) = against(answer, limits());
    assert_eq!((run.entry.outcome, asked), (LinkOutcome::Saved, 2), "{:?}", run.entry.reason);

    let far = gallery(Answer::status(404));
    let near = gallery(Answer::redirect(far.link("/y.png").trim_start_matches("http:")));
    assert_eq!(super::run(&near.link("/a/x.png"), limits()).entry.outcome, LinkOutcome::Saved);
    assert_eq!(far.asked("/y.png"), 1);
}

#[test]
fn each_status_that_redirects_does() {
    for status in [300, 301, 302, 303, 307, 308] {
        let gallery = gallery(Answer::redirect("/y.png").with_status(status));
        let run = run(&gallery.link("/a/x.png"), limits());
        assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{status}: {:?}", run.entry.reason);
    }
    let not_modified = Answer::redirect("/y.png").with_status(304);
    fails(not_modified, "the server answered 304 Not Modified", 1);
}

#[test]
fn a_redirect_to_what_is_not_http_is_refused_by_name() {
    for (location, scheme) in [
        ("file:///etc/passwd", "file:"),
        ("ftp://127.0.0.1/x.png", "ftp:"),
        ("data:image/png;base64,iVBORw0KGgo=", "data:"),
        ("javascript:alert(1)", "javascript:"),
        ("about:blank", "about:"),
    ] {
        let reason =
            format!("a redirect that cannot be followed (it leads to {location}: {scheme} is");
        fails(Answer::redirect(location), &reason, 1);
    }
    fails(
        Answer::redirect("http://host:port/"),
        "cannot be followed (it leads to http://host:port/",
        1,
    );
    fails(Answer::status(302), "(the server answered 302 Found without a Location)", 1);
    fails(Answer::redirect(" "), "(the server answered 302 Found without a Location)", 1);
}

#[test]
fn a_loop_is_called_a_loop_and_a_long_way_a_long_way() {
    let (run, asked) = against(Answer::redirect_loop(), limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("more than 10 redirects in a row"), "{reason}");
    assert_eq!((run.entry.attempts, asked), (1, 11));

    fails_after(11, Answer::redirect("/x.png"), "a redirect loop: ");
    fails_after(11, Answer::redirect("?"), "a redirect loop: ");
    let two = Gallery::builder()
        .answer("/x.png", Answer::redirect("/y.png"))
        .answer("/y.png", Answer::redirect("/x.png"))
        .start()
        .unwrap();
    let reason = super::run(&two.link("/x.png"), limits()).entry.reason.unwrap();
    let begins = format!("a redirect loop: {}", two.link(""));
    assert!(reason.starts_with(&begins) && reason.contains("leads back to itself"), "{reason}");
}

#[track_caller]
fn fails_after(times: usize, answer: Answer, words: &str) {
    let (run, asked) = against(answer, limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains(words) && !reason.contains("more than"), "{reason}");
    assert_eq!((run.entry.attempts, asked), (1, times));
}

#[test]
fn the_total_limit_is_for_the_whole_chain() {
    let limits = ClientLimits {
        total: Duration::from_millis(500),
        redirects: u32::MAX,
        attempts: 1,
        ..limits()
    };
    let (run, asked) = against(Answer::redirect_loop().delayed(Duration::from_millis(50)), limits);
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("not finished within 0.5 s"), "{reason}");
    assert!(asked < 12, "{asked}");
}

/// Redirects until the client returns its cookie.
fn with_cookie() -> Answer {
    Answer::with(|request| match request.cookie.as_deref() {
        Some("seen=1") => a_picture(),
        _ => Answer::redirect("/x.png").with_header("Set-Cookie", "seen=1; Path=/; HttpOnly"),
    })
}

#[test]
fn a_redirect_that_needs_its_cookie_works() {
    let (run, asked) = against(with_cookie(), limits());
    assert_eq!((run.entry.outcome, asked), (LinkOutcome::Saved, 2), "{:?}", run.entry.reason);
}

#[test]
fn a_cookie_lives_for_one_chain_and_stays_with_its_host() {
    let far = gallery(Answer::status(404));
    let to_far = far.link("/y.png").replace("127.0.0.1", "localhost");
    let gallery = Gallery::builder()
        .answer("/x.png", with_cookie())
        .answer("/y.png", Answer::after(1, Answer::status(500), a_picture()))
        .answer("/far.png", Answer::redirect(to_far).with_header("Set-Cookie", "far=1"))
        .start()
        .unwrap();
    let client = Client::new(limits());
    for path in ["/x.png", "/y.png", "/x.png", "/far.png"] {
        client.fetch(&gallery.link(path)).unwrap();
    }
    let cookies: Vec<_> = gallery.requests().into_iter().map(|request| request.cookie).collect();
    let seen = Some("seen=1".to_owned());
    assert_eq!(cookies, [None, seen.clone(), None, None, None, seen, None]);
    assert_eq!(far.requests()[0].cookie, None);
}

#[test]
fn a_password_goes_to_the_server_of_its_link_alone() {
    let far = gallery(Answer::redirect("/y.png"));
    let near = Gallery::builder()
        .answer("/x.png", Answer::redirect("/home.png"))
        .answer("/home.png", Answer::redirect(far.link("/a/x.png")))
        .answer("/own.png", Answer::redirect(far.link("/a/x.png").replace("//", "//far:away@")))
        .start()
        .unwrap();
    let client = Client::new(limits());
    let link = |path| near.link(path).replace("//", "//me:p%40ss@");
    client.fetch(&link("/x.png")).unwrap();
    client.fetch(&link("/own.png")).unwrap();
    let sent = |gallery: &Gallery| -> Vec<_> {
        gallery.requests().into_iter().map(|request| request.authorization).collect()
    };
    let (mine, fars) =
        (Some("Basic bWU6cEBzcw==".to_owned()), Some("Basic ZmFyOmF3YXk=".to_owned()));
    assert_eq!(sent(&near), [mine.clone(), mine.clone(), mine]);
    assert_eq!(sent(&far), [None, None, fars, None]);
}

#[test]
fn imgurs_client_id_goes_to_imgur_alone() {
    let far = Gallery::builder().picture("/a.png", picture(), "image/png").start().unwrap();
    let elsewhere = Answer::redirect(far.link(crate::gallery::RANDOM));
    let near = Gallery::builder().answer(crate::gallery::RANDOM, elsewhere).start().unwrap();
    links::from_api(&Client::new(limits()), &near.url(), "me").unwrap_err();
    assert_eq!(near.requests()[0].authorization.as_deref(), Some("Client-ID me"));
    assert_eq!(far.requests()[0].authorization, None);
}

#[test]
fn links_in_imgurs_answer_are_repaired_as_those_in_a_list() {
    let page = r#"{"data": [
        {"link": " http://host/a b.png\u00a0", "type": "image/png"},
        {"link": "http://host/a b.png", "type": "image/png"},
        {"link": " ", "type": "image/png"},
        {"link": "file:///etc/passwd", "type": "image/png"}]}"#;
    let gallery =
        Gallery::builder().answer(crate::gallery::RANDOM, Answer::bytes(page)).start().unwrap();
    let client = Client::new(limits());
    let links = links::from_api(&client, &gallery.url(), "me").unwrap();
    assert_eq!(links.as_slice(), ["http://host/a b.png", "file:///etc/passwd"]);
    let error = client.fetch(&links.as_slice()[1]).unwrap_err().to_string();
    assert!(error.contains("it begins with file:"), "{error}");
}

#[test]
fn a_connection_is_kept_over_a_redirect() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let link = format!("http://{}/x.png", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut stream = accept(&listener);
        let body = picture();
        let moved = "HTTP/1.1 301 Moved\r\nLocation: /y.png\r\nContent-Length: 6\r\n\r\nmoved\n";
        stream.write_all(moved.as_bytes()).unwrap();
        read_request(&mut stream);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    let run = run(&link, ClientLimits { attempts: 1, ..limits() });
    assert_eq!(run.entry.outcome, LinkOutcome::Saved, "{:?}", run.entry.reason);
    server.join().unwrap();
}
