//! Step 11: whoever is killed, and whatever goes away, each link ends exactly once.

#[path = "support/bad_internet.rs"]
mod bad_internet;
#[path = "support/credentials.rs"]
mod credentials;
#[path = "support/namespaces.rs"]
mod namespaces;
#[path = "support/nats.rs"]
mod nats;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bad_internet::{BadInternet, jpeg, visible};
use credentials::Certificates;
use harness::{Run, Running, Step, children, is_alive, status_kib, wait_for};
use namespaces::{Network, serve_picture};
use nats::Nats;
use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

fn cluster(args: &[&str]) -> Step {
    Step::new("11_cluster").args(args)
}

/// A host on this machine, as somebody else would start it on another one.
fn host(nats: &Nats, args: &[&str]) -> Running {
    let running = start_host(nats, args);
    wait_for("the host", || running.stdout().contains("works").then_some(()));
    running
}

fn start_host(nats: &Nats, args: &[&str]) -> Running {
    cluster(&["work"]).args(args).bare().env("NATS_URL", nats.url()).start()
}

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).ok(); // it may have gone already
}

/// As `kill -9`, and what it has started goes as well, by itself.
fn kill(running: Running) -> Run {
    send(running.pid(), Signal::KILL);
    running.wait()
}

fn end(running: Running) -> Run {
    send(running.pid(), Signal::INT);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    run
}

/// A job: small pictures behind a server that takes its time, a file of links to them, and a folder for the
/// results.
struct Work {
    gallery: Gallery,
    folder: TempDir,
}

impl Work {
    fn new(count: usize, latency: u64) -> Work {
        let picture = paint::picture(1, 160, 120, Format::Jpeg);
        let mut builder = Gallery::builder().latency(Duration::from_millis(latency));
        for n in 0..count {
            builder = builder.picture(format!("/{n}.jpg"), picture.clone(), "image/jpeg");
        }
        Work::on(builder.start().unwrap())
    }

    fn on(gallery: Gallery) -> Work {
        let folder = tempfile::tempdir().unwrap();
        let work = Work { gallery, folder };
        fs::write(work.file(), work.gallery.links().join("\n")).unwrap();
        work
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("links.txt")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// The step that drives it. Where workers are killed, without long waits for them.
    fn drive(&self, nats: &Nats) -> Step {
        self.drive_patiently(nats).args(["--ack-wait", "1"])
    }

    /// Where nobody is killed: a host that gets no time on a busy machine is not taken for dead.
    fn drive_patiently(&self, nats: &Nats) -> Step {
        let step = cluster(&["drive"]).env("NATS_URL", nats.url());
        step.arg("--links").arg(self.file()).arg("--out").arg(self.out())
    }

    /// Every link is in the report once, and ended so, or so.
    #[track_caller]
    fn check(&self, run: &Run, outcomes: &[&str]) {
        let report = run.report().expect("a report");
        let entries = report.as_array().unwrap();
        let mut links: Vec<&str> = entries.iter().map(|e| e["link"].as_str().unwrap()).collect();
        links.sort_unstable();
        let mut all = self.gallery.links();
        all.sort_unstable();
        assert_eq!(links, all, "{}\n{}", run.stdout, run.stderr);
        for entry in entries {
            assert!(outcomes.contains(&entry["outcome"].as_str().unwrap()), "{entry}");
        }
    }

    #[track_caller]
    fn check_all_saved(&self, run: &Run) {
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        self.check(run, &["saved"]);
        assert_eq!(visible(&self.out()).len(), self.gallery.links().len());
    }
}

fn count(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.starts_with(word)).count()
}

fn wait_for_saved(running: &Running, least: usize) {
    wait_for("pictures", || (count(&running.stdout(), "Saved ") >= least).then_some(()));
}

/// What the driver calls its run.
fn run_of(running: &Running) -> String {
    wait_for("the run's name", || {
        let stdout = running.stdout();
        let line = stdout.lines().find_map(|line| line.strip_prefix("Run "))?;
        line.split(' ').next().map(str::to_owned)
    })
}

// On one machine.

#[test]
fn it_makes_what_10_makes() {
    let kinds = [Format::Jpeg, Format::Png, Format::Tiff, Format::WebP];
    let mut builder = Gallery::builder();
    for (n, kind) in kinds.into_iter().enumerate() {
        let picture = paint::picture(n as u64, 300, 200, kind);
        builder =
            builder.picture(format!("/{n}.{}", kind.extension()), picture, kind.content_type());
    }
    let work = Work::on(builder.start().unwrap());
    let thumbnails = |run: &Run| -> Vec<(String, Vec<u8>)> {
        assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
        let names = visible(run.out()).into_iter();
        names.map(|name| (name.clone(), fs::read(run.out().join(name)).unwrap())).collect()
    };
    let before = Step::new("10_pipeline").arg("--links").arg(work.file()).run();
    let run = cluster(&["drive", "--local", "2"]).arg("--links").arg(work.file()).run();
    assert_eq!(thumbnails(&run), thumbnails(&before));
    assert!(run.stdout.contains("4 saved, 0 skipped, 0 failed"), "{}", run.stdout);
    let said = |word| count(&run.stdout, word);
    assert_eq!((said("Downloading "), said("Processing "), said("Saved ")), (4, 4, 4));
}

#[test]
fn two_hosts_work_at_the_same_time_and_one_picture_shows_both() {
    let work = Work::new(24, 100);
    let run = cluster(&["drive", "--local", "2", "--io-workers", "3", "--workers", "1"])
        .arg("--links")
        .arg(work.file())
        .run();
    work.check(&run, &["saved"]);
    assert!(work.gallery.peak() > 3, "more than one host was there: {}", work.gallery.peak());
    assert!(work.gallery.peak() <= 6, "three at a time each: {}", work.gallery.peak());

    let trace = run.trace();
    let of = |what: &str| trace.spans_of(|row| row.starts_with(what));
    let (one, two) = (of("host1 download "), of("host2 download "));
    assert_eq!(one.len() + two.len(), 24);
    assert!(one.iter().any(|span| two.iter().any(|other| span.overlaps(other))));
    assert_eq!(of("host1 process ").len(), one.len());
    // A picture is downloaded, then processed, then saved, also by the clock of the driver.
    for n in 0..24 {
        let find = |what: &str| {
            let name = format!("{what} {n}.jpg");
            trace.spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}"))
        };
        let (download, process, save) = (find("download"), find("process"), find("save"));
        assert!(download.end <= process.start, "{download:?} {process:?}");
        let late = Duration::from_millis(20); // two clocks, compared across a socket on a busy machine
        assert!(process.end <= save.start + late, "{process:?} {save:?}");
    }
}

/// The processes with this folder in their arguments or environment, and the folders of private servers.
fn stores(temporary: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(temporary).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("many-hands-nats-")).collect()
}

/// Everything that a process has started, and what that has.
fn descendants(pid: u32) -> Vec<u32> {
    let mut all = children(pid);
    let mut next = 0;
    while let Some(&pid) = all.get(next) {
        all.extend(children(pid));
        next += 1;
    }
    all
}

/// A private cluster in the middle of its work: its driver, and all that it has started.
fn private_cluster(work: &Work, temporary: &Path) -> (Running, Vec<u32>) {
    let running = cluster(&["drive", "--local", "2", "--io-workers", "1"])
        .arg("--links")
        .arg(work.file())
        .arg("--out")
        .arg(work.out())
        .env("TMPDIR", temporary)
        .start();
    wait_for_saved(&running, 1);
    let all = descendants(running.pid());
    assert!(all.len() >= 4, "a keeper, a server and two hosts: {all:?}");
    assert_eq!(stores(temporary).len(), 1);
    (running, all)
}

fn all_gone(all: &[u32], temporary: &Path) {
    wait_for("the end of all that it has started", || {
        (!all.iter().any(|&pid| is_alive(pid)) && stores(temporary).is_empty()).then_some(())
    });
}

#[test]
fn of_a_private_cluster_nothing_is_left_however_its_driver_ends() {
    for signal in [None, Some(Signal::INT), Some(Signal::KILL)] {
        let work = Work::new(40, 200); // some seconds
        let temporary = tempfile::tempdir().unwrap();
        let (running, all) = private_cluster(&work, temporary.path());
        if let Some(signal) = signal {
            send(running.pid(), signal);
        }
        let run = running.wait();
        let expected = match signal {
            None => Some(0),
            Some(Signal::INT) => Some(130),
            Some(_) => None,
        };
        assert_eq!(run.status.code(), expected, "{}\n{}", run.stdout, run.stderr);
        all_gone(&all, temporary.path());
    }
}

#[test]
fn ctrl_c_ends_what_was_begun_and_the_next_run_goes_on() {
    let work = Work::new(200, 50);
    let nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive_patiently(&nats).start();
    wait_for_saved(&running, 5);
    send(running.pid(), Signal::INT);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(130), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("run again to go on"), "{}", run.stdout);
    let asked = work.gallery.requests().len();
    assert!((5..150).contains(&asked), "{asked}");
    let report = run.report().unwrap();
    assert_eq!(report.as_array().unwrap().len(), asked, "what was begun was finished");

    let again = work.drive_patiently(&nats).run();
    assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
    work.check(&again, &["saved", "skipped"]);
    assert_eq!(work.gallery.requests().len(), 200, "each link was asked for once");
}

#[test]
fn the_second_drive_asks_for_nothing() {
    let work = Work::new(6, 0);
    let nats = Nats::start();
    let _host = host(&nats, &[]);
    work.check_all_saved(&work.drive_patiently(&nats).run());
    let again = work.drive_patiently(&nats).run();
    assert!(again.stdout.contains("0 saved, 6 skipped, 0 failed"), "{}", again.stdout);
    assert_eq!(work.gallery.requests().len(), 6);
}

#[test]
fn every_link_of_a_bad_internet_ends_as_saved_or_failed_with_its_reason() {
    let internet = BadInternet::open();
    let run = cluster(&["drive", "--local", "2"])
        .args(BadInternet::FLAGS)
        .arg("--links")
        .arg(internet.links_file())
        .run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    internet.check(&run.report().unwrap());
    assert_eq!(visible(run.out()).len(), internet.good.len());
}

// Killed, and gone.

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
    // The keeper of the server is a shell; the host is this program.
    let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let hosts: Vec<u32> =
        children(running.pid()).into_iter().filter(|p| name(p) != "sh\n").collect();
    assert_eq!(hosts.len(), 1);
    send(hosts[0], Signal::KILL);
    let run = running.wait();
    work.check_all_saved(&run);
    assert!(
        run.stdout.contains("host1 has ended (crashed: its process was ended by signal 9"),
        "{}",
        run.stdout
    );
    let rows = run.trace().rows;
    assert!(rows.iter().any(|row| row.name == "host1 process 1"), "{rows:?}");
    assert!(!rows.iter().any(|row| row.name.starts_with("process ")), "without a story: {rows:?}");
}

#[test]
fn a_server_that_is_killed_and_comes_back_has_forgotten_nothing() {
    let work = Work::new(80, 50);
    let mut nats = Nats::start();
    let _host = host(&nats, &["--io-workers", "4"]);
    let running = work.drive(&nats).start();
    wait_for_saved(&running, 8);
    nats.kill();
    wait_for("a word", || running.stdout().contains("The NATS server is away").then_some(()));
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
    let name = run_of(&running);
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
    let name = run_of(&running);
    let waiting = || cluster(&["status"]).bare().env("NATS_URL", nats.url()).run().stdout;
    wait_for("the tasks", || waiting().contains(&format!("{links} wait")).then_some(()));
    kill(running);
    let host = host(nats, &[]);
    wait_for("the end", || (work.gallery.requests().len() == links).then_some(()));
    end(host); // it has stored all results, and gone
    assert!(waiting().contains(&format!("--resume {name}")), "{}", waiting());
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
    let name = run_of(&running);
    wait_for_saved(&running, 4);
    kill(only);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("nothing has moved for 3 seconds"), "{}", run.stderr);
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
    assert!(run.stderr.contains("Start it again, on its store"), "{}", run.stderr);
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
    for word in ["takes no task (", "Look what it says in its log"] {
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

#[test]
fn a_link_that_kills_its_worker_each_time_ends_as_dead_and_takes_nobody_with_it() {
    // Whoever asks for this picture is killed: the host, and later, when the host has become careful, the
    // process that it has made for this link alone.
    let asking: Arc<Mutex<u32>> = Arc::default();
    let killed = Arc::new(AtomicUsize::new(0));
    let (victim, kills) = (Arc::clone(&asking), Arc::clone(&killed));
    let killer = Answer::with(move |_| {
        kills.fetch_add(1, Ordering::SeqCst);
        let host = *victim.lock().unwrap();
        if kills.load(Ordering::SeqCst) <= 2 {
            send(host, Signal::KILL);
        } else {
            // Others that were lost twice are in processes of their own for a moment, too.
            let alone = || Some(children(host)).filter(|alone| alone.len() == 1);
            send(wait_for("the process that asks", alone)[0], Signal::KILL);
        }
        Answer::stall()
    });
    let mut builder = Gallery::builder().latency(Duration::from_millis(20));
    for n in 0..20 {
        builder = builder.picture(format!("/{n}.jpg"), jpeg(), "image/jpeg");
        if n == 5 {
            builder = builder.answer("/killer.jpg", killer.clone());
        }
    }
    let work = Work::on(builder.start().unwrap());
    let killer = work.gallery.link("/killer.jpg");
    let mut links = work.gallery.links();
    if !links.contains(&killer) {
        links.insert(5, killer.clone());
    }
    fs::write(work.file(), links.join("\n")).unwrap();

    let nats = Nats::start();
    let running = work.drive(&nats).start();
    // Whoever looks after the host starts it again, as systemd would.
    let mut hosts = Vec::new();
    let run = loop {
        let host = start_host(&nats, &["--io-workers", "8"]);
        *asking.lock().unwrap() = host.pid();
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
    assert_eq!(killed.load(Ordering::SeqCst), 5);
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    let report = run.report().unwrap();
    let entries = report.as_array().unwrap();
    assert_eq!(entries.len(), 21);
    for entry in entries {
        let dead = entry["link"] == killer.as_str();
        assert_eq!(entry["outcome"], if dead { "failed" } else { "saved" }, "{entry}");
        let reason = entry["reason"].as_str().unwrap_or_default();
        assert!(!dead || reason.contains("signal 9"), "{entry}");
    }
    let status = cluster(&["status"]).bare().env("NATS_URL", nats.url()).run().stdout;
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
    run_of(&running);
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

// Slow, and several at once.

#[test]
fn a_slow_task_is_not_given_to_another_host_while_its_worker_lives() {
    // Twice as long as a task may be silent.
    let work = Work::new(2, 6000);
    let nats = Nats::start();
    let _hosts = [host(&nats, &[]), host(&nats, &[])];
    work.check_all_saved(&work.drive_patiently(&nats).args(["--ack-wait", "3"]).run());
    assert_eq!(work.gallery.requests().len(), 2, "each link was asked for once");
}

#[test]
fn two_drives_at_once_share_the_hosts_and_do_not_mix() {
    let (one, two) = (Work::new(60, 50), Work::new(60, 50));
    let nats = Nats::start();
    let _hosts = [host(&nats, &["--io-workers", "3"]), host(&nats, &["--io-workers", "3"])];
    let drives =
        [&one, &two].map(|work| work.drive_patiently(&nats).args(["--window", "12"]).start());
    for running in &drives {
        wait_for_saved(running, 3);
    }
    assert!(drives.iter().all(|running| is_alive(running.pid())), "they run at the same time");
    let names = drives.each_ref().map(run_of);
    assert_ne!(names[0], names[1]);
    for (work, running) in [&one, &two].into_iter().zip(drives) {
        work.check_all_saved(&running.wait());
        assert_eq!(work.gallery.requests().len(), 60, "each link was asked for once");
    }
}

#[test]
fn a_host_ends_what_it_has_begun_and_takes_nothing_new() {
    let work = Work::new(60, 50);
    let nats = Nats::start();
    let (first, _second) =
        (host(&nats, &["--io-workers", "4"]), host(&nats, &["--io-workers", "4"]));
    let running = work.drive_patiently(&nats).start();
    wait_for_saved(&running, 8);
    let run = end(first);
    let done: usize = run
        .stdout
        .lines()
        .find_map(|line| line.strip_suffix(" task(s) done")?.parse().ok())
        .unwrap_or_else(|| panic!("{}", run.stdout));
    assert_eq!(done, count(&run.stdout, "Downloading "), "all that it began");
    work.check_all_saved(&running.wait());
    assert_eq!(work.gallery.requests().len(), 60, "each link was asked for once");
}

/// The namespaces must be made by root: `tests/run` runs this one, too.
#[test]
#[ignore = "needs root"]
fn a_host_that_is_cut_off_and_comes_back_is_neither_waited_for_nor_counted_twice() {
    let network = Network::with_hosts(2);
    let pictures = serve_picture(&network.here(), jpeg());
    let folder = tempfile::tempdir().unwrap();
    let links: Vec<String> = (0..300).map(|n| format!("http://{pictures}/{n}.jpg")).collect();
    let file = folder.path().join("links.txt");
    fs::write(&file, links.join("\n")).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nats = Nats::at(&format!("{}:{port}", network.here()), "jetstream { store_dir: STORE }");

    let start = |n: usize| {
        let step = cluster(&["work", "--io-workers", "2", "--name", &format!("host{n}")]).bare();
        let step = step.env("NATS_URL", nats.url()).env("NO_PROXY", "*");
        step.through(&["ip", "netns", "exec", network.host(n)]).start()
    };
    let hosts = [start(0), start(1)];
    for host in &hosts {
        wait_for("the host", || host.stdout().contains("works").then_some(()));
    }
    let drive = cluster(&["drive", "--ack-wait", "1"]).env("NATS_URL", nats.url());
    let running = drive.arg("--links").arg(&file).start();
    wait_for_saved(&running, 20);
    network.set(0, "down");
    let saved = count(&running.stdout(), "Saved ");
    wait_for_saved(&running, saved + 40); // the other one goes on
    network.set(0, "up");
    let run = running.wait();
    assert_eq!(run.status.code(), Some(0), "{}\n{}", run.stdout, run.stderr);
    let report = run.report().unwrap();
    let mut ended: Vec<&str> =
        report.as_array().unwrap().iter().map(|entry| entry["link"].as_str().unwrap()).collect();
    ended.sort_unstable();
    let mut all: Vec<&str> = links.iter().map(String::as_str).collect();
    all.sort_unstable();
    assert_eq!(ended, all);
    for host in hosts {
        assert!(count(&host.stdout(), "Downloading ") > 0, "both have worked");
        end(host);
    }
}

#[test]
fn of_a_million_links_only_those_that_are_under_way_are_in_memory() {
    let work = Work::new(1, 0);
    let nats = Nats::start();
    let _host = host(&nats, &[]);
    let measure = |count_of_links: usize| {
        let line =
            |n| format!("{}/a/folder/with/some/name/picture-{n:07}.jpg\n", work.gallery.url());
        fs::write(work.file(), (0..count_of_links).map(line).collect::<String>()).unwrap();
        let running = work.drive(&nats).start();
        wait_for("2000 links", || (count(&running.stdout(), "Failed ") >= 2000).then_some(()));
        let memory = status_kib(running.pid(), "VmHWM").expect("it lives");
        send(running.pid(), Signal::INT);
        let run = running.wait();
        assert_eq!(run.status.code(), Some(130), "{}", run.stderr);
        memory
    };
    let (few, many) = (measure(10_000), measure(1_000_000));
    // The file of a million is 70 MB. What is kept of each link is a hash of 8 bytes.
    assert!(many < few + 40.0 * 1024.0, "{few} KiB with 10,000 links, {many} KiB with a million");
}

// What is not as it should be.

#[track_caller]
fn refused(step: Step, words: &[&str]) {
    let run = step.run();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    let errors: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("Error")).collect();
    let [error] = errors[..] else { panic!("one line: {}", run.stderr) };
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

#[test]
fn a_server_that_is_not_there_or_refuses_us_is_one_line_that_says_what_to_do() {
    let work = Work::new(1, 0);
    let secret = "authorization { user: me, password: secret }\njetstream { store_dir: STORE }";
    let (with_password, without_jetstream) = (Nats::with(secret), Nats::with(""));
    let gone = {
        let nats = Nats::start();
        nats.url()
    };
    let steps: [fn(&Work) -> Step; 3] = [
        |work| cluster(&["drive"]).arg("--links").arg(work.file()),
        |_| cluster(&["work"]).bare(),
        |_| cluster(&["status"]).bare(),
    ];
    for step in steps {
        let at = |url: String| step(&work).env("NATS_URL", url);
        refused(at(gone.clone()), &[&gone, "nats-server -js", "--local 2"]);
        refused(at(without_jetstream.url()), &["has no JetStream", "nats-server -js"]);
        refused(at(with_password.url()), &["refuses", "NATS_USER"]);
        let wrong = at(with_password.url()).env("NATS_USER", "me").env("NATS_PASSWORD", "guess");
        refused(wrong, &["refuses", "NATS_PASSWORD"]);
        let in_url = with_password.url().replace("//", "//me:gues5@");
        refused(at(in_url), &["refuses", "nats://…@127.0.0.1"]);
        refused(at("nats://".to_owned()), &["no address", "nats://host:4222"]);
    }
    let right = |step: Step| {
        step.env("NATS_URL", with_password.url())
            .env("NATS_USER", "me")
            .env("NATS_PASSWORD", "secret")
    };
    let running = right(cluster(&["work"]).bare()).start();
    let run = right(work.drive(&with_password)).run();
    work.check_all_saved(&run);
    end(running);
}

#[test]
fn who_we_are_may_be_said_in_the_address() {
    let user = Nats::with(
        "authorization { user: me, password: \"s:e/c@ret\" }\njetstream { store_dir: STORE }",
    );
    let token = Nats::with("authorization { token: \"s3cret\" }\njetstream { store_dir: STORE }");
    for (nats, who) in [(&user, "me:s%3Ae%2Fc%40ret"), (&token, "s3cret")] {
        let with_scheme = nats.url().replace("//", &format!("//{who}@"));
        let without = with_scheme.replace("nats://", "");
        let work = Work::new(2, 0);
        let running = cluster(&["work"]).bare().env("NATS_URL", &with_scheme).start();
        let run = work.drive(nats).env("NATS_URL", &without).run();
        work.check_all_saved(&run);
        let ended = end(running);
        for shown in [&run.stdout, &run.stderr, &ended.stdout, &ended.stderr] {
            assert!(!shown.contains(who), "{shown}");
        }
        assert!(run.stdout.contains("on …@127.0.0.1"), "{}", run.stdout);
        let guessed = without.replace(who, "gue5s");
        refused(cluster(&["status"]).bare().env("NATS_URL", guessed), &["refuses", "at …@"]);
        // Who says it in the way of NATS's own tools says it there.
        let told = cluster(&["status"]).bare().env("NATS_URL", &without).env("NATS_USER", "you");
        refused(told, &["refuses"]);
    }
}

/// A cluster on a server that lets in only who comes with these variables.
#[track_caller]
fn works_with(nats: &Nats, variables: &[(&str, &Path)]) {
    let work = Work::new(2, 0);
    let with =
        |step: Step| variables.iter().fold(step, |step, (name, value)| step.env(name, value));
    let running = with(cluster(&["work"]).bare().env("NATS_URL", nats.url())).start();
    work.check_all_saved(&with(work.drive(nats)).run());
    end(running);
}

#[test]
fn an_encrypted_server_that_asks_for_certificates_and_a_key_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let user = nkeys::KeyPair::new_user();
    let seed = folder.path().join("seed");
    fs::write(&seed, format!("{}\n", user.seed().unwrap())).unwrap();
    let nats = Nats::with(&format!(
        "{}\nauthorization {{ users: [{{ nkey: {} }}] }}\njetstream {{ store_dir: STORE }}",
        certificates.settings(),
        user.public_key()
    ));
    let [ca, cert, key] =
        ["ca.pem", "client.pem", "client-key.pem"].map(|name| certificates.file(name));
    let all: [(&str, &Path); 4] =
        [("NATS_CA", &ca), ("NATS_CERT", &cert), ("NATS_KEY", &key), ("NATS_NKEY", &seed)];
    works_with(&nats, &all);

    let without = |missing: &[&str]| {
        let given = all.iter().filter(|(name, _)| !missing.contains(name));
        let step = cluster(&["status"]).bare().env("NATS_URL", nats.url());
        given.fold(step, |step, (name, value)| step.env(name, value))
    };
    refused(without(&["NATS_CA"]), &["no encrypted connection", "NATS_CA"]);
    refused(without(&["NATS_CERT", "NATS_KEY"]), &["NATS_CERT and NATS_KEY"]);
    refused(without(&["NATS_NKEY"]), &["refuses this user", "NATS_NKEY"]);
    for name in ["NATS_CA", "NATS_CERT", "NATS_KEY"] {
        let missing = folder.path().join("missing.pem");
        let step = without(&[name]).env(name, &missing);
        refused(step, &["cannot read", "missing.pem", &format!("which {name} names")]);
    }
    let another = folder.path().join("another");
    fs::write(&another, nkeys::KeyPair::new_user().seed().unwrap()).unwrap();
    refused(without(&[]).env("NATS_NKEY", &another), &["refuses this user"]);
    refused(without(&[]).env("NATS_NKEY", &ca), &["no seed", "ca.pem", "which NATS_NKEY names"]);
    refused(
        without(&[]).env("NATS_NKEY", folder.path().join("none")),
        &["cannot read", "NATS_NKEY"],
    );
}

#[test]
fn a_server_with_an_operator_takes_a_file_of_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, credentials) = credentials::operator();
    let file = folder.path().join("hands.creds");
    fs::write(&file, credentials).unwrap();
    let nats = Nats::with(&format!("{settings}\njetstream {{ store_dir: STORE }}"));
    works_with(&nats, &[("NATS_CREDS", &file)]);

    let status = || cluster(&["status"]).bare().env("NATS_URL", nats.url());
    refused(status(), &["refuses this user", "NATS_CREDS"]);
    refused(status().env("NATS_CREDS", folder.path()), &["cannot read", "NATS_CREDS"]);
    let no_credentials = folder.path().join("empty.creds");
    fs::write(&no_credentials, "").unwrap();
    refused(status().env("NATS_CREDS", &no_credentials), &["NATS_CREDS"]);
}

#[test]
fn what_is_there_with_other_settings_is_named_with_the_difference() {
    let work = Work::new(1, 0);
    let nats = Nats::start();
    let stream = r#"{"name":"hands-results","subjects":["hands.results.*"],"storage":"memory","num_replicas":1}"#;
    let answer = nats.ask("$JS.API.STREAM.CREATE.hands-results", stream);
    assert!(answer.contains("\"did_create\":true"), "{answer}");
    refused(
        work.drive(&nats),
        &[
            "the stream hands-results is there already",
            "storage",
            "Memory",
            "nats stream rm hands-results",
        ],
    );
    // Beside it, another cluster is at home on the same server.
    let name = ["--cluster", "others"];
    let _host = host(&nats, &name);
    work.check_all_saved(&work.drive(&nats).args(name).run());
    // There the consumer of the workers is now as that drive wanted it.
    let other = cluster(&["drive", "--ack-wait", "2"]).args(name).env("NATS_URL", nats.url());
    refused(
        other.arg("--links").arg(work.file()),
        &[
            "the consumer workers is there already",
            "ack_wait",
            "`nats consumer rm others-tasks workers`",
        ],
    );
}

/// As a drive makes it, but for these settings.
fn make_stream(nats: &Nats, cluster: &str, kind: &str, settings: &serde_json::Value) {
    let name = format!("{cluster}-{kind}");
    let mut stream = json!({ "name": name, "subjects": [format!("{cluster}.{kind}.*")],
        "storage": "file", "num_replicas": 1 });
    let of_kind = match kind {
        "tasks" => json!({ "retention": "workqueue" }),
        _ => json!({ "retention": "interest", "max_age": 7 * 24 * 3600 * 1_000_000_000_u64 }),
    };
    for more in [&of_kind, settings] {
        stream.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    let answer = nats.ask(&format!("$JS.API.STREAM.CREATE.{name}"), &stream.to_string());
    assert!(answer.contains("\"did_create\":true"), "{answer}");
}

fn make_workers(nats: &Nats, cluster: &str, settings: &serde_json::Value) {
    let stream = format!("{cluster}-tasks");
    let mut workers = json!({ "durable_name": "workers", "ack_policy": "explicit",
        "ack_wait": 1_000_000_000, "max_deliver": -1, "deliver_policy": "all",
        "replay_policy": "instant", "max_ack_pending": 100_000, "max_waiting": 4096 });
    workers.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let question = json!({ "stream_name": stream, "config": workers }).to_string();
    let answer = nats.ask(&format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.workers"), &question);
    assert!(!answer.contains("\"error\""), "{answer}");
}

#[test]
fn settings_that_would_lose_tasks_or_keep_them_waiting_are_refused() {
    let work = Work::new(1, 0);
    let nats = Nats::start();
    let drive = |cluster: &str| work.drive(&nats).args(["--cluster", cluster]);
    let no_limit = "we need no limit";
    let mut number = 0;
    for (kind, settings, words) in [
        ("tasks", json!({ "max_msgs": 500, "discard": "old" }), ["max_msgs 500", no_limit]),
        ("tasks", json!({ "max_msgs": 500, "discard": "new" }), ["max_msgs 500", no_limit]),
        ("tasks", json!({ "max_msgs_per_subject": 1 }), ["max_msgs_per_subject 1", no_limit]),
        ("tasks", json!({ "max_bytes": 9000 }), ["max_bytes 9000", no_limit]),
        ("tasks", json!({ "max_msg_size": 70 }), ["max_msg_size 70", no_limit]),
        ("tasks", json!({ "no_ack": true }), ["no_ack true", "we need false"]),
        ("results", json!({ "max_msgs": 3 }), ["max_msgs 3", no_limit]),
        ("results", json!({ "max_bytes": 9000 }), ["max_bytes 9000", no_limit]),
        ("results", json!({ "max_msg_size": 70 }), ["max_msg_size 70", no_limit]),
        ("workers", json!({ "max_ack_pending": 2 }), ["max_ack_pending 2", "need 100000 at least"]),
        ("workers", json!({ "max_waiting": 3 }), ["max_waiting 3", "need 4096 at least"]),
        ("workers", json!({ "max_batch": 4 }), ["max_batch 4", "need 4096 at least"]),
        ("workers", json!({ "max_expires": 1_000_000 }), ["max_expires 1ms", "we need 0ns"]),
        ("workers", json!({ "headers_only": true }), ["headers_only true", "we need false"]),
        (
            "workers",
            json!({ "filter_subject": "x.tasks.mine" }),
            ["filter \"x.tasks.mine\"", "\"\""],
        ),
    ] {
        number += 1;
        let cluster = format!("c{number}");
        let what = if kind == "workers" {
            let settings = settings.to_string().replace("x.tasks", &format!("{cluster}.tasks"));
            make_stream(&nats, &cluster, "tasks", &json!({}));
            make_workers(&nats, &cluster, &settings.parse().unwrap());
            format!("`nats consumer rm {cluster}-tasks workers`")
        } else {
            make_stream(&nats, &cluster, kind, &settings);
            format!("`nats stream rm {cluster}-{kind}`")
        };
        let words = words.map(|word| word.replace("x.tasks", &format!("{cluster}.tasks")));
        refused(drive(&cluster), &[&what, &words[0], &words[1]]);
    }
    // Without them, and where there is more room than is needed, all is well.
    make_stream(&nats, "good", "tasks", &json!({ "description": "ours" }));
    make_stream(&nats, "good", "results", &json!({ "duplicate_window": 1_000_000_000 }));
    make_workers(&nats, "good", &json!({ "max_ack_pending": 200_000, "max_waiting": 5000 }));
    let _host = host(&nats, &["--cluster", "good"]);
    work.check_all_saved(&drive("good").run());
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
    // The keeper of the server is a shell; the host is this program.
    let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let host = children(running.pid()).into_iter().find(|&pid| name(pid) != "sh\n").unwrap();
    send(host, Signal::STOP);
    wait_for("the end of the drive", || (!is_alive(running.pid())).then_some(()));
    send(host, Signal::KILL);
    let run = running.wait();
    assert_eq!(run.status.code(), Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("nothing has moved for 2 seconds"), "{}", run.stderr);
    assert!(run.stderr.contains("links that were saved are skipped"), "{}", run.stderr);
    assert!(!run.stderr.contains("--resume"), "{}", run.stderr);

    let again = drive().run();
    assert_eq!(again.status.code(), Some(0), "{}\n{}", again.stdout, again.stderr);
    work.check(&again, &["saved", "skipped"]);
    assert!(count(&again.stdout, "Skipped ") >= count(&run.stdout, "Saved "), "as it said");
}

#[test]
fn without_nats_server_there_is_no_local_cluster() {
    let work = Work::new(1, 0);
    let local = || cluster(&["drive", "--local", "2"]).arg("--links").arg(work.file());
    refused(
        local().env("NATS_SERVER", "/nowhere/nats-server"),
        &["nats-server is not installed", "apt-get"],
    );
    refused(local().env("NATS_SERVER", "/bin/false"), &["the private NATS server did not start"]);
}

#[test]
fn what_cannot_work_is_said_before_any_link_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let nats = Nats::start();
    let drive = || cluster(&["drive"]).env("NATS_URL", nats.url());
    refused(drive().arg("--links").arg(folder.path().join("missing")), &["missing"]);
    refused(drive().arg("--links").arg(&file), &["is empty"]);
    for flag in ["--out", "--report"] {
        let below = file.join("below");
        refused(
            drive().arg("--links").arg(Work::new(1, 0).file()).arg(flag).arg(&below),
            &[below.to_str().unwrap()],
        );
    }
    // Hosts elsewhere cannot reach what is on this machine's loopback.
    let far = cluster(&["drive"]).env("NATS_URL", "nats://192.0.2.1:4222");
    refused(far, &["the offline gallery is on this machine alone", "--links FILE"]);
    let no_url = cluster(&["drive"]).env("NATS_URL", "http://localhost");
    refused(no_url, &["\"http://localhost\" is no address of a NATS server"]);
}

#[test]
fn help_and_bad_values() {
    let help = |args: &[&str]| cluster(args).bare().arg("--help").run().stdout;
    for word in ["drive", "work", "status"] {
        assert!(help(&[]).contains(word), "{word}");
    }
    let flags = ["--local", "--resume", "--window", "--ack-wait", "--latency", "--links", "--out"];
    for flag in flags.into_iter().chain(["--report", "--timeline", "--workers", "NATS_URL"]) {
        assert!(help(&["drive"]).contains(flag), "{flag}");
    }
    for flag in ["--name", "--io-workers", "--workers", "NATS_CREDS", "NATS_CA"] {
        assert!(help(&["work"]).contains(flag), "{flag}");
    }
    for bad in [
        &["drive", "--local=0"][..],
        &["drive", "--local=65"],
        &["drive", "--local=2", "--resume=x"],
        &["drive", "--io-workers=2"], // of which host?
        &["drive", "--workers=2"],
        &["drive", "--window=0"],
        &["drive", "--ack-wait=0"],
        &["drive", "--replicas=9"],
        &["work", "--workers=0"],
        &["work", "--io-workers=5000"],
        &["play"],
        &[],
    ] {
        assert_eq!(cluster(bad).bare().run().status.code(), Some(2), "{bad:?}");
    }
    let nats = Nats::start();
    for (command, flag) in [("work", "--name"), ("status", "--cluster"), ("drive", "--resume")] {
        let step = cluster(&[command, flag, "a.b", "--server", &nats.url()]).bare();
        refused(step, &["a.b", "is no name"]);
    }
}
