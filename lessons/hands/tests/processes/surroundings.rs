//! The surroundings of a task: its standard streams, its environment, its files, and the timeline.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Command;

use hands::pool::ProcessPool;
use hands::process::{Process, Task};
use hands::timeline::{self, Timeline};

use crate::names;
use crate::support::{Result, program, run};
use crate::tasks::{SAME, workers_of};

/// Writes this many bytes to standard output.
pub(crate) const PRINT: Task<usize, ()> = Task::new("print", |bytes| {
    let line = "x".repeat(99);
    for _ in 0..bytes / 100 {
        println!("{line}");
    }
});

pub(crate) const READ_STDIN: Task<(), usize> = Task::new("read_stdin", |()| {
    std::io::stdin().read_to_end(&mut Vec::new()).expect("it can be read")
});

/// Puts files in the place of standard input and output that cannot be read or written, as if they
/// were closed.
pub(crate) const CLOSE: Task<(), ()> = Task::new("close", |()| {
    let unreadable = OpenOptions::new().write(true).open("/dev/null").expect("it can be written");
    rustix::stdio::dup2_stdin(unreadable).expect("it can be replaced");
    rustix::stdio::dup2_stdout(File::open("/dev/null").expect("it can be read"))
        .expect("this, too");
    println!("nobody reads this");
    let _ = std::io::stdout().flush();
    assert!(std::io::stdin().read(&mut [0]).unwrap_or(0) == 0);
});

/// The output of a program that the task starts.
pub(crate) const ASK: Task<(String, Vec<String>), String> = Task::new("ask", ask);

fn ask((program, arguments): (String, Vec<String>)) -> String {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) const SPAN: Task<u64, u32> = Task::new("span", |n| {
    if n % 2 == 0 {
        let _span = timeline::span(format!("even {n}"));
    }
    std::process::id()
});

pub(crate) fn ten_mebibytes_on_standard_output_reach_it_and_harm_nobody() -> Result {
    let output = run(&mut program(names::PRINTS))?;
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(output.stdout.len(), 4 * ((10 << 20) / 100 * 100));
    assert!(output.stdout.bytes().all(|b| matches!(b, b'x' | b'\n')));
    Ok(())
}

pub(crate) fn standard_input_of_a_task_is_empty() -> Result {
    assert_eq!(ProcessPool::new(1)?.submit(&READ_STDIN, ()).join(), Ok(0));
    Ok(())
}

pub(crate) fn a_task_that_closes_its_standard_streams_harms_nobody() -> Result {
    let pool = ProcessPool::new(1)?;
    let before = workers_of(&pool);
    pool.submit(&CLOSE, ()).join()?;
    pool.submit(&PRINT, 1000).join()?;
    assert_eq!(pool.map(&SAME, 0..100)?, (0..100).collect::<Vec<_>>());
    assert_eq!(workers_of(&pool), before);
    Ok(())
}

fn lines(text: String) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

pub(crate) fn a_program_that_a_task_starts_finds_the_environment_of_the_parent() -> Result {
    let env = || ("env".to_owned(), Vec::new());
    let of_parent = lines(ask(env()));
    assert!(!of_parent.is_empty());
    assert_eq!(lines(ProcessPool::new(1)?.submit(&ASK, env()).join()?), of_parent);
    assert_eq!(lines(Process::spawn(&ASK, env())?.join()?), of_parent);
    Ok(())
}

pub(crate) fn a_program_that_a_task_starts_finds_no_files_open_but_its_own() -> Result {
    let ls = || ("ls".to_owned(), vec!["/dev/fd/".to_owned()]);
    let of_parent = ask(ls());
    assert!(lines(of_parent.clone()).contains("2"), "{of_parent}");
    let pools = [ProcessPool::new(3)?, ProcessPool::new(1)?];
    for pool in pools {
        for said in pool.imap(&ASK, (0..10).map(|_| ls())) {
            assert_eq!(said?, of_parent);
        }
    }
    Ok(())
}

pub(crate) fn the_timeline_shows_the_spans_of_workers_with_their_pids() -> Result {
    // Alone, because there is one timeline per process.
    let timeline = Timeline::start("processes");
    let pool = ProcessPool::new(2)?;
    let ran: Vec<u32> = pool.imap(&SPAN, 0..40).collect::<std::result::Result<_, _>>()?;
    pool.join();
    let trace = timeline.stop();
    let pids: BTreeSet<u32> = trace.rows().iter().skip(1).map(|row| row.pid).collect();
    assert_eq!(pids.len(), 2);
    assert!(ran.iter().all(|pid| pids.contains(pid)), "{ran:?} are not all in {pids:?}");
    assert_eq!(trace.rows()[0].pid, std::process::id());
    assert!(
        trace.rows()[1..].iter().all(|row| row.name.starts_with("worker ")),
        "{:?}",
        trace.rows()
    );
    for (n, pid) in ran.into_iter().enumerate() {
        let name = if n % 2 == 0 { format!("even {n}") } else { format!("task {n}") };
        let spans: Vec<_> = trace.spans().iter().filter(|span| span.name == name).collect();
        let [span] = spans[..] else { panic!("{} spans of {name}", spans.len()) };
        assert_eq!(trace.rows()[span.row].pid, pid);
        assert!(trace.start() <= span.start && span.start <= span.end && span.end <= trace.end());
    }
    Ok(())
}

pub(crate) fn a_single_process_has_a_row_with_its_pid() -> Result {
    let timeline = Timeline::start("process");
    let process = Process::spawn(&SPAN, 2)?;
    let pid = process.pid();
    assert_eq!(process.join(), Ok(pid));
    let trace = timeline.stop();
    let [span] = trace.spans() else { panic!("{trace:?}") };
    assert_eq!(span.name, "even 2");
    assert_eq!(trace.rows()[span.row].pid, pid);
    assert_eq!(trace.rows()[span.row].name, "process 1");
    Ok(())
}
