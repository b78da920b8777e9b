//! What the threads of `hands` share, under many schedules: those that shuttle chooses at random,
//! and those of PCT, which change priorities at few places. And bugs that are put in, one at a
//! time: each of them must be found.
//!
//!     cargo test -p hands-scheduled
//!     SCHEDULES=500000 cargo test -p hands-scheduled    # a million of each; it takes long

mod check;
mod mutants;
mod scenarios;

use check::{check, expect_all};
use scenarios::SCENARIOS;

#[test]
fn submit_and_join_under_every_schedule_tried() {
    check_named("submit");
}

#[test]
fn handles_are_collected_as_they_complete() {
    check_named("as_completed");
}

#[test]
fn a_cancelled_task_answers_too() {
    check_named("cancel");
}

#[test]
fn results_come_in_the_order_of_the_inputs() {
    check_named("imap");
}

#[test]
fn results_that_are_dropped_early_leave_nobody_behind() {
    check_named("dropped");
}

#[test]
fn a_pool_that_is_joined_has_run_everything() {
    check_named("join");
}

#[test]
fn a_pool_that_is_dropped_waits_for_what_runs_and_answers_for_the_rest() {
    check_named("terminate");
}

#[test]
fn a_deadlock_is_told_if_and_only_if_there_is_one() {
    check_named("deadlock");
}

#[track_caller]
fn check_named(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).expect("it exists");
    let seen = check(scenario).unwrap_or_else(|reason| panic!("{reason}"));
    expect_all(scenario, &seen).unwrap_or_else(|reason| panic!("{reason}"));
}
