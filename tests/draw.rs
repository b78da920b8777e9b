//! Any trace is drawn: what Python records with `timeline.py`, and what strangers write.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use hands::timeline::Trace;
use harness::Step;

fn draw(trace: &Path) -> harness::Run {
    Step::new("draw").bare().arg(trace).run()
}

#[test]
fn what_another_program_wrote_is_drawn_in_the_terminal_and_as_a_page() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("stranger.json");
    // Only the events, ids that are words, arguments of all kinds, and spans as beginnings and
    // ends.
    fs::write(
        &file,
        r#"[
        {"ph": "M", "name": "process_name", "pid": 7, "args": {"name": "python"}},
        {"ph": "M", "name": "thread_name", "pid": 7, "tid": "main thread", "args": {"name": "MainThread"}},
        {"ph": "X", "name": "load table.csv", "pid": 7, "tid": "main thread", "ts": 1000, "dur": 4000, "tdur": 3900,
         "args": {"name": 5, "section": "no number", "func_args": {"a": [1, 2]}}},
        {"ph": "B", "name": "ask server", "pid": 7, "tid": 12345678901234, "ts": 5000, "cat": "io"},
        {"ph": "C", "name": "memory", "pid": 7, "ts": 6000, "args": {"value": 3}},
        {"ph": "i", "name": "a moment of theirs", "pid": 7, "tid": "main thread", "ts": 6000, "s": "g"},
        {"ph": "E", "pid": 7, "tid": 12345678901234, "ts": 9000}
        ]"#,
    )?;
    let run = draw(&file);
    assert!(run.status.success(), "{}", run.stderr);
    for part in ["MainThread ", "load table.csv", "thread 2", "ask server", "8.0 ms"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let page = fs::read_to_string(file.with_extension("html"))?;
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(
        page.contains("load table.csv, MainThread: starts at 0 s, takes 4.0 ms, computes 3.9 ms")
    );
    assert!(!page.contains("src=") && !page.contains("href="), "it needs nothing else: {page}");

    let svg = folder.path().join("picture.svg");
    let run = Step::new("draw").bare().arg(&file).arg("--out").arg(&svg).run();
    assert!(run.status.success(), "{}", run.stderr);
    assert!(fs::read_to_string(&svg)?.starts_with("<svg "));

    // An earlier picture is replaced, and nothing else is.
    assert!(draw(&file).status.success());
    fs::write(&svg, "<svg>my own drawing</svg>")?;
    for out in [&svg, &file] {
        let before = fs::read(out)?;
        let run = Step::new("draw").bare().arg(&file).arg("--out").arg(out).run();
        assert_eq!(run.status.code(), Some(1));
        assert!(
            run.stderr.contains("is not a picture of a trace, so it is left alone"),
            "{}",
            run.stderr
        );
        assert_eq!(fs::read(out)?, before);
    }
    Ok(())
}

#[test]
fn what_is_no_trace_is_refused_with_the_name_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words.json");
    for text in ["words", "{}", "[]"] {
        fs::write(&file, text).unwrap();
        let run = draw(&file);
        assert_eq!(run.status.code(), Some(1), "{text}: {}", run.stdout);
        assert!(run.stderr.contains("words.json"), "{text}: {}", run.stderr);
    }
}

/// Threads and processes of every kind, each with one task that computes and one that sleeps.
const PROGRAM: &str = "
import multiprocessing, sys, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from timeline import Timeline, span

def task(seconds):
    if seconds > 0:
        with span('sleep'):
            time.sleep(seconds)
    else:
        with span('compute'):
            end = time.thread_time() + 0.05
            while time.thread_time() < end:
                pass

if __name__ == '__main__':
    with Timeline('kinds', sys.argv[1]) as timeline:
        timeline.section('threads')
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(task, [0, 0.1]))
        for method in ('fork', 'forkserver', 'spawn'):
            context = multiprocessing.get_context(method)
            timeline.section(method + ' pool')
            with context.Pool(2) as pool:
                pool.map(task, [0, 0.1], chunksize=1)
            timeline.section(method + ' executor')
            with ProcessPoolExecutor(2, mp_context=context) as pool:
                list(pool.map(task, [0, 0.1]))
            timeline.section(method + ' processes')
            processes = [context.Process(target=task, args=(seconds,)) for seconds in (0, 0.1)]
            [process.start() for process in processes]
            [process.join() for process in processes]
";

#[test]
fn threads_and_processes_of_every_kind_in_python_are_in_one_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (script, file) = (folder.path().join("kinds.py"), folder.path().join("kinds.json"));
    fs::write(&script, PROGRAM).unwrap();
    let python =
        harness::python_for("01_sync").expect("python3 is installed: ./tests/run sees to it");
    let home = harness::root().join("examples/python");
    let mut command = Command::new(&python.program);
    command.env("PYTHONPATH", home).env("PYTHONDONTWRITEBYTECODE", "1");
    assert!(command.arg(&script).arg(&file).status().unwrap().success());

    let trace = Trace::read(&file).unwrap();
    assert_eq!(trace.sections().len(), 10);
    for part in trace.parts() {
        assert_eq!(part.rows()[0].name, "main");
        assert_eq!(part.spans().len(), 2, "{}: {part:?}", part.name());
        for span in part.spans() {
            let (row, computed) = (&part.rows()[span.row], span.computed.unwrap());
            let is_child = row.pid != part.rows()[0].pid;
            assert_eq!(is_child, part.name() != "threads", "{}: {row:?}", part.name());
            match &*span.name {
                "sleep" => assert!(computed < span.length() / 10, "{span:?}"),
                _ => assert!(computed.as_millis() >= 50, "{span:?}"),
            }
        }
    }
    let run = draw(&file);
    assert!(
        run.stdout.contains("spawn pool: ") && run.stdout.contains("worker 2"),
        "{}",
        run.stdout
    );
}
