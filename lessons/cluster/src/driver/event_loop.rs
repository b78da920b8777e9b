//! The driver's talk with the server: it gives tasks, passes answers on, acknowledges those that
//! are safe, and notices when nothing moves any more.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::{Acker, PublishMessage};
use async_nats::jetstream::publish::PublishAck;
use async_nats::{Message, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::channel::{Answers, Command, Update};
use super::runs;
use super::stall::StallWatch;
use super::unconfirmed::Unconfirmed;
use super::withdrawal::Withdrawal;
use crate::connect::Cluster;
use crate::error::Error;
use crate::names::{self, Names};
use crate::options::RunOptions;
use crate::streams::Streams;
use crate::wire::{DeadLetter, Heartbeat};

const TICK: Duration = Duration::from_millis(100);
/// How long to wait before trying again what the server has not done.
const PAUSE: Duration = Duration::from_millis(300);
/// How long the last word to the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What wakes the driver up.
#[expect(clippy::large_enum_variant, reason = "it is moved once, and most events are answers")]
enum Event {
    Command(Command),
    /// The server has taken a task, or has not.
    Given(Given),
    Answers(jetstream::Message),
    /// The stream of answers has broken off.
    NoMoreAnswers,
    /// Somebody asks who drives this run.
    Question(Message),
    Heartbeat(Message),
    DeadLetter(Message),
    Tick,
}

/// A task that was given to the server, and what the server said.
struct Given {
    number: u64,
    payload: Bytes,
    outcome: Result<PublishAck, String>,
}

pub(super) struct Driver {
    cluster: Cluster,
    run: String,
    /// The name of this driver, among all that have driven the run.
    name: String,
    give_up: Duration,
    streams: Streams,
    consumer: PullConsumer,

    commands: mpsc::UnboundedReceiver<Command>,
    giving: FuturesUnordered<Pin<Box<dyn Future<Output = Given> + Send>>>,
    answers: Option<pull::Stream>,
    questions: Subscriber,
    heartbeats: Subscriber,
    letters: Subscriber,
    ticks: Interval,

    /// `None` once the iterator is gone.
    updates: Option<mpsc::UnboundedSender<Update>>,
    note: Box<dyn Fn(&str) + Send>,

    /// The tasks under way: their numbers, and their sequence numbers once the server has them.
    under_way: HashMap<u64, Option<u64>>,
    unconfirmed: Unconfirmed<Acker>,
    /// How many messages with answers an earlier driver has left that have not come yet.
    pub(super) backlog: u64,
    withdrawal: Option<Withdrawal>,
    watch: StallWatch,
}

impl Driver {
    pub(super) async fn open(
        cluster: &Cluster,
        run: &str,
        options: &RunOptions,
        commands: mpsc::UnboundedReceiver<Command>,
        updates: mpsc::UnboundedSender<Update>,
        note: Box<dyn Fn(&str) + Send>,
    ) -> Result<Driver, Error> {
        let streams = cluster.set_up(&options.streams).await?;
        let left = match options.resume {
            Some(_) => runs::consumers_left_by(cluster, &streams, run).await?,
            None => Vec::new(),
        };
        let name = names::fresh();
        let questions = cluster.listen(cluster.names.driving(run)).await?;
        let heartbeats = cluster.listen(cluster.names.alive("*")).await?;
        let letters = cluster.listen(cluster.names.dead_for(run)).await?;
        // We make our consumer before we give any task, because the server drops results that no
        // consumer waits for. And before we delete the old ones, because as long as there is a
        // consumer the server keeps the results that were not confirmed.
        let consumer = runs::make_consumer(cluster, &streams, run, &name, options).await?;
        runs::take_over(cluster, &streams, run, &left).await;
        let info = consumer.get_info().await;
        let info = info.map_err(|why| Error::server("count the run's results", why))?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Driver {
            cluster: cluster.clone(),
            run: run.to_owned(),
            name,
            give_up: options.give_up,
            streams,
            consumer,
            commands,
            giving: FuturesUnordered::new(),
            answers: None,
            questions,
            heartbeats,
            letters,
            ticks,
            updates: Some(updates),
            note,
            under_way: HashMap::new(),
            unconfirmed: Unconfirmed::new(),
            backlog: info.num_pending,
            withdrawal: None,
            watch: StallWatch::new(cluster.private, Instant::now()),
        })
    }

    pub(super) async fn run(mut self) {
        if let Err(error) = self.drive().await {
            self.tell(Update::Lost(error));
        }
    }

    async fn drive(&mut self) -> Result<(), Error> {
        loop {
            if self.answers.is_none() {
                self.ask_for_answers().await;
            }
            match self.next_event().await {
                Event::Command(Command::Finish) => {
                    self.finish().await;
                    return Ok(());
                }
                Event::Command(Command::Leave) => return Ok(()), // the rest is for --resume
                Event::Command(command) => self.obey(command).await,
                Event::Given(given) => self.was_given(given),
                Event::Answers(message) => self.pass_on(message),
                Event::NoMoreAnswers => self.look_for_successor().await?,
                Event::Question(question) => runs::answer(&self.cluster, question).await,
                Event::Heartbeat(message) => self.hear(&message),
                Event::DeadLetter(message) => self.read_letter(&message),
                Event::Tick => self.tick()?,
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        tokio::select! {
            command = self.commands.recv() => Event::Command(command.unwrap_or(Command::Leave)),
            Some(given) = self.giving.next() => Event::Given(given),
            message = next_of(&mut self.answers) => message.map_or(Event::NoMoreAnswers, Event::Answers),
            Some(question) = self.questions.next() => Event::Question(question),
            Some(message) = self.heartbeats.next() => Event::Heartbeat(message),
            Some(message) = self.letters.next() => Event::DeadLetter(message),
            _ = self.ticks.tick() => Event::Tick,
        }
    }

    /// Waits until all answers are safe, and then lets the server forget the run. Until then the
    /// run is kept for `--resume`. Results that come later are repetitions, and are not needed.
    async fn finish(&mut self) {
        while !self.unconfirmed.is_empty() {
            let Some(command) = self.commands.recv().await else { return };
            self.obey(command).await;
        }
        let consumer = Names::consumer(&self.run, &self.name);
        timeout(PATIENCE, self.streams.results.delete_consumer(&consumer)).await.ok();
    }

    fn tell(&self, update: Update) {
        if let Some(updates) = &self.updates {
            updates.send(update).ok();
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Give { number, payload } => self.give(number, payload.into(), Duration::ZERO),
            Command::Ended(number) => drop(self.under_way.remove(&number)),
            Command::Read { message, answers, all } => {
                if !all {
                    let what =
                        "results came that this program cannot read: another version made them";
                    self.watch.remark(what.to_owned());
                }
                acknowledge(self.unconfirmed.read(message, answers)).await;
            }
            Command::Confirm { message } => acknowledge(self.unconfirmed.confirm(message)).await,
            Command::Withdraw => self.withdraw().await,
            Command::Finish => (), // it is on its way
            Command::Leave => self.updates = None,
        }
    }

    /// Gives a task to the server, after a pause, until the server says that it has it. The server
    /// keeps one message of each id, so a lost confirmation makes no second task.
    fn give(&mut self, number: u64, payload: Bytes, pause: Duration) {
        self.under_way.insert(number, None);
        let subject = self.cluster.names.tasks_for(&self.run);
        let id = format!("{}.{}.{number}", self.run, self.name);
        let context = self.cluster.context.clone();
        self.giving.push(Box::pin(async move {
            if !pause.is_zero() {
                sleep(pause).await;
            }
            let message = PublishMessage::build().message_id(id).payload(payload.clone());
            let outcome = match context.send_publish(subject, message).await {
                Ok(sent) => sent.await.map_err(|why| why.to_string()),
                Err(why) => Err(why.to_string()),
            };
            Given { number, payload, outcome }
        }));
    }

    fn was_given(&mut self, Given { number, payload, outcome }: Given) {
        match outcome {
            Ok(ack) => {
                if let Some(sequence) = self.under_way.get_mut(&number) {
                    *sequence = Some(ack.sequence);
                }
                self.watch.task_was_taken(Instant::now());
            }
            Err(why) => {
                self.watch.task_was_refused(why);
                if self.under_way.contains_key(&number) {
                    self.give(number, payload, PAUSE);
                }
            }
        }
    }

    async fn ask_for_answers(&mut self) {
        let stream = self.consumer.stream().max_messages_per_batch(256);
        let stream = stream.expires(Duration::from_secs(10)).heartbeat(Duration::from_secs(2));
        self.answers = stream.messages().await.ok();
        if self.answers.is_none() {
            sleep(PAUSE).await;
        }
    }

    fn pass_on(&mut self, message: jetstream::Message) {
        let received = Instant::now();
        let Ok(info) = message.info() else { return };
        let (number, published) = (info.stream_sequence, info.published.unix_timestamp_nanos());
        let published = Duration::from_nanos(u64::try_from(published).unwrap_or_default());
        let (message, acker) = message.split();
        if !self.unconfirmed.add(number, acker) {
            return; // it was passed on before
        }
        self.watch.moved(received);
        self.backlog = self.backlog.saturating_sub(1);
        let bytes = message.payload;
        self.tell(Update::Answers(Answers { bytes, message: number, published, received }));
    }

    /// If our consumer is gone, somebody else has resumed the run.
    async fn look_for_successor(&mut self) -> Result<(), Error> {
        self.answers = None;
        sleep(PAUSE).await;
        if self.cluster.is_connected()
            && let Ok(Err(error)) = timeout(PATIENCE, self.consumer.get_info()).await
            && error.kind() == ConsumerInfoErrorKind::NotFound
        {
            return Err(Error::TakenOver { run: self.run.clone() });
        }
        Ok(())
    }

    fn hear(&mut self, message: &Message) {
        let Ok(heartbeat) = serde_json::from_slice::<Heartbeat>(&message.payload) else { return };
        self.watch.host_was_heard(heartbeat.busy > 0, Instant::now());
        if let Some(withdrawal) = &mut self.withdrawal {
            withdrawal.spare(&heartbeat.tasks);
        }
    }

    fn read_letter(&mut self, message: &Message) {
        let letter = serde_json::from_slice(&message.payload);
        if let Ok(DeadLetter { reason, answered: false, .. }) = letter {
            self.watch.remark(format!("a task was given up without an answer: {reason}"));
        }
    }

    fn tick(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if let Some(withdrawal) = self.withdrawal.take_if(|withdrawal| withdrawal.is_settled(now)) {
            let numbers = withdrawal.into_numbers();
            for number in &numbers {
                self.under_way.remove(number);
            }
            self.tell(Update::Withdrawn(numbers));
        }
        let has_tasks = !self.under_way.is_empty() || !self.giving.is_empty() || self.backlog > 0;
        if !has_tasks || self.unconfirmed.has_unread() {
            self.watch.moved(now); // everybody waits for the iterator
        }
        if let Some(note) = self.watch.note(self.cluster.is_connected(), has_tasks, now) {
            (self.note)(note);
        }
        if self.watch.is_longer_than(self.give_up, now) {
            let (why, cure) = self.watch.reason(&self.cluster.url);
            let run = (!self.cluster.private).then(|| self.run.clone());
            let waiting = self.under_way.len();
            return Err(Error::NothingMoves { after: self.give_up, why, waiting, cure, run });
        }
        Ok(())
    }

    /// Takes back the tasks that no host has.
    async fn withdraw(&mut self) {
        let mut withdrawal = self.withdrawal.take().unwrap_or_else(Withdrawal::new);
        while let Some(given) = self.giving.next().await {
            if given.outcome.is_err() && self.under_way.remove(&given.number).is_some() {
                withdrawal.add(given.number);
            }
            self.was_given(given);
        }
        withdrawal.delete(&self.streams, &self.under_way).await;
        self.withdrawal = Some(withdrawal);
    }
}

/// The next message, if there is a stream and it is in order.
async fn next_of(answers: &mut Option<pull::Stream>) -> Option<jetstream::Message> {
    answers.as_mut()?.next().await?.ok()
}

async fn acknowledge(acker: Option<Acker>) {
    if let Some(acker) = acker {
        acker.ack().await.ok();
    }
}
