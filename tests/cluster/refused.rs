//! What cannot work is refused in one line that says what to do.

use std::fs;
use std::path::Path;

use harness::Step;
use serde_json::json;

use crate::credentials::{self, Certificates};
use crate::drives::{Work, cluster, end, host};
use crate::nats::Nats;

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
        refused(at(in_url), &["refuses", "nats://me:***@127.0.0.1"]);
        refused(
            at("nats://".to_owned()),
            &["is not the address of a NATS server", "nats://host:4222"],
        );
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
        assert!(run.stdout.contains("***@127.0.0.1"), "{}", run.stdout);
        let guessed = without.replace(who, "gue5s");
        refused(cluster(&["status"]).bare().env("NATS_URL", guessed), &["refuses", "at ***@"]);
        // The variables of NATS's own tools go before the address.
        let told = cluster(&["status"]).bare().env("NATS_URL", &without).env("NATS_USER", "you");
        refused(told, &["refuses"]);
    }
}

/// Runs a cluster on a server that lets only those in who have these variables.
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
    refused(without(&["NATS_CA"]), &["cannot make an encrypted connection", "NATS_CA"]);
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
    refused(
        without(&[]).env("NATS_NKEY", &ca),
        &["doesn't hold the seed", "ca.pem", "which NATS_NKEY names"],
    );
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
            "the stream hands-results already exists",
            "storage",
            "Memory",
            "nats stream rm hands-results",
        ],
    );
    // Another cluster can live on the same server.
    let name = ["--cluster", "others"];
    let _host = host(&nats, &name);
    work.check_all_saved(&work.drive(&nats).args(name).run());
    // Its consumer is now as that drive made it.
    let other = cluster(&["drive", "--ack-wait", "2"]).args(name).env("NATS_URL", nats.url());
    refused(
        other.arg("--links").arg(work.file()),
        &[
            "the consumer workers already exists",
            "ack_wait",
            "`nats consumer rm others-tasks workers`",
        ],
    );
}

/// A stream as a drive makes it, but with these settings.
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
    let no_limit = "must be unlimited";
    let mut number = 0;
    for (kind, settings, words) in [
        ("tasks", json!({ "max_msgs": 500, "discard": "old" }), ["max_msgs is 500", no_limit]),
        ("tasks", json!({ "max_msgs": 500, "discard": "new" }), ["max_msgs is 500", no_limit]),
        ("tasks", json!({ "max_msgs_per_subject": 1 }), ["max_msgs_per_subject is 1", no_limit]),
        ("tasks", json!({ "max_bytes": 9000 }), ["max_bytes is 9000", no_limit]),
        ("tasks", json!({ "max_msg_size": 70 }), ["max_msg_size is 70", no_limit]),
        ("tasks", json!({ "no_ack": true }), ["no_ack is true", "must be false"]),
        ("results", json!({ "max_msgs": 3 }), ["max_msgs is 3", no_limit]),
        ("results", json!({ "max_bytes": 9000 }), ["max_bytes is 9000", no_limit]),
        ("results", json!({ "max_msg_size": 70 }), ["max_msg_size is 70", no_limit]),
        (
            "workers",
            json!({ "max_ack_pending": 2 }),
            ["max_ack_pending is 2", "must be at least 100000"],
        ),
        ("workers", json!({ "max_waiting": 3 }), ["max_waiting is 3", "must be at least 4096"]),
        ("workers", json!({ "max_batch": 4 }), ["max_batch is 4", "must be at least 4096"]),
        ("workers", json!({ "max_expires": 1_000_000 }), ["max_expires is 1ms", "must be 0ns"]),
        ("workers", json!({ "headers_only": true }), ["headers_only is true", "must be false"]),
        (
            "workers",
            json!({ "filter_subject": "x.tasks.mine" }),
            ["filter_subject is \"x.tasks.mine\"", "must be \"\""],
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
    // Without them, or with more room than is needed, all is well.
    make_stream(&nats, "good", "tasks", &json!({ "description": "ours" }));
    make_stream(&nats, "good", "results", &json!({ "duplicate_window": 1_000_000_000 }));
    make_workers(&nats, "good", &json!({ "max_ack_pending": 200_000, "max_waiting": 5000 }));
    let _host = host(&nats, &["--cluster", "good"]);
    work.check_all_saved(&drive("good").run());
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
    refused(no_url, &["\"http://localhost\" is not the address of a NATS server"]);
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
    let drive = help(&["drive"]);
    let (_, reach) = drive.split_once("Which flags reach which hosts").expect("it says so");
    for flag in ["--io-workers", "--per-host", "--ack-wait", "all others", "`work`"] {
        assert!(reach.contains(flag), "{flag}: {reach}");
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
        refused(step, &["a.b", "is not a name"]);
    }
}
