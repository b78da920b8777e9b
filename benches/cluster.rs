//! What it costs to have the workers on other machines: tasks that do nothing, the pictures beside
//! step 10, memory; and what follows for a large run.
//!
//!     cargo bench --features cluster --bench cluster
//!     cargo bench --features cluster --bench cluster -- --memory
//!     cargo bench --features cluster --bench cluster -- --paper
//!
//! Everything runs on this machine: the driver, two hosts, and a NATS server that writes to its
//! disk. They share the cores.

mod with_pictures;

use std::fs;
use std::process::id;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use benches::{Rounds, median};
use clap::Parser;
use cluster::capacity::{self, Measured, Workload};
use cluster::{Cluster, Delivery, Host, LocalHosts, PrivateServer, RunOptions, Server};
use hands::pool::ThreadPool;
use hands::process::{self, Process, Task};
use hands::{eprintln, print, println};
use harness::status_kib;
use pictures::download::{Client, ClientLimits, Fetched};
use pictures::gallery::{DOZEN, Gallery};
use pictures::picture;
use serde::{Deserialize, Serialize};
use with_pictures::{LATENCY, finished_in, gallery, ten_times};

const HOSTS: usize = 2;
const IO_WORKERS: usize = 32;
const NOTHING: u64 = 200_000;
/// How many times each picture is processed, to see how fast the cores are.
const TIMES: usize = 5;
const TASKS: [u64; 4] = [10_000, 100_000, 1_000_000, 3_000_000];

fn main() -> Result<()> {
    process::init(&[&HOST, &DRIVE]);
    let args = Args::parse();
    let rounds = usize::from(args.rounds);
    if args.memory {
        return memory();
    }
    if args.paper {
        return paper(rounds);
    }
    nothing(rounds)?;
    if args.nothing {
        return Ok(());
    }
    let dozen = gallery(DOZEN)?;
    speed("12 pictures", &dozen, rounds * 5)?; // they take less than a second
    speed("120 large pictures", &ten_times(&dozen)?, rounds)
}

/// Tasks that do nothing: handing them out and taking their results back is all there is to do.
fn nothing(rounds: usize) -> Result<()> {
    println!(
        "{NOTHING} tasks that do nothing, {} cores, medians of {rounds} rounds",
        num_cpus::get()
    );
    println!("  hosts  at once  seconds  tasks/s");
    for (hosts, at_once) in [(1, 1), (1, 256), (HOSTS, 256)] {
        let tasks = if at_once == 1 { NOTHING / 50 } else { NOTHING };
        let times: Result<Vec<f64>> = (0..rounds).map(|_| drive(tasks, hosts, at_once)).collect();
        let seconds = median(times?);
        let share = if tasks == NOTHING { "" } else { "  (a fiftieth of the tasks)" };
        println!("  {hosts:5}  {at_once:7}  {seconds:7.2}  {:7.0}{share}", tasks as f64 / seconds);
    }
    println!();
    Ok(())
}

/// How many seconds a private cluster takes, without its start and its end.
fn drive(tasks: u64, hosts: usize, at_once: usize) -> Result<f64> {
    let private = PrivateServer::start()?;
    let server = private.server();
    let cluster = Cluster::connect(server)?;
    let options = RunOptions { window: 2000, ..RunOptions::default() };
    let run = cluster.run(&options, |note| eprintln!("{note}"))?;
    let settings = |name: &str| (server.clone(), name.to_owned(), at_once);
    let hosts = LocalHosts::start(&cluster, hosts, &HOST, settings, |note| eprintln!("{note}"))?;
    let start = Instant::now();
    let mut sum = 0;
    for done in run.imap_unordered::<u64, u64, _>(0..tasks) {
        let done = done?;
        sum += done.outcome.as_ref().map_err(|dead| anyhow!("{dead}"))?;
        done.confirm();
    }
    let seconds = start.elapsed().as_secs_f64();
    ensure!(sum == tasks * (tasks - 1) / 2, "each task once");
    drop(hosts);
    Ok(seconds)
}

/// A host of such a cluster.
const HOST: Task<(Server, String, usize), Result<u64, String>> = Task::new("host", |settings| {
    let (server, name, at_once) = settings;
    let cluster = Cluster::connect(&server).map_err(|why| why.to_string())?;
    let same = |task: &Delivery<u64>| Ok(task.input);
    Host::new(name, at_once).serve(&cluster, same).map_err(|why| why.to_string())
});

/// The same in a process of its own: how long it took, and how much memory.
const DRIVE: Task<u64, Result<(f64, Memory), String>> = Task::new("drive", |tasks| {
    thread::spawn(watch); // until the end of this process
    let seconds = drive(tasks, HOSTS, 256).map_err(|why| why.to_string())?;
    Ok((seconds, std::mem::take(&mut *MEMORY.lock().map_err(|why| why.to_string())?)))
});

/// In MB.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    /// The most that the driver, a host and the server had.
    peaks: [f64; 3],
    /// What the server had each time that we looked.
    server: Vec<f64>,
}

static MEMORY: Mutex<Memory> = Mutex::new(Memory { peaks: [0.0; 3], server: Vec::new() });

fn memory() -> Result<()> {
    println!("tasks      seconds   peak memory of the driver, of a host, of the server");
    let mut server = Vec::new();
    for tasks in TASKS {
        let (seconds, memory) =
            Process::spawn(&DRIVE, tasks)?.join()?.map_err(|why| anyhow!(why))?;
        let [driver, host, most] = memory.peaks;
        println!("{tasks:<9}  {seconds:7.1}   {driver:8.1} MB  {host:8.1} MB  {most:8.1} MB");
        server = memory.server;
    }
    println!("\nThe server's memory in the last of these runs, after each tenth of it, in MB");
    for tenth in 1..=10 {
        print!("{:6.0}", server[server.len() * tenth / 10 - 1]);
    }
    println!();
    Ok(())
}

/// Looks again and again how large this process is, and each process that it has started.
fn watch() {
    let ours = name_of(id());
    loop {
        let mut all = vec![id()];
        let mut next = 0;
        while let Some(&process) = all.get(next) {
            all.extend(harness::children(process));
            next += 1;
        }
        for (n, process) in all.into_iter().enumerate() {
            let which = match name_of(process) {
                _ if n == 0 => 0,
                name if name == ours => 1,
                Some(name) if name.starts_with("nats-server") => 2,
                _ => continue, // the shell that keeps the server
            };
            let megabytes = |field| status_kib(process, field).map(|kib| kib * 1024.0 / 1e6);
            let (Some(now), Some(peak)) = (megabytes("VmRSS"), megabytes("VmHWM")) else {
                continue;
            };
            let mut memory = MEMORY.lock().expect("nobody panics with it");
            memory.peaks[which] = memory.peaks[which].max(peak);
            if which == 2 {
                memory.server.push(now);
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn name_of(process: u32) -> Option<String> {
    fs::read_to_string(format!("/proc/{process}/comm")).ok()
}

/// The same pictures by step 10 and by step 11 with the same number of I/O workers. The hosts of
/// step 11 either have some of the cores each, or share all of them.
fn speed(what: &str, gallery: &Gallery, rounds: usize) -> Result<()> {
    let links = &gallery.links();
    let (cores, io_workers) = (num_cpus::get(), IO_WORKERS / HOSTS);
    let part = cores.div_ceil(HOSTS);
    let hosts =
        |cores| format!("drive --local {HOSTS} --io-workers {io_workers} --workers {cores}");
    let ways = [
        (
            format!("10 with {IO_WORKERS} I/O workers and {cores} that compute"),
            "10_pipeline",
            String::new(),
        ),
        (
            format!("11 on {HOSTS} hosts with {io_workers} and {part} each"),
            "11_cluster",
            hosts(part),
        ),
        (
            format!("11 on {HOSTS} hosts with {io_workers} and {cores} each"),
            "11_cluster",
            hosts(cores),
        ),
    ];
    let run = |(name, step, args): (String, &'static str, String)| {
        let run = move || finished_in(step, &args.split_whitespace().collect::<Vec<_>>(), links);
        (name, run)
    };
    let measured = Rounds::new().ways(ways.map(run)).run(rounds)?;
    println!("{what}, {} ms of latency, medians of {rounds} rounds", LATENCY.as_millis());
    println!("{:43}  seconds  speed, of step 10's", "");
    let (medians, slower) = (measured.medians(), measured.ratios(0));
    for (n, (name, _)) in measured.0.iter().enumerate() {
        println!("  {name:<41}  {:7.2}  {:19.2}", medians[n], 1.0 / slower[n]);
    }
    println!();
    Ok(())
}

/// What a large run takes, worked out from what one core and one server do here.
fn paper(rounds: usize) -> Result<()> {
    let gallery = gallery(DOZEN)?;
    let client = Client::new(ClientLimits::default());
    let originals: Result<Vec<Fetched>, _> =
        gallery.links().iter().map(|link| client.fetch(link)).collect();
    let originals = originals?;
    let (number, cores) = (originals.len(), num_cpus::get());
    let results = originals.iter().map(|original| Ok(picture::process(&original.bytes)?.len()));
    let results = results.sum::<Result<usize>>()? as f64 / number as f64;
    let mut times = Vec::new();
    for _ in 0..rounds {
        // On all cores at once: two that are busy are often slower than one that is alone.
        let seconds = thread::scope(|s| {
            let pool = ThreadPool::scoped(s, cores)?;
            let work = |n: usize| picture::process(&originals[n % number].bytes).map(drop);
            let start = Instant::now();
            pool.chunk_size(1)
                .imap_unordered(work, 0..TIMES * number)
                .try_for_each(|made| anyhow::Ok(made??))?;
            anyhow::Ok(start.elapsed().as_secs_f64())
        })?;
        times.push(seconds * cores as f64 / (TIMES * number) as f64);
    }
    let tasks: Result<Vec<f64>> = (0..rounds).map(|_| drive(NOTHING, HOSTS, 256)).collect();
    let measured = Measured {
        core_seconds: median(times),
        waiting_seconds: LATENCY.as_secs_f64(),
        picture_bytes: originals.iter().map(|original| original.bytes.len()).sum::<usize>() as f64
            / number as f64,
        result_bytes: results,
        server_tasks: NOTHING as f64 / median(tasks?),
    };
    println!("Measured here, {cores} cores, medians of {rounds} rounds");
    println!("  a core works on a picture for    {:7.1} ms", measured.core_seconds * 1e3);
    println!("  a worker waits for a picture     {:7.1} ms", measured.waiting_seconds * 1e3);
    println!("  a picture                        {:7.1} kB", measured.picture_bytes / 1e3);
    println!("  a result                         {:7.1} kB", measured.result_bytes / 1e3);
    println!("  a server gives out and takes back {:6.0} tasks/s\n", measured.server_tasks);
    let plans = [(1.0, 2.0), (1.0, 64.0), (20.0, 64.0)]
        .map(|(hosts, cores)| measured.plan(Workload { pictures: 100e6, hosts, cores }));
    print!("{}", capacity::table(&plans));
    Ok(())
}

/// What it costs to have the workers on other machines.
#[derive(Parser)]
struct Args {
    /// Only tasks that do nothing
    #[arg(long)]
    nothing: bool,
    /// Instead, measure memory, with up to three million tasks that do nothing
    #[arg(long)]
    memory: bool,
    /// Instead, work out what a hundred million pictures take, from what is measured here
    #[arg(long)]
    paper: bool,
    /// How many times each is measured
    #[arg(long, default_value = "7", value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}
