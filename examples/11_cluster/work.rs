//! `work`: a host, which downloads and processes what any drive gives out.

use std::io::{self, IsTerminal};

use anyhow::Result;
use cluster::{Cluster, Delivery, Host, Retry};
use hands::process::{Process, Task};
use hands::{output, println};
use pictures::download::{Client, ClientLimits, Fetched, LinkFailure, name};
use pictures::picture;
use rayon::ThreadPoolBuilder;
use step::text::shown;

use crate::flags::Settings;

// ANCHOR: work
pub(crate) type Made = Result<Fetched, LinkFailure>;

pub(crate) fn work(settings: &Settings) -> Result<u64> {
    output::go_on(); // even if nobody reads what it prints
    let cluster = Cluster::connect(&settings.server)?;
    let client = Client::new(settings.limits.clone());
    let cores = ThreadPoolBuilder::new().num_threads(settings.size.workers);
    let cores = cores.thread_name(|n| format!("process {}", n + 1)).build()?;
    let host = Host::new(&settings.name, settings.size.io_workers).thread_name("download");
    if !settings.server.is_private() {
        println!("{} is working: press Ctrl-C to stop it", settings.name);
    }
    let done = host.serve(&cluster, |task: &Delivery<String>| match task.attempt {
        // Two workers have died of it. If it kills this one, too, nothing else is lost.
        3.. => alone(settings, task),
        _ => Ok(download(settings, &client, task)
            .and_then(|original| cores.install(|| process(settings, &original, task)))),
    })?;
    Ok(done)
}

fn download(settings: &Settings, client: &Client, task: &Delivery<String>) -> Made {
    let _span = task.span(format!("download {}", name::from_link(&task.input)));
    say(settings, format!("Downloading {}", task.input));
    Ok(client.fetch(&task.input)?)
}

fn process(settings: &Settings, original: &Fetched, task: &Delivery<String>) -> Made {
    let _span = task.span(format!("process {}", name::from_link(&task.input)));
    say(settings, format!("Processing {}", task.input));
    thumbnail(original)
}

fn thumbnail(original: &Fetched) -> Made {
    original.processed_with(picture::process)
}
// ANCHOR_END: work

// ANCHOR: processes
/// A local host is this program, started again.
pub(crate) const HOST: Task<Settings, Result<u64, String>> =
    Task::new("host", |settings| work(&settings).map_err(|why| why.to_string()));

pub(crate) const ALONE: Task<(ClientLimits, String), Made> =
    Task::new("alone", |(limits, link)| thumbnail(&Client::new(limits).fetch(&link)?));

/// Does the task in a process of its own.
fn alone(settings: &Settings, task: &Delivery<String>) -> Result<Made, Retry> {
    let _span = task.span(format!("alone {}", name::from_link(&task.input)));
    say(settings, format!("Downloading {}, in a process of its own", task.input));
    let child = Process::spawn(&ALONE, (settings.limits.clone(), task.input.clone()));
    let child = child.map_err(|why| Retry(why.to_string()))?;
    child.join().map_err(|failure| Retry(failure.to_string()))
}
// ANCHOR_END: processes

/// The terminal of a local host belongs to its driver.
fn say(settings: &Settings, line: String) {
    if !settings.server.is_private() || !io::stdout().is_terminal() {
        println!("{}", shown(&line));
    }
}
