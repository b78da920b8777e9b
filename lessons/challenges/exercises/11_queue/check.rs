//! Worker processes use the queue, and are killed: by `kill -9` while they have a task, and by the
//! system in the middle of a write, at a byte that the check chooses.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use answer::{Queue, Taken};
use challenges::{Judged, Notes, check, note, require, sign_of_life, times_noted, wait_until};
use hands::process::{Process, Task, init};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use tempfile::TempDir;

challenges::answer!("../../../../challenges/11_queue.rs");

/// Puts the tasks, and leaves a sign for each that was put. If there is a limit, the process dies
/// as soon as a file becomes larger than that, in bytes.
const PUT: Task<(PathBuf, Vec<String>, Option<u64>), ()> =
    Task::new("put", |(folder, tasks, limit)| {
        let mut queue = open(&folder);
        if let Some(limit) = limit {
            let most = |resource, current| {
                let maximum = getrlimit(resource).maximum;
                setrlimit(resource, Rlimit { current: Some(current), maximum }).expect("a limit");
            };
            most(Resource::Core, 0);
            most(Resource::Fsize, limit);
        }
        for (n, task) in tasks.iter().enumerate() {
            queue.put(task).expect("a task can be put");
            File::create(folder.with_extension(format!("put{n}"))).expect("room for an empty file");
        }
    });

/// Takes all tasks that are there, and returns them.
const EMPTY: Task<PathBuf, Vec<String>> = Task::new("empty", |folder| {
    let mut queue = open(&folder);
    all(&mut queue)
});

/// Takes and does tasks until none is left. It notes each when it has it, and when it's done. The
/// first is kept until so many processes have one.
const WORK: Task<(PathBuf, usize), ()> = Task::new("work", |(folder, at_once)| {
    let mut queue = open(&folder);
    let mut is_first = true;
    while let Some(task) = take(&mut queue) {
        note(&format!("has {}", task.text()));
        if is_first {
            note("first");
            wait_until(|| times_noted("first") >= at_once);
            is_first = false;
        }
        let text = task.text().to_owned();
        task.done().expect("it can be done");
        note(&format!("done {text}"));
    }
});

/// Takes one task, and keeps it as long as the process lives.
const KEEP: Task<PathBuf, ()> = Task::new("keep", |folder| {
    let mut queue = open(&folder);
    let task = take(&mut queue);
    note(&format!("keeps {}", task.as_ref().map_or("nothing", Taken::text)));
    loop {
        thread::park();
    }
});

const FILES: &str = "10_pipeline.md#stop-and-resume";
const KILL: &str = "11_cluster.md#kill-it";
const LOST: &str = "07_messages.md#the-update-that-gets-lost";

fn main() {
    init(&[&PUT, &EMPTY, &WORK, &KEEP]);
    check("11_queue", |check| {
        check.part("1. first in, first out, and each text as it was", first_in_first_out)?;
        check.part("2. another process finds what is in it", another_process)?;
        check.part("3. killed in the middle of `put`: whole or not there", killed_while_it_puts)?;
        let notes = Notes::begin();
        check.watch(notes.length());
        check.part("4. several processes at the same time", || at_the_same_time(&notes))?;
        check.part("5. what a killed process had in hand is free again", || {
            killed_with_a_task(&notes).and_then(|()| killed_again_and_again(&notes))
        })
    })
}

fn open(folder: &Path) -> Queue {
    Queue::open(folder).unwrap_or_else(|error| panic!("the queue can't be opened: {error}"))
}

fn take(queue: &mut Queue) -> Option<Taken> {
    sign_of_life();
    queue.take().unwrap_or_else(|error| panic!("`take` failed: {error}"))
}

fn put(queue: &mut Queue, task: &str) {
    queue.put(task).unwrap_or_else(|error| panic!("`put` failed: {error}"));
}

/// Takes and does what is there; not more than a few thousand, because a task that is done might
/// come again for ever.
fn all(queue: &mut Queue) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(task) = take(queue) {
        all.push(task.text().to_owned());
        task.done().expect("it can be done");
        if all.len() > 5000 {
            break;
        }
    }
    all
}

fn are(seen: &[String], expected: &[String], what: &str, page: &str) -> Judged {
    let differs = seen.iter().zip(expected).position(|(seen, expected)| seen != expected);
    let at = differs.unwrap_or(seen.len().min(expected.len()));
    let shown = |tasks: &[String]| match tasks.get(at) {
        Some(task) => format!("{} tasks; number {}: {}", tasks.len(), at + 1, short(task)),
        None => format!("{} tasks", tasks.len()),
    };
    require(seen == expected, format!("{what}: {}", shown(expected)), shown(seen), page)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
        None => format!("{text:?}"),
    }
}

fn numbers(count: usize) -> Vec<String> {
    (1..=count).map(|n| n.to_string()).collect()
}

fn filled(tasks: &[String]) -> (TempDir, PathBuf) {
    let outer = tempfile::tempdir().expect("a temporary folder");
    let folder = outer.path().join("queue");
    fs::create_dir(&folder).expect("a folder in it");
    let mut queue = open(&folder);
    tasks.iter().for_each(|task| put(&mut queue, task));
    (outer, folder)
}

fn first_in_first_out() -> Judged {
    let odd = [
        "",
        "\n",
        "two\nlines\r\n",
        " blanks ",
        "ü\u{0}\u{2028}",
        "../../up",
        "\"{}\\",
        "same",
        "same",
    ];
    let long = "long ".repeat(100_000);
    let tasks: Vec<_> =
        odd.iter().map(ToString::to_string).chain([long]).chain(numbers(120)).collect();
    let (_outer, folder) = filled(&[]);
    let mut queue = open(&folder);
    tasks.iter().for_each(|task| put(&mut queue, task));
    let taken = [take(&mut queue), take(&mut queue), take(&mut queue)];
    let texts: Vec<_> = taken.iter().flatten().map(|task| task.text().to_owned()).collect();
    are(&texts, &tasks[..3], "three are taken", FILES)?;
    let [first, second, third] = taken;
    drop(second);
    let done = [first, third].into_iter().flatten().try_for_each(Taken::done);
    done.expect("they can be done");
    put(&mut queue, "later");
    let later = ["later".to_owned()];
    let left: Vec<_> = tasks[1..2].iter().chain(&tasks[3..]).chain(&later).cloned().collect();
    let what = "two are done, the second is dropped, one more is put, and all are taken";
    are(&all(&mut queue), &left, what, FILES)?;
    put(&mut queue, "later");
    are(&all(&mut queue), &later, "once the queue is empty, one more is put", FILES)
}

fn another_process() -> Judged {
    let (_outer, folder) = filled(&numbers(30));
    let mut queue = open(&folder);
    for _ in 0..5 {
        take(&mut queue).into_iter().try_for_each(Taken::done).expect("it can be done");
    }
    drop(queue);
    let process = Process::spawn(&EMPTY, folder.clone()).expect("a process starts");
    let seen = process.join().unwrap_or_else(|failure| panic!("taking tasks: {failure}"));
    are(
        &seen,
        &numbers(30)[5..],
        "30 are put, five done, and another process takes the rest",
        FILES,
    )?;
    are(&all(&mut open(&folder)), &[], "then none is left", FILES)
}

/// The system ends a process that makes a file larger than it may: so it dies in the middle of a
/// write, after as many bytes as the check likes.
fn killed_while_it_puts() -> Judged {
    let before: Vec<_> = (1..=2).map(|n| format!("{n} from before")).collect();
    let tasks = [format!("3 {}", "x".repeat(300)), format!("4 {}", "y".repeat(500))];
    let (_outer, folder) = filled(&before);
    let held = size(&folder);
    let most = held + 900 * 3; // more than an answer writes that keeps all tasks in one file
    let limits: Vec<u64> = (0..64).step_by(5).chain((64..most).step_by(53)).collect();
    for limits in limits.chunks(16) {
        // Each in a queue of its own, at the same time.
        let start = |limit: &u64| {
            let (outer, folder) = filled(&before);
            let process = Process::spawn(&PUT, (folder.clone(), tasks.to_vec(), Some(*limit)));
            (*limit, outer, folder, process.expect("a process starts"))
        };
        for (limit, outer, folder, process) in limits.iter().map(start).collect::<Vec<_>>() {
            let _ = process.join(); // it may have died
            let put = |n: &i32| outer.path().join(format!("queue.put{n}")).exists();
            let put = (0..2).filter(put).count();
            let what = format!(
                "`put` had returned {put} times when the process was killed, in the middle of writing byte {limit} of a file"
            );
            is_whole(&folder, &before, &tasks[..put], tasks.get(put), &what)?;
        }
    }
    Ok(())
}

/// Others go on with the queue: one puts another task, and takes all. What was being put may be
/// there, or not.
fn is_whole(
    folder: &Path,
    before: &[String],
    returned: &[String],
    being_put: Option<&String>,
    what: &str,
) -> Judged {
    let mut queue = open(folder);
    put(&mut queue, "5 from after");
    let seen = all(&mut queue);
    let with = |being_put: Option<&String>| -> Vec<String> {
        let tasks = before.iter().chain(returned).chain(being_put).cloned();
        tasks.chain(["5 from after".to_owned()]).collect()
    };
    if seen == with(being_put) {
        return Ok(());
    }
    are(&seen, &with(None), what, FILES)
}

/// The size of all files.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    entries.map(|entry| entry.metadata().map_or(0, |data| data.len())).sum()
}

fn at_the_same_time(notes: &Notes) -> Judged {
    const EACH: usize = 100;
    let (_outer, folder) = filled(&[]);
    let of =
        |who: &str| -> Vec<String> { (100..100 + EACH).map(|n| format!("{who}{n}")).collect() };
    let putting = ["a", "b", "c"].map(|who| {
        Process::spawn(&PUT, (folder.clone(), of(who), None)).expect("a process starts")
    });
    for process in putting {
        process.join().unwrap_or_else(|failure| panic!("putting tasks: {failure}"));
    }
    // They work on what is there now, in the order in which it came.
    let working =
        [(); 3].map(|()| Process::spawn(&WORK, (folder.clone(), 3)).expect("a process starts"));
    for process in working {
        process.join().unwrap_or_else(|failure| panic!("taking tasks: {failure}"));
    }
    let notes: Vec<_> = notes.read().into_iter().map(|note| note.text).collect();
    let had: Vec<_> = notes.iter().filter_map(|text| text.strip_prefix("has ")).collect();
    let distinct: BTreeSet<_> = had.iter().collect();
    require(
        distinct.len() == 3 * EACH,
        format!("{} tasks, put by three processes at the same time", 3 * EACH),
        format!("{} of them were taken: the others are lost", distinct.len()),
        LOST,
    )?;
    require(
        had.len() == distinct.len(),
        "each task taken by one process",
        format!("{} were taken twice", had.len() - distinct.len()),
        LOST,
    )?;
    let together = notes.iter().take_while(|text| !text.starts_with("done ")).count();
    require(
        together >= 6, // each has one, and notes that it's the first
        "three processes that have a task at the same time",
        "one of them was done before the others had any: is the queue locked while somebody works?",
        KILL,
    )?;
    let (_outer, folder) = filled(&[]);
    let process = Process::spawn(&PUT, (folder.clone(), of("a"), None)).expect("a process starts");
    let mut queue = open(&folder);
    of("b").iter().for_each(|task| put(&mut queue, task));
    process.join().unwrap_or_else(|failure| panic!("putting tasks: {failure}"));
    let (a, b): (Vec<_>, Vec<_>) =
        all(&mut queue).into_iter().partition(|text| text.starts_with('a'));
    are(&a, &of("a"), "what one process puts, while another puts as well", LOST)?;
    are(&b, &of("b"), "what one process puts, while another puts as well", LOST)
}

/// Two have a task, and one of them is killed.
fn killed_with_a_task(notes: &Notes) -> Judged {
    let (_outer, folder) = filled(&numbers(4));
    let keep = |what: &str| {
        let process = Process::spawn(&KEEP, folder.clone()).expect("a process starts");
        let its = || notes.read().into_iter().find(|note| note.pid == process.pid());
        wait_until(|| its().is_some());
        let kept = its().map_or_else(|| "waits".to_owned(), |note| note.text);
        let seen = match kept.as_str() {
            "keeps 1" => "task 1 was taken twice",
            other => other,
        };
        let expected = format!("that the next process {what}, while others have the tasks before");
        require(kept == what, expected, seen, KILL)?;
        Ok(process)
    };
    let (first, second) = (keep("keeps 1")?, keep("keeps 2")?);
    kill(first.pid());
    let _ = first.join(); // it has died
    let mut queue = open(&folder); // a new one, as of a process that starts now
    let taken = [take(&mut queue), take(&mut queue), take(&mut queue)];
    let seen: Vec<_> = taken.iter().flatten().map(|task| task.text().to_owned()).collect();
    are(
        &seen,
        &["1", "3", "4"].map(str::to_owned),
        "of four tasks, a process that was killed had the first, and one that lives has the second; the others take",
        KILL,
    )?;
    kill(second.pid());
    let _ = second.join();
    drop(taken);
    are(&all(&mut queue), &numbers(4), "the other was killed, too, and nobody has any", KILL)
}

/// Three work, and a process that works is killed again and again. What was done never comes again.
fn killed_again_and_again(notes: &Notes) -> Judged {
    let tasks: Vec<_> = (0..200).map(|n| format!("again {n}")).collect();
    let (_outer, folder) = filled(&tasks);
    let start = || Process::spawn(&WORK, (folder.clone(), 0)).expect("a process starts");
    let mut working = vec![start(), start(), start()];
    for kills in 0..12 {
        let done = |text: &str| text.starts_with("done again");
        wait_until(|| notes.read().iter().filter(|note| done(&note.text)).count() >= 10 * kills);
        thread::sleep(Duration::from_micros(300 * kills as u64)); // somewhere in the middle
        let process = working.remove(0);
        kill(process.pid());
        let _ = process.join(); // it has died, or had nothing left to do
        working.push(start());
    }
    for process in working {
        process.join().unwrap_or_else(|failure| panic!("taking tasks: {failure}"));
    }
    let left = all(&mut open(&folder));
    are(&left, &[], "when all who work have ended, every task is done", KILL)?;
    let notes: Vec<_> = notes.read().into_iter().map(|note| note.text).collect();
    for task in &tasks {
        let had = notes.iter().rposition(|text| *text == format!("has {task}"));
        let done = notes.iter().position(|text| *text == format!("done {task}"));
        let seen = match (had, done) {
            (None, _) => "nobody ever had it",
            (Some(had), Some(done)) if done < had => "somebody has taken it after it was done",
            _ => continue,
        };
        require(false, format!("that {task:?} is done, and then never taken"), seen, KILL)?;
    }
    Ok(())
}

fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
    let _ = kill_process(pid, Signal::KILL); // it may have ended
}
