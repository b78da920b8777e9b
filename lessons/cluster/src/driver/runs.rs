//! Which runs are on the server, and who drives them.

use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::connect::Cluster;
use crate::error::Error;
use crate::names::Names;
use crate::streams::Streams;

/// How long a driver may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who drives the run at this moment, if anybody does.
pub(crate) async fn who_drives(cluster: &Cluster, run: &str) -> Option<String> {
    let question = cluster.client.request(cluster.names.driving(run), Bytes::new());
    let reply = timeout(PATIENCE, question).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&reply.payload).into_owned())
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
    while let Ok(task) = tasks.get_first_raw_message_by_subject(&subject, 1).await
        && tasks.delete_message(task.sequence).await.is_ok()
    {}
}
