//! Counting requests, and the end of a gallery.

use super::*;

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
