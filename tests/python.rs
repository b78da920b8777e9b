//! The Python twins of the steps: each of them runs, and prints what its step prints, with each
//! Python on the path.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Python, pythons};
use pictures::gallery::Gallery;
use pictures::gallery::paint::{self, Format};

/// Runs a test with each Python of this machine in turn.
fn with_each_python(test: impl Fn(&dyn Fn(&[&str]) -> String)) {
    let all = pythons();
    assert!(!all.is_empty(), "python3 is installed: ./tests/run sees to it");
    for python in all {
        println!("Python {}", python.version); // shown if the test fails
        test(&|args| run(&python.program, args));
    }
}

/// The Pythons that have Pillow: the one that `./tests/run` sets up, and any other on the path.
fn pythons_with_pillow() -> Vec<Python> {
    let set_up = std::env::var_os("PILLOW_PYTHON").and_then(Python::at);
    let has_pillow = |python: &Python| {
        let asked = Command::new(&python.program).args(["-c", "import PIL"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    set_up.into_iter().chain(pythons()).filter(has_pillow).collect()
}

/// A twin, by the name of its file. Its trace goes into `folder`.
fn twin(python: &OsStr, file: &str, folder: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(harness::root().join("examples/python").join(file)).current_dir(folder);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn run(python: &OsStr, args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = twin(python, args[0], folder.path())
        .args(&args[1..])
        .env_remove("PYTHONUNBUFFERED") // so that lines stay whole among others
        .output()
        .expect("python3 is installed");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The seconds in the lines `Done sleeping N second(s)` after a given line.
fn done_in<'a>(text: &'a str, after: &str) -> Vec<&'a str> {
    let (_, rest) = text.split_once(after).unwrap_or_else(|| panic!("{after}: {text}"));
    rest.lines()
        .filter_map(|line| line.strip_prefix("Done sleeping ")?.strip_suffix(" second(s)"))
        .collect()
}

#[test]
fn every_file_is_python() {
    let files = fs::read_dir(harness::root().join("examples/python")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).filter(|it| it.is_file()).collect();
    assert!(files.len() >= 5, "{files:?}");
    for python in pythons() {
        let read = "import ast, sys; [ast.parse(open(file).read()) for file in sys.argv[1:]]";
        let read = Command::new(&python.program).args(["-c", read]).args(&files).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    }
}

#[test]
fn they_print_what_their_steps_print() {
    with_each_python(each_prints_it);
}

fn each_prints_it(python: &dyn Fn(&[&str]) -> String) {
    let sync = python(&["01_sync.py", "--seconds", "0.05"]);
    let lines =
        "Sleeping 0.05 second(s)...\nDone sleeping\nComputing 0.05 second(s)...\nDone computing\n";
    assert!(sync.starts_with(lines), "{sync}");

    let process = python(&["02_process.py", "--seconds", "0.2"]);
    assert!(process.contains("In the main process the counter is 7"), "{process}");
    // Its child is forked, whatever the default of this Python is.
    assert!(process.contains("In the child the counter was 7, and is 8 now"), "{process}");
    assert_eq!(process.matches("Done sleeping").count(), 10, "{process}");

    let threads = python(&["02b_threads.py", "--seconds", "0.2"]);
    assert!(threads.contains("Ten threads have counted to 10"), "{threads}");
    assert_eq!(threads.matches("Done sleeping").count(), 14, "{threads}");
    let (_, lazy) = threads.split_once("have counted to 10\n").unwrap();
    let turns = "Sleeping 0.1 second(s)...\nDone sleeping\n".repeat(3);
    assert!(lazy.starts_with(&turns), "one after the other: {threads}");

    let mut pools = Vec::new();
    for kind in ["threads", "processes"] {
        let pool = python(&["03_pool.py", "--seconds", "0.1", "--kind", kind]);
        let done: Vec<&str> =
            pool.lines().filter_map(|line| line.strip_prefix("Done sleeping ")).collect();
        assert_eq!(done.len(), 20, "{pool}");
        assert_eq!(done[..5], done[5..10], "map and imap keep the order");
        pools.push(pool);
    }

    // Where the order counts, the units are long enough for a busy machine.
    let by_hand = python(&["03b_by_hand.py", "--seconds", "0.5"]);
    assert_eq!(done_in(&by_hand, "")[..], ["0.5", "1", "1.5", "2", "2.5"], "{by_hand}");

    let threads_too = python(&["04_futures.py", "--seconds", "0.1"]);
    assert!(threads_too.contains("\nerror: FileNotFoundError: "), "{threads_too}");
    assert_eq!(threads_too.matches("\nwell: Done sleeping").count(), 4, "{threads_too}");
    let futures = python(&["04_futures.py", "--seconds", "0.5", "--kind", "processes"]);
    let unordered = &done_in(&futures, "As they complete:")[..5];
    assert_eq!(unordered, ["0.5", "1", "1.5", "2", "2.5"], "{futures}");
    for way in ["In order, with", "In order, in one word:"] {
        assert_eq!(done_in(&futures, way)[..5], ["2", "1.5", "1", "0.5", "2.5"], "{futures}");
    }
    assert!(futures.contains("\nerror: FileNotFoundError: "), "before the crash: {futures}");
    assert!(futures.contains("\ncrash: BrokenProcessPool: "), "{futures}");
    assert!(futures.contains("\nwell: BrokenProcessPool: "), "the innocent, too: {futures}");

    let few = ["05_cpu_bound.py", "--jobs", "4", "--numbers", "1000", "--workers", "1,2"];
    let lists = python(&few);
    assert!(lists.starts_with("4 lists of 1000 random numbers\nCores: "), "{lists}");
    assert_eq!(lists.matches("\nList processing complete.\n").count(), 7, "{lists}");
    assert_eq!(lists.matches(" ×\n").count(), 7, "{lists}");
    time_of_children_is_counted(python);

    for text in [sync, process, threads, by_hand, threads_too, futures, lists].iter().chain(&pools)
    {
        assert!(is_finished(text), "{text}");
    }
}

/// Whether the last thing that a twin says, beside where its timeline is, is how long it took.
fn is_finished(text: &str) -> bool {
    let last = text.lines().rfind(|line| !line.starts_with("Timeline: "));
    last.is_some_and(|line| line.starts_with("Finished in "))
}

/// A fork server's children wouldn't be ours, and their time would be lost.
fn time_of_children_is_counted(python: &dyn Fn(&[&str]) -> String) {
    let work = ["05_cpu_bound.py", "--jobs", "2", "--numbers", "300000", "--workers", "2"];
    let lists = python(&work);
    let user = |way: &str| -> f64 {
        let row = lists.lines().find(|line| line.starts_with(way) && line.ends_with('×'));
        row.unwrap().split_whitespace().nth(4).unwrap().parse().unwrap()
    };
    assert!(user("process-pool ") >= user("one-by-one") / 2.0, "{lists}");
}

#[test]
fn each_python_answers_its_benchmark() {
    for python in pythons() {
        println!("Python {}", python.version); // shown if the test fails
        each_way_is_timed(&python);
    }
}

fn each_way_is_timed(python: &Python) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests");
    let serve = |requests: &str| -> Vec<String> {
        fs::write(&file, requests).unwrap();
        let mut command = Command::new(&python.program);
        command.arg("work.py").arg("serve").stdin(fs::File::open(&file).unwrap());
        command.current_dir(harness::root().join("benches/python"));
        let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    };
    let about = serve("").concat();
    let ways: Vec<&str> = about.split(' ').skip(1).filter(|way| *way != "mp.Pool").collect();
    assert!(["loop", "threads", "spawn"].iter().all(|way| ways.contains(way)), "{about}");
    let whats = ["lists 2 2 10 1", "calls 2 5 0 2", "blocks 2 2 0 1", "start 2 2 0 1"];
    let requests: Vec<String> =
        ways.iter().flat_map(|way| whats.map(|what| format!("{way} {what}\n"))).collect();
    let answers = serve(&requests.concat());
    assert_eq!(answers.len(), 1 + requests.len(), "{answers:?}");
    assert!(
        answers[1..].iter().all(|seconds| seconds.parse::<f64>().unwrap() > 0.0),
        "{answers:?}"
    );
}

/// The lines that are the same in each run and in both languages.
fn redacted(text: &str) -> Vec<String> {
    let text = harness::redact(text);
    let lines = text.lines().take_while(|line| !line.starts_with("Finished in "));
    let kept = lines.filter(|line| !line.is_empty() && !line.starts_with("Plot: "));
    kept.map(str::to_owned).collect()
}

#[test]
fn the_parts_of_step_06_print_what_their_twins_print() {
    with_each_python(step_06_prints_the_same);
}

fn step_06_prints_the_same(python: &dyn Fn(&[&str]) -> String) {
    for (step, args) in [
        ("06_io_bound", &["--tasks", "6,2", "--workers", "3", "--latency", "2"][..]),
        ("06b_sweep", &["--tasks", "4", "--workers", "2,1", "--latency", "2", "--at-once", "2"]),
    ] {
        let rust = harness::Step::new(step).args(args).bare().run();
        assert!(rust.status.success(), "{}", rust.stderr);
        let script = format!("{step}.py");
        let twin = python(&[&[&*script], args].concat());
        assert_eq!(redacted(&twin), redacted(&rust.stdout), "{step}");
        assert!(is_finished(&twin), "{twin}");
    }
}

#[test]
fn the_parts_of_step_07_find_what_their_twins_find() {
    with_each_python(step_07_finds_the_same);
}

fn step_07_finds_the_same(python: &dyn Fn(&[&str]) -> String) {
    let args = ["--size", "40", "--steps", "6"];
    let rust = harness::Step::new("07a_channels").args(args).run();
    let line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let sum = line(&rust.stdout).replace("one by one: ", "");
    assert!(sum.starts_with("checksum "), "{}", rust.stdout);
    for (file, lines) in [
        (
            "07a_channels.py",
            &["empty, but a sender is left over", "closed: all senders", "channels: SUM"][..],
        ),
        ("07b_shared.py", &["read, then write: ", "fetch_add: 0.0 %", "shared state: SUM"]),
        ("07c_shared_memory.py", &["shared memory: SUM", "messages: SUM"]),
        ("07d_deadlock.py --cure order", &["two locks: SUM"]),
        ("07d_deadlock.py --cure back-off", &["two locks: SUM"]),
    ] {
        let words: Vec<&str> = file.split(' ').chain(args).collect();
        let text = python(&words);
        let mut all = vec!["one by one: SUM".to_owned()];
        all.extend(lines.iter().map(|line| line.to_string()));
        let mut found = text.lines();
        for start in all.iter().map(|line| line.replace("SUM", &sum)) {
            assert!(found.any(|line| line.starts_with(&start)), "{file}: {start}\n{text}");
        }
        assert!(is_finished(&text), "{file}: {text}");
    }
}

#[test]
fn the_lost_update_of_step_07e_is_found_by_its_twin() {
    let rust = harness::Step::new("07e_prove").args(["--bug", "lost-update", "--runs", "0"]).run();
    let trace = rust.trace();
    let of_threads = trace.spans_on(|row| row.starts_with("thread "));
    let mut operations: Vec<&str> = of_threads.iter().map(|span| &*span.name).collect();
    operations.sort_unstable();
    for python in pythons() {
        println!("Python {}", python.version); // shown if the test fails
        finds_the_lost_update(&python, &operations);
    }
}

fn finds_the_lost_update(python: &Python, operations: &[&str]) {
    let search = |seed: &str| {
        let text = run(&python.program, &["07e_prove.py", "--runs", "2", "--seed", seed]);
        let (_, found) = text.split_once("replayed from its text, ").expect("it has found one");
        let (schedule, happened) = found.split_once(":\n").unwrap();
        (schedule.to_owned(), happened.to_owned())
    };
    let (schedule, happened) = search("7");
    assert_eq!(search("7").0, schedule, "the same seed finds the same schedule");
    let mut found: Vec<&str> =
        happened.lines().map(|line| line.split_once(": ").unwrap().1).collect();
    assert!(
        found.starts_with(&["load 41", "load 41"]),
        "both read, before either writes: {found:?}"
    );
    found.sort_unstable();
    assert_eq!(found, operations, "the threads of the step do the same");

    let folder = tempfile::tempdir().unwrap();
    let replay = |schedule: &str| {
        let mut twin = twin(&python.program, "07e_prove.py", folder.path());
        let output = twin.args(["--replay", schedule]).output().unwrap();
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code(), text.concat())
    };
    assert_eq!(replay(&schedule), (Some(0), format!("The lost update\n{happened}")));
    let (code, text) = replay("0 0 0 1 1 1");
    assert!(code == Some(1) && text.ends_with("under this schedule, nothing fails\n"), "{text}");
    let (code, text) = replay("first 0");
    assert!(code == Some(2) && text.contains("argument --replay: invalid schedule"), "{text}");
}

#[test]
#[ignore = "needs Pillow 13: ./tests/run sets it up"]
fn the_steps_with_pictures_do_what_their_twins_do() {
    let kinds = [Format::Jpeg, Format::Png, Format::WebP];
    let mut builder = Gallery::builder();
    for (n, kind) in kinds.into_iter().enumerate() {
        let picture = paint::picture(n as u64, 200, 150, kind);
        builder =
            builder.picture(format!("/{n}.{}", kind.extension()), picture, kind.content_type());
    }
    let gallery = builder.start().unwrap();
    let all = pythons_with_pillow();
    assert!(!all.is_empty(), "PILLOW_PYTHON has Pillow");
    for python in all {
        println!("Python {}", python.version); // shown if the test fails
        pictures_are_made_of(&gallery, &python);
    }
}

fn pictures_are_made_of(gallery: &Gallery, python: &Python) {
    let folder = tempfile::tempdir().unwrap();
    let links = folder.path().join("links.txt");
    fs::write(&links, gallery.links().join("\n") + "\n").unwrap();

    // The lines about links, without repetitions. Only the file name of a path is the same.
    let lines = |text: &str| -> BTreeSet<String> {
        let told = text.lines().filter(|line| {
            ["Downloading ", "Processing ", "Saved ", "Skipped "]
                .iter()
                .any(|w| line.starts_with(w))
        });
        told.map(|line| match line.split_once(' ').unwrap() {
            (word @ ("Saved" | "Skipped"), file) => {
                format!("{word} {}", file.rsplit('/').next().unwrap())
            }
            _ => line.to_owned(),
        })
        .collect()
    };
    let on_hosts = &["drive", "--local", "2"][..];
    for (step, twin, with, ways) in [
        ("08_downloader", "08_downloader", &[][..], 2),
        ("09_images", "09_images", &[], 4),
        ("10_pipeline", "10_pipeline", &[], 1),
        // Step 11 needs a server. It prints what step 10 prints, and its own tests make sure of
        // that.
        ("10_pipeline", "11_cluster", on_hosts, 1),
    ] {
        let (out, file) = (folder.path().join(twin), format!("{twin}.py"));
        let files = ["--links", links.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let args = [&[file.as_str()], with, &files].concat();
        let text = run(&python.program, &args);
        let rust = harness::Step::new(step).arg("--links").arg(&links).run();
        assert_eq!(lines(&text), lines(&rust.stdout), "{twin}\n{text}\n{}", rust.stdout);
        assert_eq!(text.matches("Downloading ").count(), 3 * ways, "{twin}: {text}");
        assert!(is_finished(&text), "{twin}: {text}");
        if twin == "10_pipeline" {
            let again = run(&python.program, &args);
            assert_eq!(lines(&again).len(), 3, "{again}");
            assert!(!again.contains("Downloading"), "{again}");
        }
    }
}

/// Without one, anyone who reaches the port could run anything here, because a manager unpickles
/// whatever it receives.
#[test]
fn a_cluster_on_the_network_wants_a_password() {
    // It says so before it touches a picture, so it doesn't need the real Pillow.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("PIL")).unwrap();
    fs::write(folder.path().join("PIL/__init__.py"), "Image = ImageFilter = ImageOps = None\n")
        .unwrap();
    let links = folder.path().join("links.txt");
    fs::write(&links, "").unwrap();
    for python in pythons() {
        wants_a_password(&python, folder.path());
    }
}

fn wants_a_password(python: &Python, folder: &Path) {
    let (links, out) = (folder.join("links.txt"), folder.join("out"));
    let twin = |args: &[&str]| {
        let mut command = twin(&python.program, "11_cluster.py", folder);
        command.args(args).env_remove("CLUSTER_KEY").env("PYTHONPATH", folder);
        command
    };
    let drive = ["drive", "--links", links.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let drive = &drive[..];
    for (args, key) in [
        ([drive, &["--address", ":0", "--local", "1"]].concat(), None),
        ([drive, &["--address", ":0"]].concat(), Some("")),
        (drive.to_vec(), None),
        (vec!["work", "--address", "127.0.0.1:1"], None),
    ] {
        let refused = twin(&args).envs(key.map(|key| ("CLUSTER_KEY", key))).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("set CLUSTER_KEY to a password"), "{args:?}: {said}");
    }
    // If only this machine can reach it, it makes up a password, or takes the one that is there.
    for (args, key) in [
        ([drive, &["--local", "1"]].concat(), None),
        ([drive, &["--address", "localhost:0"]].concat(), Some("secret")),
    ] {
        let run = twin(&args).envs(key.map(|key| ("CLUSTER_KEY", key))).output().unwrap();
        let said = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(0), "{args:?}: {said}");
    }
}

#[test]
fn a_wait_that_never_ends_is_in_the_trace_up_to_its_end() {
    for python in pythons() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deadlock.json");
        let mut command = twin(&python.program, "07d_deadlock.py", folder.path());
        command.args(["--patience", "0.3", "--size", "40", "--timeline"]);
        let output = command.arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let trace = hands::timeline::Trace::read(&file).unwrap();
        let stuck: Vec<_> = trace.spans().iter().filter(|span| span.end == trace.end()).collect();
        let mut names: Vec<&str> = stuck.iter().map(|span| span.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["wait for the lower band", "wait for the upper band"]);
        assert!(stuck.iter().all(|span| span.computed.is_some_and(|computed| computed.is_zero())));
    }
}
