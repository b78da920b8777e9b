//! More than one machine: hosts take links from a server, and give back thumbnails.
//!
//!     cargo run --release --features cluster --example 11_cluster -- drive --local 2 --fresh
//!
//! That is all of it on this machine, with a server of its own. Or, where NATS_URL says that one is:
//!
//!     cargo run --release --features cluster --example 11_cluster -- work
//!     cargo run --release --features cluster --example 11_cluster -- drive --links my-links.txt
//!     cargo run --release --features cluster --example 11_cluster -- status

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::builder::RangedU64ValueParser;
use clap::{Parser, Subcommand};
use cluster::{Again, Cluster, Done, Driving, Host, Job, LocalHosts, PrivateServer, Server};
use hands::pool::ThreadPool;
use hands::process::{Process, Task, init};
use hands::timeline::{Timeline, span};
use hands::{output, print, println};
use pictures::args::{self, Output, Source};
use pictures::download::{
    Client, ClientLimits, Entry, Fetched, Folder, LinkFailure, Stages, Visit, name, stream_links,
};
use pictures::picture;
use rayon::ThreadPoolBuilder;
use serde::{Deserialize, Serialize};

fn main() -> Result<ExitCode> {
    init(&[&HOST, &ALONE]);
    match Args::parse().command {
        Command::Drive(args) => return drive(*args),
        Command::Work(args) => println!("{} task(s) done", work(&args.settings())?),
        Command::Status(server) => print!("{}", Cluster::connect(&server)?.status()?),
    }
    Ok(output::exit_code())
}

// ANCHOR: drive
fn drive(args: Drive) -> Result<ExitCode> {
    let files = args.output.files(&args.source, "11_cluster", args.timeline.as_deref());
    args.server.add_to(files).check_or_exit();
    args::advise_release();
    let client = args.limits.client(args.at_once.io_workers);
    let mut links = stream_links(&client, &args.source)?;
    let (dir, report) = (args.output.folder(links.gallery())?, args.output.report_for_stream()?);
    let stages = Stages::new(links.count_hint());

    let private = args.local.map(|_| PrivateServer::start()).transpose()?;
    let server = private.as_ref().map_or(&args.server, PrivateServer::server);
    ensure!(links.gallery().is_none() || server.is_here()?, FAR_FROM_THE_GALLERY);
    let cluster = Cluster::connect(server)?;
    let run = cluster.run(&args.driving, say(&stages))?;
    let settings = |name: &str| args.settings_of(name, server, client.limits());
    let hosts = args.local.unwrap_or(0);
    let hosts = LocalHosts::start(&cluster, hosts, &HOST, settings, say(&stages))?;
    if private.is_none() {
        stages.line(format!("Run {} on {server}", run.id())); // for --resume
    }
    let (story, stopper) = (run.story(), run.stop_at_ctrl_c(say(&stages)));

    let timeline = Timeline::start("11_cluster");
    let start = Instant::now();
    let bar = stages.bar("save");
    let ended = |entry: Entry| {
        stages.line(entry.to_string());
        bar.advance(0);
        report.add(entry);
    };
    let mut broken = Ok::<(), anyhow::Error>(());
    let each = links.by_ref().map_while(|link| link.map_err(|why| broken = Err(why.into())).ok());
    let wanted = each.filter(|link| match dir.kept(link) {
        None => true,
        Some(kept) => {
            ended(Visit::begin(link).skipped(kept));
            false
        }
    });
    let all_ended = save_all(run.imap_unordered(wanted), &dir, ended);
    stages.finish();

    let summary = report.finish();
    println!("{summary}");
    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    let mut trace = timeline.stop();
    story.add_to(&mut trace);
    trace.show(args.timeline)?;
    drop(hosts);
    broken.and(all_ended)?;
    if stopper.has_left_some() {
        println!("Stopped before all links were begun: run again to go on.");
        return Ok(ExitCode::from(STOPPED));
    }
    Ok(summary.exit_code())
}

/// From one pool into another: the threads of the second one wait for the disk.
fn save_all(
    results: impl Iterator<Item = Result<Done<String, Made>, cluster::Error>>,
    dir: &Folder,
    ended: impl Fn(Entry) + Sync,
) -> Result<()> {
    thread::scope(|s| {
        let savers = ThreadPool::scoped(s, SAVERS)?;
        let save_one = |done: Result<_, _>| {
            ended(save(dir, done?));
            Ok(())
        };
        savers.imap_unordered(save_one, results).try_for_each(|saved| saved?)
    })
}

/// Takes a result home. When it is on this disk, the server need not keep it any longer.
fn save(dir: &Folder, done: Done<String, Made>) -> Entry {
    let visit = Visit::since(&done.input, done.given);
    let _span = span(format!("save {}", name::from_link(&done.input)));
    let made = done.outcome.as_ref().map_err(LinkFailure::new).cloned().flatten();
    let saved = made.and_then(|made| Ok((dir.save(&made, &visit.link)?, made.attempts)));
    done.confirm();
    match saved {
        Ok((saved, attempts)) => visit.saved(saved, attempts),
        Err(failure) => visit.failed(failure),
    }
}
// ANCHOR_END: drive

// ANCHOR: work
type Made = Result<Fetched, LinkFailure>;

fn work(settings: &Settings) -> Result<u64> {
    output::go_on(); // also when nobody reads what it says
    let cluster = Cluster::connect(&settings.server)?;
    let client = Client::new(settings.limits.clone());
    let cores = ThreadPoolBuilder::new().num_threads(settings.at_once.workers);
    let cores = cores.thread_name(|n| format!("process {}", n + 1)).build()?;
    let host = Host::new(&settings.name, settings.at_once.io_workers).threads_called("download");
    let host = if settings.private { host.stops_with_driver() } else { host };
    if !settings.private {
        println!("{} works: Ctrl-C ends it", settings.name);
    }
    let done = host.serve(&cluster, |job: &Job<String>| match job.delivery {
        // Two workers were lost with it. If it kills this one, too, no other work is lost.
        3.. => in_a_process_of_its_own(settings, job),
        _ => Ok(download(settings, &client, job)
            .and_then(|original| cores.install(|| process_one(settings, &original, job)))),
    })?;
    Ok(done)
}

fn download(settings: &Settings, client: &Client, job: &Job<String>) -> Made {
    let _span = job.span(format!("download {}", name::from_link(&job.input)));
    settings.say(format!("Downloading {}", job.input));
    Ok(client.fetch(&job.input)?)
}

fn process_one(settings: &Settings, original: &Fetched, job: &Job<String>) -> Made {
    let _span = job.span(format!("process {}", name::from_link(&job.input)));
    settings.say(format!("Processing {}", job.input));
    thumbnail(original)
}

fn thumbnail(original: &Fetched) -> Made {
    original.processed_with(picture::process)
}
// ANCHOR_END: work

// ANCHOR: processes
/// A host of a private cluster is this program, started again.
const HOST: Task<Settings, Result<u64, String>> =
    Task::new("host", |settings| work(&settings).map_err(|why| why.to_string()));

const ALONE: Task<(ClientLimits, String), Made> =
    Task::new("alone", |(limits, link)| thumbnail(&Client::new(limits).fetch(&link)?));

fn in_a_process_of_its_own(settings: &Settings, job: &Job<String>) -> Result<Made, Again> {
    let _span = job.span(format!("alone {}", name::from_link(&job.input)));
    settings.say(format!("Downloading {}, in a process of its own", job.input));
    let child = Process::spawn(&ALONE, (settings.limits.clone(), job.input.clone()));
    let child = child.map_err(|why| Again(why.to_string()))?;
    child.join().map_err(|failure| Again(failure.to_string()))
}
// ANCHOR_END: processes

fn say(stages: &Stages) -> impl Fn(&str) + Clone + Send + use<> {
    let stages = stages.clone();
    move |note| stages.line(note)
}

/// How many results are saved at a time: saving waits for the disk.
const SAVERS: usize = 4;

/// What a shell says of a program that was ended by Ctrl-C.
const STOPPED: u8 = 130;

const FAR_FROM_THE_GALLERY: &str = "the offline gallery is on this machine alone, and the server is not, so its \
    hosts could not reach it: give --links FILE, --imgur or --nasa, or let --local 2 do all of it here";

/// Those of one host.
#[derive(Clone, Copy, clap::Args, Serialize, Deserialize)]
struct AtOnce {
    /// How many pictures a host downloads at a time
    #[arg(long, value_name = "N", default_value = "32", value_parser = step::workers)]
    io_workers: usize,
    /// How many pictures a host processes at a time, one per core if not said
    #[arg(long, value_name = "N", default_value_t = num_cpus::get(), value_parser = step::workers)]
    workers: usize,
}

/// What a host must know.
#[derive(Clone, Serialize, Deserialize)]
struct Settings {
    server: Server,
    name: String,
    at_once: AtOnce,
    limits: ClientLimits,
    /// Whether it belongs to one driver, which has the terminal.
    private: bool,
}

impl Settings {
    fn say(&self, line: String) {
        if !self.private || !io::stdout().is_terminal() {
            Stages::new(None).line(line);
        }
    }
}

/// Download and process on more than one machine: every picture becomes a gray, blurred thumbnail of 128 by
/// 128 pixels.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Give links to the hosts, and save what they make of them
    #[command(mut_arg("out", |out| out.default_value("processed-images")))]
    #[command(mut_arg("fresh", |fresh| fresh.conflicts_with("resume")))]
    #[command(mut_arg("io_workers", of_local_hosts))]
    #[command(mut_arg("workers", of_local_hosts))]
    Drive(Box<Drive>),
    /// Be a host: download and process what any drive gives, until Ctrl-C
    Work(Work),
    /// Say what waits, who works and who drives, and which links were given up
    Status(Server),
}

fn of_local_hosts(arg: clap::Arg) -> clap::Arg {
    arg.requires("local").help_heading("Each host of --local")
}

#[derive(clap::Args)]
struct Drive {
    /// Do all of it on this machine: with a server of its own, and so many hosts
    #[arg(long, value_name = "HOSTS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=64), conflicts_with = "resume")]
    local: Option<usize>,
    #[command(flatten)]
    at_once: AtOnce,
    /// Where the trace of the run goes [default: target/timelines/11_cluster.json]
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    driving: Driving,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    limits: args::Limits,
}

impl Drive {
    /// Those of a host on this machine.
    fn settings_of(&self, name: &str, server: &Server, limits: &ClientLimits) -> Settings {
        Settings {
            server: server.clone(),
            name: name.to_owned(),
            at_once: self.at_once,
            limits: limits.clone(),
            private: true,
        }
    }
}

#[derive(clap::Args)]
struct Work {
    /// What this host is called: the machine's name and a process number, if not said
    #[arg(long, value_name = "NAME", default_value_t = Host::default_name(), hide_default_value = true)]
    name: String,
    #[command(flatten)]
    at_once: AtOnce,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    limits: args::Limits,
}

impl Work {
    fn settings(&self) -> Settings {
        Settings {
            server: self.server.clone(),
            name: self.name.clone(),
            at_once: self.at_once,
            limits: self.limits.client(self.at_once.io_workers).limits().clone(),
            private: false,
        }
    }
}
