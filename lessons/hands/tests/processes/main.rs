//! What worker processes promise, and what is left of it when they are killed, crash, hang, or lie.
//!
//!     cargo test -p hands --test processes            all of them
//!     cargo test -p hands --test processes kill       those with `kill` in their name
//!
//! | file | about |
//! |---|---|
//! | `map.rs` | `map`, `imap`, `imap_unordered`: order, laziness, chunks, how a pool ends |
//! | `submit.rs` | handles and `as_completed`; ten thousand at once |
//! | `crashes.rs` | workers that are killed, and tasks that abort, exit, overflow their stack |
//! | `cancel.rs` | tasks that are cancelled: told, killed, or never begun; first failures and deadlines |
//! | `timeouts.rs` | tasks that take too long, workers that have run enough tasks |
//! | `values.rs` | panics, errors, values that cannot be sent, values that are too long |
//! | `starts.rs` | workers and initializers that fail, programs that forget `init`, pools in tasks |
//! | `leftovers.rs` | programs that tasks have started |
//! | `ends.rs` | parents that are killed, and Ctrl-C |
//! | `surroundings.rs` | a task's standard streams, environment, open files, and its timeline |
//! | `programs.rs` | the other programs that this one can be started as |
//!
//! The workers of these tests are this program, started again. So `main` is our own, and begins
//! like that of every program with worker processes. A test that counts what is there, or does
//! something to the whole process, is marked `alone` and runs in a process of its own.

mod cancel;
mod crashes;
mod ends;
mod leftovers;
mod map;
mod names;
mod programs;
mod starts;
mod submit;
mod support;
mod surroundings;
mod tasks;
mod timeouts;
mod values;

use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, panic, thread};

use hands::process;
use libtest_mimic::{Arguments, Failed, Trial};

use support::Result;

/// How long a test may take. Nothing may hang, but if something does, we still want to hear the
/// others.
const LIMIT: Duration = Duration::from_secs(600);

struct Test {
    name: &'static str,
    run: fn() -> Result,
    alone: bool,
}

/// `tests! { map: [a, b, @alone c,] }` are the functions `map::a`, `map::b` and `map::c`, with
/// their names.
macro_rules! tests {
    () => { false };
    (alone) => { true };
    ($($file:ident: [$($(@$alone:ident)? $name:ident,)*])*) => {
        &[$($(Test {
            name: concat!(stringify!($file), "::", stringify!($name)),
            run: $file::$name,
            alone: tests!($($alone)?),
        },)*)*]
    };
}

const TESTS: &[Test] = tests! {
    map: [
        map_keeps_the_order_of_the_inputs,
        imap_yields_in_input_order_whatever_ends_first,
        imap_unordered_yields_in_completion_order,
        imap_yields_the_first_before_the_last_is_taken,
        an_endless_iterator_is_a_fine_input,
        all_workers_work_at_once_and_each_is_a_process_of_its_own,
        a_chunk_stays_together,
        map_waits_for_all_and_returns_the_first_failure_in_input_order,
        nothing_runs_before_the_first_result_is_asked_for,
        dropping_the_results_cancels_what_has_not_started,
        dropping_the_pool_waits_for_what_runs_and_starts_nothing_more,
        join_lets_every_task_end,
        zero_workers_is_an_error_that_says_so,
        no_inputs_no_results,
        a_long_task_never_holds_others_behind_it,
        any_sizes,
    ]
    submit: [
        handles_can_be_joined_in_any_order,
        as_completed_yields_in_completion_order_with_its_key,
        as_completed_takes_handles_of_several_pools_and_failures,
        join_timeout_gives_the_handle_back_and_the_task_goes_on,
        a_task_that_has_not_started_can_be_cancelled_and_no_other,
        terminate_kills_what_runs_and_every_handle_ends_as_cancelled,
        @alone ten_thousand_submitted_at_once_need_no_file_descriptors,
    ]
    crashes: [
        killing_a_busy_worker_fails_the_task_it_runs_and_no_other,
        nobody_notices_that_an_idle_worker_was_killed,
        @alone two_hundred_random_kills_lose_nothing_and_keep_the_order,
        @alone two_hundred_random_kills_lose_nothing_in_completion_order,
        @alone two_hundred_random_kills_lose_nothing_in_chunks,
        @alone two_hundred_random_kills_and_with_retry_all_succeed,
        @alone two_hundred_random_kills_and_with_retry_all_succeed_in_chunks,
        @alone abort_exit_and_faults_are_the_outcome_of_their_task,
        a_single_process_that_dies_says_how,
        retry_runs_a_task_again_but_not_for_ever,
        tasks_of_a_chunk_that_ended_before_the_crash_keep_their_results,
        with_retry_the_rest_of_a_chunk_is_run_and_what_was_reported_is_not_run_again,
        a_crash_in_a_chunk_leaves_other_chunks_alone,
        a_stopped_worker_can_still_be_terminated,
        a_worker_that_has_left_its_process_group_can_still_be_killed,
    ]
    cancel: [
        a_task_that_listens_is_told_and_its_worker_lives_on,
        a_task_that_does_not_listen_is_killed_with_its_programs,
        a_task_ahead_of_which_another_runs_is_cancelled_without_being_begun,
        the_rest_of_a_cancelled_chunk_is_not_begun,
        the_first_error_panic_or_crash_cancels_the_rest_and_comes_with_its_input,
        a_deadline_leaves_the_results_so_far,
        a_deadline_is_known_in_the_worker,
        nobody_kills_a_task_that_nobody_waits_for,
        a_pool_that_is_dropped_tells_what_runs,
        a_pool_in_a_task_is_cancelled_with_the_task,
        @alone random_cancels_and_kills_end_each_task_once_and_leave_nothing,
    ]
    timeouts: [
        a_task_that_runs_for_ever_is_killed_and_others_are_not,
        the_clock_of_a_timeout_starts_with_the_task,
        a_timeout_in_a_chunk_fails_that_task_alone,
        tasks_of_a_chunk_are_not_charged_for_each_other,
        a_timeout_is_no_crash_and_is_not_retried,
        a_task_that_ends_just_as_its_time_is_over_is_a_value_or_timed_out,
        a_worker_runs_no_more_tasks_than_it_may_and_is_replaced,
    ]
    values: [
        a_panic_keeps_its_message_and_place_and_its_worker,
        an_error_that_a_task_returns_is_a_value,
        what_has_no_fixed_form_crosses_both_ways,
        what_does_not_encode_or_decode_is_that_tasks_failure,
        an_input_that_panics_on_its_way_out_panics_where_it_was_given_and_the_pool_lives_on,
        a_mebibyte_goes_both_ways_though_the_pipes_are_full,
        @alone what_is_too_long_is_a_failure_and_not_an_allocation,
        a_pool_called_by_its_own_lane_is_an_error,
    ]
    starts: [
        the_initializer_runs_once_in_each_worker_before_its_tasks,
        @alone an_initializer_that_goes_wrong_is_an_error_at_the_start,
        an_initializer_that_goes_wrong_later_ends_the_work_and_is_not_tried_for_ever,
        @alone more_workers_than_there_can_be_is_an_error_that_starts_none,
        @alone more_processes_than_there_can_be_is_an_error_and_leaves_nothing,
        a_task_that_is_not_registered_is_an_error_that_says_what_to_write,
        a_program_that_forgets_init_gets_an_error_and_starts_nothing,
        two_tasks_of_one_name_are_an_error_and_start_nothing,
        two_inits_are_a_panic_that_says_so,
        a_worker_that_ends_before_init_is_an_error_and_not_a_loop,
        a_worker_that_never_reaches_init_is_given_up,
        a_worker_that_is_another_program_by_now_is_an_error,
        a_worker_that_speaks_another_language_is_an_error,
        a_program_whose_file_is_gone_starts_workers_all_the_same,
        a_worker_started_by_hand_says_what_that_argument_is_for,
        many_processes_that_start_at_once_all_answer,
        a_task_may_start_a_pool_of_its_own,
        a_task_that_starts_the_pool_that_runs_it_is_stopped_three_deep,
    ]
    leftovers: [
        what_a_task_has_started_ends_with_its_worker_however_that_goes,
        it_ends_though_the_worker_was_idle_when_it_was_killed,
        it_ends_with_a_worker_that_is_retired_and_with_its_pool,
        it_ends_with_a_single_process_however_that_goes,
        it_ends_with_the_parent,
        a_program_in_a_group_of_its_own_is_left_alone,
    ]
    ends: [
        no_worker_outlives_a_parent_that_is_killed_while_they_are_busy,
        no_worker_outlives_a_parent_that_is_killed_while_they_are_idle,
        no_worker_outlives_a_parent_that_is_told_to_end,
        ctrl_c_ends_program_and_workers_and_leaves_the_terminal_sane,
        a_program_that_was_started_to_ignore_its_children_has_workers_all_the_same,
        a_shell_sees_that_ctrl_c_ended_the_program,
    ]
    surroundings: [
        ten_mebibytes_on_standard_output_reach_it_and_harm_nobody,
        standard_input_of_a_task_is_empty,
        a_task_that_closes_its_standard_streams_harms_nobody,
        a_program_that_a_task_starts_finds_the_environment_of_the_parent,
        a_program_that_a_task_starts_finds_no_files_open_but_its_own,
        @alone the_timeline_shows_the_spans_of_workers_with_their_pids,
        @alone a_single_process_has_a_row_with_its_pid,
    ]
};

fn main() -> ExitCode {
    programs::before_init(init);
    init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, name] = &arguments[..]
        && first == "--alone"
    {
        let test = TESTS.iter().find(|test| test.name == name).expect("a test of this name");
        return match (test.run)() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let trials = TESTS.iter().map(|test| Trial::test(test.name, || run(test))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(test: &'static Test) -> std::result::Result<(), Failed> {
    if test.alone {
        support::output_of(support::again().args(["--alone", test.name]))?;
        return Ok(());
    }
    let (done, end) = mpsc::channel();
    thread::spawn(move || {
        let result = panic::catch_unwind(|| (test.run)().map_err(Failed::from));
        let _ = done.send(result);
    });
    match end.recv_timeout(LIMIT) {
        Ok(Ok(result)) => result,
        Ok(Err(panicked)) => panic::resume_unwind(panicked),
        Err(_) => Err(format!("still not done after {LIMIT:?}").into()),
    }
}

/// Registers the tasks. They are the same in all programs that this one can be started as.
fn init() {
    process::init(&[
        &tasks::SAME,
        &tasks::PID,
        &tasks::MEET,
        &tasks::FUSSY,
        &tasks::ERRAND,
        &cancel::LISTEN,
        &cancel::TRY,
        &cancel::TIME_LEFT,
        &cancel::NESTED,
        &cancel::ANY,
        &crashes::COUNTED,
        &crashes::ABORT,
        &crashes::EXIT,
        &crashes::SEGFAULT,
        &crashes::OVERFLOW,
        &crashes::ABORT_AT_FIRST,
        &crashes::DO,
        &crashes::LEAVE_GROUP,
        &leftovers::START,
        &timeouts::SLEEP,
        &timeouts::SPIN,
        &timeouts::NAP,
        &values::PANIC,
        &values::PARSE,
        &values::ECHO_JSON,
        &values::ECHO,
        &values::LEARN,
        &values::LEARNT,
        &values::TAKE_STUBBORN,
        &values::GIVE_STUBBORN,
        &values::LONGER,
        &values::TAKE_HUGE,
        &values::GIVE_HUGE,
        &values::PEAK,
        &values::CALLER,
        &starts::LEAVE,
        &starts::FIND,
        &starts::GO_WRONG,
        &starts::NEST,
        &surroundings::PRINT,
        &surroundings::READ_STDIN,
        &surroundings::CLOSE,
        &surroundings::ASK,
        &surroundings::SPAN,
    ]);
}
