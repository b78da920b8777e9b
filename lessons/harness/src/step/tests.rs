//! Steps that are shell scripts.

use std::time::Instant;

use super::*;
use crate::wait::wait_until;

fn shell(script: &str) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("step");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

#[test]
fn a_run_that_hangs_is_killed_with_what_it_started_and_reported() {
    let (_folder, program) = shell("echo before; sleep 1000 & wait");
    let step = Step::new("02_hangs").limit(Duration::from_millis(200));
    let start = Instant::now();
    let error = step.run_program(&program).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.to_string().contains("was killed"), "{error}");
    assert!(error.to_string().contains("before"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn both_outputs_and_the_status_come_back_whatever_their_size() {
    let (_folder, program) = shell("seq 1 100000; seq 1 100000 >&2; exit 3");
    let run = Step::new("02_talks").run_program(&program).unwrap();
    assert_eq!(run.status.code(), Some(3));
    assert_eq!((run.stdout.lines().count(), run.stderr.lines().count()), (100_000, 100_000));
}

#[test]
fn files_go_to_a_folder_that_goes_with_the_run() {
    let (_folder, program) = shell("echo \"$@\"");
    let run = Step::new("03_early").args(["--seconds", "2"]).run_program(&program).unwrap();
    let timeline = run.timeline().display();
    assert_eq!(run.stdout, format!("--seconds 2 --timeline {timeline}\n"));
    let run = Step::new("09_late").run_program(&program).unwrap();
    let folder = run.folder().to_owned();
    let at = folder.display();
    assert_eq!(
        run.stdout,
        format!("--timeline {at}/timeline.json --out {at}/out --report {at}/report.json\n")
    );
    assert!(run.report().is_none());
    drop(run);
    assert!(!folder.exists());
}

#[test]
fn a_bare_run_gets_no_flags_and_a_folder_of_its_own() {
    let (_folder, program) = shell("echo \"$@\"; pwd");
    let run = Step::new("09_late").bare().arg("--nasa").run_program(&program).unwrap();
    let folder = run.folder().canonicalize().unwrap();
    assert_eq!(run.stdout, format!("--nasa\n{}\n", folder.display()));
    assert_eq!(run.timeline(), run.folder().join("target/timelines/09_late.json"));
}

#[test]
fn a_twin_in_python_prints_whole_lines_as_it_goes() {
    let python =
        crate::python_for("01_sync").expect("python3 is installed: ./tests/run sees to it");
    let twin =
        Step::new("01_sync").in_python(python.program).bare().args(["--seconds", "60"]).start();
    wait_until("the first line", || twin.stdout() == "Sleeping 60 second(s)...\n");
}

#[test]
fn a_flag_that_was_given_is_not_given_twice() {
    let step = Step::new("01").args(["--timeline", "here.json"]);
    assert_eq!(step.value("--timeline").unwrap(), "here.json");
    assert_eq!(step.value("--out"), None);
}

#[test]
fn a_step_that_does_not_exist_is_an_error_that_names_it() {
    let error = Step::new("00_nothing").try_run().unwrap_err();
    assert!(error.to_string().contains("00_nothing"), "{error}");
}
