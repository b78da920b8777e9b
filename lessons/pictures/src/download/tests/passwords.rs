//! Passwords, and long or hostile links: what is shown of them, and where.

use super::*;

#[test]
fn a_password_is_decoded_and_sent_and_told_nowhere() {
    let gallery = Gallery::builder()
        .answer("/x.png", a_picture())
        .answer("/gone.png", Answer::redirect("http://me:p%40ss@127.0.0.1:1/"))
        .start()
        .unwrap();
    let secrets = ["p%40ss", "p@ss", "cEBz"];
    let link = |path: &str| gallery.link(path).replace("//", "//user:p%40ss@");
    let links = [
        link("/x.png"),
        link("/gone.png"),
        link("/").replace("http:", "ftp:"),
        "http://user:p%40ss/p@ss@host".to_owned(),
        "user:p%40ss@host/x.png".to_owned(),
        "http://user:p%40ss@host:port/".to_owned(),
    ];
    let parent = tempfile::tempdir().unwrap();
    let json = parent.path().join("report.json");
    let dir = setup_download_dir(parent.path().join("images")).unwrap();
    let client = Client::new(ClientLimits { attempts: 1, ..limits() });
    let report = Report::new(&links, Some(&json)).unwrap();
    let mut told = String::new();
    for link in &links {
        let entry = download_link(&client, &dir, link);
        told += &format!("{entry} {entry:?} {:?} {}\n", Visit::begin(link), name::from_link(link));
        if let Err(error) = client.fetch(link) {
            told += &format!("{error} {error:?}\n");
        }
        report.add(entry);
    }
    let summary = report.finish();
    assert_eq!(
        (summary.count(LinkOutcome::Saved), summary.count(LinkOutcome::Failed)),
        (1, 5),
        "{summary}"
    );
    told += &format!("{summary}\n{summary:?}\n{client:?}\n{:?}\n", Links::new(links.clone()));
    told += &fs::read_to_string(&json).unwrap();
    for file in fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        told += &file.file_name().into_string().unwrap();
        told += &String::from_utf8_lossy(&fs::read(file.path()).unwrap());
    }
    for secret in secrets {
        let lines = told.lines().filter(|line| line.contains(secret));
        assert_eq!(lines.collect::<Vec<_>>(), [""; 0]);
    }
    assert!(told.contains(&gallery.link("/x.png").replace("//", "//user:***@")), "{told}");
    let sent = gallery.requests()[0].authorization.clone();
    assert_eq!(sent.as_deref(), Some("Basic dXNlcjpwQHNz"), "user:p@ss");
}

#[test]
fn a_second_run_knows_a_link_with_a_password_again() {
    let parent = tempfile::tempdir().unwrap();
    let gallery = Gallery::builder().answer("/x.png", a_picture()).start().unwrap();
    let client = Client::new(limits());
    for (password, expected) in
        [("old", LinkOutcome::Saved), ("old", LinkOutcome::Skipped), ("new", LinkOutcome::Skipped)]
    {
        let dir = setup_download_dir(parent.path()).unwrap();
        let link = gallery.link("/x.png").replace("//", &format!("//me:{password}@"));
        assert_eq!(download_link(&client, &dir, &link).outcome, expected);
    }
    assert_eq!(gallery.asked("/x.png"), 1);
}

#[test]
fn a_link_of_ten_megabytes_takes_a_few_lines() {
    let long = "A".repeat(10 << 20);
    let links =
        [format!("data:image/png;base64,{long}"), format!("http://127.0.0.1/{long}"), long.clone()];
    let parent = tempfile::tempdir().unwrap();
    let dir = setup_download_dir(parent.path()).unwrap();
    let report = Report::new(&links, None).unwrap();
    let client = Client::new(limits());
    for link in &links {
        let error = client.fetch(link).unwrap_err().to_string();
        assert!(error.len() < 2000, "{} bytes", error.len());
        let entry = download_link(&client, &dir, link);
        assert_eq!((entry.outcome, &entry.link), (LinkOutcome::Failed, link));
        assert!(entry.reason.as_ref().unwrap().len() < 1000);
        assert!(entry.to_string().len() < 2000);
        report.add(entry);
    }
    let table = report.finish().to_string();
    assert!(table.len() < 6000, "{} bytes", table.len());
    assert!(table.contains("failed: data:image/png;base64,AAA"), "{table}");
    assert!(table.contains("… (10485782 bytes) …"), "{table}");
    assert!(table.contains("it begins with data:"), "{table}");
}

#[test]
fn what_a_server_says_cannot_command_the_terminal() {
    let location = "ftp://host/\u{202e}gpj.\u{200b}x\u{9b}2J";
    let (run, _) = against(Answer::redirect(location), limits());
    let reason = run.entry.reason.unwrap();
    assert!(reason.contains("ftp: is not followed"), "{reason}");
    assert!(!reason.chars().any(step::text::is_unseen), "{reason:?}");

    let entry = Entry::failed("http://host/\u{1b}[2J\u{202e}", "a\u{7}b\u{2066}");
    assert_eq!(entry.reason.as_deref(), Some("a\u{fffd}b\u{fffd}"));
    let report = Report::new(std::slice::from_ref(&entry.link), None).unwrap();
    report.add(entry);
    let table = report.finish().to_string();
    assert!(!table.replace('\n', "").chars().any(step::text::is_unseen), "{table:?}");
}
