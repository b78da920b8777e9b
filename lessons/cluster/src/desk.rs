//! Where a host's tasks come in and its results go out: asks the server for as many tasks as there are
//! free workers, says of those in hand that they are under way, and stores a result before it says that
//! its task is done.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::jetstream::message::{Acker, PublishMessage};
use async_nats::jetstream::{self, AckKind, Context};
use async_nats::{Message, StatusCode};
use bytes::Bytes;
use crossbeam::channel::Sender;
use futures_util::StreamExt;
use serde_json::Value;
use step::text::masked;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::connect::Cluster;
use crate::host::DELIVERIES;
use crate::names::Names;
use crate::wire::{Beat, DeadLetter, End};

/// How long the server keeps a request for tasks, if there are none.
const EXPIRES: Duration = Duration::from_secs(5);
/// How long it waits for more workers to be free, before it asks for tasks for a few.
const GATHER: Duration = Duration::from_millis(2);
/// How often a host says that it lives, at least.
const BEAT: Duration = Duration::from_secs(1);
/// How long it waits for the streams, before it looks again; and with a task that another worker may do better.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it tries to store a result, once a second, before it leaves the task to another host.
const TRIES: usize = 60;
/// How many results are stored together, at most, and how many such bundles at the same time.
const BUNDLE: usize = 64;
const STORING: usize = 4;

/// A task that a worker of this host has, or will have at once.
pub(crate) struct Taken {
    /// Its number in the stream of tasks.
    pub(crate) sequence: u64,
    pub(crate) delivery: u32,
    pub(crate) run: String,
    pub(crate) payload: Bytes,
}

/// How much of a dead letter may be the task, in bytes, and the reason, in letters: it is for people.
const MOST_OF_TASK: usize = 8192;
const MOST_OF_REASON: usize = 1024;

/// A message that is to be stored, and its subject.
type Stored = (String, PublishMessage);

/// Results of this run that are to be stored, back to back, with their tasks.
#[derive(Default)]
struct Bundle {
    run: String,
    tasks: Vec<u64>,
    answers: Vec<u8>,
    letters: Vec<DeadLetter>,
}

impl Bundle {
    /// The server keeps one message of each id, so that a bundle which is stored twice is there once. The id tells
    /// all of its tasks: a bundle that shares only some of them is another one.
    fn id(&self) -> String {
        let tasks: Vec<String> = self.tasks.iter().map(u64::to_string).collect();
        format!("{}.{}", self.run, tasks.join("."))
    }

    fn into_messages(self, names: &Names) -> Vec<Stored> {
        let id = self.id();
        let Bundle { run, answers, letters, .. } = self;
        let message = |subject, payload: Vec<u8>, id| {
            (subject, PublishMessage::build().message_id(id).payload(payload.into()))
        };
        let mut messages = Vec::new();
        for (n, letter) in letters.iter().enumerate() {
            let payload = serde_json::to_vec(letter).unwrap_or_default();
            messages.push(message(names.dead_of(&run), payload, format!("{id}-{n}")));
        }
        if !answers.is_empty() {
            messages.push(message(names.results_of(&run), answers, id));
        }
        messages
    }
}

/// What a worker has made of its task.
pub(crate) enum Made {
    /// This is to be stored for the driver; and if the task is dead, this is why.
    Answer { bytes: Vec<u8>, dead: Option<String> },
    /// No driver could read an answer to this.
    Unreadable { reason: String },
    /// Another worker is to try it.
    Again,
}

impl Made {
    pub(crate) fn stored<R>(bytes: Vec<u8>, end: End<R>) -> Made {
        let dead = match end {
            End::Dead(reason) => Some(reason),
            End::Done(_) => None,
        };
        Made::Answer { bytes, dead }
    }

    pub(crate) fn unreadable(why: impl ToString) -> Made {
        Made::Unreadable { reason: format!("it is no task of this program: {}", why.to_string()) }
    }
}

/// A task in hand, from the moment it came until the server was told that it is done.
struct InHand {
    acker: Arc<Acker>,
    since: Instant,
    run: String,
    delivery: u32,
    payload: Bytes,
}

pub(crate) struct Desk<'h> {
    cluster: &'h Cluster,
    host: &'h str,
    at_once: usize,
    limit: Duration,
    jobs: Sender<Taken>,
    made: mpsc::UnboundedReceiver<(u64, Made)>,
    in_hand: HashMap<u64, InHand>,
    /// Results that wait until those before them are stored: many small ones are stored together.
    bundles: VecDeque<Bundle>,
    /// How many bundles are on their way.
    storing: usize,
    done: u64,
    /// How many tasks the server has been asked for, and has not given yet.
    requested: usize,
    asked: Instant,
}

impl<'h> Desk<'h> {
    pub(crate) fn new(
        cluster: &'h Cluster,
        host: &'h str,
        at_once: usize,
        limit: Duration,
        jobs: Sender<Taken>,
        made: mpsc::UnboundedReceiver<(u64, Made)>,
    ) -> Self {
        Desk {
            cluster,
            host,
            at_once,
            limit,
            jobs,
            made,
            in_hand: HashMap::new(),
            bundles: VecDeque::new(),
            storing: 0,
            done: 0,
            requested: 0,
            asked: Instant::now(),
        }
    }

    /// As [`run`](Desk::run), until the driver of a private cluster says so.
    pub(crate) async fn run_until_told(self) -> u64 {
        let (told, stop) = watch::channel(false);
        let subject = self.cluster.names.stop(self.host);
        if let Ok(mut word) = self.cluster.client.subscribe(subject).await {
            tokio::spawn(async move {
                word.next().await;
                told.send(true).ok();
                told.closed().await;
            });
        }
        self.run(stop).await
    }

    /// Takes tasks until `stop` says so, and then until those in hand are done. Says how many were done.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) -> u64 {
        let client = &self.cluster.client;
        let inbox = client.new_inbox();
        let Ok(mut tasks) = client.subscribe(inbox.clone()).await else { return 0 };
        let Some(consumer) = self.consumer(&mut stop).await else { return 0 };
        let ack_wait = consumer.cached_info().config.ack_wait;
        let mut tick = interval(BEAT.min(ack_wait / 3));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (stored, mut storing) = mpsc::unbounded_channel();
        let mut connections = self.cluster.connections.clone();
        let (mut stopping, mut open) = (false, true);
        let mut may_ask = true;
        self.ask(&consumer, &inbox).await; // before the first sign of life: whoever sees that may count on us
        while !stopping || open || !self.in_hand.is_empty() {
            self.store(&stored);
            let wanted = self.wanted();
            let at_once = wanted * 4 >= self.at_once; // else a moment later: more may be free by then
            tokio::select! {
                () = sleep(if at_once { Duration::ZERO } else { GATHER }),
                    if wanted > 0 && may_ask && !stopping && self.is_connected() => self.ask(&consumer, &inbox).await,
                message = tasks.next(), if open => match message {
                    Some(message) if message.status.is_some() => may_ask = self.told(&message),
                    Some(message) if stopping => give_back(&self.cluster.context, message).await,
                    Some(message) => self.take(message),
                    None => open = false,
                },
                Some((task, made)) = self.made.recv() => self.gather(task, made).await,
                Some((tasks, is_stored)) = storing.recv() => self.forget(tasks, is_stored),
                _ = tick.tick() => {
                    match self.is_connected() {
                        true => self.give_signs_of_life().await,
                        false => open &= !stopping, // nothing is on its way any more
                    }
                    may_ask = true;
                }
                Ok(()) = connections.changed() => self.requested = 0, // the server has forgotten them
                () = said(&mut stop), if !stopping => {
                    stopping = true;
                    open = self.is_connected();
                    if open {
                        tasks.drain().await.ok(); // what is on its way still comes, and goes back
                    }
                }
            }
        }
        timeout(BEAT, client.flush()).await.ok();
        self.done
    }

    /// The consumer from which all workers take. It is made by whoever drives first; until then, waits.
    async fn consumer(&self, stop: &mut watch::Receiver<bool>) -> Option<PullConsumer> {
        let Cluster { context, names, .. } = self.cluster;
        loop {
            if let Ok(stream) = context.get_stream_no_info(names.tasks()).await
                && let Ok(consumer) = stream.get_consumer(Names::WORKERS).await
            {
                return Some(consumer);
            }
            tokio::select! {
                () = sleep(PAUSE) => self.beat().await,
                () = said(stop) => return None,
            }
        }
    }

    /// Whether the server hears us. What is said meanwhile would be sent later, all of it at once.
    fn is_connected(&self) -> bool {
        self.cluster.client.connection_state() == State::Connected
    }

    /// As many tasks as there are free workers: a host takes none that it cannot begin.
    fn wanted(&self) -> usize {
        self.at_once.saturating_sub(self.in_hand.len() + self.requested)
    }

    async fn ask(&mut self, consumer: &PullConsumer, inbox: &str) {
        let wanted = self.wanted();
        let batch = BatchConfig { batch: wanted, expires: Some(EXPIRES), ..BatchConfig::default() };
        if consumer.request_batch(batch, inbox.into()).await.is_ok() {
            self.requested += wanted;
            self.asked = Instant::now();
        }
    }

    /// The server says something about our requests. Whether it makes sense to ask again at once.
    fn told(&mut self, message: &Message) -> bool {
        let headers = message.headers.as_ref();
        let left =
            headers.and_then(|headers| headers.get("Nats-Pending-Messages")?.as_str().parse().ok());
        match message.status {
            Some(StatusCode::IDLE_HEARTBEAT) => true,
            // A request has run out, with so many tasks to go.
            Some(StatusCode::TIMEOUT) => {
                self.requested = self.requested.saturating_sub(left.unwrap_or(self.requested));
                true
            }
            _ => {
                self.requested = 0;
                false
            }
        }
    }

    fn take(&mut self, message: Message) {
        self.requested = self.requested.saturating_sub(1);
        let message = jetstream::Message { message, context: self.cluster.context.clone() };
        let Ok(info) = message.info() else { return };
        let sequence = info.stream_sequence;
        let delivery = u32::try_from(info.delivered).unwrap_or(u32::MAX);
        let (message, acker) = message.split();
        let run = Names::run_of(&message.subject).to_owned();
        let payload = message.payload;
        let acker = Arc::new(acker);
        if let Some(ours) = self.in_hand.get_mut(&sequence) {
            // The server believes that we have lost it. We have not, and go on with it; unless it hangs, and has
            // hung everywhere: then another worker is to say that it is dead.
            (ours.acker, ours.delivery) = (acker, delivery);
            if ours.since.elapsed() < self.limit || delivery <= DELIVERIES {
                return;
            }
        } else {
            let (since, run, payload) = (Instant::now(), run.clone(), payload.clone());
            self.in_hand.insert(sequence, InHand { acker, since, run, delivery, payload });
        }
        self.jobs.send(Taken { sequence, delivery, run, payload }).ok();
    }

    /// What a worker has made goes into a bundle.
    async fn gather(&mut self, task: u64, made: Made) {
        let Some(in_hand) = self.in_hand.get(&task) else { return };
        let answered = matches!(made, Made::Answer { .. });
        let (mut answer, dead) = match made {
            Made::Again => {
                in_hand.acker.ack_with(AckKind::Nak(Some(PAUSE))).await.ok();
                self.in_hand.remove(&task);
                return;
            }
            Made::Answer { bytes, dead } => (bytes, dead),
            Made::Unreadable { reason } => (Vec::new(), Some(reason)),
        };
        let room = self.cluster.largest_message().saturating_sub(answer.len());
        let fits = |bundle: &&mut Bundle| {
            bundle.run == in_hand.run && bundle.answers.len() <= room && bundle.tasks.len() < BUNDLE
        };
        let bundle = match self.bundles.back_mut().filter(fits) {
            Some(bundle) => bundle,
            None => {
                let run = in_hand.run.clone();
                self.bundles.push_back(Bundle { run, ..Bundle::default() });
                self.bundles.back_mut().expect("it was just put there")
            }
        };
        bundle.tasks.push(task);
        bundle.answers.append(&mut answer);
        let short = in_hand.payload.len() <= MOST_OF_TASK;
        bundle.letters.extend(dead.map(|reason| DeadLetter {
            task: match serde_json::from_slice(&in_hand.payload) {
                Ok(Value::String(task)) if short => masked(&task).into(),
                Ok(task) if short => task,
                _ => format!("{} bytes", in_hand.payload.len()).into(),
            },
            reason: reason.chars().take(MOST_OF_REASON).collect(),
            host: self.host.to_owned(),
            deliveries: in_hand.delivery,
            answered,
        }));
    }

    /// Stores the next bundle, if there is one, and nothing before it is on its way, or it is full.
    fn store(&mut self, stored: &mpsc::UnboundedSender<(Vec<u64>, bool)>) {
        while self.storing == 0 || (self.bundles.len() > 1 && self.storing < STORING) {
            let Some(bundle) = self.bundles.pop_front() else { return };
            self.storing += 1;
            let tasks = bundle.tasks.clone();
            let of_task = |task| self.in_hand.get(task).map(|in_hand| Arc::clone(&in_hand.acker));
            let ackers: Vec<_> = tasks.iter().filter_map(of_task).collect();
            let messages = bundle.into_messages(&self.cluster.names);
            let (context, stored) = (self.cluster.context.clone(), stored.clone());
            tokio::spawn(async move {
                let is_stored = store_then_confirm(&context, messages, &ackers).await;
                stored.send((tasks, is_stored)).ok();
            });
        }
    }

    /// These are stored, or could not be, and are no longer our business.
    fn forget(&mut self, tasks: Vec<u64>, is_stored: bool) {
        self.storing -= 1;
        if is_stored {
            self.done += tasks.len() as u64;
        }
        for task in tasks {
            self.in_hand.remove(&task);
        }
    }

    /// That this host lives, and that its tasks are under way: or the server would give them to others.
    async fn give_signs_of_life(&mut self) {
        self.beat().await;
        for in_hand in self.in_hand.values() {
            if in_hand.since.elapsed() < self.limit {
                in_hand.acker.ack_with(AckKind::Progress).await.ok();
            }
        }
        if self.asked.elapsed() > EXPIRES + BEAT * 3 {
            self.requested = 0; // all have run out; whatever we were told of that is lost
        }
    }

    async fn beat(&self) {
        let beat = Beat {
            host: self.host.to_owned(),
            process: std::process::id(),
            at_once: self.at_once,
            busy: self.in_hand.values().filter(|task| task.since.elapsed() < self.limit).count(),
            tasks: self.in_hand.keys().copied().collect(),
            done: self.done,
        };
        let beat = serde_json::to_vec(&beat).unwrap_or_default();
        self.cluster.client.publish(self.cluster.names.alive(self.host), beat.into()).await.ok();
    }
}

// ANCHOR: store
/// First the results, then the word that their tasks are done. Otherwise a kill in between would lose them.
/// Says whether they are stored.
async fn store_then_confirm(
    context: &Context,
    messages: Vec<Stored>,
    tasks: &[Arc<Acker>],
) -> bool {
    for (subject, message) in messages {
        let mut tries = 1;
        while !store(context, &subject, message.clone()).await {
            if tries == TRIES {
                return false; // not confirmed: another host will have these tasks
            }
            tries += 1;
            sleep(BEAT).await; // the server is away, and will be back
        }
    }
    for task in tasks {
        task.ack().await.ok(); // if this is lost, the task is done again
    }
    true
}

/// Whether the server has written it.
async fn store(context: &Context, subject: &str, message: PublishMessage) -> bool {
    match context.send_publish(subject.to_owned(), message).await {
        Ok(sent) => sent.await.is_ok(),
        Err(_) => false,
    }
}
// ANCHOR_END: store

/// Until it is said, if ever.
async fn said(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending().await
    }
}

async fn give_back(context: &Context, message: Message) {
    let message = jetstream::Message { message, context: context.clone() };
    message.ack_with(AckKind::Nak(None)).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bundle_of_the_same_tasks_has_the_same_id() {
        let bundle = |run: &str, tasks: &[u64]| {
            Bundle { run: run.to_owned(), tasks: tasks.to_vec(), ..Bundle::default() }.id()
        };
        let one = bundle("run", &[1, 23]);
        assert_eq!(one, bundle("run", &[1, 23]));
        for another in [bundle("run", &[1]), bundle("run", &[12, 3]), bundle("run", &[1, 23, 4])] {
            assert_ne!(one, another);
        }
        assert_ne!(one, bundle("other", &[1, 23]), "each run has ids of its own");
    }
}
