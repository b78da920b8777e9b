//! Bugs that are put in, each with the scenario that must find it.

use crate::check::check_mutant;
use crate::scenarios::SCENARIOS;

const MUTANTS: &[(&str, &str)] = &[
    ("fill_without_notify", "submit"),
    ("notify_before_fill", "submit"),
    ("lane_leaves_when_idle", "submit"),
    ("tell_without_a_look", "as_completed"),
    ("tell_looks_too_early", "as_completed"),
    ("cancelled_without_answer", "cancel"),
    ("cancel_isnt_heard", "cancel"),
    ("results_end_early", "imap"),
    ("results_as_they_come", "imap"),
    ("nobody_leaves", "dropped"),
    ("stop_instead_of_close", "join"),
    ("queue_stays_open", "join"),
    ("wait_before_close", "join"),
    ("drop_without_stop", "terminate"),
    ("lane_counts_as_ended", "terminate"),
    ("acquire_untold", "deadlock"),
    ("unlock_before_release", "deadlock"),
];

#[test]
fn every_bug_that_is_put_in_is_found() {
    let mut missed = Vec::new();
    for (mutant, name) in MUTANTS {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == *name).expect("it exists");
        match check_mutant(scenario, mutant) {
            Ok(()) => missed.push(*mutant),
            Err(found) => println!("{mutant}: {found}"),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
