//! What the pool is compared with: procspawn, a raw pipe, and the pools of Python.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::{env, iter, thread};

use anyhow::{Context, Result};
use benches::child::{Service, again};
use procspawn::JoinHandle;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;

use crate::tasks::{WORKERS, first_byte, new_blocks, same};

pub(crate) fn procspawn_pool() -> Result<procspawn::Pool> {
    let pool = procspawn::Pool::new(WORKERS)?;
    procspawn_all(&pool, same, 0..100, WORKERS)?;
    Ok(pool)
}

/// Its pool has no `map`, and can't be handed everything at once, because each task that waits has
/// files open. So only this many are in flight, and the first of them is waited for before another
/// one is handed over.
pub(crate) fn procspawn_all<A, R>(
    pool: &procspawn::Pool,
    task: fn(A) -> R,
    inputs: impl Iterator<Item = A>,
    in_flight: usize,
) -> Result<Vec<R>>
where
    A: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned + Send + 'static,
{
    let (mut results, mut flying) = (Vec::new(), VecDeque::<JoinHandle<R>>::new());
    for input in inputs {
        if flying.len() == in_flight
            && let Some(first) = flying.pop_front()
        {
            results.push(first.join()?);
        }
        flying.push_back(pool.spawn(input, task));
    }
    for handle in flying {
        results.push(handle.join()?);
    }
    Ok(results)
}

/// Each worker has a thread that hands over a task and waits for its result. With more tasks in
/// flight than workers it could wait forever: nobody reads what is being handed over while all wait
/// to be joined.
pub(crate) fn procspawn_blocks(pool: &procspawn::Pool) -> Result<Vec<u8>> {
    share_out(0..WORKERS, |_, blocks| procspawn_all(pool, first_byte, blocks.map(ByteBuf::from), 1))
}

/// Runs a thread for each server. Each takes the next block when it is free; nothing is divided
/// beforehand.
fn share_out<S: Send>(
    servers: impl IntoIterator<Item = S>,
    serve: impl Fn(S, &mut dyn Iterator<Item = Vec<u8>>) -> Result<Vec<u8>> + Sync,
) -> Result<Vec<u8>> {
    let blocks = Mutex::new(new_blocks());
    let next = || blocks.lock().expect("nothing in there panics").next();
    let serve = &|server| serve(server, &mut iter::from_fn(next));
    thread::scope(|s| {
        let threads: Vec<_> =
            servers.into_iter().map(|server| s.spawn(move || serve(server))).collect();
        let mut results = Vec::new();
        for thread in threads {
            results.extend(thread.join().expect("it does not panic")?);
        }
        Ok(results)
    })
}

/// This program, started again several times. Each child reads messages of one size, and answers
/// each with its first byte.
pub(crate) fn raw_children(count: usize, size: usize) -> Result<Vec<Service>> {
    (0..count).map(|_| Service::start(&mut again(["raw-child", &size.to_string()])?)).collect()
}

pub(crate) fn raw_answer(child: &mut Service) -> Result<u8> {
    let mut answer = [0];
    child.output.read_exact(&mut answer)?;
    Ok(answer[0])
}

/// What such a child does.
pub(crate) fn raw_child() -> Result<()> {
    let size = env::args().nth(2).context("the size of a message")?.parse()?;
    let mut message = vec![0; size];
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while input.read_exact(&mut message).is_ok() {
        output.write_all(&message[..1])?;
        output.flush()?;
    }
    Ok(())
}

/// Each child has a thread that writes without waiting, and reads the answers at the end. They are
/// a byte each, so all of them fit into a pipe.
pub(crate) fn raw_blocks(children: &mut [Service]) -> Result<Vec<u8>> {
    share_out(children, |child, blocks| {
        let mut asked = 0;
        for block in blocks {
            child.input.write_all(&block)?;
            asked += 1;
        }
        (0..asked).map(|_| raw_answer(child)).collect()
    })
}

/// processes.py: a line in, a line out.
pub(crate) struct Python {
    service: RefCell<Service>,
    pub(crate) about: String,
}

impl Python {
    pub(crate) fn start() -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("processes/processes.py");
        let mut service = Service::start(Command::new("python3").arg(script)).context(
            "python3 can't be started, and half of the comparison is with Python: install it",
        )?;
        let about = service.line()?;
        Ok(Self { service: RefCell::new(service), about })
    }

    /// How many seconds this takes there: see processes.py.
    pub(crate) fn time(
        &self,
        pool: &str,
        task: &str,
        workers: usize,
        inputs: u64,
        times: u64,
    ) -> Result<f64> {
        let line = format!("{pool} {task} {workers} {inputs} {times}");
        let answer = self.service.borrow_mut().ask(&line)?;
        answer.parse().with_context(|| format!("processes.py answers {answer:?}"))
    }
}
