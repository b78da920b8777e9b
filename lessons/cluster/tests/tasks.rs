//! What becomes of tasks that do not end well, on a private server, with hosts on threads of this
//! process.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use cluster::{Cluster, Dead, Delivery, Host, PrivateServer, Retry, RunOptions, StreamOptions};

fn options() -> RunOptions {
    let streams = StreamOptions { ack_wait: Duration::from_millis(500), replicas: 1 };
    RunOptions { streams, give_up: Duration::from_secs(20), ..RunOptions::default() }
}

/// A host on a thread of its own, which ends with the test.
fn start<R: serde::Serialize + Send + 'static>(
    server: &PrivateServer,
    host: Host,
    task: impl Fn(&Delivery<u64>) -> Result<R, Retry> + Send + Sync + 'static,
) {
    let server = server.server().clone();
    thread::spawn(move || {
        let cluster = Cluster::connect(&server).unwrap();
        host.serve(&cluster, task).unwrap();
    });
}

/// Drives tasks with these inputs to their ends.
fn drive<R: serde::de::DeserializeOwned>(
    server: &PrivateServer,
    inputs: impl IntoIterator<Item = u64>,
) -> HashMap<u64, (Result<R, Dead>, u32)> {
    let cluster = Cluster::connect(server.server()).unwrap();
    let run = cluster.run(&options(), |_| ()).unwrap();
    let mut ended = HashMap::new();
    for done in run.imap_unordered(inputs) {
        let done = done.unwrap();
        done.confirm();
        let before = ended.insert(done.input, (done.outcome, done.attempt));
        assert!(before.is_none(), "{} ended twice", done.input);
    }
    ended
}

#[test]
fn results_come_back_each_once() {
    let server = PrivateServer::start().unwrap();
    for name in ["one", "two"] {
        start(&server, Host::new(name, 8), |task| Ok(task.input * 2));
    }
    let ended = drive::<u64>(&server, 0..5000);
    assert_eq!(ended.len(), 5000);
    for (input, (outcome, attempt)) in ended {
        assert_eq!((outcome, attempt), (Ok(input * 2), 1));
    }
}

#[test]
fn a_panic_is_dead_at_once_and_its_host_goes_on() {
    let server = PrivateServer::start().unwrap();
    start(&server, Host::new("host", 2), |task| {
        assert!(task.input % 3 != 1, "I do not like {}", task.input);
        Ok(task.input)
    });
    let ended = drive::<u64>(&server, 0..30);
    assert_eq!(ended.len(), 30);
    for (input, (outcome, attempt)) in ended {
        if input % 3 == 1 {
            let reason = outcome.unwrap_err().reason;
            let said = format!(": I do not like {input}");
            assert!(reason.starts_with("panicked at ") && reason.ends_with(&said), "{reason}");
        } else {
            assert_eq!(outcome, Ok(input));
        }
        assert_eq!(attempt, 1);
    }
}

#[test]
fn what_asks_for_a_retry_is_tried_five_times() {
    let server = PrivateServer::start().unwrap();
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    start(&server, Host::new("host", 2), move |task| match task.input {
        0 => {
            counted.fetch_add(1, Ordering::Relaxed);
            Err(Retry("no luck".to_owned()))
        }
        1 if task.attempt < 4 => Err(Retry("not yet".to_owned())),
        input => Ok(input),
    });
    let ended = drive::<u64>(&server, 0..3);
    assert_eq!(tries.load(Ordering::Relaxed), 5);
    let (dead, attempt) = &ended[&0];
    assert_eq!(
        dead.as_ref().unwrap_err().reason,
        "no luck, after 4 other attempts that failed too"
    );
    assert_eq!(*attempt, 5);
    assert_eq!(ended[&1], (Ok(1), 4));
    assert_eq!(ended[&2], (Ok(2), 1));

    let cluster = Cluster::connect(server.server()).unwrap();
    let status = cluster.status().unwrap();
    assert_eq!((status.waiting, status.under_way, status.dead), (0, 0, 1));
    assert!(status.to_string().contains("no luck"), "{status}");
}

#[test]
fn a_task_that_hangs_is_dead_when_it_has_hung_five_times() {
    let server = PrivateServer::start().unwrap();
    let host = Host::new("host", 2).limit(Duration::from_millis(100));
    start(&server, host, |task| {
        if task.input == 3 {
            thread::sleep(Duration::from_secs(3600));
        }
        Ok(task.input)
    });
    let ended = drive::<u64>(&server, 0..20);
    for (input, (outcome, _)) in ended {
        match input {
            3 => assert!(outcome.unwrap_err().reason.contains("none of them came back")),
            _ => assert_eq!(outcome, Ok(input)),
        }
    }
}

#[test]
fn a_result_that_is_too_large_is_dead_and_a_large_one_is_not() {
    let server = PrivateServer::start().unwrap();
    start(&server, Host::new("host", 4), |task| {
        Ok(vec![7_u8; usize::try_from(task.input).unwrap()])
    });
    let sizes = [0, 1, 500_000, 1_000_000, 2_000_000];
    let ended = drive::<Vec<u8>>(&server, sizes);
    for size in sizes {
        let outcome = &ended[&size].0;
        match size {
            2_000_000 => assert!(outcome.as_ref().unwrap_err().reason.contains("cannot be sent")),
            _ => assert_eq!(outcome.as_ref().unwrap().len() as u64, size),
        }
    }
}

#[test]
fn a_reason_may_be_long_and_a_task_that_is_too_large_is_dead_before_it_is_given() {
    let server = PrivateServer::start().unwrap();
    start(&server, Host::new("host", 2), |task| {
        assert!(task.input != 1, "{}", "\"".repeat(600_000));
        Ok(task.input)
    });
    let ended = drive::<u64>(&server, 0..3);
    assert!(ended[&1].0.as_ref().unwrap_err().reason.len() > 600_000);

    let cluster = Cluster::connect(server.server()).unwrap();
    let run = cluster.run(&options(), |_| ()).unwrap();
    let tasks = ["large".repeat(1_000_000)];
    let ended: Vec<_> = run.imap_unordered::<String, u64, _>(tasks).map(Result::unwrap).collect();
    let [done] = &ended[..] else { panic!("{ended:?}") };
    assert!(done.outcome.as_ref().unwrap_err().reason.contains("5000002 bytes"), "{done:?}");
}

#[test]
fn results_that_are_not_confirmed_are_kept_for_whoever_resumes() {
    let server = PrivateServer::start().unwrap();
    let made = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&made);
    start(&server, Host::new("host", 4), move |task| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(task.input)
    });
    let cluster = Cluster::connect(server.server()).unwrap();
    let run = cluster.run(&options(), |_| ()).unwrap();
    let id = run.id().to_owned();
    let mut all: Vec<_> = run.imap_unordered::<u64, u64, _>(0..10).map(Result::unwrap).collect();
    let last = all.pop().unwrap().input; // and it is not confirmed
    all.into_iter().for_each(|done| done.confirm());

    let resumed = RunOptions { resume: Some(id), ..options() };
    let run = cluster.run(&resumed, |_| ()).unwrap();
    let again: Vec<u64> = run
        .imap_unordered::<u64, u64, _>([last])
        .map(|done| done.unwrap().outcome.unwrap())
        .collect();
    assert_eq!(again, [last]);
    assert_eq!(made.load(Ordering::Relaxed), 10, "nothing was done again");
}

#[test]
fn who_leaves_early_leaves_the_run_to_others() {
    let server = PrivateServer::start().unwrap();
    start(&server, Host::new("host", 4), |task| Ok(task.input));
    let cluster = Cluster::connect(server.server()).unwrap();
    let run = cluster.run(&options(), |_| ()).unwrap();
    let id = run.id().to_owned();
    run.imap_unordered::<u64, u64, _>(0..50).next().unwrap().unwrap();

    let resumed = RunOptions { resume: Some(id), ..options() };
    let run = cluster.run(&resumed, |_| ()).unwrap();
    let ended: HashSet<u64> =
        run.imap_unordered::<u64, u64, _>(0..50).map(|done| done.unwrap().input).collect();
    assert_eq!(ended, (0..50).collect());
}

#[test]
fn results_come_while_inputs_are_slow() {
    let server = PrivateServer::start().unwrap();
    let made = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&made);
    start(&server, Host::new("host", 4), move |task| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(task.input)
    });
    let cluster = Cluster::connect(server.server()).unwrap();
    let run = cluster.run(&options(), |_| ()).unwrap();
    let seen = AtomicBool::new(false);
    // Each is there when all before it are done, as if somebody typed them.
    let inputs = (0..150).inspect(|input| {
        while made.load(Ordering::Relaxed) < *input {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(
            *input < 100 || seen.load(Ordering::Relaxed),
            "{input} are done, and none was seen"
        );
    });
    for done in run.imap_unordered::<u64, u64, _>(inputs) {
        seen.store(true, Ordering::Relaxed);
        done.unwrap().confirm();
    }
}

/// Why a drive that gets nowhere ends.
fn why_nothing_moves<R: serde::de::DeserializeOwned>(server: &PrivateServer, task: &str) -> String {
    let cluster = Cluster::connect(server.server()).unwrap();
    let impatient = RunOptions { give_up: Duration::from_secs(2), ..options() };
    let run = cluster.run(&impatient, |_| ()).unwrap();
    let first = run.imap_unordered::<String, R, _>([task.to_owned()]).next().unwrap();
    first.err().expect("nothing can come").to_string()
}

#[test]
fn hosts_of_another_program_are_named_as_the_reason() {
    let server = PrivateServer::start().unwrap();
    start(&server, Host::new("host", 1), |task| Ok(task.input));
    let why = why_nothing_moves::<u64>(&server, "this is no number");
    assert!(why.contains("it is not a task of this program"), "{why}");

    let server = PrivateServer::start().unwrap();
    let settings = server.server().clone();
    thread::spawn(move || {
        let cluster = Cluster::connect(&settings).unwrap();
        let length = |task: &Delivery<String>| Ok(task.input.len());
        Host::new("host", 1).serve(&cluster, length).unwrap();
    });
    let why = why_nothing_moves::<Vec<String>>(&server, "four");
    assert!(why.contains("results came that this program cannot read"), "{why}");
}

#[test]
fn a_death_that_was_reported_is_not_the_reason_why_nothing_moves() {
    let server = PrivateServer::start().unwrap();
    let host = Host::new("host", 1).limit(Duration::from_millis(100));
    start(&server, host, |task| {
        assert!(task.input != 0, "I do not like it");
        thread::sleep(Duration::from_secs(3600));
        Ok(task.input)
    });
    let cluster = Cluster::connect(server.server()).unwrap();
    let options = RunOptions { give_up: Duration::from_secs(5), ..RunOptions::default() };
    let mut results = cluster.run(&options, |_| ()).unwrap().imap_unordered::<u64, u64, _>(0..2);
    let dead = results.next().unwrap().unwrap().outcome.unwrap_err().reason;
    assert!(dead.ends_with(": I do not like it"), "{dead}");
    let why = results.next().unwrap().unwrap_err().to_string();
    assert!(why.contains("the hosts are gone or stuck. 1 task(s) are still waiting"), "{why}");
}

#[test]
fn the_last_one_to_drop_a_cluster_may_be_a_task() {
    let server = PrivateServer::start().unwrap();
    let cluster = Cluster::connect(server.server()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async { drop(cluster) });
}
