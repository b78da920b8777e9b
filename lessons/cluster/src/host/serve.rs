//! A host: it starts its workers and serves until it is told to stop.

use std::thread;
use std::time::Duration;

use crossbeam::channel;
use futures_util::StreamExt;
use hands::println;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};

use super::delivery::{Delivery, Retry};
use super::desk::Desk;
use super::worker::{Taken, Worker};
use crate::connect::Cluster;
use crate::error::Error;
use crate::names;
use crate::signals::stop_at_signals;

/// A machine that does tasks, several at a time.
#[derive(Debug, Clone)]
pub struct Host {
    name: String,
    workers: usize,
    row: String,
    limit: Duration,
}

impl Host {
    /// A host with this many workers, which are threads.
    pub fn new(name: impl Into<String>, workers: usize) -> Host {
        let hour = Duration::from_secs(60 * 60);
        Host { name: name.into(), workers, row: "worker".to_owned(), limit: hour }
    }

    /// A name that no other host has: the machine's name and the number of this process.
    pub fn default_name() -> String {
        let machine = gethostname::gethostname();
        let letters = machine.to_string_lossy().chars().take(20).collect::<String>();
        let letters = letters.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        format!("{letters}_{}", std::process::id())
    }

    /// Names its threads, and so their rows in the timeline, `row 1`, `row 2` and so on. The
    /// default is `worker`.
    #[must_use]
    pub fn thread_name(self, row: impl Into<String>) -> Host {
        Host { row: row.into(), ..self }
    }

    /// How long a task may take before it goes to another worker. The default is an hour.
    #[must_use]
    pub fn limit(self, limit: Duration) -> Host {
        Host { limit, ..self }
    }

    /// Does tasks until it is told to stop. Returns how many it has done.
    ///
    /// The first Ctrl-C (or SIGTERM) lets it finish what has begun, and a second one ends the
    /// program at once. The hosts of a [private server](crate::PrivateServer) stop when the driver
    /// says so instead.
    ///
    /// `task` is called on several threads. If it panics, that task is dead, and the host goes on.
    ///
    /// # Errors
    /// If its name can't be used or its threads can't be started. If anything goes wrong later,
    /// with the server or with a task, the host goes on as soon as it can.
    pub fn serve<A, R>(
        &self,
        cluster: &Cluster,
        task: impl Fn(&Delivery<A>) -> Result<R, Retry> + Sync,
    ) -> Result<u64, Error>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        R: Serialize + Send,
    {
        if !names::is_good(&self.name) {
            return Err(Error::Name { what: "host", name: self.name.clone() });
        }
        let worker = Worker { host: &self.name, largest: cluster.largest_message(), task: &task };
        let (to_workers, deliveries) = channel::unbounded::<Taken>();
        let (to_desk, made) = mpsc::unbounded_channel();
        thread::scope(|s| {
            for n in 1..=self.workers {
                let (deliveries, to_desk, worker) = (deliveries.clone(), to_desk.clone(), &worker);
                let serve = move || {
                    for taken in deliveries {
                        let sequence = taken.sequence;
                        if to_desk.send((sequence, worker.make(taken))).is_err() {
                            break; // the host has stopped
                        }
                    }
                };
                let thread = thread::Builder::new().name(format!("{} {n}", self.row));
                let started = thread.spawn_scoped(s, serve);
                started.map_err(|why| {
                    let all = self.workers;
                    Error::system(format!("start worker {n} of {all} (ask for fewer)"), why)
                })?;
            }
            Ok(cluster.runtime.block_on(async {
                let stop = self.stop_signal(cluster).await;
                let (workers, limit) = (self.workers, self.limit);
                let desk = Desk::open(cluster, &self.name, workers, limit, to_workers, made, stop);
                match desk.await {
                    Some(desk) => desk.run().await,
                    None => 0,
                }
            }))
        })
    }

    /// Becomes true when this host is to stop.
    async fn stop_signal(&self, cluster: &Cluster) -> watch::Receiver<bool> {
        let (sender, stop) = watch::channel(false);
        if !cluster.private {
            let note = |note: &str| println!("{note}");
            tokio::spawn(stop_at_signals(note, move || _ = sender.send(true)));
        } else if let Ok(mut word) = cluster.client.subscribe(cluster.names.stop(&self.name)).await
        {
            tokio::spawn(async move {
                word.next().await;
                sender.send(true).ok();
            });
        }
        stop
    }
}
