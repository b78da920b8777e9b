//! Tasks that take long, several drives and hosts at once, and more links than fit into memory.

use std::fs;

use harness::{is_alive, status_kib, wait_for};
use rustix::process::Signal;

use crate::bad_internet::jpeg;
use crate::drives::{Work, cluster, count, end, host, run_name, send, wait_for_saved};
use crate::namespaces::{Network, serve_picture};
use crate::nats::Nats;

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
    let names = drives.each_ref().map(run_name);
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
        wait_for("the host", || host.stdout().contains("is working").then_some(()));
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
