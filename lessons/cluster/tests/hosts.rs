//! Hosts that are processes of this program: those that die are started again.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitCode, exit};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::{
    Cluster, Delivery, Host, LocalHosts, PrivateServer, RunOptions, Server, StreamOptions,
};
use hands::process::{self, Task};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    process::init(&[&BROKEN, &FRAGILE]);
    let tests: [(_, fn()); 2] = [
        (
            "a_host_that_never_asks_for_tasks_is_given_up",
            a_host_that_never_asks_for_tasks_is_given_up,
        ),
        (
            "a_host_that_tasks_kill_is_started_again_each_time",
            a_host_that_tasks_kill_is_started_again_each_time,
        ),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(name, move || {
            test();
            Ok::<_, Failed>(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.map(trial).into()).exit_code()
}

/// Leaves a mark in this file and ends.
const BROKEN: Task<PathBuf, Result<(), String>> = Task::new("broken", |file| {
    let marks = OpenOptions::new().append(true).create(true).open(file);
    marks.and_then(|mut marks| marks.write_all(b"+")).map_err(|why| why.to_string())?;
    Err("there is no disk".to_owned())
});

/// A host that each even task kills, once.
const FRAGILE: Task<(Server, String), Result<u64, String>> =
    Task::new("fragile", |(server, name)| {
        let task = |task: &Delivery<u64>| match (task.input % 2, task.attempt) {
            (0, 1) => exit(7),
            _ => Ok(task.input),
        };
        let cluster = Cluster::connect(&server).map_err(|why| why.to_string())?;
        Host::new(name, 1).serve(&cluster, task).map_err(|why| why.to_string())
    });

/// What is said about the hosts.
type Notes = Arc<Mutex<Vec<String>>>;

fn write_to(notes: &Notes) -> impl Fn(&str) + Clone + Send + 'static {
    let notes = Arc::clone(notes);
    move |note| notes.lock().unwrap().push(note.to_owned())
}

fn a_host_that_never_asks_for_tasks_is_given_up() {
    let server = PrivateServer::start().unwrap();
    let cluster = Cluster::connect(server.server()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let notes = Notes::default();
    let settings = |_: &str| file.path().to_owned();
    let hosts = LocalHosts::start(&cluster, 1, &BROKEN, settings, write_to(&notes)).unwrap();
    let notes = notes.lock().unwrap().clone();
    let (last, before) = notes.split_last().expect("notes");
    assert_eq!(before, ["host1 has ended (there is no disk) and is being restarted"; 9]);
    let given_up = "host1 has ended 10 times before it asked for tasks (there is no disk), and will not be restarted";
    assert_eq!(last, given_up);
    drop(hosts);
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "+".repeat(10), "nor was it, later");
}

fn a_host_that_tasks_kill_is_started_again_each_time() {
    let server = PrivateServer::start().unwrap();
    let cluster = Cluster::connect(server.server()).unwrap();
    let streams = StreamOptions { ack_wait: Duration::from_millis(500), replicas: 1 };
    let options = RunOptions { streams, give_up: Duration::from_secs(20), ..RunOptions::default() };
    let run = cluster.run(&options, |_| ()).unwrap();
    let notes = Notes::default();
    let settings = |name: &str| (server.server().clone(), name.to_owned());
    let hosts = LocalHosts::start(&cluster, 1, &FRAGILE, settings, write_to(&notes)).unwrap();
    let mut ended = Vec::new();
    for done in run.imap_unordered::<u64, u64, _>(0..30) {
        let done = done.unwrap();
        assert_eq!(done.outcome, Ok(done.input));
        ended.push(done.input);
        done.confirm();
    }
    drop(hosts);
    ended.sort_unstable();
    assert!(ended.into_iter().eq(0..30));
    let notes = notes.lock().unwrap();
    assert_eq!(notes.len(), 15, "{notes:?}");
    assert!(
        notes.iter().all(
            |note| note.contains("exited with code 7") && note.ends_with("is being restarted")
        ),
        "{notes:?}"
    );
}
