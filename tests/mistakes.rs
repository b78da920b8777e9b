//! The mistakes that the book shows. Either the compiler refuses it with the message that the book
//! prints, or it compiles and goes wrong as the book says. And each fix mends its mistake.
//!
//! After a change to a mistake, or with a new compiler, `RECORD=1 cargo test --test mistakes`
//! writes the messages again.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use harness::{HANGS, Run, compile, errors, root};

/// Mistakes that compile. Each has a test below that shows how it goes wrong.
const MISBEHAVE: [&str; 8] = [
    "03_forgotten_drop",
    "04b_deaf",
    "05_one_lock",
    "06_exit",
    "07e_if",
    "08_swallowed",
    "09_gray",
    "11_count",
];

/// The names of the files in a folder of the book with this extension.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("book").join(folder)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The file that names the compiler of the recorded messages, and the compiler that is here.
fn compilers() -> (PathBuf, String) {
    let version = Command::new("rustc").arg("--version").output().expect("rustc can be started");
    let version = String::from_utf8(version.stdout).unwrap();
    (root().join("book/mistakes/compiler.txt"), version)
}

/// What a message says about the program itself. Its notes also point into libraries, ours among
/// them. Their paths and lines change, and so does the number of types that implement a trait.
fn here(message: &str) -> String {
    let mut kept = Vec::new();
    let mut elsewhere = false;
    for line in message.lines() {
        let text = line.trim(); // the margin is as wide as the largest number of a line
        if let Some(place) = text.strip_prefix("--> ").or(text.strip_prefix("::: ")) {
            elsewhere = !place.starts_with("book/mistakes/");
        } else if line.starts_with(|c: char| c.is_ascii_lowercase()) || line.is_empty() {
            elsewhere = false;
        }
        let counts = text.starts_with("and ") && text.ends_with(" others");
        if !elsewhere && !counts {
            kept.push(text);
        }
    }
    kept.join("\n").trim().to_owned()
}

#[test]
fn a_message_is_compared_without_what_it_says_about_libraries() {
    let message = |line: &str, others: &str| {
        format!(
            "error[E0277]: no\n  --> book/mistakes/99_a.rs:6:9\n   |\n 6 | a\n   | ^ b\nnote: required\n  \
             --> lessons/hands/src/a.rs:{line}:1\n   |\n{line} | c\n   = help: and\n         and {others} others\n\nend\n"
        )
    };
    assert_eq!(here(&message("99", "8")), here(&message("118", "9").replace("   |", "    |")));
    assert_ne!(here(&message("99", "8")), here(&message("99", "8").replace("^ b", "^ d")));
}

#[test]
fn each_mistake_is_refused_as_the_book_says() {
    let record = std::env::var_os("RECORD").is_some();
    let (file, compiler) = compilers();
    let same_compiler = fs::read_to_string(&file).is_ok_and(|recorded| recorded == compiler);
    let refused = names("mistakes", "stderr");
    for name in names("mistakes", "rs").iter().filter(|name| !MISBEHAVE.contains(&&***name)) {
        let Err(fresh) = compile(&format!("book/mistakes/{name}.rs"), &[]) else {
            panic!("{name} compiles");
        };
        let recorded = root().join(format!("book/mistakes/{name}.stderr"));
        if record {
            fs::write(&recorded, &fresh).unwrap();
        }
        let recorded = fs::read_to_string(&recorded).unwrap_or_default();
        assert!(!errors(&recorded).is_empty(), "{name} has no message: write it with RECORD=1");
        assert_eq!(errors(&fresh), errors(&recorded), "{name}");
        // Another compiler may use other words.
        if same_compiler {
            assert_eq!(here(&fresh), here(&recorded), "{name}: write it again with RECORD=1");
        }
    }
    if record {
        fs::write(file, compiler).unwrap();
    }
    assert!(refused.len() >= 15, "{refused:?}");
    for name in &refused {
        assert!(!MISBEHAVE.contains(&&**name), "{name} compiles, and has a message");
    }
}

/// Compiles and runs a file of the book.
#[track_caller]
fn run(file: &str) -> Run {
    match compile(&format!("book/{file}.rs"), &[]) {
        Ok(compiled) => compiled.run(HANGS).unwrap(),
        Err(message) => panic!("{message}"),
    }
}

/// What the book prints for a mistake that compiles.
fn shown(name: &str) -> String {
    fs::read_to_string(root().join(format!("book/mistakes/{name}.stdout"))).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_sender_that_was_forgotten_keeps_the_loop_waiting() {
    let compiled =
        compile("book/mistakes/03_forgotten_drop.rs", &[]).unwrap_or_else(|e| panic!("{e}"));
    let running = compiled.start();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // Everything has been printed, the threads are gone, and `main` sleeps: nobody is left to wake
    // it.
    harness::wait_until("only main is left, asleep", || {
        harness::thread_states(running.pid()) == ['S']
            && sorted(&running.stdout()) == ["0", "1", "4"]
    });
    drop(running);

    let mended = run("fixes/03_forgotten_drop");
    assert!(mended.status.success());
    assert_eq!(sorted(&mended.stdout), ["0", "1", "4"]);
}

#[test]
fn who_does_not_listen_to_a_token_cannot_be_ended() {
    assert_eq!(run("mistakes/04b_deaf").stdout, shown("04b_deaf"));
    assert_eq!(run("fixes/04b_deaf").stdout, "Ok(Err(Asked))\n");
}

#[test]
fn a_lock_around_the_work_makes_it_one_at_a_time() {
    assert_eq!(run("mistakes/05_one_lock").stdout, shown("05_one_lock"));
}

#[test]
fn exit_leaves_what_was_not_flushed_behind() {
    let report = |run: &Run| fs::read_to_string(run.folder().join("report.txt")).unwrap();
    let wrong = run("mistakes/06_exit");
    assert!(wrong.status.success());
    assert_eq!(report(&wrong), "");
    assert_eq!(report(&run("fixes/06_exit")), "200 files written, read back and closed\n");
}

#[test]
fn a_consumer_that_looks_once_wakes_up_to_an_empty_queue() {
    assert_eq!(run("mistakes/07e_if").stdout, shown("07e_if"));
}

#[test]
fn a_failure_that_is_flattened_away_is_lost() {
    assert_eq!(run("mistakes/08_swallowed").stdout, shown("08_swallowed"));
    let mended = run("fixes/08_swallowed").stdout;
    assert_eq!(mended, "failed: nowhere.jpg: 404 Not Found\n2 of 3 saved\n");
}

#[test]
fn a_sum_of_bytes_overflows_and_with_optimisation_nobody_says_so() {
    let debug = run("mistakes/09_gray");
    assert_eq!(debug.status.code(), Some(101));
    assert!(debug.stderr.contains("attempt to add with overflow"), "{}", debug.stderr);
    let release = compile("book/mistakes/09_gray.rs", &["-O"]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(release.run(HANGS).unwrap().stdout, shown("09_gray"));
    assert_eq!(run("fixes/09_gray").stdout, "snow becomes 251\n");
}

#[test]
fn what_is_done_twice_is_counted_twice() {
    assert_eq!(run("mistakes/11_count").stdout, shown("11_count"));
    assert_eq!(run("fixes/11_count").stdout, "2 pictures, 9430 bytes\n");
}

#[test]
fn each_mistake_has_a_fix_that_works() {
    // Part B of chapter 7 shows two more in passing, and mends them itself.
    let mut mended = names("fixes", "rs");
    mended.extend(["07_cell", "07_two_writers"].map(str::to_owned));
    assert_eq!(mended, names("mistakes", "rs"));
    for (name, prints) in [
        ("01_bare_number", "Sleeping 1 second(s)...\n"),
        ("02_borrow", "hello\n"),
        ("02_rc", "hello\n"),
        ("03_total", "338350\n"),
        ("04_captured", "42\n"),
        ("04b_no_result", "Ok([10, 100, 1000])\n"),
        ("05_one_lock", "2 lists\n"),
        ("05_shared_list", "[0.25, 0.75]\n"),
        ("06_open_file", "14\n"),
        ("07_lock_abroad", "5 words\n"),
        ("07_lock_beside", "2\n"),
        ("07e_cell", "Some(42)\n"),
        ("07e_if", "[Some(\"milk\"), Some(\"tea\")]\n"),
        ("08_split", "Saved half-moon.png\n"),
        ("10_sent", "sending 1000 bytes\n1 pictures came\n"),
        ("11_moment", "too late: Ok(false)\n"),
    ] {
        let mended = run(&format!("fixes/{name}"));
        assert!(mended.status.success(), "{name}: {}", mended.stderr);
        assert_eq!(mended.stdout, prints, "{name}");
    }
    let difference = run("fixes/01_difference").stdout;
    assert!(difference.starts_with("Done sleeping\nFinished in "), "{difference}");
    let mut keys: Vec<String> = run("fixes/04_no_key").stdout.lines().map(str::to_owned).collect();
    keys.sort();
    assert_eq!(keys, ["hands: Ok(5)", "many: Ok(4)"]);
    let one = run("fixes/10_one_receiver").stdout;
    assert!(one.ends_with(" has picture 1\n"), "{one}");
    // There are no such pictures, and `main` says so.
    let mended = run("fixes/09_question_mark");
    assert_eq!(mended.status.code(), Some(1));
    assert!(mended.stderr.contains("NotFound"), "{}", mended.stderr);
}
