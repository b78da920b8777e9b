//! What the internet does to a program, on loopback: links that end well, and links that don't.

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pictures::gallery::paint::{self, Format};
use pictures::gallery::{Answer, Gallery};
use serde_json::Value;
use tempfile::TempDir;

/// A gallery that misbehaves, and a file with links to it.
pub(crate) struct BadInternet {
    _gallery: Gallery,
    /// Links that must be saved in the end.
    pub(crate) good: Vec<String>,
    /// Links that must fail, each with a word that its reason must have.
    pub(crate) bad: Vec<(String, &'static str)>,
    folder: TempDir,
}

pub(crate) fn jpeg() -> Vec<u8> {
    paint::picture(7, 200, 150, Format::Jpeg)
}

fn png() -> Vec<u8> {
    paint::picture(8, 120, 90, Format::Png)
}

impl BadInternet {
    pub(crate) fn open() -> Self {
        let picture = || Answer::picture(jpeg(), "image/jpeg");
        let long_name = format!("/{}.jpg", "long".repeat(100));
        let good: Vec<(&str, Answer)> = vec![
            ("/plain.jpg", picture()),
            ("/one/same.jpg", picture()),
            (
                "/two/same.jpg",
                Answer::picture(paint::picture(9, 64, 64, Format::Jpeg), "image/jpeg"),
            ),
            ("/no-length.png", Answer::picture(png(), "image/png").without_length()),
            ("/moved.png", Answer::redirect("/no-length.png")),
            ("/flaky.jpg", Answer::after(1, Answer::status(500), picture())),
            ("/busy.jpg", Answer::after(1, Answer::retry_after(Duration::from_secs(1)), picture())),
            ("/hasty.jpg", Answer::after(1, picture().truncated(500), picture())),
            ("/a/..%2f..%2fescape.jpg", picture()),
            (&long_name, picture()),
        ];
        let bad: Vec<(&str, Answer, &str)> = vec![
            ("/missing.jpg", Answer::status(404), "404"),
            ("/round.jpg", Answer::redirect_loop(), "redirect"),
            ("/silent.jpg", Answer::stall(), "stalled"),
            ("/dripping.jpg", picture().dripping(Duration::from_millis(50)), "stalled"),
            ("/cut.jpg", picture().truncated(1000), "of"),
            ("/cut-unsaid.jpg", picture().without_length().truncated(1000), "cut short"),
            ("/huge.jpg", Answer::oversized(1 << 40), "limit"),
            ("/endless.jpg", Answer::endless(), "limit"),
            (
                "/page.png",
                Answer::picture("<!DOCTYPE html><html>Hello</html>", "image/png"),
                "web page",
            ),
            ("/down.jpg", Answer::status(503), "503"),
        ];
        let mut builder = Gallery::builder();
        for (path, answer) in &good {
            builder = builder.answer(*path, answer.clone());
        }
        for (path, answer, _) in &bad {
            builder = builder.answer(*path, answer.clone());
        }
        let gallery = builder.start().expect("a gallery on loopback");

        // A port on which nobody listens any more.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let good: Vec<String> = good.iter().map(|(path, _)| gallery.link(path)).collect();
        let mut bad: Vec<(String, &str)> =
            bad.iter().map(|(path, _, why)| (gallery.link(path), *why)).collect();
        bad.extend([
            ("http://nowhere.invalid/a.jpg".to_owned(), "host"),
            (format!("http://127.0.0.1:{free}/a.jpg"), "refused"),
            ("ftp://127.0.0.1/a.jpg".to_owned(), "http"),
            ("not a link".to_owned(), "http"),
        ]);
        BadInternet { _gallery: gallery, good, bad, folder: tempfile::tempdir().unwrap() }
    }

    /// All links, one of them twice, with a comment and an empty line in between.
    pub(crate) fn links_file(&self) -> PathBuf {
        let mut text = String::from("# good ones\n\n");
        for link in
            self.good.iter().chain([&self.good[0]]).chain(self.bad.iter().map(|(link, _)| link))
        {
            text += link;
            text += "\n";
        }
        let file = self.folder.path().join("links.txt");
        fs::write(&file, text).unwrap();
        file
    }

    /// Short waits, so that the test is quick.
    pub(crate) const FLAGS: [&'static str; 8] =
        ["--timeout", "5", "--stall", "1", "--attempts", "2", "--max-megabytes", "4"];

    /// Checks that every link has ended once, as it should, with its reason.
    pub(crate) fn check(&self, report: &Value) {
        let entries = report.as_array().expect("an array");
        let by_link: HashMap<&str, &Value> =
            entries.iter().map(|entry| (entry["link"].as_str().unwrap(), entry)).collect();
        assert_eq!(entries.len(), by_link.len(), "a link ended twice");
        assert_eq!(entries.len(), self.good.len() + self.bad.len());
        for link in &self.good {
            let entry = by_link[link.as_str()];
            assert_eq!(entry["outcome"], "saved", "{entry}");
            assert!(entry["bytes"].as_u64() > Some(0) && entry["reason"].is_null(), "{entry}");
        }
        for (link, why) in &self.bad {
            let entry = by_link[link.as_str()];
            assert_eq!(entry["outcome"], "failed", "{entry}");
            assert!(entry["file"].is_null(), "{entry}");
            let reason = entry["reason"].as_str().unwrap();
            assert!(reason.contains(why), "{link}: {why:?} is not in {reason:?}");
        }
    }
}

/// The files in a folder that aren't hidden.
pub(crate) fn visible(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}
