//! Hosts that are processes of this program.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use futures_util::StreamExt;
use hands::process::{Process, Task};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::connect::Cluster;
use crate::error::Error;
use crate::wire::Heartbeat;

/// How long all hosts together may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before a host is started again, so that one that keeps dying doesn't take the
/// whole machine.
const PAUSE: Duration = Duration::from_millis(100);
/// A host that has died this often without asking for tasks is not started again.
const DEATHS: usize = 10;

/// Hosts that are processes of this program. One that dies is started again, as systemd or a
/// container's supervisor would do.
#[derive(Debug)]
pub struct LocalHosts {
    cluster: Cluster,
    names: Vec<String>,
    watchers: Vec<JoinHandle<()>>,
    listener: tokio::task::JoinHandle<()>,
    stopping: Arc<AtomicBool>,
}

/// What is known about one of them.
#[derive(Debug, Default)]
struct Life {
    /// Whether it has ever asked for tasks.
    asked: AtomicBool,
    /// How often it has died since it last asked.
    deaths: AtomicUsize,
}

impl LocalHosts {
    /// Starts `number` hosts, and waits until all of them ask for tasks, so that the first one
    /// doesn't take what is meant for all.
    ///
    /// Each host runs `task` with the input that `settings` makes from its name. The task is
    /// expected to [serve](crate::Host::serve) until it is told to stop. `note` is called when a
    /// host has died.
    ///
    /// # Errors
    /// If a host can't be started.
    pub fn start<S, R>(
        cluster: &Cluster,
        number: usize,
        task: &'static Task<S, Result<R, String>>,
        settings: impl Fn(&str) -> S,
        note: impl Fn(&str) + Send + Clone + 'static,
    ) -> Result<LocalHosts, Error>
    where
        S: Serialize + Clone + Send + 'static,
        R: DeserializeOwned + 'static,
    {
        let alive = cluster.runtime.block_on(cluster.listen(cluster.names.alive("*")))?;
        let names: Vec<String> = (1..=number).map(|n| format!("host{n}")).collect();
        let lives: HashMap<String, Arc<Life>> =
            names.iter().map(|name| (name.clone(), Arc::default())).collect();
        let mut hosts = LocalHosts {
            cluster: cluster.clone(),
            names: names.clone(),
            watchers: Vec::new(),
            listener: cluster.runtime.spawn(listen(alive, lives.clone())),
            stopping: Arc::default(),
        };
        for name in names {
            let settings = settings(&name);
            // Its spans come with its results.
            let start = move || Process::spawn_untraced(task, settings.clone());
            let cannot = |why| Error::system(format!("start {name} of {number} hosts"), why);
            let host = start().map_err(cannot)?;
            let (life, note) = (Arc::clone(&lives[&name]), note.clone());
            let stopping = Arc::clone(&hosts.stopping);
            let note = move |what: String| note(&format!("{name} {what}"));
            let watcher = move || watch(host, start, &life, &stopping, note);
            hosts.watchers.push(thread::spawn(watcher));
        }
        let start = Instant::now();
        let asks = |life: &Arc<Life>| life.asked.load(Ordering::Acquire);
        while !lives.values().all(asks)
            && !hosts.watchers.iter().any(JoinHandle::is_finished)
            && start.elapsed() < PATIENCE
        {
            thread::sleep(Duration::from_millis(5)); // if one never asks, the driver will say so
        }
        Ok(hosts)
    }
}

/// Starts a host again whenever it has died. After it has asked for tasks, a task may have killed
/// it, and each task is tried only a few times. If it dies before that, it would go on dying for
/// ever.
fn watch<R: DeserializeOwned + 'static>(
    mut host: Process<Result<R, String>>,
    start: impl Fn() -> io::Result<Process<Result<R, String>>>,
    life: &Life,
    stopping: &AtomicBool,
    note: impl Fn(String),
) {
    loop {
        let ended = host.join();
        if stopping.load(Ordering::Acquire) {
            return;
        }
        let why = match ended {
            Ok(Ok(_)) => "it stopped".to_owned(),
            Ok(Err(why)) => why,
            Err(failure) => failure.to_string(),
        };
        if life.deaths.fetch_add(1, Ordering::AcqRel) + 1 == DEATHS {
            return note(format!(
                "has ended {DEATHS} times before it asked for tasks ({why}), and will not be restarted"
            ));
        }
        note(format!("has ended ({why}) and is being restarted"));
        thread::sleep(PAUSE);
        host = match start() {
            Ok(host) => host,
            Err(why) => return note(format!("cannot be restarted: {why}")),
        };
    }
}

/// A host sends its first heartbeat when it has asked for tasks.
async fn listen(mut alive: Subscriber, lives: HashMap<String, Arc<Life>>) {
    while let Some(message) = alive.next().await {
        if let Ok(heartbeat) = serde_json::from_slice::<Heartbeat>(&message.payload)
            && let Some(life) = lives.get(&heartbeat.host)
        {
            life.asked.store(true, Ordering::Release);
            life.deaths.store(0, Ordering::Release);
        }
    }
}

impl Drop for LocalHosts {
    /// Tells the hosts to stop. They end when the tasks in hand are done.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        self.listener.abort();
        let told = async {
            for name in &self.names {
                self.cluster.client.publish(self.cluster.names.stop(name), "".into()).await.ok();
            }
            self.cluster.client.flush().await.ok();
        };
        self.cluster.runtime.block_on(async { timeout(Duration::from_secs(2), told).await.ok() });
        let deadline = Instant::now() + Duration::from_secs(5);
        for watcher in self.watchers.drain(..) {
            while !watcher.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}
