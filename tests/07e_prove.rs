//! Step 07e: schedules that break a program, replayed from their text, and all schedules of the
//! mended one.

use hands::timeline::Trace;
use harness::{Run, Step};

const QUICK: [&str; 2] = ["--runs", "20"];

#[track_caller]
fn run(args: &[&str]) -> Run {
    let run = Step::new("07e_prove").args(args).run();
    assert!(run.status.success(), "{}\n{}", run.stdout, run.stderr);
    run
}

fn part(run: &Run, name: &str) -> Trace {
    run.trace().section(name).unwrap_or_else(|| panic!("no section {name}"))
}

/// What each thread did, in the order in which it happened.
fn story(trace: &Trace) -> Vec<(&str, &str)> {
    let spans = trace.spans().iter().filter(|span| !trace.rows()[span.row].is_variable);
    let mut spans: Vec<_> = spans.collect();
    spans.sort_by_key(|span| span.start);
    spans.into_iter().map(|span| (&*trace.rows()[span.row].name, &*span.name)).collect()
}

/// What follows these words in the line that has them.
fn after<'t>(text: &'t str, words: &str) -> &'t str {
    let found = text.lines().find_map(|line| line.split_once(words));
    found.unwrap_or_else(|| panic!("no line has {words:?}: {text}")).1
}

#[test]
fn the_three_bugs_are_found_replayed_and_mended() {
    let run = run(&QUICK);
    assert_eq!(run.stdout.matches("  the shortest: ").count(), 3);
    assert_eq!(run.stdout.matches("replayed from this text: ").count(), 3);
    assert_eq!(run.stdout.matches(", and none fails").count(), 4, "the flag, too: {}", run.stdout);
    assert_eq!(run.stderr, "", "shuttle and loom are quiet");

    let lost = part(&run, "lost update");
    let loads = story(&lost).iter().filter(|(_, what)| *what == "load 41").count();
    assert_eq!(loads, 2, "both threads have read before either writes");
    assert_eq!(story(&lost).last(), Some(&("main", "load 42")));

    let deadlock = part(&run, "deadlock");
    let waits = deadlock.spans().iter().filter_map(|span| {
        let wait = span.waits_for.as_ref()?;
        Some((&*deadlock.rows()[span.row].name, wait.holder.as_deref()?))
    });
    let mut waits: Vec<_> = waits.collect();
    waits.sort_unstable();
    assert_eq!(waits, [("thread 1", "thread 2"), ("thread 2", "thread 1")]);

    let queue = part(&run, "queue");
    let story = story(&queue);
    let place = |what: &str| story.iter().position(|(_, it)| it.starts_with(what));
    let (woken, nothing) = (place("wakes up"), place("finds nothing"));
    assert!(woken.is_some() && woken < nothing, "{story:?}");
}

#[test]
fn variables_have_the_values_that_the_operations_gave_them() {
    let run = run(&["--bug", "lost-update", "--runs", "0"]);
    let trace = part(&run, "lost update");
    let values: Vec<&str> =
        trace.spans_on(|row| row == "count").iter().map(|span| &*span.name).collect();
    assert_eq!(values, ["41", "42", "42"]);
    assert!(run.stdout.contains(trace.text().lines().next().unwrap()), "{}", run.stdout);
}

#[test]
fn loom_counts_what_the_binomial_says() {
    let run = run(&QUICK);
    let rows = run.stdout.lines().filter(|line| line.starts_with("2 threads"));
    let rows: Vec<Vec<u64>> = rows
        .map(|line| line.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        .collect();
    let orders = [2, 6, 20, 70, 252, 924, 3432];
    assert_eq!(rows.len(), 6);
    for (n, row) in rows.iter().enumerate() {
        // 2 threads, n operations, the binomial, what loom tries
        assert_eq!(row[2..4], [orders[n], orders[n + 1] - orders[n]], "{row:?}");
    }
}

#[test]
fn a_schedule_is_replayed_from_its_text_and_another_seed_finds_another() {
    let bug = ["--bug", "deadlock", "--runs", "0"];
    let first = run(&bug);
    let schedule = after(&first.stdout, "the shortest: ");
    let again = run(&["--bug", "deadlock", "--replay", schedule]);
    assert!(again.stdout.contains("replayed: a deadlock"), "{}", again.stdout);
    assert_eq!(story(&part(&first, "deadlock")), story(&part(&again, "deadlock")));
    let counts: Vec<_> = ["2", "3", "4"]
        .map(|seed| run(&[&bug[..], &["--seed", seed]].concat()))
        .iter()
        .map(|run| after(&run.stdout, "shuttle: ").split(' ').next().unwrap().to_owned())
        .collect();
    assert!(counts.iter().any(|count| *count != counts[0]), "{counts:?}");
}

#[test]
fn what_finds_nothing_says_so() {
    let none = run(&["--bug", "queue", "--runs", "0", "--schedules", "1"]);
    assert!(
        none.stdout.contains("none of 1 schedules fails; try another --seed"),
        "{}",
        none.stdout
    );
    let fine = Step::new("07e_prove").args(["--bug", "deadlock", "--replay", "0*9 1*9 2*9"]).run();
    assert_eq!(fine.status.code(), Some(1));
    assert!(fine.stderr.contains("under this schedule, nothing fails"), "{}", fine.stderr);
    let wrong = Step::new("07e_prove").args(["--bug", "queue", "--replay", "first 0"]).run();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(wrong.stderr.contains("a schedule reads 0 1*2 2"), "{}", wrong.stderr);
}
