use std::time::Duration;

use hands::timeline::{LockWait, Mark, Span, Trace};

use super::axis::ticks;
use super::layout::ROWS;
use super::{svg, table};

/// Rows by name, and spans as (row, name, from, to) in milliseconds.
fn trace(rows: &[&str], spans: &[(usize, &str, u64, u64)], end: u64) -> Trace {
    named("a step", rows, spans, end)
}

fn named(name: &str, rows: &[&str], spans: &[(usize, &str, u64, u64)], end: u64) -> Trace {
    let at = |ms| Duration::from_secs(50) + Duration::from_millis(ms);
    let mut trace = Trace::new(name, at(0), at(end));
    for row in rows {
        trace.add_row(*row, 1);
    }
    for &(row, name, from, to) in spans {
        trace.add_span(row, name, at(from), at(to));
    }
    trace
}

/// The titles of the bars.
fn bars(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    let title = |node: roxmltree::Node<'_, '_>| {
        node.children().find(|child| child.has_tag_name("title"))?.text().map(str::to_owned)
    };
    document.descendants().filter(|node| node.tag_name().name() == "g").filter_map(title).collect()
}

fn tags(svg: &str, name: &str) -> usize {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    document.descendants().filter(|node| node.tag_name().name() == name).count()
}

#[test]
fn each_span_is_a_bar_that_says_who_what_when_and_how_long() {
    let trace = trace(
        &["main", "worker 1"],
        &[(0, "list", 0, 200), (1, "sleep 4", 200, 2200), (1, "sleep 1", 2200, 2700)],
        2700,
    );
    assert_eq!(
        bars(&svg(&trace)),
        [
            "list, main: starts at 0 s, takes 0.20 s",
            "sleep 4, worker 1: starts at 0.20 s, takes 2.00 s",
            "sleep 1, worker 1: starts at 2.20 s, takes 0.50 s",
        ]
    );
}

#[test]
fn the_description_counts_what_is_seen() {
    let trace =
        trace(&["main", "worker 1", "worker 2"], &[(1, "a", 0, 1000), (2, "b", 500, 1000)], 1000);
    let svg = super::svg(&trace);
    assert!(svg.contains("<title>Timeline of a step</title>"), "{svg}");
    assert!(
        svg.contains(
            "<desc>3 rows and 2 spans in 1.00 s, at most 2 at once. \
             Has a task: worker 1 100 %; worker 2 50 %. How much of that was computing was not recorded.\
             </desc>"
        ),
        "{svg}"
    );
}

#[test]
fn names_are_escaped_and_cannot_end_the_block_of_html() {
    let name = "<b>&\"'</b>\n\n\u{1}</title><script>";
    let trace = named(name, &[name], &[(0, name, 0, 1000)], 1000);
    for html in [svg(&trace), table(&trace)] {
        assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
        assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
        roxmltree::Document::parse(&html).expect("well-formed XML");
    }
    assert!(bars(&svg(&trace))[0].starts_with("<b>&\"'</b>   </title><script>, <b>"));
}

#[test]
fn nothing_has_an_id() {
    let svg = svg(&trace(&["main"], &[(0, "sleep", 0, 1000)], 1000));
    assert!(!svg.contains(" id="), "{svg}");
}

#[test]
fn an_empty_trace_is_drawn() {
    for trace in
        [trace(&[], &[], 0), trace(&["main"], &[], 0), trace(&["main"], &[(0, "", 0, 0)], 0)]
    {
        roxmltree::Document::parse(&svg(&trace)).expect("well-formed XML");
        roxmltree::Document::parse(&table(&trace)).expect("well-formed XML");
    }
}

#[test]
fn thousands_of_thin_spans_are_drawn_as_few() {
    let mut many = trace(&["main", "worker 1"], &[(0, "wide", 0, 5000)], 10_000);
    for n in 0..10_000 {
        let at = many.start() + Duration::from_millis(n);
        many.add_span(1, "thin", at, at + Duration::from_micros(500));
    }
    let bars = bars(&svg(&many));
    assert_eq!(bars.len(), 2, "{bars:?}");
    assert_eq!(bars[1], "10000 spans, worker 1: from 0 s, within 10.00 s, busy 50 %");
    assert!(table(&many).contains("and 9961 more"));
}

#[test]
fn thin_spans_far_apart_stay_apart() {
    let spans: Vec<(usize, &str, u64, u64)> =
        (0..10).map(|n| (0, "tick", n * 1000, n * 1000 + 1)).collect();
    assert_eq!(bars(&svg(&trace(&["main"], &spans, 10_000))).len(), 10);
}

#[test]
fn marks_are_drawn_and_explained() {
    let mut trace = trace(&["main", "worker 1"], &[(1, "work", 0, 900)], 1000);
    let at = |ms| Duration::from_secs(50) + Duration::from_millis(ms);
    for n in 0..3 {
        trace.add_mark(0, Mark::Taken(n), at(0));
    }
    trace.add_mark(0, Mark::Yielded(0), at(900));
    let svg = super::svg(&trace);
    assert!(svg.contains("<title>input taken: 0 to 2, 3 in all</title>"), "{svg}");
    assert!(svg.contains("<title>result handed out: 0</title>"), "{svg}");
    assert!(svg.contains("▾ input taken"), "{svg}");
}

#[test]
fn rows_beyond_what_a_page_can_hold_are_counted() {
    let names: Vec<String> = (0..1000).map(|n| format!("thread {n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let svg = svg(&trace(&names, &[(0, "work", 0, 10)], 10));
    assert!(svg.contains("and 872 more rows"), "{svg}");
    assert_eq!(tags(&svg, "rect"), ROWS + 1);
}

#[test]
fn ticks_are_round() {
    let labels = |ms| {
        let ticks = ticks(Duration::from_millis(ms), 490.0);
        ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(labels(2000), "0 0.5 s 1.0 s 1.5 s");
    assert_eq!(labels(6010), "0 1 s 2 s 3 s 4 s 5 s 6 s");
    assert_eq!(labels(45), "0 10 ms 20 ms 30 ms 40 ms");
}

/// Two workers whose spans computed for this many milliseconds of a second each.
fn computing(computed: &[u64]) -> Trace {
    let at = |ms| Duration::from_secs(50) + Duration::from_millis(ms);
    let mut trace = Trace::new("a step", at(0), at(1000 * computed.len() as u64));
    trace.add_row("main", 1);
    let worker = trace.add_row("worker 1", 1);
    for (n, &ms) in computed.iter().enumerate() {
        let start = 1000 * n as u64;
        let span = Span::new(worker, format!("task {n}"), at(start), at(start + 1000));
        trace.add(span.with_computed(Duration::from_millis(ms)));
    }
    trace
}

#[test]
fn a_bar_is_as_full_as_its_worker_computed() {
    let svg = svg(&computing(&[1000, 500, 0]));
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    let groups = document.descendants().filter(|node| node.has_tag_name("g"));
    let forms: Vec<(bool, bool)> = groups
        .map(|bar| {
            let has = |class: &str| {
                let classes =
                    |node: &roxmltree::Node<'_, '_>| node.attribute("class") == Some(class);
                bar.children().any(|child| classes(&child))
            };
            (has("mh-hollow"), has("mh-full"))
        })
        .collect();
    assert_eq!(forms, [(false, false), (true, true), (true, false)], "{svg}");
    assert_eq!(
        bars(&svg)[1],
        "task 1, worker 1: starts at 1.00 s, takes 1.00 s, computes 0.50 s, waits 0.50 s"
    );
    for said in [">task</text>", ">CPU</text>", "■ computes", "□ waits", "worker 1 100 %, 50 %"]
    {
        assert!(svg.contains(said), "{said}: {svg}");
    }
    let table = table(&computing(&[1000, 500, 0]));
    assert!(table.contains("<td>1.00 s</td><td>0.50 s</td><td>0.50 s</td>"), "{table}");
}

#[test]
fn an_arrow_leads_from_a_wait_to_the_worker_that_holds_the_lock() {
    let at = |ms| Duration::from_millis(ms);
    let mut trace = Trace::new("deadlock", at(0), at(1000));
    for (name, holder) in [("a", "b"), ("b", "a")] {
        let row = trace.add_row(name, 1);
        let wait = LockWait { lock: "it".to_owned(), holder: Some(holder.to_owned()) };
        let span = Span::new(row, "wait for it", at(0), at(1000)).with_computed(at(0));
        trace.add(span.with_wait(wait));
    }
    let svg = svg(&trace);
    assert_eq!(svg.matches("class=\"mh-wait\"").count(), 2, "{svg}");
    assert!(bars(&svg)[0].ends_with("waits 1.00 s, held by b"), "{svg}");
}

#[test]
fn letters_on_a_phone_are_large_enough() {
    let both = super::responsive(&computing(&[500]), Duration::ZERO);
    let narrow = both.find("mh-narrow").expect("there is one for phones");
    assert!(both[narrow..].contains("viewBox=\"0 0 360 "), "a unit is a pixel: {both}");
    assert!(both[narrow..].contains("font-size:13px"), "{both}");
}

#[test]
fn a_theft_is_seen_and_said_by_whom_and_from_whom() {
    let at = |ms| Duration::from_millis(ms);
    let mut trace = Trace::new("rayon", at(0), at(1000));
    trace.add_row("thread 1", 1);
    let thief = trace.add_row("thread 2", 1);
    trace.add_span(0, "list 0", at(0), at(1000));
    trace.add(Span::new(thief, "list 1", at(0), at(500)).with_stolen("thread 1".to_owned()));
    trace.add_span(thief, "list 2", at(500), at(1000));
    let svg = svg(&trace);
    assert_eq!(svg.matches("class=\"mh-steal\"").count(), 1, "{svg}");
    assert!(svg.contains("Stolen: list 1 by thread 2 from thread 1."), "{svg}");
    assert!(svg.contains("⇢ stolen from its owner"), "{svg}");
    assert!(bars(&svg)[1].ends_with("takes 0.50 s, stolen from thread 1"), "{:?}", bars(&svg));
    let table = table(&trace);
    assert!(
        table.contains("Stolen from</th>") && table.contains("<td>thread 1</td></tr>"),
        "{table}"
    );
}
