//! This project's pool of processes beside the pools that a reader may know, all in one run.
//!
//!     cargo bench --bench processes
//!     cargo bench --bench processes -- --rounds 11
//!
//! It needs `python3`, of any version: `multiprocessing.Pool` and `ProcessPoolExecutor` are in
//! processes.py beside this file. procspawn is a crate for the same purpose. The raw pipe is what no
//! pool can beat by much: a child that reads, and answers with one byte.
//!
//! Every row of a table does the same tasks, and each ends with all results in a list. In every round each
//! row runs once, so that whatever else the machine does hits all. Pools are started, and have had
//! work, before the clock starts, and end after it stops. Figures are medians of the rounds,
//! those of ratios too: each is of rows of the same round.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio, id};
use std::sync::Mutex;
use std::time::Instant;
use std::{env, iter, thread};

use anyhow::{Context, ensure};
use benches::median;
use clap::Parser;
use hands::pool::ProcessPool;
use hands::process::{self, Task};
use hands::{print, println};
use harness::status_kib;
use procspawn::JoinHandle;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;

#[derive(Parser)]
struct Arguments {
    /// How often everything is timed
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

const WORKERS: usize = 2;
const CALLS: u64 = 50_000;
const BLOCKS: u64 = 400;
const BLOCK: usize = 1 << 20;
const STARTED: usize = 8;
const MANY: u64 = 10_000_000;

const SAME: Task<u64, u64> = Task::new("same", same);
const FIRST_BYTE: Task<ByteBuf, u8> = Task::new("first_byte", first_byte);

/// The task that does nothing.
fn same(number: u64) -> u64 {
    number
}

/// The task with a large argument.
fn first_byte(block: ByteBuf) -> u8 {
    block[0]
}

fn main() -> anyhow::Result<()> {
    process::init(&[&SAME, &FIRST_BYTE]); // one of our workers, known by its argument, stays in here
    procspawn::init(); // one of procspawn's, known by its environment, in here
    match env::args().nth(1).as_deref() {
        Some("raw-child") => return raw_child(),
        Some("memory") => return memory_of_many(),
        _ => {}
    }
    let rounds = Arguments::parse().rounds.into();
    let python = Python::start()?;
    println!("{} cores, {}, {}", num_cpus::get(), rust_version(), python.about);
    println!("medians of {rounds} rounds; {WORKERS} workers, if nothing else is said\n");
    one_by_one(&python, rounds)?;
    map(&python, rounds, 10_000, 20)?;
    map(&python, rounds, 1_000_000, 1)?;
    blocks(&python, rounds)?;
    start(&python, rounds)?;
    memory()
}

// ------------------------------------------------------------------ the tables

fn one_by_one(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let theirs = |how| python.time(how, "calls", WORKERS, CALLS, 1);
    Table {
        title: format!("{CALLS} tasks that do nothing, one by one"),
        unit: Unit::PerSecond("tasks/s", CALLS),
        rows: vec![
            Row::new("ours, imap", || {
                let pool = our_pool()?;
                timed(0..CALLS, || Ok(pool.imap(&SAME, 0..CALLS).collect::<Result<_, _>>()?))
            }),
            Row::new("ours, imap_unordered", || {
                let pool = our_pool()?;
                let results = || pool.imap_unordered(&SAME, 0..CALLS);
                timed(0..CALLS, || Ok(results().collect::<Result<_, _>>()?))
            }),
            Row::new("mp.Pool.imap", || theirs("mp.imap")).at_least(5.0),
            Row::new("mp.Pool.imap_unordered", || theirs("mp.imap_unordered")),
            Row::new("ProcessPoolExecutor.map", || theirs("executor")),
            Row::new("procspawn, 16 in flight", || {
                let pool = procspawn_pool()?;
                timed(0..CALLS, || procspawn_all(&pool, same, 0..CALLS, 16))
            })
            .at_least(8.0),
        ],
    }
    .measure(rounds)
}

fn map(python: &Python, rounds: usize, tasks: u64, times: u64) -> anyhow::Result<()> {
    Table {
        title: format!("map: {tasks} tasks that do nothing, in automatic chunks"),
        unit: Unit::PerSecond("tasks/s", tasks * times),
        rows: vec![
            Row::new("ours, map", || {
                let pool = our_pool()?;
                timed(0..tasks, || {
                    let mut results = Vec::new();
                    for _ in 0..times {
                        results = pool.map(&SAME, 0..tasks)?;
                    }
                    Ok(results)
                })
            }),
            Row::new("mp.Pool.map", || python.time("mp.map", "calls", WORKERS, tasks, times))
                .at_least(1.0),
        ],
    }
    .measure(rounds)
}

fn blocks(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let theirs = |how| python.time(how, "blocks", WORKERS, BLOCKS, 1);
    Table {
        title: format!("{BLOCKS} tasks with an argument of 1 MiB each, one by one"),
        unit: Unit::PerSecond("MiB/s", BLOCKS),
        rows: vec![
            Row::new("ours, imap", || {
                let pool = our_pool()?;
                let results = || pool.imap(&FIRST_BYTE, new_blocks().map(ByteBuf::from));
                timed(first_bytes(), || Ok(results().collect::<Result<_, _>>()?))
            }),
            Row::new("mp.Pool.imap", || theirs("mp.imap")).at_least(1.4),
            Row::new("ProcessPoolExecutor.map", || theirs("executor")),
            Row::new("procspawn", || {
                let pool = procspawn_pool()?;
                timed(first_bytes(), || procspawn_blocks(&pool))
            }),
            Row::new("a raw pipe to each of 2", || {
                let mut children = RawChild::start(WORKERS, BLOCK)?;
                timed(first_bytes(), || raw_blocks(&mut children))
            })
            .at_least(0.55),
        ],
    }
    .measure(rounds)
}

fn start(python: &Python, rounds: usize) -> anyhow::Result<()> {
    let tasks = 0..STARTED as u64;
    let theirs = |how| python.time(how, "start", STARTED, STARTED as u64, 1);
    Table {
        title: format!("to start {STARTED} workers, with a task that does nothing for each"),
        unit: Unit::Milliseconds,
        rows: vec![
            Row::new("ours, map", || {
                let mut pool = None;
                timed(tasks.clone(), || {
                    let pool = pool.insert(ProcessPool::new(STARTED)?);
                    Ok(pool.chunk_size(1).map(&SAME, tasks.clone())?)
                })
            }),
            Row::new("bare processes, with pipes", || {
                let mut children = Vec::new();
                timed(tasks.clone(), || {
                    children = RawChild::start(STARTED, size_of::<u64>())?;
                    for (child, number) in children.iter_mut().zip(tasks.clone()) {
                        child.ask(&number.to_le_bytes())?;
                    }
                    children.iter_mut().map(RawChild::answer).collect()
                })
            })
            .at_most(1.5),
            Row::new("procspawn", || {
                let mut pool = None;
                timed(tasks.clone(), || {
                    let pool = pool.insert(procspawn::Pool::new(STARTED)?);
                    procspawn_all(pool, same, tasks.clone(), STARTED)
                })
            }),
            Row::new("mp.Pool.map, fork", || theirs("mp.fork")),
            Row::new("mp.Pool.map, spawn", || theirs("mp.spawn")),
            Row::new("ProcessPoolExecutor.map", || theirs("executor")),
        ],
    }
    .measure(rounds)
}

/// In a process of its own, because what is measured is the most that it ever had.
fn memory() -> anyhow::Result<()> {
    let output = Command::new(env::current_exe()?)
        .arg("memory")
        .stderr(Stdio::inherit())
        .output()
        .context("this program again")?;
    ensure!(output.status.success(), "the process whose memory is measured: {}", output.status);
    print!("{}", String::from_utf8(output.stdout)?);
    Ok(())
}

fn memory_of_many() -> anyhow::Result<()> {
    println!("imap over {MANY} inputs: the most memory that the parent ever had");
    let pool = ProcessPool::new(WORKERS)?;
    let peak = || status_kib(id(), "VmHWM").map(|kib| kib / 1024.0);
    let before = peak();
    let mut sum = 0;
    for result in pool.imap(&SAME, 0..MANY) {
        sum += result?;
    }
    ensure!(sum == MANY * (MANY - 1) / 2, "the sum is wrong");
    match before.zip(peak()) {
        Some((before, after)) => {
            println!("  before {before:8.1} MiB\n  after  {after:8.1} MiB");
            let growth = after - before;
            let verdict = if growth < 10.0 { "met" } else { "not met" };
            println!("  growth {growth:8.1} MiB   less than 10: {verdict}");
        }
        None => println!("  unknown: this system does not say"),
    }
    Ok(())
}

// ------------------------------------------------------------------ the same work for each

/// Seconds of a call that returns all results. They must be as many as expected, with the same sum.
fn timed<R: Copy + Into<u64>>(
    expected: impl Iterator<Item = u64>,
    call: impl FnOnce() -> anyhow::Result<Vec<R>>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let results = call()?;
    let seconds = start.elapsed().as_secs_f64();
    let sum = |(count, sum): (usize, u64), n: u64| (count + 1, sum + n);
    let (theirs, expected) =
        (results.into_iter().map(R::into).fold((0, 0), sum), expected.fold((0, 0), sum));
    ensure!(theirs == expected, "not the same work: count and sum {theirs:?}, not {expected:?}");
    Ok(seconds)
}

/// The large arguments: each a new copy, made when it is asked for, as processes.py makes them.
fn new_blocks() -> impl Iterator<Item = Vec<u8>> {
    let mut block = vec![0; BLOCK];
    first_bytes().map(move |byte| {
        block[0] = byte as u8;
        block.clone()
    })
}

fn first_bytes() -> impl Iterator<Item = u64> {
    (0..BLOCKS).map(|number| number % 256)
}

fn our_pool() -> anyhow::Result<ProcessPool> {
    let pool = ProcessPool::new(WORKERS)?;
    pool.map(&SAME, 0..100)?;
    Ok(pool)
}

fn procspawn_pool() -> anyhow::Result<procspawn::Pool> {
    let pool = procspawn::Pool::new(WORKERS)?;
    procspawn_all(&pool, same, 0..100, WORKERS)?;
    Ok(pool)
}

/// Its pool has no `map`, and must not be handed everything at once: each task that waits has files open.
/// So there are only so many, and the one that began first is waited for before another is handed over.
fn procspawn_all<A, R>(
    pool: &procspawn::Pool,
    task: fn(A) -> R,
    inputs: impl Iterator<Item = A>,
    in_flight: usize,
) -> anyhow::Result<Vec<R>>
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

/// Each worker has a thread that hands over a task and waits for its result. With more in flight than there
/// are workers it can wait forever: nobody reads what is being handed over while all wait to be joined.
fn procspawn_blocks(pool: &procspawn::Pool) -> anyhow::Result<Vec<u8>> {
    share_out(0..WORKERS, |_, blocks| procspawn_all(pool, first_byte, blocks.map(ByteBuf::from), 1))
}

/// Runs a thread for each server. They take the blocks from one place, and nobody shares them out beforehand.
fn share_out<S: Send>(
    servers: impl IntoIterator<Item = S>,
    serve: impl Fn(S, &mut dyn Iterator<Item = Vec<u8>>) -> anyhow::Result<Vec<u8>> + Sync,
) -> anyhow::Result<Vec<u8>> {
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

// ------------------------------------------------------------------ a process and a pipe, no more

/// This program, started again: it reads frames of one size, and answers each with its first byte.
struct RawChild {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl RawChild {
    fn start(count: usize, frame: usize) -> anyhow::Result<Vec<Self>> {
        let start = || {
            let mut command = Command::new(env::current_exe()?);
            command.args(["raw-child", &frame.to_string()]);
            let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let input = process.stdin.take().context("no stdin")?;
            let output = process.stdout.take().context("no stdout")?;
            Ok(Self { process, input, output })
        };
        (0..count).map(|_| start()).collect()
    }

    fn ask(&mut self, frame: &[u8]) -> io::Result<()> {
        self.input.write_all(frame)
    }

    fn answer(&mut self) -> anyhow::Result<u8> {
        let mut answer = [0];
        self.output.read_exact(&mut answer)?;
        Ok(answer[0])
    }
}

impl Drop for RawChild {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn raw_child() -> anyhow::Result<()> {
    let size = env::args().nth(2).context("the size of a frame")?.parse()?;
    let mut frame = vec![0; size];
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while input.read_exact(&mut frame).is_ok() {
        output.write_all(&frame[..1])?;
        output.flush()?;
    }
    Ok(())
}

/// Each child has a thread that writes without waiting, and reads the answers at the end: a byte each, so
/// that all of them fit into a pipe.
fn raw_blocks(children: &mut [RawChild]) -> anyhow::Result<Vec<u8>> {
    share_out(children, |child, blocks| {
        let mut asked = 0;
        for block in blocks {
            child.ask(&block)?;
            asked += 1;
        }
        (0..asked).map(|_| child.answer()).collect()
    })
}

// ------------------------------------------------------------------ Python

/// processes.py: a line in, a line out.
struct Python {
    process: Child,
    input: ChildStdin,
    answers: RefCell<BufReader<ChildStdout>>,
    about: String,
}

impl Python {
    fn start() -> anyhow::Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("processes.py");
        let mut command = Command::new("python3");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context(
            "python3 cannot be started, and half of what is compared here is Python's: install it",
        )?;
        let input = process.stdin.take().context("no stdin")?;
        let answers = RefCell::new(BufReader::new(process.stdout.take().context("no stdout")?));
        let mut python = Self { process, input, answers, about: String::new() };
        python.about = python.answer()?;
        Ok(python)
    }

    /// How many seconds a job takes there: see processes.py.
    fn time(
        &self,
        pool: &str,
        task: &str,
        workers: usize,
        inputs: u64,
        times: u64,
    ) -> anyhow::Result<f64> {
        writeln!(&self.input, "{pool} {task} {workers} {inputs} {times}")?;
        let answer = self.answer()?;
        answer.parse().with_context(|| format!("processes.py answers {answer:?}"))
    }

    fn answer(&self) -> anyhow::Result<String> {
        let mut line = String::new();
        let length = self.answers.borrow_mut().read_line(&mut line)?;
        ensure!(length > 0, "processes.py has ended; what it says stands above");
        Ok(line.trim().to_owned())
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The compiler's name and version, if it is still there.
fn rust_version() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let short = version.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    short.filter(|line| !line.is_empty()).unwrap_or_else(|| "rustc unknown".to_owned())
}

// ------------------------------------------------------------------ measuring and printing

/// Contenders that do the same work. The first is ours, to which the others are compared.
struct Table<'a> {
    title: String,
    unit: Unit,
    rows: Vec<Row<'a>>,
}

/// What is printed instead of seconds.
enum Unit {
    /// How many of what is named, of so many, are done in a second.
    PerSecond(&'static str, u64),
    Milliseconds,
}

struct Row<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<f64> + 'a>,
    level: Option<Level>,
}

/// What we ask of the ratio of ours to this row.
#[derive(Clone, Copy)]
enum Level {
    AtLeast(f64),
    AtMost(f64),
}

impl Level {
    fn verdict(self, ratio: f64) -> String {
        let (what, limit, is_met) = match self {
            Level::AtLeast(limit) => ("at least", limit, ratio >= limit),
            Level::AtMost(limit) => ("at most", limit, ratio <= limit),
        };
        format!("   {what} {limit}: {}", if is_met { "met" } else { "not met" })
    }
}

impl<'a> Row<'a> {
    /// `run` returns seconds.
    fn new(name: &'static str, run: impl FnMut() -> anyhow::Result<f64> + 'a) -> Self {
        Row { name, run: Box::new(run), level: None }
    }

    fn at_least(self, ratio: f64) -> Self {
        Row { level: Some(Level::AtLeast(ratio)), ..self }
    }

    fn at_most(self, ratio: f64) -> Self {
        Row { level: Some(Level::AtMost(ratio)), ..self }
    }
}

impl Table<'_> {
    fn measure(mut self, rounds: usize) -> anyhow::Result<()> {
        let mut figures = vec![Vec::new(); self.rows.len()];
        for _ in 0..rounds {
            for (row, figures) in self.rows.iter_mut().zip(&mut figures) {
                let seconds = (row.run)().context(row.name)?;
                figures.push(match self.unit {
                    Unit::PerSecond(_, count) => count as f64 / seconds,
                    Unit::Milliseconds => seconds * 1e3,
                });
            }
        }
        let (unit, decimals) = match self.unit {
            Unit::PerSecond(unit, _) => (unit, 0),
            Unit::Milliseconds => ("ms", 1),
        };
        println!("{}", self.title);
        println!("  {:26}{unit:>12}{:>14}", "", "ours / this");
        for (row, this) in self.rows.iter().zip(&figures) {
            let ratio = median(figures[0].iter().zip(this).map(|(ours, this)| ours / this));
            let figure = median(this.iter().copied());
            let level = row.level.map(|level| level.verdict(ratio)).unwrap_or_default();
            println!("  {:26}{figure:>12.decimals$}{ratio:>12.2} ×{level}", row.name);
        }
        println!();
        Ok(())
    }
}
