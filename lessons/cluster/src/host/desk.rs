//! Where a host's tasks come in and its results go out. The desk asks the server for tasks, tells
//! it that those in hand are under way, and stores results.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::jetstream::message::Acker;
use async_nats::jetstream::{self, AckKind};
use async_nats::{Message, Subscriber};
use bytes::Bytes;
use crossbeam::channel::Sender;
use futures_util::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::delivery::MAX_ATTEMPTS;
use super::requests::{EXPIRES, Requests};
use super::store::{Chunk, letter, store_then_confirm};
use super::worker::{Made, Taken};
use crate::connect::Cluster;
use crate::names::Names;
use crate::wire::{HEARTBEAT, Heartbeat};

/// How long to wait for more workers to be free before asking for a few tasks.
const GATHER: Duration = Duration::from_millis(2);
/// How long to wait before looking for the streams again, and before a task is tried again.
const PAUSE: Duration = Duration::from_millis(200);
/// The most chunks that are stored at the same time.
const STORING: usize = 4;

/// What wakes the desk up.
enum Event {
    /// Workers are free.
    TimeToAsk,
    /// A task, or a word about a request.
    Message(Message),
    /// No further message will come.
    NoMoreMessages,
    /// A worker has done its task, or couldn't.
    Made(u64, Option<Made>),
    Stored(Stored),
    Tick,
    /// The connection was lost, and is back.
    Reconnected,
    Stop,
}

/// These tasks' results were sent to the server, and are stored or could not be.
struct Stored {
    tasks: Vec<u64>,
    is_stored: bool,
}

/// A task in hand, from the moment it came until the server was told that it is done.
struct InHand {
    acker: Arc<Acker>,
    since: Instant,
    run: String,
    attempt: u32,
    payload: Bytes,
}

pub(super) struct Desk<'h> {
    cluster: &'h Cluster,
    host: &'h str,
    workers: usize,
    limit: Duration,

    consumer: PullConsumer,
    inbox: String,
    messages: Subscriber,
    to_workers: Sender<Taken>,
    made: mpsc::UnboundedReceiver<(u64, Option<Made>)>,
    to_stored: mpsc::UnboundedSender<Stored>,
    stored: mpsc::UnboundedReceiver<Stored>,
    ticks: Interval,
    connections: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,

    requests: Requests,
    in_hand: HashMap<u64, InHand>,
    /// Results that wait until those before them are stored: many small ones are stored together.
    chunks: VecDeque<Chunk>,
    /// How many chunks are on their way.
    storing: usize,
    done: u64,
    stopping: bool,
    /// Whether messages may still come.
    open: bool,
}

impl<'h> Desk<'h> {
    /// Waits until somebody has driven the cluster, and so made its streams. `None` if it is told
    /// to stop before that.
    pub(super) async fn open(
        cluster: &'h Cluster,
        host: &'h str,
        workers: usize,
        limit: Duration,
        to_workers: Sender<Taken>,
        made: mpsc::UnboundedReceiver<(u64, Option<Made>)>,
        mut stop: watch::Receiver<bool>,
    ) -> Option<Self> {
        let inbox = cluster.client.new_inbox();
        let messages = cluster.client.subscribe(inbox.clone()).await.ok()?;
        let consumer = loop {
            if let Some(consumer) = find_consumer(cluster).await {
                break consumer;
            }
            tokio::select! {
                () = sleep(PAUSE) => send(cluster, Heartbeat::idle(host, workers)).await,
                () = told(&mut stop) => return None,
            }
        };
        let ack_wait = consumer.cached_info().config.ack_wait;
        let mut ticks = interval(HEARTBEAT.min(ack_wait / 3));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (to_stored, stored) = mpsc::unbounded_channel();
        Some(Desk {
            cluster,
            host,
            workers,
            limit,
            consumer,
            inbox,
            messages,
            to_workers,
            made,
            to_stored,
            stored,
            ticks,
            connections: cluster.connections.clone(),
            stop,
            requests: Requests::new(workers, Instant::now()),
            in_hand: HashMap::new(),
            chunks: VecDeque::new(),
            storing: 0,
            done: 0,
            stopping: false,
            open: true,
        })
    }

    /// Takes tasks until it is told to stop, and then finishes those in hand. Returns how many were
    /// done.
    pub(super) async fn run(mut self) -> u64 {
        self.ask().await; // before the first heartbeat, which tells others to count on us
        while !self.stopping || self.open || !self.in_hand.is_empty() {
            self.store();
            match self.next_event().await {
                Event::TimeToAsk => self.ask().await,
                Event::Message(message) => self.receive(message).await,
                Event::NoMoreMessages => self.open = false,
                Event::Made(task, made) => self.gather(task, made).await,
                Event::Stored(stored) => self.forget(stored),
                Event::Tick => self.tick().await,
                Event::Reconnected => self.requests.are_forgotten(),
                Event::Stop => self.stop_asking().await,
            }
        }
        timeout(HEARTBEAT, self.cluster.client.flush()).await.ok();
        self.done
    }

    async fn next_event(&mut self) -> Event {
        let wanted = self.requests.wanted(self.in_hand.len());
        let asks = wanted > 0 && !self.stopping && self.cluster.is_connected();
        let pause = if self.requests.is_worthwhile(wanted) { Duration::ZERO } else { GATHER };
        tokio::select! {
            () = sleep(pause), if asks => Event::TimeToAsk,
            message = self.messages.next(), if self.open => message.map_or(Event::NoMoreMessages, Event::Message),
            Some((task, made)) = self.made.recv() => Event::Made(task, made),
            Some(stored) = self.stored.recv() => Event::Stored(stored),
            _ = self.ticks.tick() => Event::Tick,
            Ok(()) = self.connections.changed() => Event::Reconnected,
            () = told(&mut self.stop), if !self.stopping => Event::Stop,
        }
    }

    async fn ask(&mut self) {
        let batch = self.requests.wanted(self.in_hand.len());
        let config = BatchConfig { batch, expires: Some(EXPIRES), ..BatchConfig::default() };
        if self.consumer.request_batch(config, self.inbox.as_str().into()).await.is_ok() {
            self.requests.asked(batch, Instant::now());
        }
    }

    async fn receive(&mut self, message: Message) {
        if let Some(status) = message.status {
            let headers = message.headers.as_ref();
            let missing = headers.and_then(|headers| headers.get("Nats-Pending-Messages"));
            let missing = missing.and_then(|missing| missing.as_str().parse().ok());
            return self.requests.server_said(status, missing);
        }
        let message = jetstream::Message { message, context: self.cluster.context.clone() };
        if self.stopping {
            message.ack_with(AckKind::Nak(None)).await.ok(); // for another host
        } else {
            self.take(message);
        }
    }

    fn take(&mut self, message: jetstream::Message) {
        self.requests.task_came();
        let Ok(info) = message.info() else { return };
        let sequence = info.stream_sequence;
        let attempt = u32::try_from(info.delivered).unwrap_or(u32::MAX);
        let (message, acker) = message.split();
        let payload = message.payload;
        let acker = Arc::new(acker);
        if let Some(ours) = self.in_hand.get_mut(&sequence) {
            // The server believes that we have lost this task. We haven't, and go on with it. But
            // if it hangs, and has hung everywhere else, another worker is to say that it is dead.
            (ours.acker, ours.attempt) = (acker, attempt);
            if ours.since.elapsed() < self.limit || attempt <= MAX_ATTEMPTS {
                return;
            }
        } else {
            let run = Names::run_from_subject(&message.subject).to_owned();
            let (since, payload) = (Instant::now(), payload.clone());
            self.in_hand.insert(sequence, InHand { acker, since, run, attempt, payload });
        }
        self.to_workers.send(Taken { sequence, attempt, payload }).ok();
    }

    /// Puts what a worker has made into a chunk.
    async fn gather(&mut self, task: u64, made: Option<Made>) {
        let Some(in_hand) = self.in_hand.get(&task) else { return };
        let Some(Made { answer, dead }) = made else {
            in_hand.acker.ack_with(AckKind::Nak(Some(PAUSE))).await.ok();
            self.in_hand.remove(&task);
            return;
        };
        let answered = !answer.is_empty();
        let InHand { run, payload, attempt, .. } = in_hand;
        let letter = dead.map(|reason| letter(payload, &reason, self.host, *attempt, answered));
        let largest = self.cluster.largest_message();
        if !self.chunks.back().is_some_and(|chunk| chunk.has_room(run, answer.len(), largest)) {
            self.chunks.push_back(Chunk::new(run.clone()));
        }
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.add(task, answer, letter);
        }
    }

    /// Stores the next chunk, if none before it is on its way or if it is full.
    fn store(&mut self) {
        while self.storing == 0 || (self.chunks.len() > 1 && self.storing < STORING) {
            let Some(chunk) = self.chunks.pop_front() else { return };
            self.storing += 1;
            let tasks = chunk.tasks.clone();
            let acker = |task| self.in_hand.get(task).map(|in_hand| Arc::clone(&in_hand.acker));
            let ackers: Vec<_> = tasks.iter().filter_map(acker).collect();
            let messages = chunk.into_messages(&self.cluster.names);
            let (context, to_stored) = (self.cluster.context.clone(), self.to_stored.clone());
            tokio::spawn(async move {
                let is_stored = store_then_confirm(&context, messages, &ackers).await;
                to_stored.send(Stored { tasks, is_stored }).ok();
            });
        }
    }

    fn forget(&mut self, Stored { tasks, is_stored }: Stored) {
        self.storing -= 1;
        if is_stored {
            self.done += tasks.len() as u64;
        }
        for task in tasks {
            self.in_hand.remove(&task);
        }
    }

    async fn tick(&mut self) {
        self.requests.tick(Instant::now());
        if self.cluster.is_connected() {
            self.give_signs_of_life().await;
        } else if self.stopping {
            self.open = false; // nothing is on its way any more
        }
    }

    /// Says that this host lives and that its tasks are under way. The server would give them to
    /// others otherwise.
    async fn give_signs_of_life(&self) {
        let is_under_way = |in_hand: &&InHand| in_hand.since.elapsed() < self.limit;
        let under_way: Vec<&InHand> = self.in_hand.values().filter(is_under_way).collect();
        let heartbeat = Heartbeat {
            busy: under_way.len(),
            tasks: self.in_hand.keys().copied().collect(),
            done: self.done,
            ..Heartbeat::idle(self.host, self.workers)
        };
        send(self.cluster, heartbeat).await;
        for in_hand in under_way {
            in_hand.acker.ack_with(AckKind::Progress).await.ok();
        }
    }

    async fn stop_asking(&mut self) {
        self.stopping = true;
        self.open = self.cluster.is_connected();
        if self.open {
            self.messages.drain().await.ok(); // what is on its way still comes, and goes back
        }
    }
}

/// The consumer that all hosts pull from. The first drive makes it.
async fn find_consumer(cluster: &Cluster) -> Option<PullConsumer> {
    let stream = cluster.context.get_stream_no_info(cluster.names.tasks()).await.ok()?;
    stream.get_consumer(Names::WORKERS).await.ok()
}

async fn send(cluster: &Cluster, heartbeat: Heartbeat) {
    let subject = cluster.names.alive(&heartbeat.host);
    let heartbeat = serde_json::to_vec(&heartbeat).unwrap_or_default();
    cluster.client.publish(subject, heartbeat.into()).await.ok();
}

/// Waits until `stop` is true, perhaps for ever.
async fn told(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending().await
    }
}
