//! Which runs are on the server, and who drives them.

use std::time::Duration;

use async_nats::Message;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::connect::Cluster;
use crate::error::Error;
use crate::names::Names;
use crate::options::RunOptions;
use crate::streams::{DAY, Streams};

/// How long a driver may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The server sends an answer again if it isn't acknowledged for this many times `ack_wait`.
const REPEATED_AFTER: u32 = 3;

/// Who drives the run at this moment, if anybody does.
pub(crate) async fn who_drives(cluster: &Cluster, run: &str) -> Option<String> {
    let question = cluster.client.request(cluster.names.driving(run), Bytes::new());
    let reply = timeout(PATIENCE, question).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&reply.payload).into_owned())
}

/// Answers somebody who asks who drives our run.
pub(super) async fn answer(cluster: &Cluster, question: Message) {
    if let Some(to) = question.reply {
        let host = gethostname::gethostname();
        let us = format!("process {} on {}", std::process::id(), host.to_string_lossy());
        cluster.client.publish(to, us.into()).await.ok();
    }
}

/// Makes the consumer of a driver, through which it gets the results of its run.
pub(super) async fn make_consumer(
    cluster: &Cluster,
    streams: &Streams,
    run: &str,
    driver: &str,
    options: &RunOptions,
) -> Result<PullConsumer, Error> {
    let config = pull::Config {
        durable_name: Some(Names::consumer(run, driver)),
        filter_subject: cluster.names.results_for(run),
        ack_policy: AckPolicy::Explicit,
        ack_wait: options.streams.ack_wait * REPEATED_AFTER,
        max_ack_pending: -1,
        inactive_threshold: 7 * DAY,
        ..pull::Config::default()
    };
    let made = streams.results.create_consumer(config).await;
    made.map_err(|why| Error::server("make a consumer of the results", why))
}

/// The consumers that earlier drivers of this run have left behind. There is one as long as the run
/// is unfinished.
pub(super) async fn consumers_left_by(
    cluster: &Cluster,
    streams: &Streams,
    run: &str,
) -> Result<Vec<String>, Error> {
    if let Some(driver) = who_drives(cluster, run).await {
        return Err(Error::Driven { run: run.to_owned(), driver });
    }
    let mut names = streams.results.consumer_names();
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    while let Some(name) = names.next().await {
        let name = name.map_err(|why| Error::server("list the runs", why))?;
        match Names::run_from_consumer(&name) {
            Some(its) if its == run => ours.push(name),
            Some(other) => others.push(other.to_owned()),
            None => (),
        }
    }
    if !ours.is_empty() {
        return Ok(ours);
    }
    others.sort();
    others.dedup();
    Err(Error::UnknownRun { run: run.to_owned(), others })
}

/// Takes over from these consumers. The tasks that nobody has done yet are deleted, and given again
/// when we come to them.
pub(super) async fn take_over(
    cluster: &Cluster,
    streams: &Streams,
    run: &str,
    consumers: &[String],
) {
    if consumers.is_empty() {
        return;
    }
    for consumer in consumers {
        streams.results.delete_consumer(consumer).await.ok();
    }
    delete_tasks(&streams.tasks, cluster.names.tasks_for(run)).await;
}

/// One by one: after a purge of one subject, a server older than 2.9.12 no longer delivers what is
/// left of the others (nats-server#3838), and Debian's is older.
async fn delete_tasks(tasks: &Stream, subject: String) {
    let mut next = 1;
    while let Ok(task) = tasks.get_first_raw_message_by_subject(&subject, next).await {
        // If it is gone, a host has just done it. The others are still there.
        tasks.delete_message(task.sequence).await.ok();
        next = task.sequence + 1;
    }
}
