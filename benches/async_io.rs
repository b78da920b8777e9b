//! Many waits at the same time: in threads, in a pool of threads, in async tasks on one thread. And
//! what async does for work that computes.
//!
//!     cargo bench --bench async_io
//!
//! A slow server, in a process of its own, answers each connection after a while. To wait is to
//! connect, and to read one byte. Each way runs in a process of its own, which says how much memory
//! it had at most, and how many times its threads were switched.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::id;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use anyhow::{Context, bail, ensure};
use benches::child::{Service, again, output};
use benches::{Compared, Rounds, time_all};
use crossbeam::channel;
use figures::plot::{Axis, Plot};
use hands::pool::ThreadPool;
use hands::println;
use harness::status_kib;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use rayon::prelude::*;
use tokio::io::AsyncReadExt;
use tokio::runtime::{Builder, Runtime};

const ROUNDS: usize = 3;
const LATENCY: Duration = Duration::from_millis(200);
const WAITS: [usize; 4] = [100, 1000, 4000, 10_000];
const WORKERS: usize = 256;
const WAYS: [&str; 3] = ["a thread each", "a pool of 256", "async tasks"];

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => return serve(),
        ["wait", way, waits, ref doors @ ..] => {
            let doors: Result<Vec<SocketAddr>, _> = doors.iter().map(|door| door.parse()).collect();
            return wait(way, waits.parse()?, &doors?);
        }
        _ => {}
    }
    many_waits()?;
    computing()?;
    beside_a_timer()
}

/// What one way took: memory in KiB.
struct Cost {
    seconds: f64,
    memory: f64,
    switches: f64,
}

fn many_waits() -> anyhow::Result<()> {
    // It ends with this process, because its standard input does.
    let mut server = Service::start(&mut again(["serve"])?)?;
    let doors: Vec<String> = server.line()?.split_whitespace().map(str::to_owned).collect();
    println!("waits of {} ms, medians of {ROUNDS} rounds", LATENCY.as_millis());
    println!(
        "  {:>6}  {:15} {:>9}  {:>12}  {:>10}  {:>15}",
        "waits", "by", "time", "peak memory", "a wait", "switches a wait"
    );
    let mut curves = WAYS.map(|way| (way, Vec::new()));
    for waits in WAITS {
        let doors = &doors;
        let way = |way| (way, move || cost(way, waits, doors));
        let measured = Rounds::new().ways(WAYS.map(way)).run(ROUNDS)?;
        let figures: [fn(&Cost) -> f64; 3] = [|c| c.seconds, |c| c.memory, |c| c.switches];
        let [seconds, memory, switches] = figures.map(|figure| measured.map(figure).medians());
        for (n, (way, curve)) in curves.iter_mut().enumerate() {
            let [each, switches] = [memory[n], switches[n]].map(|all| all / waits as f64);
            let (seconds, memory) = (seconds[n], memory[n] / 1024.0);
            println!(
                "  {waits:6}  {way:15} {seconds:7.2} s  {memory:8.1} MiB  {each:6.1} KiB  {switches:13.1} ×"
            );
            curve.push((waits as f64, memory));
        }
    }
    println!();
    let title = "Peak memory, by number of waits";
    let mut plot = Plot::new(title, Axis::linear("waits"), "peak memory in MiB");
    for (way, curve) in curves {
        plot = plot.curve(way, curve);
    }
    plot.write(&harness::root().join("target/plots/async_io.json"))?;
    Ok(())
}

/// Waits this many times, in a process of its own, and says what that took.
fn cost(way: &str, waits: usize, doors: &[String]) -> anyhow::Result<Cost> {
    let text = output(again(["wait", way, &waits.to_string()])?.args(doors))?;
    let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    let [seconds, memory, switches] = numbers?[..] else { bail!("not three numbers: {text}") };
    Ok(Cost { seconds, memory, switches })
}

/// The server: answers each connection after the latency, with one byte. All wait equally long, so
/// a single thread can answer them in the order in which they came.
fn serve() -> anyhow::Result<()> {
    allow_many_files()?;
    let (sender, visitors) = channel::unbounded::<(Instant, TcpStream)>();
    let mut doors = Vec::new();
    // Several, so that thousands can connect at the same time.
    for _ in 0..4 {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        rustix::net::listen(&listener, 4096)?;
        doors.push(listener.local_addr()?.to_string());
        let sender = sender.clone();
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                let _ = sender.send((Instant::now() + LATENCY, visitor));
            }
        });
    }
    thread::spawn(move || {
        for (time, mut visitor) in visitors {
            thread::sleep(time.saturating_duration_since(Instant::now()));
            let _ = visitor.write_all(b"!");
        }
    });
    println!("{}", doors.join(" "));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// The client: this many waits, in one of the ways.
fn wait(way: &str, waits: usize, doors: &[SocketAddr]) -> anyhow::Result<()> {
    allow_many_files()?;
    let door = |n: usize| doors[n % doors.len()];
    let ours = |field| status_kib(id(), field).context("this system doesn't say");
    let (before, switched, start) = (ours("VmRSS")?, switches()?, Instant::now());
    match WAYS.iter().position(|other| *other == way) {
        Some(0) => {
            let started: Result<Vec<_>, _> = (0..waits)
                .map(|n| {
                    thread::Builder::new().spawn({
                        let door = door(n);
                        move || visit(door)
                    })
                })
                .collect();
            for thread in started.context("a thread can't be started")? {
                thread.join().expect("no panic")?;
            }
        }
        Some(1) => {
            let pool = ThreadPool::new(WORKERS)?;
            pool.chunk_size(1)
                .map(visit, (0..waits).map(door))?
                .into_iter()
                .collect::<io::Result<()>>()?;
        }
        _ => one_thread()?.block_on(async {
            let tasks: Vec<_> = (0..waits).map(|n| tokio::spawn(visit_async(door(n)))).collect();
            for task in tasks {
                task.await??;
            }
            anyhow::Ok(())
        })?,
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{seconds} {} {}", ours("VmHWM")? - before, switches()? - switched);
    Ok(())
}

// ANCHOR: visit
fn visit(door: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(door)?;
    server.read_exact(&mut [0])
}

async fn visit_async(door: SocketAddr) -> io::Result<()> {
    let mut server = tokio::net::TcpStream::connect(door).await?;
    server.read_exact(&mut [0]).await.map(|_| ())
}
// ANCHOR_END: visit

fn one_thread() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Each connection is an open file, and often a process may have only 1024.
fn allow_many_files() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let needed = (WAITS[WAITS.len() - 1] + 100) as u64;
    ensure!(most >= needed, "a process here may have {most} open files; this needs {needed}");
    Ok(setrlimit(Resource::RLIMIT_NOFILE, needed, most)?)
}

/// How many times a thread of this process gave its core away, or had it taken away.
fn switches() -> anyhow::Result<i64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(usage.voluntary_context_switches() + usage.involuntary_context_switches())
}

/// Work that computes: async doesn't add a core.
fn computing() -> anyhow::Result<()> {
    const ROUNDS: usize = 5;
    const TASKS: u64 = 16;
    let two_threads = Builder::new_multi_thread().worker_threads(2).build()?;
    let one_thread = one_thread()?;
    let pool = ThreadPool::new(2)?;
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    let spawned = |runtime: &Runtime| -> u64 {
        runtime.block_on(async {
            let tasks: Vec<_> =
                (0..TASKS).map(|seed| tokio::spawn(async move { compute(seed) })).collect();
            let mut sum = 0_u64;
            for task in tasks {
                sum = sum.wrapping_add(task.await.expect("no panic"));
            }
            sum
        })
    };
    let add = |a: u64, b: u64| a.wrapping_add(b);
    let ways: [(&str, &dyn Fn() -> u64); 5] = [
        ("one by one", &|| (0..TASKS).map(compute).fold(0, add)),
        ("async tasks, 1 thread", &|| spawned(&one_thread)),
        ("async tasks, 2 threads", &|| spawned(&two_threads)),
        ("pool, 2 threads", &|| {
            pool.map(compute, 0..TASKS).expect("no panic").into_iter().fold(0, add)
        }),
        ("rayon, 2 threads", &|| {
            rayon.install(|| (0..TASKS).into_par_iter().map(compute).reduce(|| 0, add))
        }),
    ];
    println!("{TASKS} tasks that compute, medians of {ROUNDS} rounds");
    let measured = time_all(ROUNDS, &ways)?;
    println!("{}", measured.table(Compared::Faster { than: 0 }));
    Ok(())
}

/// Some ten milliseconds of work.
fn compute(seed: u64) -> u64 {
    (0..10_000_000).fold(seed, |x, i| black_box(x.rotate_left(7) ^ i))
}

/// While a task computes, the other tasks of its thread stand still.
fn beside_a_timer() -> anyhow::Result<()> {
    const ROUNDS: usize = 5;
    const TIMES: u64 = 16;
    println!("a timer of 1 ms, and its longest pause while beside it, medians of {ROUNDS} rounds");
    let measured = Rounds::new()
        .way("nothing is done", || {
            longest_pause(async { tokio::time::sleep(Duration::from_millis(200)).await })
        })
        .way("a task computes", || {
            longest_pause(async {
                black_box((0..TIMES).map(compute).max());
            })
        })
        .way("the same, with a yield", || {
            longest_pause(async {
                for seed in 0..TIMES {
                    black_box(compute(seed));
                    tokio::task::yield_now().await;
                }
            })
        })
        .way("a thread computes", || {
            longest_pause(async {
                let work = || (0..TIMES).map(compute).max();
                tokio::task::spawn_blocking(work).await.expect("no panic");
            })
        })
        .run(ROUNDS)?;
    for ((name, _), pause) in measured.0.iter().zip(measured.medians()) {
        println!("  {name:24} {pause:8.1} ms");
    }
    Ok(())
}

/// The longest pause of a timer while this runs on the same thread, in milliseconds.
fn longest_pause(beside: impl Future<Output = ()>) -> anyhow::Result<f64> {
    let longest = Arc::new(AtomicU64::new(0));
    one_thread()?.block_on(async {
        let timer = tokio::spawn(tick(Arc::clone(&longest)));
        tokio::time::sleep(Duration::from_millis(20)).await;
        beside.await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        timer.abort();
    });
    Ok(longest.load(Relaxed) as f64 / 1e6)
}

/// Ticks each millisecond, and keeps the longest pause between two ticks, in nanoseconds.
async fn tick(longest: Arc<AtomicU64>) {
    let mut last = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(1)).await;
        longest.fetch_max(last.elapsed().as_nanos() as u64, Relaxed);
        last = Instant::now();
    }
}
