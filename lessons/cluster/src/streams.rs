//! The streams on the server: made once, by whoever drives; never by workers that race for it.

use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType, Stream};
use clap::Args;

use crate::connect::Cluster;
use crate::error::Error;
use crate::names::Names;

/// How the server keeps tasks. All who drive the same cluster must want the same.
#[derive(Debug, Clone, Args)]
#[command(
    next_help_heading = "How the server keeps the tasks (the first drive decides, all others agree)"
)]
pub struct Keeping {
    /// A task whose host gives no sign of life for so long goes to another one, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = patience)]
    pub ack_wait: Duration,

    /// On how many servers each task and each result is kept
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub replicas: u8,
}

impl Default for Keeping {
    fn default() -> Self {
        Keeping { ack_wait: Duration::from_secs(10), replicas: 1 }
    }
}

pub(crate) fn patience(text: &str) -> Result<Duration, String> {
    match step::seconds(text)? {
        short if short < Duration::from_millis(100) => Err("give at least 0.1 seconds".to_owned()),
        time => Ok(time),
    }
}

/// How many tasks may be with workers at the same time, in the whole cluster.
const MOST_UNDER_WAY: i64 = 100_000;
/// For so long the server remembers the id of a message, in memory: longer than it takes until we send one again
/// whose confirmation was lost.
const REPEATS: Duration = Duration::from_secs(10);
/// How many hosts may wait for tasks.
const MOST_WAITING: i64 = 4096;
/// How many tasks one host may ask for.
const MOST_AT_ONCE: i64 = 4096;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Streams {
    pub(crate) tasks: Stream,
    pub(crate) results: Stream,
    pub(crate) workers: PullConsumer,
}

impl Cluster {
    /// Makes the streams and the workers' consumer, or looks whether those that are there will do.
    pub(crate) async fn set_up(&self, keeping: &Keeping) -> Result<Streams, Error> {
        let replicas = usize::from(keeping.replicas);
        let stream = |name: String, subject: String, retention| stream::Config {
            name,
            subjects: vec![subject],
            retention,
            storage: StorageType::File,
            num_replicas: replicas,
            duplicate_window: REPEATS,
            ..stream::Config::default()
        };
        let names = &self.names;
        // A task is kept until one worker says that it is done.
        let tasks = stream(names.tasks(), names.tasks_of("*"), RetentionPolicy::WorkQueue);
        // A result is kept until its driver says that it has it; one that nobody drives for is not kept.
        let results = stream::Config {
            max_age: 7 * DAY,
            ..stream(names.results(), names.results_of("*"), RetentionPolicy::Interest)
        };
        let dead = stream::Config {
            max_age: 30 * DAY,
            max_messages: 100_000,
            ..stream(names.dead(), names.dead_of("*"), RetentionPolicy::Limits)
        };
        let tasks = self.make_stream(tasks).await?;
        let results = self.make_stream(results).await?;
        self.make_stream(dead).await?;
        let workers = make_workers(&tasks, keeping).await?;
        Ok(Streams { tasks, results, workers })
    }

    async fn make_stream(&self, wanted: stream::Config) -> Result<Stream, Error> {
        let made = self.context.get_or_create_stream(wanted.clone()).await;
        let made =
            made.map_err(|why| Error::server(format!("make the stream {}", wanted.name), why))?;
        let has = &made.cached_info().config;
        let (size, no_size) = (i64::from(has.max_message_size), i64::from(wanted.max_message_size));
        let per_subject = has.max_messages_per_subject;
        let differences = [
            differs("subjects", &has.subjects, &wanted.subjects),
            differs("retention", &has.retention, &wanted.retention),
            differs("storage", &has.storage, &wanted.storage),
            differs("replicas", &has.num_replicas, &wanted.num_replicas),
            differs("max_age", &has.max_age, &wanted.max_age),
            differs("no_ack", &has.no_ack, &wanted.no_ack),
            // One that is full drops its oldest task, or takes no more: as `discard` says, and neither is good.
            is_smaller("max_msgs", has.max_messages, wanted.max_messages),
            is_smaller("max_msgs_per_subject", per_subject, wanted.max_messages_per_subject),
            is_smaller("max_bytes", has.max_bytes, wanted.max_bytes),
            is_smaller("max_msg_size", size, no_size),
        ];
        agree(
            format!("stream {}", wanted.name),
            format!("stream rm {}", wanted.name),
            differences,
        )?;
        Ok(made)
    }
}

async fn make_workers(tasks: &Stream, keeping: &Keeping) -> Result<PullConsumer, Error> {
    let wanted = pull::Config {
        durable_name: Some(Names::WORKERS.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: keeping.ack_wait,
        // For ever: a task that is given up must be given up by us, with a reason, not left in the stream.
        max_deliver: -1,
        max_ack_pending: MOST_UNDER_WAY,
        max_waiting: MOST_WAITING,
        ..pull::Config::default()
    };
    let made = tasks.get_or_create_consumer(Names::WORKERS, wanted.clone()).await;
    let made: PullConsumer =
        made.map_err(|why| Error::server("make the consumer of the workers", why))?;
    let has: &consumer::Config = &made.cached_info().config;
    let differences = [
        differs("ack_policy", &has.ack_policy, &wanted.ack_policy),
        differs("ack_wait", &has.ack_wait, &wanted.ack_wait),
        differs("backoff", &has.backoff, &wanted.backoff), // it would go before ack_wait
        differs("max_deliver", &has.max_deliver, &wanted.max_deliver),
        differs("filter", &has.filter_subject, &wanted.filter_subject),
        differs("headers_only", &has.headers_only, &wanted.headers_only),
        differs("replay_policy", &has.replay_policy, &wanted.replay_policy),
        differs("inactive_threshold", &has.inactive_threshold, &wanted.inactive_threshold),
        differs("max_expires", &has.max_expires, &wanted.max_expires),
        is_smaller("max_batch", has.max_batch, MOST_AT_ONCE),
        is_smaller("max_ack_pending", has.max_ack_pending, wanted.max_ack_pending),
        is_smaller("max_waiting", has.max_waiting, wanted.max_waiting),
    ];
    let (stream, name) = (&tasks.cached_info().config.name, Names::WORKERS);
    agree(format!("consumer {name}"), format!("consumer rm {stream} {name}"), differences)?;
    Ok(made)
}

fn differs<T: PartialEq + std::fmt::Debug>(what: &str, has: &T, wanted: &T) -> Option<String> {
    (has != wanted).then(|| format!("it has {what} {has:?}, we need {wanted:?}"))
}

/// For limits: one that is larger does no harm. Without a limit it is 0 or less.
fn is_smaller(what: &str, has: i64, wanted: i64) -> Option<String> {
    match wanted {
        ..=0 => (has > 0).then(|| format!("it has {what} {has}, we need no limit")),
        _ => (1..wanted)
            .contains(&has)
            .then(|| format!("it has {what} {has}, we need {wanted} at least")),
    }
}

fn agree<const N: usize>(
    what: String,
    remove: String,
    differences: [Option<String>; N],
) -> Result<(), Error> {
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    match differences.is_empty() {
        true => Ok(()),
        false => Err(Error::OtherSettings { what, remove, differences }),
    }
}
