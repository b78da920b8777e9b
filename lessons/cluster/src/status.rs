//! The state of a cluster, as a table for people.

use std::collections::BTreeMap;
use std::fmt;

use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use step::text::shown;
use tokio::time::{Instant, timeout_at};

use crate::connect::Cluster;
use crate::driver::who_drives;
use crate::error::Error;
use crate::names::Names;
use crate::wire::{ALL_HEARD, DeadLetter, Heartbeat};

/// How many dead letters are shown, counted from the latest.
const LETTERS: u64 = 10;

/// The state of a cluster at one moment. Its `Display` is a table.
#[derive(Debug, Default)]
pub struct Status {
    url: String,
    version: String,
    /// How many tasks are waiting for a host.
    pub waiting: u64,
    /// How many tasks are with hosts.
    pub under_way: usize,
    hosts: BTreeMap<String, Heartbeat>,
    runs: Vec<RunStatus>,
    /// How many tasks are dead.
    pub dead: u64,
    letters: Vec<(String, DeadLetter)>,
}

#[derive(Debug)]
struct RunStatus {
    run: String,
    driver: Option<String>,
    results: u64,
}

impl Cluster {
    /// The state of the cluster. This takes a second, in which it listens for hosts. A cluster that
    /// nobody has driven yet has an empty one.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn status(&self) -> Result<Status, Error> {
        self.runtime.block_on(self.look())
    }

    async fn look(&self) -> Result<Status, Error> {
        let mut heartbeats = self.listen(self.names.alive("*")).await?;
        let until = Instant::now() + ALL_HEARD;
        let mut status = Status {
            url: self.url.clone(),
            version: self.client.server_info().version,
            ..Status::default()
        };
        if let Ok(tasks) = self.context.get_stream(self.names.tasks()).await
            && let Ok(workers) = tasks.consumer_info(Names::WORKERS).await
        {
            status.waiting = workers.num_pending;
            status.under_way = workers.num_ack_pending;
        }
        if let Ok(results) = self.context.get_stream(self.names.results()).await {
            status.runs = self.runs(&results).await?;
        }
        if let Ok(dead) = self.context.get_stream(self.names.dead()).await {
            status.dead = dead.cached_info().state.messages;
            status.letters = last_letters(&dead).await;
        }
        while let Ok(Some(message)) = timeout_at(until, heartbeats.next()).await {
            if let Ok(heartbeat) = serde_json::from_slice::<Heartbeat>(&message.payload) {
                status.hosts.insert(heartbeat.host.clone(), heartbeat);
            }
        }
        Ok(status)
    }

    async fn runs(&self, results: &Stream) -> Result<Vec<RunStatus>, Error> {
        let mut consumers = results.consumers();
        let mut runs = Vec::new();
        while let Some(consumer) = consumers.next().await {
            let consumer = consumer.map_err(|why| Error::server("list the runs", why))?;
            if let Some(run) = Names::run_from_consumer(&consumer.name) {
                let driver = who_drives(self, run).await;
                let results = consumer.num_pending + consumer.num_ack_pending as u64;
                runs.push(RunStatus { run: run.to_owned(), driver, results });
            }
        }
        Ok(runs)
    }
}

/// The latest letters, each with its run.
async fn last_letters(dead: &Stream) -> Vec<(String, DeadLetter)> {
    let state = &dead.cached_info().state;
    let first = state.first_sequence.max(state.last_sequence.saturating_sub(LETTERS - 1));
    let mut letters = Vec::new();
    for sequence in first..=state.last_sequence {
        if let Ok(message) = dead.get_raw_message(sequence).await
            && let Ok(letter) = serde_json::from_slice(&message.payload)
        {
            letters.push((Names::run_from_subject(&message.subject).to_owned(), letter));
        }
    }
    letters
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Server  {} (nats-server {})", self.url, self.version)?;
        writeln!(f, "Tasks   {} waiting, {} with hosts", self.waiting, self.under_way)?;
        if self.hosts.is_empty() {
            writeln!(f, "Hosts   none: start one with `work`")?;
        } else {
            writeln!(f, "Hosts   name                      process  at once  busy      done")?;
        }
        for Heartbeat { host, process, workers, busy, done, .. } in self.hosts.values() {
            let host = shown(host);
            writeln!(f, "        {host:24}  {process:7}  {workers:7}  {busy:4}  {done:8}")?;
        }
        for RunStatus { run, driver, results } in &self.runs {
            match driver {
                Some(driver) => writeln!(f, "Run     {run}: driven by {}", shown(driver))?,
                None => {
                    let waiting = if *results > 0 { ", and results are waiting" } else { "" };
                    let go_on = format!("go on with `drive --resume {run}` and its other flags");
                    writeln!(f, "Run     {run}: nobody is driving it{waiting}; {go_on}")?;
                }
            }
        }
        if self.dead > 0 {
            writeln!(f, "Dead    {}", self.dead)?;
        }
        for (run, DeadLetter { task, reason, host, attempts, .. }) in &self.letters {
            let letter = format!("{task} of run {run}: {reason} (on {host}, try {attempts})");
            writeln!(f, "        {}", shown(&letter))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_cannot_move_the_cursor_or_give_a_password_away() {
        let letter = DeadLetter {
            task: "http://me:secret@host/\u{1b}[2J\u{202e}gpj.a".into(),
            reason: "it\nsaid\u{7} nothing".to_owned(),
            host: "host1".to_owned(),
            attempts: 5,
            answered: true,
        };
        let letters = vec![("abc".to_owned(), letter)];
        let status = Status { dead: 1, letters, ..Status::default() };
        let shown = status.to_string();
        assert!(shown.lines().last().unwrap().ends_with("(on host1, try 5)"), "{shown}");
        assert!(shown.contains("http://me:***@host/"), "{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
    }
}
