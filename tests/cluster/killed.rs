//! Hosts, drivers and servers that are killed or go away.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::{Step, children, is_alive, wait_for};
use pictures::gallery::{Answer, Gallery};
use rustix::process::Signal;
use serde_json::json;

use crate::bad_internet::{jpeg, visible};
use crate::drives::{
    Work, cluster, count, end, host, kill, local_hosts, run_name, send, start_host, status,
    wait_for_saved,
};
use crate::nats::Nats;

#[test]
fn a_host_that_is_killed_loses_nothing_and_the_other_does_its_work() {
    let work = Work::new(60, 50);
    let nats = Nats::start();
    let first = host(&nats, &["--io-workers", "4"]);
    let _second = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).start();
    wait_for_saved(&running, 8);
    let killed = kill(first);
    assert!(killed.stdout.contains("Downloading "), "it was at work: {}", killed.stdout);
    work.check_all_saved(&running.wait());
}

#[test]
fn a_local_host_that_is_killed_is_started_again() {
    let work = Work::new(60, 50);
    let running = cluster(&["drive", "--local", "1", "--io-workers", "4", "--ack-wait", "1"])
        .arg("--links")
        .arg(work.file())
        .arg("--out")
        .arg(work.out())
        .start();
    wait_for_saved(&running, 4);
    let hosts = local_hosts(&running);
    assert_eq!(hosts.len(), 1);
    send(hosts[0], Signal::KILL);
    let run = running.wait();
    work.check_all_saved(&run);
    assert!(
        run.stdout.contains("host1 has ended (crashed: its process was ended by signal 9"),
        "{}",
        run.stdout
    );
    let trace = run.trace();
    let rows = trace.rows();
    assert!(rows.iter().any(|row| row.name == "host1 process 1"), "{rows:?}");
    assert!(
        !rows.iter().any(|row| row.name.starts_with("process ")),
        "all rows are a host's: {rows:?}"
    );
}

#[test]
fn a_server_that_is_killed_and_comes_back_has_forgotten_nothing() {
    let work = Work::new(80, 50);
    let mut nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).start();
    wait_for_saved(&running, 8);
    nats.kill();
    wait_for("a word", || running.stdout().contains("The NATS server is gone").then_some(()));
    nats.start_again();
    let run = running.wait();
    work.check_all_saved(&run);
    assert!(run.stdout.contains("The NATS server is back"), "{}", run.stdout);
}

#[test]
fn of_three_servers_the_one_that_leads_may_be_killed() {
    let work = Work::new(80, 50);
    let mut servers = Nats::three();
    let url = servers.each_ref().map(Nats::url).join(",");
    let at_all = |step: Step| step.env("NATS_URL", &url);
    let host = at_all(cluster(&["work", "--io-workers", "4"]).bare()).start();
    let running = at_all(work.drive(&servers[0]).args(["--replicas", "3"])).start();
    wait_for_saved(&running, 8);
    // The one that leads the others, in what concerns the tasks.
    let info = servers[0].ask("$JS.API.STREAM.INFO.hands-tasks", "");
    let leader = (0..3).find(|n| info.contains(&format!("\"leader\":\"n{n}\""))).unwrap();
    servers[leader].kill();
    work.check_all_saved(&running.wait());
    end(host);
}

#[test]
fn a_driver_that_is_killed_is_followed_by_another_that_ends_the_run() {
    let work = Work::new(80, 50);
    let nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).arg("--window").arg("40").start();
    let name = run_name(&running);
    wait_for_saved(&running, 8);
    let driven = work.drive(&nats).arg("--resume").arg(&name).run();
    assert_eq!(driven.status.code(), Some(1), "{}", driven.stdout);
    assert!(driven.stderr.contains("is being driven by process"), "{}", driven.stderr);

    let killed = kill(running);
    let unknown = work.drive(&nats).arg("--resume").arg("nobody").run();
    assert_eq!(unknown.status.code(), Some(1), "{}", unknown.stdout);
    assert!(unknown.stderr.contains(&name), "it names those that are there: {}", unknown.stderr);

    let run = work.drive(&nats).arg("--resume").arg(&name).run();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    work.check(&run, &["saved", "skipped"]);
    assert!(count(&run.stdout, "Skipped ") >= count(&killed.stdout, "Saved "));
    assert_eq!(visible(&work.out()).len(), 80);
    // It was done twice at most if a host had it when its driver died.
    let asked = work.gallery.requests().len();
    assert!((80..=84).contains(&asked), "{asked}");
}

/// A run whose driver was killed before any host began. Now all results are there. Its name.
fn run_without_driver(work: &Work, nats: &Nats) -> String {
    let links = work.gallery.links().len();
    let running = work.drive(nats).start();
    let name = run_name(&running);
    wait_for("the tasks", || status(nats).contains(&format!("{links} wait")).then_some(()));
    kill(running);
    let host = host(nats, &[]);
    wait_for("the end", || (work.gallery.requests().len() == links).then_some(()));
    end(host); // it has stored all results, and gone
    let status = status(nats);
    assert!(status.contains(&format!("--resume {name}")), "{status}");
    name
}

#[test]
fn results_that_came_while_nobody_drove_are_not_made_again() {
    let work = Work::new(30, 20);
    let nats = Nats::start();
    let name = run_without_driver(&work, &nats);
    work.check_all_saved(&work.drive(&nats).arg("--resume").arg(&name).run());
    assert_eq!(work.gallery.requests().len(), 30);
}

#[test]
fn when_all_workers_vanish_the_driver_says_so_and_ends_and_can_be_resumed() {
    let work = Work::new(40, 50);
    let nats = Nats::start();
    let only = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).args(["--give-up", "3"]).start();
    let name = run_name(&running);
    wait_for_saved(&running, 4);
    kill(only);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("nothing has happened for 3 seconds"), "{}", run.stderr);
    let cure = format!("Start a host with `work`, and then go on with `drive --resume {name}`");
    assert!(run.stderr.contains(&cure), "{}", run.stderr);

    let _another = host(&nats, &["--io-workers", "4"]);
    let run = work.drive(&nats).arg("--resume").arg(&name).run();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    work.check(&run, &["saved", "skipped"]);
}

#[test]
fn a_server_that_stays_away_ends_the_drive() {
    let work = Work::new(40, 50);
    let mut nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).args(["--give-up", "3"]).start();
    wait_for_saved(&running, 4);
    nats.kill();
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    assert!(
        run.stderr.contains(&format!("the NATS server at {} is gone", nats.url())),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("Start it again on the same store"), "{}", run.stderr);
}

#[test]
fn a_server_that_takes_no_more_tasks_is_named_with_its_reason() {
    let work = Work::new(2, 4000); // time to change the server while the first task is under way
    let nats = Nats::start();
    let _host = host(&nats, &[]);
    let running = work.drive_patiently(&nats).args(["--window", "1", "--give-up", "3"]).start();
    wait_for("the first task", || (!work.gallery.requests().is_empty()).then_some(()));
    let config = json!({ "name": "hands-tasks", "subjects": ["hands.tasks.*"], "retention": "workqueue",
        "num_replicas": 1, "max_msg_size": 1 });
    let answer = nats.ask("$JS.API.STREAM.UPDATE.hands-tasks", &config.to_string());
    assert!(!answer.contains("\"error\""), "{answer}");
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    for word in ["isn't accepting tasks (", "Look in its log"] {
        assert!(run.stderr.contains(word), "{}", run.stderr);
    }
}

#[test]
fn a_server_that_goes_away_before_the_results_of_a_resumed_run_have_come_ends_the_drive() {
    let work = Work::new(3, 0);
    let nats = Nats::start();
    let name = run_without_driver(&work, &nats);
    let (url, _) = nats.cut_off_when_it_says("CONSUMER.MSG.NEXT.hands-results", 1, false);
    let drive = work.drive(&nats).env("NATS_URL", &url).args(["--give-up", "3"]);
    let run = drive.arg("--resume").arg(&name).run();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    assert!(run.stderr.contains(&format!("the NATS server at {url} is gone")), "{}", run.stderr);
    work.check_all_saved(&work.drive(&nats).arg("--resume").arg(&name).run());
    assert_eq!(work.gallery.requests().len(), 3, "nothing was done again");
}

/// Kills whoever asks for its picture: first the host, and later the process that a host has
/// started for this link alone.
#[derive(Clone, Default)]
struct Killer {
    host: Arc<Mutex<u32>>,
    killed: Arc<AtomicUsize>,
}

impl Killer {
    fn answer(&self) -> Answer {
        let killer = self.clone();
        Answer::with(move |_| {
            let host = *killer.host.lock().unwrap();
            if killer.killed.fetch_add(1, Ordering::SeqCst) < 2 {
                send(host, Signal::KILL);
            } else {
                // Other links that were lost twice are in processes of their own for a moment, too.
                let alone = || Some(children(host)).filter(|alone| alone.len() == 1);
                send(wait_for("the process that asks", alone)[0], Signal::KILL);
            }
            Answer::stall()
        })
    }
}

#[test]
fn a_link_that_kills_its_worker_each_time_ends_as_dead_and_takes_nobody_with_it() {
    let killer = Killer::default();
    let mut builder = Gallery::builder().latency(Duration::from_millis(20));
    for n in 0..20 {
        builder = builder.picture(format!("/{n}.jpg"), jpeg(), "image/jpeg");
    }
    let work = Work::on(builder.answer("/killer.jpg", killer.answer()).start().unwrap());
    let deadly = work.gallery.link("/killer.jpg");
    let mut links = work.gallery.links();
    links.retain(|link| *link != deadly);
    links.insert(5, deadly.clone());
    fs::write(work.file(), links.join("\n")).unwrap();

    let nats = Nats::start();
    let running = work.drive(&nats).start();
    // The host is started again, as systemd would do it.
    let mut hosts = Vec::new();
    let run = loop {
        let host = start_host(&nats, &["--io-workers", "8"]);
        *killer.host.lock().unwrap() = host.pid();
        let gone = wait_for("the host's end, or that of the run", || {
            let host_gone = !is_alive(host.pid());
            (host_gone || !is_alive(running.pid())).then_some(host_gone)
        });
        hosts.push(host);
        if !gone {
            break running.wait();
        }
    };
    assert_eq!(hosts.len(), 3, "two hosts were lost");
    assert_eq!(killer.killed.load(Ordering::SeqCst), 5);
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    let report = run.report().unwrap();
    let entries = report.as_array().unwrap();
    assert_eq!(entries.len(), 21);
    for entry in entries {
        let dead = entry["link"] == deadly.as_str();
        assert_eq!(entry["outcome"], if dead { "failed" } else { "saved" }, "{entry}");
        let reason = entry["reason"].as_str().unwrap_or_default();
        assert!(!dead || reason.contains("signal 9"), "{entry}");
    }
    let status = status(&nats);
    assert!(status.contains("Dead    1"), "{status}");
    assert!(status.contains("killer.jpg") && status.contains("signal 9"), "{status}");
}

#[test]
fn of_a_thousand_links_each_ends_once_while_hosts_are_killed_at_random() {
    let work = Work::new(1000, 5);
    let nats = Nats::start();
    let start = |n: usize| host(&nats, &["--io-workers", "8", "--name", &format!("host{n}")]);
    let mut hosts = [start(0), start(1)];
    let running = work.drive(&nats).limit(Duration::from_secs(300)).start();
    let mut random = fastrand::Rng::with_seed(7);
    let mut saved = 0;
    for _ in 0..8 {
        saved += random.usize(40..100);
        wait_for_saved(&running, saved);
        let victim = random.usize(..2);
        let fresh = start(victim);
        kill(std::mem::replace(&mut hosts[victim], fresh));
    }
    let run = running.wait();
    work.check_all_saved(&run);
    let asked: HashSet<String> = work.gallery.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(asked.len(), 1000);
}

#[test]
fn a_task_is_not_done_before_its_result_is_stored() {
    let work = Work::new(3, 0);
    let nats = Nats::start();
    let running = work.drive(&nats).start();
    run_name(&running);
    let stream = |most: i64| {
        let config = json!({ "name": "hands-results", "subjects": ["hands.results.*"], "retention": "interest",
            "max_age": 7 * 24 * 3_600_000_000_000_i64, "num_replicas": 1, "max_msg_size": most });
        let answer = nats.ask("$JS.API.STREAM.UPDATE.hands-results", &config.to_string());
        assert!(!answer.contains("\"error\""), "{answer}");
    };
    stream(1); // none is as small
    let first = host(&nats, &[]);
    wait_for("the work", || (count(&first.stdout(), "Processing ") == 3).then_some(()));
    nats.hear("hands.alive.*", 3); // it has tried, and lives
    kill(first);
    stream(-1);
    let _second = host(&nats, &[]);
    work.check_all_saved(&running.wait());
    assert_eq!(work.gallery.requests().len(), 6, "each was done again");
}

#[test]
fn a_task_is_there_once_though_the_answer_of_the_server_was_lost() {
    let work = Work::new(20, 20);
    let nats = Nats::start();
    let (url, given) = nats.cut_off_when_it_says("PUB hands.tasks.", 2, true);
    let running = work.drive_patiently(&nats).env("NATS_URL", url).start();
    wait_for("a second time", || (given.load(Ordering::SeqCst) > 20).then_some(()));
    let _host = host(&nats, &[]);
    work.check_all_saved(&running.wait());
    let info = nats.ask("$JS.API.STREAM.INFO.hands-tasks", "");
    assert!(info.contains("\"last_seq\":20,"), "given again, and not kept twice: {info}");
    assert_eq!(work.gallery.requests().len(), 20);
}

#[test]
fn a_host_ends_when_it_is_told_to_though_the_server_is_gone() {
    let work = Work::new(1, 0);
    let mut nats = Nats::start();
    let running = host(&nats, &[]);
    work.check_all_saved(&work.drive_patiently(&nats).run());
    nats.kill();
    send(running.pid(), Signal::TERM); // as systemd does
    let run = running.wait();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("1 task(s) done"), "{}", run.stdout);
}

#[test]
fn when_a_private_cluster_stands_still_there_is_nothing_to_resume() {
    let work = Work::new(40, 50);
    let drive = || {
        let step = cluster(&["drive", "--local", "1", "--io-workers", "2", "--give-up", "2"]);
        step.arg("--links").arg(work.file()).arg("--out").arg(work.out())
    };
    let running = drive().start();
    wait_for_saved(&running, 2);
    let host = local_hosts(&running)[0];
    send(host, Signal::STOP);
    wait_for("the end of the drive", || (!is_alive(running.pid())).then_some(()));
    send(host, Signal::KILL);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("nothing has happened for 2 seconds"), "{}", run.stderr);
    assert!(run.stderr.contains("what has been saved is skipped"), "{}", run.stderr);
    assert!(!run.stderr.contains("--resume"), "{}", run.stderr);

    let again = drive().run();
    assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
    work.check(&again, &["saved", "skipped"]);
    assert!(count(&again.stdout, "Skipped ") >= count(&run.stdout, "Saved "), "as it said");
}
