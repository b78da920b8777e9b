//! Three kinds of tasks, and five ways to have them done.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::{fs, io, thread};

use anyhow::{Context, Result};
use hands::pool::{ProcessPool, ThreadPool};
use hands::process::{Process, Task};
use hands::timeline::span;
use serde::{Deserialize, Serialize};

// ANCHOR: work
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Input {
    Nothing,
    File(PathBuf),
    Request(SocketAddr),
}

pub(crate) type Done = Result<(), String>;

fn work(input: Input) -> Done {
    match input {
        Input::Nothing => Ok(()),
        Input::File(path) => file(&path)
            .map_err(|e| format!("{}: {e}; TMPDIR can name another place", path.display())),
        Input::Request(server) => request(server).map_err(|e| format!("the server: {e}")),
    }
}

fn file(path: &Path) -> io::Result<()> {
    fs::write(path, [b'x'; 4096])?;
    let text = fs::read(path)?; // both calls open the file and close it
    if text.len() == 4096 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn request(server: SocketAddr) -> io::Result<()> {
    let _span = span("request");
    let mut answer = [0; 4];
    TcpStream::connect(server)?.read_exact(&mut answer)
}
// ANCHOR_END: work

// ANCHOR: ways
pub(crate) type Way = fn(Vec<Input>, usize) -> Result<Vec<Done>>;

pub(crate) const WAYS: [(&str, Way); 5] = [
    ("one-by-one", |inputs, _| Ok(inputs.into_iter().map(work).collect())),
    ("process-each", process_each),
    ("thread-each", thread_each),
    ("process-pool", |inputs, workers| Ok(ProcessPool::new(workers)?.map(&WORK, inputs)?)),
    ("thread-pool", |inputs, workers| Ok(ThreadPool::new(workers)?.map(work, inputs)?)),
];

pub(crate) const WORK: Task<Input, Done> = Task::new("work", work);

fn process_each(inputs: Vec<Input>, _: usize) -> Result<Vec<Done>> {
    let started = inputs.into_iter().map(|input| Process::spawn(&WORK, input));
    let processes: Vec<_> = started.collect::<Result<_, _>>().context(TOO_MANY)?;
    Ok(processes.into_iter().map(Process::join).collect::<Result<_, _>>()?)
}

fn thread_each(inputs: Vec<Input>, _: usize) -> Result<Vec<Done>> {
    thread::scope(|s| {
        let start = |input| thread::Builder::new().spawn_scoped(s, || work(input));
        let started = inputs.into_iter().map(start);
        let threads: Vec<_> = started.collect::<Result<_, _>>().context(TOO_MANY)?;
        Ok(threads.into_iter().map(|thread| thread.join().expect("no panic")).collect())
    })
}
// ANCHOR_END: ways

const TOO_MANY: &str = "one for each task is more than the system can start: try fewer --tasks";
