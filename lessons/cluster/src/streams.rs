//! The streams on the server. The first drive makes them; hosts never do.

use std::fmt::Debug;
use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType, Stream};

use crate::connect::Cluster;
use crate::error::Error;
use crate::names::Names;
use crate::options::StreamOptions;

/// The most tasks that may be with hosts at a time, in the whole cluster.
const MOST_UNDER_WAY: i64 = 100_000;
/// The most hosts that may wait for tasks.
const MOST_WAITING: i64 = 4096;
/// The most tasks that one host may ask for at a time.
const MOST_AT_ONCE: i64 = 4096;
/// How long the server remembers the id of a message, in memory. We send a message again sooner
/// than that if its confirmation was lost.
const REMEMBERED: Duration = Duration::from_secs(10);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Streams {
    pub(crate) tasks: Stream,
    pub(crate) results: Stream,
    pub(crate) workers: PullConsumer,
}

impl Cluster {
    /// Makes the streams and the workers' consumer, or checks that those on the server will do.
    pub(crate) async fn set_up(&self, options: &StreamOptions) -> Result<Streams, Error> {
        let stream = |name: String, subject: String, retention| stream::Config {
            name,
            subjects: vec![subject],
            retention,
            storage: StorageType::File,
            num_replicas: usize::from(options.replicas),
            duplicate_window: REMEMBERED,
            ..stream::Config::default()
        };
        let names = &self.names;
        // A task is kept until a host says that it is done.
        let tasks = stream(names.tasks(), names.tasks_for("*"), RetentionPolicy::WorkQueue);
        // A result is kept until its driver confirms it, and not at all if nobody drives its run.
        let results = stream::Config {
            max_age: 7 * DAY,
            ..stream(names.results(), names.results_for("*"), RetentionPolicy::Interest)
        };
        let dead = stream::Config {
            max_age: 30 * DAY,
            max_messages: 100_000,
            ..stream(names.dead(), names.dead_for("*"), RetentionPolicy::Limits)
        };
        let tasks = self.make_stream(tasks).await?;
        let results = self.make_stream(results).await?;
        self.make_stream(dead).await?;
        let workers = make_workers(&tasks, options).await?;
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
            // A full stream drops its oldest task or takes no new one, and neither will do.
            is_smaller("max_msgs", has.max_messages, wanted.max_messages),
            is_smaller("max_msgs_per_subject", per_subject, wanted.max_messages_per_subject),
            is_smaller("max_bytes", has.max_bytes, wanted.max_bytes),
            is_smaller("max_msg_size", size, no_size),
        ];
        let name = &wanted.name;
        agree(format!("stream {name}"), format!("stream rm {name}"), differences)?;
        Ok(made)
    }
}

async fn make_workers(tasks: &Stream, options: &StreamOptions) -> Result<PullConsumer, Error> {
    let wanted = pull::Config {
        durable_name: Some(Names::WORKERS.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: options.ack_wait,
        // No limit: a task that has failed too often is given up by a host, which says why. The
        // server would leave it in the stream and say nothing.
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
        differs("backoff", &has.backoff, &wanted.backoff), // it would override ack_wait
        differs("max_deliver", &has.max_deliver, &wanted.max_deliver),
        differs("filter_subject", &has.filter_subject, &wanted.filter_subject),
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

fn differs<T: PartialEq + Debug>(what: &str, has: &T, wanted: &T) -> Option<String> {
    (has != wanted).then(|| format!("{what} is {has:?}, but must be {wanted:?}"))
}

/// For limits: a larger one does no harm, and 0 or less means that there is none.
fn is_smaller(what: &str, has: i64, wanted: i64) -> Option<String> {
    if wanted <= 0 {
        return (has > 0).then(|| format!("{what} is {has}, but must be unlimited"));
    }
    let is_smaller = (1..wanted).contains(&has);
    is_smaller.then(|| format!("{what} is {has}, but must be at least {wanted}"))
}

fn agree<const N: usize>(
    what: String,
    remove: String,
    differences: [Option<String>; N],
) -> Result<(), Error> {
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::OtherSettings { what, remove, differences })
}
