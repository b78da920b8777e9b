//! What the threads of `hands` share, under many schedules: those that shuttle chooses at random,
//! and those of PCT, which change priorities at few places. And bugs that are put in, one at a
//! time: each of them must be found.
//!
//!     cargo test -p hands-under-shuttle
//!     SCHEDULES=500000 cargo test -p hands-under-shuttle    # a million of each, in an hour

mod check;
mod scenarios;

use mutations::{Mutation, SHUTTLE, Scenario};

use check::{check, schedules};
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
fn outcomes_can_be_taken_while_the_pool_is_terminated() {
    check_named("collected");
}

#[test]
fn results_can_be_taken_while_their_token_is_cancelled() {
    check_named("stopped");
}

#[test]
fn a_deadlock_is_told_if_and_only_if_there_is_one() {
    check_named("deadlock");
}

#[test]
fn every_bug_that_is_put_in_is_found() {
    let check = |bug: &Mutation| bug.must_be_found(SCENARIOS, |program| check(1_000, program));
    let missed: Vec<String> = SHUTTLE.iter().filter_map(|bug| check(bug).err()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[track_caller]
fn check_named(name: &str) {
    let result = Scenario::named(SCENARIOS, name).check(|program| check(schedules(), program));
    assert_eq!(result, Ok(()), "{name}");
}
