//! What a timeline records. There is one recording at a time in a process, so the tests take turns.

use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use hands::pool::ThreadPool;
use hands::timeline::{LIMIT, Mark, Timeline, Trace, span};

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn names(trace: &Trace) -> Vec<&str> {
    trace.rows().iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn nothing_is_recorded_without_a_timeline() {
    let _turn = turn();
    drop(span("before"));
    let timeline = Timeline::start("test");
    drop(span("during"));
    let trace = timeline.stop();
    drop(span("after"));
    let spans: Vec<_> = trace.spans().iter().map(|span| span.name.as_str()).collect();
    assert_eq!(spans, ["during"]);
    assert!(trace.start() <= trace.spans()[0].start && trace.spans()[0].end <= trace.end());
}

#[test]
fn what_runs_at_the_same_time_overlaps() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    let both = Barrier::new(2);
    thread::scope(|s| {
        for name in ["a", "b"] {
            let both = &both;
            s.spawn(move || {
                let _span = span(name);
                both.wait();
                both.wait();
            });
        }
    });
    drop(span("c"));
    let trace = timeline.stop();
    assert_eq!(trace.at_once(), 2);
    let find = |name| trace.spans().iter().find(|span| span.name == name).unwrap();
    assert!(find("a").overlaps(find("b")));
    assert!(!find("a").overlaps(find("c")));
    assert_eq!(names(&trace)[1..], ["thread 1", "thread 2"]);
}

#[test]
fn a_pool_shows_every_worker_in_every_section_and_what_went_in_and_out() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    let pool = ThreadPool::new(11).unwrap();
    timeline.section("busy");
    let both = Barrier::new(11);
    let count = pool.map(move |_| both.wait().is_leader(), 0..11).unwrap().len();
    assert_eq!(count, 11);
    timeline.section("lazy");
    for done in pool.imap(|n| drop(span(format!("own {n}"))), 0..3) {
        done.unwrap();
    }
    let trace = timeline.stop();

    let busy = trace.section("busy").unwrap();
    assert_eq!(names(&busy)[1..], (1..=11).map(|n| format!("worker {n}")).collect::<Vec<_>>());
    assert_eq!((busy.spans().len(), busy.at_once()), (11, 11));
    assert!(busy.spans().iter().all(|span| span.name.starts_with("task ")));

    let lazy = trace.section("lazy").unwrap();
    assert_eq!(lazy.rows().len(), 12);
    let mut spans: Vec<_> = lazy.spans().iter().map(|span| span.name.as_str()).collect();
    spans.sort_unstable();
    assert_eq!(spans, ["own 0", "own 1", "own 2"]);
    let marks: Vec<_> = lazy.moments().iter().map(|moment| moment.mark).collect();
    let place = |mark| marks.iter().position(|&other| other == mark).unwrap();
    for task in 0..3 {
        assert!(place(Mark::Taken(task)) < place(Mark::Yielded(task)), "{marks:?}");
        let before = task.saturating_sub(1);
        assert!(place(Mark::Taken(before)) <= place(Mark::Taken(task)), "{marks:?}");
        assert!(place(Mark::Yielded(before)) <= place(Mark::Yielded(task)), "{marks:?}");
    }
    assert_eq!(marks.len(), 6);
    assert!(trace.section("none").is_none());
}

#[test]
fn the_recording_is_bounded_and_counts_the_rest() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    for _ in 0..LIMIT + 7 {
        drop(span("x"));
    }
    let trace = timeline.stop();
    assert_eq!((trace.spans().len(), trace.dropped()), (LIMIT, 7));
    assert!(trace.text().contains("7 more spans or marks"));
}

#[test]
fn a_section_that_ends_returns_what_was_recorded_in_it() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    drop(span("before"));
    timeline.section("one");
    drop(span("first"));
    let one = timeline.end_section();
    drop(span("between"));
    assert_eq!((one.name(), one.spans().len(), &*one.spans()[0].name), ("one", 1, "first"));
    let none = timeline.end_section();
    assert_eq!((none.spans().len(), none.rows().len()), (0, 0), "no section is open");
    let trace = timeline.stop();
    assert_eq!((trace.spans().len(), trace.section("one").unwrap()), (3, one));
}

#[test]
fn a_trace_is_the_same_after_a_trip_to_disk() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    timeline.section("one");
    drop(span("a \"quoted\" },{ name"));
    timeline.section("two");
    let pool = ThreadPool::new(2).unwrap();
    pool.imap(|n| n, 0..5).for_each(drop);
    let trace = timeline.stop();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/trace.json");
    trace.write(&file).unwrap();
    let back = Trace::read(&file).unwrap();
    assert_eq!(back.text(), trace.text());
    assert_eq!(back.spans().len(), trace.spans().len());
    assert_eq!(back.spans()[0].name, "a \"quoted\" },{ name");
    for (a, b) in back.spans().iter().zip(trace.spans()) {
        assert!(a.start.abs_diff(b.start) < Duration::from_micros(1), "{a:?} {b:?}");
        assert_eq!(a.task, b.task);
    }
    assert_eq!(back.spans()[0].task, None, "no pool's");
    let mut tasks: Vec<usize> =
        back.spans()[1..].iter().map(|span| span.task.unwrap().task).collect();
    tasks.sort_unstable();
    assert_eq!(tasks, [0, 1, 2, 3, 4]);

    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let complete =
        json["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    for event in complete {
        for key in ["ts", "dur", "pid", "tid"] {
            assert!(event[key].is_number(), "{event}");
        }
        assert!(event["name"].is_string(), "{event}");
    }
}

#[test]
fn a_childs_trace_becomes_a_row_of_its_parents() {
    let _turn = turn();
    // Another process would do this between the parent's start and end; the clock is the same.
    let child = Timeline::start("child");
    drop(span("greet"));
    let child = child.stop();

    let parent = Timeline::start("parent");
    parent.section("first");
    let (written, never) = (parent.file_for_child(), parent.file_for_child());
    parent.section("second");
    child.write(&written).unwrap();
    assert_ne!(written, never);
    let trace = parent.stop();
    assert!(!written.exists(), "the child's file is removed");
    let first = trace.section("first").unwrap();
    assert_eq!(names(&first)[1..], ["process 1"]);
    assert_eq!(first.spans()[0].name, "greet");
}

#[test]
fn the_sums_and_the_bound() {
    let at = |ms| Duration::from_millis(ms);
    let mut trace = Trace::new("sums", at(0), at(1000));
    let [main, one, two] = ["main", "worker 1", "worker 2"].map(|name| trace.add_row(name, 1));
    trace.add_overhead(one, at(10));
    // The 200 ms before the workers start are serial. The second span of main overlaps them.
    for (row, from, to) in [(main, 0, 200), (main, 300, 400), (one, 200, 900), (two, 200, 500)] {
        trace.add_span(row, format!("task {from}"), at(from), at(to));
    }
    let summary = trace.summary();
    assert_eq!(summary.rows[1].busy, at(700));
    assert_eq!(summary.rows[1].overhead, at(10));
    assert_eq!(summary.rows[1].idle, at(290));
    assert_eq!((summary.serial, summary.bound()), (at(200), at(900)));
    assert_eq!(trace.at_once(), 3);
    let text = trace.text();
    assert!(
        text.contains("workers: 0.90 s = 0.20 s serial + 0.70 s, the longest span (task 200)"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn a_trace_that_cannot_be_written_or_read_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a trace").unwrap();
    let error = Trace::read(&file).unwrap_err().to_string();
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    let error = Trace::default().write(&file.join("trace.json")).unwrap_err().to_string();
    assert!(error.contains("the timeline cannot be written to"), "{error}");
}
