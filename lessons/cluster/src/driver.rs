//! The driver's talk with the server: gives tasks, gets answers, says which are safe, and notices when
//! nothing moves any more.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::{Acker, PublishMessage};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::stream::Stream;
use async_nats::{RequestErrorKind, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::connect::Cluster;
use crate::error::Error;
use crate::names::{self, Names};
use crate::run::Driving;
use crate::streams::Streams;
use crate::wire::{Beat, DeadLetter};

/// What the one who iterates over results asks for.
#[derive(Debug)]
pub(crate) enum Command {
    /// Give this task to the server.
    Give { number: u64, payload: Vec<u8> },
    /// This task has ended.
    Ended(u64),
    /// An answer of this message is safe.
    Confirm(u64),
    /// So many answers were in this message, and there was nothing else in it.
    Counted { number: u64, answers: usize, all_read: bool },
    /// Take back what no host has.
    Withdraw,
    /// All tasks have ended: when all answers are safe, the server may forget the run.
    Finish,
    /// Nobody asks for answers any more.
    Leave,
}

/// What it is told.
pub(crate) enum Event {
    Answer {
        bytes: Bytes,
        /// Of the message, in the stream of results.
        number: u64,
        /// When the server got it, since 1970, by the server's clock.
        published: Duration,
        /// When we got it.
        received: Instant,
    },
    Withdrawn(Vec<u64>),
    /// The end. It makes the error, given how many tasks are under way.
    Lost(Box<dyn FnOnce(usize) -> Error + Send>),
}

const TICK: Duration = Duration::from_millis(100);
/// How long it waits before it tries again what the server has not done.
const PAUSE: Duration = Duration::from_millis(300);
/// How long a question to another driver, or a last word to the server, may take.
const MOMENT: Duration = Duration::from_secs(3);
/// A bit longer than a host is silent.
const SILENCE: Duration = Duration::from_millis(1300);
/// When to mention that no host has shown up.
const LONELY: Duration = Duration::from_secs(5);
/// An answer that was sent to us, and of which we have not said for so many `ack_wait` that it is safe, is sent again.
const LOST: u32 = 3;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A task that is being given to the server: its number and its bytes, and what came of that.
type Giving = Pin<Box<dyn Future<Output = (u64, Bytes, Result<PublishAck, String>)> + Send>>;

pub(crate) struct Driver {
    cluster: Cluster,
    run: String,
    /// This driver's name, among all who have driven the run.
    name: String,
    give_up: Duration,
    streams: Streams,
    consumer: PullConsumer,
    /// Who asks who drives this run.
    questions: Subscriber,
    beats: Subscriber,
    letters: Subscriber,

    giving: FuturesUnordered<Giving>,
    /// Where in the stream of tasks those are that are under way.
    places: HashMap<u64, u64>,
    /// Messages that were handed out, by their numbers; and how many of their answers are not safe yet, when they have
    /// been counted.
    handed: HashMap<u64, (Acker, usize)>,
    /// How many were handed out.
    answers: u64,
    /// How many the driver before has left.
    left: u64,

    /// Tasks that were taken back, unless a host says until then that it has them.
    withdrawn: Option<(Instant, HashMap<u64, u64>)>,
    moved: Instant,
    /// Whether any host has ever shown up.
    company: bool,
    trouble: Option<String>,
    /// What came that should not have.
    strange: Option<String>,
}

impl Driver {
    /// Also says how many answers the driver before has left.
    pub(crate) async fn open(
        cluster: &Cluster,
        run: &str,
        driving: &Driving,
    ) -> Result<(Driver, u64), Error> {
        let streams = cluster.set_up(&driving.keeping).await?;
        let before = match driving.resume {
            Some(_) => find(cluster, &streams, run).await?,
            None => Vec::new(),
        };
        let name = names::fresh();
        let subscribe = |subject: String| async move {
            let subscriber = cluster.client.subscribe(subject).await;
            subscriber.map_err(|why| Error::server("listen to the hosts", why))
        };
        let questions = subscribe(cluster.names.driving(run)).await?;
        let beats = subscribe(cluster.names.alive("*")).await?;
        let letters = subscribe(cluster.names.dead_of(run)).await?;
        // Before the first task, or its result would interest nobody, and be dropped. Before that of the driver
        // before goes, too: as long as there is one, what that driver has not confirmed is kept.
        let consumer: PullConsumer = streams
            .results
            .create_consumer(pull::Config {
                durable_name: Some(Names::consumer(run, &name)),
                filter_subject: cluster.names.results_of(run),
                ack_policy: AckPolicy::Explicit,
                ack_wait: driving.keeping.ack_wait * LOST,
                max_ack_pending: -1,
                inactive_threshold: 7 * DAY,
                ..pull::Config::default()
            })
            .await
            .map_err(|why| Error::server("make a consumer of the results", why))?;
        for old in &before {
            streams.results.delete_consumer(old).await.ok();
        }
        if !before.is_empty() {
            clear(&streams.tasks, cluster.names.tasks_of(run)).await;
        }
        let left = consumer.get_info().await;
        let left = left.map_err(|why| Error::server("count the run's results", why))?.num_pending;
        let driver = Driver {
            cluster: cluster.clone(),
            run: run.to_owned(),
            name,
            give_up: driving.give_up,
            streams,
            consumer,
            questions,
            beats,
            letters,
            giving: FuturesUnordered::new(),
            places: HashMap::new(),
            handed: HashMap::new(),
            answers: 0,
            left,
            withdrawn: None,
            moved: Instant::now(),
            company: false,
            trouble: None,
            strange: None,
        };
        Ok((driver, left))
    }

    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        events: mpsc::UnboundedSender<Event>,
        taken: Arc<AtomicU64>,
        note: impl Fn(&str),
    ) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let start = Instant::now();
        let (mut answers, mut lonely, mut away) = (None, false, false);
        loop {
            if answers.is_none() {
                answers = self.answers().await;
            }
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Finish) => return self.finish(commands, events).await,
                    Some(Command::Leave) | None => return, // early: what is left is for --resume
                    Some(command) => self.obey(command).await,
                },
                Some((number, payload, given)) = self.giving.next() => self.given(number, payload, given),
                answer = next(&mut answers) => match answer {
                    Some(Ok(answer)) => {
                        if let Some(event) = self.hand_out(answer) {
                            events.send(event).ok();
                        }
                    }
                    // It has missed a word of the server.
                    Some(Err(_)) | None => {
                        answers = None;
                        sleep(PAUSE).await;
                        if self.is_connected() && self.is_taken_over().await {
                            let run = self.run.clone();
                            events.send(Event::Lost(Box::new(|_| Error::TakenOver { run }))).ok();
                            return;
                        }
                    }
                },
                Some(question) = self.questions.next() => self.reply(question.reply).await,
                Some(beat) = self.beats.next() => {
                    if let Ok(beat) = serde_json::from_slice(&beat.payload) {
                        self.heard(&beat);
                    }
                }
                Some(letter) = self.letters.next() => {
                    let letter = serde_json::from_slice(&letter.payload);
                    if let Ok(DeadLetter { reason, answered: false, .. }) = letter {
                        self.strange = Some(format!("a task was given up without an answer: {reason}"));
                    }
                }
                _ = tick.tick() => {
                    if let Some((_, taken_back)) = self.withdrawn.take_if(|(until, _)| *until < Instant::now()) {
                        let numbers: Vec<u64> = taken_back.into_values().collect();
                        for number in &numbers {
                            self.places.remove(number);
                        }
                        events.send(Event::Withdrawn(numbers)).ok();
                    }
                    let waits = self.answers > taken.load(Ordering::Relaxed);
                    let idle =
                        self.places.is_empty() && self.giving.is_empty() && self.answers >= self.left;
                    if waits || idle {
                        self.moved = Instant::now(); // it is not us, nor the hosts, whom all wait for
                    }
                    let is_away = !self.is_connected();
                    if is_away != away {
                        away = is_away;
                        note(if away { "The NATS server is away: waiting for it" } else { "The NATS server is back" });
                    }
                    if !self.company && !lonely && !away && !idle && start.elapsed() > LONELY {
                        lonely = true;
                        note(match self.cluster.private {
                            true => "No host has shown up yet",
                            false => "No host has shown up yet: start one with `work`",
                        });
                    }
                    if self.moved.elapsed() > self.give_up {
                        events.send(self.lost(away)).ok();
                        return;
                    }
                }
            }
        }
    }

    fn is_connected(&self) -> bool {
        self.cluster.client.connection_state() == State::Connected
    }

    async fn answers(&mut self) -> Option<pull::Stream> {
        let stream = self.consumer.stream().max_messages_per_batch(256);
        let stream = stream.expires(Duration::from_secs(10)).heartbeat(Duration::from_secs(2));
        match stream.messages().await {
            Ok(answers) => Some(answers),
            Err(_) => {
                sleep(PAUSE).await;
                None
            }
        }
    }

    /// Whether our consumer of the results is gone: somebody else has resumed the run.
    async fn is_taken_over(&mut self) -> bool {
        let info = timeout(MOMENT, self.consumer.get_info()).await;
        matches!(info, Ok(Err(error)) if error.kind() == ConsumerInfoErrorKind::NotFound)
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Give { number, payload } => self.give(number, payload.into(), Duration::ZERO),
            Command::Ended(number) => drop(self.places.remove(&number)),
            Command::Counted { number, answers, all_read } => {
                if !all_read {
                    let what =
                        "results came that this program cannot read, of another version of it";
                    self.strange = Some(what.to_owned());
                }
                if let Some((_, left)) = self.handed.get_mut(&number) {
                    *left = answers;
                }
                self.acknowledge(number).await;
            }
            Command::Confirm(number) => {
                if let Some((_, left)) = self.handed.get_mut(&number) {
                    *left = left.saturating_sub(1);
                }
                self.acknowledge(number).await;
            }
            Command::Withdraw => self.withdraw().await,
            Command::Finish | Command::Leave => unreachable!("the loops do that"),
        }
    }

    /// Tells the server that it need not keep this message any longer, if all of its answers are safe.
    async fn acknowledge(&mut self, number: u64) {
        if self.handed.get(&number).is_some_and(|(_, left)| *left == 0)
            && let Some((acker, _)) = self.handed.remove(&number)
        {
            acker.ack().await.ok();
        }
    }

    /// Gives a task to the server, after a while. It is given until the server says that it has it; of each id it
    /// keeps one, so that a lost answer makes no second task.
    fn give(&mut self, number: u64, payload: Bytes, after: Duration) {
        self.places.insert(number, u64::MAX);
        let subject = self.cluster.names.tasks_of(&self.run);
        let id = format!("{}.{}.{number}", self.run, self.name);
        let context = self.cluster.context.clone();
        self.giving.push(Box::pin(async move {
            if !after.is_zero() {
                sleep(after).await;
            }
            let message = PublishMessage::build().message_id(id).payload(payload.clone());
            let given = match context.send_publish(subject, message).await {
                Ok(sent) => sent.await.map_err(|why| why.to_string()),
                Err(why) => Err(why.to_string()),
            };
            (number, payload, given)
        }));
    }

    fn given(&mut self, number: u64, payload: Bytes, given: Result<PublishAck, String>) {
        match given {
            Ok(ack) => {
                if let Some(place) = self.places.get_mut(&number) {
                    *place = ack.sequence;
                }
                self.trouble = None;
                self.moved = Instant::now();
            }
            Err(why) => {
                self.trouble = Some(why);
                if self.places.contains_key(&number) {
                    self.give(number, payload, PAUSE);
                }
            }
        }
    }

    /// None, if it was handed out before, and is not safe yet: the server sends it again after a while.
    fn hand_out(&mut self, answer: async_nats::jetstream::Message) -> Option<Event> {
        let received = Instant::now();
        let info = answer.info().ok()?;
        let (number, published) = (info.stream_sequence, info.published.unix_timestamp_nanos());
        let published = Duration::from_nanos(u64::try_from(published).unwrap_or_default());
        let (message, acker) = answer.split();
        if let Some((before, _)) = self.handed.get_mut(&number) {
            *before = acker;
            return None;
        }
        self.moved = received;
        self.answers += 1;
        self.handed.insert(number, (acker, usize::MAX)); // they are counted when they are read
        Some(Event::Answer { bytes: message.payload, number, published, received })
    }

    /// Takes back the tasks that no host has. One may just be on its way to a host; then its host will name it in
    /// its next sign of life.
    async fn withdraw(&mut self) {
        let mut taken_back = HashMap::new();
        while let Some((number, payload, given)) = self.giving.next().await {
            if given.is_err() && self.places.remove(&number).is_some() {
                taken_back.insert(u64::MAX - number, number); // it has no place
            }
            self.given(number, payload, given);
        }
        if let Ok(workers) = self.streams.workers.get_info().await {
            let delivered = workers.delivered.stream_sequence;
            let tasks = &self.streams.tasks;
            let waiting = self.places.iter().filter(|(_, place)| **place > delivered);
            let mut deleting: FuturesUnordered<_> = waiting
                .map(|(&number, &place)| async move {
                    tasks.delete_message(place).await.is_ok().then_some((place, number))
                })
                .collect();
            while let Some(deleted) = deleting.next().await {
                taken_back.extend(deleted);
            }
        }
        self.withdrawn = Some((Instant::now() + SILENCE, taken_back));
    }

    /// A host has said that it lives, and which tasks it has.
    fn heard(&mut self, beat: &Beat) {
        self.company = true;
        if beat.busy > 0 {
            self.moved = Instant::now();
        }
        if let Some((_, taken_back)) = &mut self.withdrawn {
            taken_back.retain(|place, _| !beat.tasks.contains(place));
        }
    }

    async fn reply(&mut self, to: Option<async_nats::Subject>) {
        if let Some(to) = to {
            let host = gethostname::gethostname();
            let us = format!("process {} on {}", std::process::id(), host.to_string_lossy());
            self.cluster.client.publish(to, us.into()).await.ok();
        }
    }

    /// Nothing has moved for too long: what we know of the reason.
    fn lost(&self, away: bool) -> Event {
        let url = &self.cluster.url;
        const HOST: &str = "Start a host with `work`";
        let (why, cure) = match (&self.trouble, self.company) {
            _ if away => {
                (format!("the NATS server at {url} is gone"), "Start it again, on its store")
            }
            (Some(trouble), _) => {
                let why = format!("the NATS server at {url} takes no task ({trouble})");
                (why, "Look what it says in its log, mend that")
            }
            (None, false) => ("no host has shown up".to_owned(), HOST),
            (None, true) => ("the hosts have gone, or are stuck".to_owned(), HOST),
        };
        let why = match &self.strange {
            Some(strange) => format!("{why}; {strange}"),
            None => why,
        };
        let (after, run) = (self.give_up, (!self.cluster.private).then(|| self.run.clone()));
        Event::Lost(Box::new(move |waiting| Error::NothingMoves { after, why, waiting, cure, run }))
    }

    /// All tasks have ended. When all answers are safe, the server forgets the run; until then they are kept, for
    /// `--resume`. Results that may still come interest nobody, and are not kept.
    async fn finish(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        events: mpsc::UnboundedSender<Event>,
    ) {
        let mut events = Some(events);
        while !self.handed.is_empty() {
            match commands.recv().await {
                Some(Command::Leave) => events = None, // nobody waits for us
                Some(command) => self.obey(command).await,
                None => return,
            }
        }
        let consumer = Names::consumer(&self.run, &self.name);
        timeout(MOMENT, self.streams.results.delete_consumer(&consumer)).await.ok();
        drop(events);
    }
}

/// The next answer; none before there is a stream of them.
async fn next(
    answers: &mut Option<pull::Stream>,
) -> Option<Result<async_nats::jetstream::Message, pull::MessagesError>> {
    match answers {
        Some(answers) => answers.next().await,
        None => None,
    }
}

/// The consumers of this run, which its drivers have left behind.
async fn find(cluster: &Cluster, streams: &Streams, run: &str) -> Result<Vec<String>, Error> {
    if let Some(driver) = who_drives(cluster, run).await {
        return Err(Error::Driven { run: run.to_owned(), driver });
    }
    let all = consumers_of_runs(streams).await?;
    let (ours, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|consumer| Names::run_of_consumer(consumer) == Some(run));
    if !ours.is_empty() {
        return Ok(ours);
    }
    let others = others.iter().filter_map(|other| Names::run_of_consumer(other));
    let mut others: Vec<String> = others.map(str::to_owned).collect();
    others.sort();
    others.dedup();
    Err(Error::UnknownRun { run: run.to_owned(), others })
}

/// Takes away what the driver before has given and nobody has done: it is given again when we come to it.
///
/// One by one: after a purge of one subject, a server older than 2.9.12 no longer gives out what is left of the
/// others (nats-server#3838), and Debian's is older.
async fn clear(tasks: &Stream, subject: String) {
    while let Ok(task) = tasks.get_first_raw_message_by_subject(&subject, 1).await
        && tasks.delete_message(task.sequence).await.is_ok()
    {}
}

/// Who drives the run at this moment, if anybody does.
pub(crate) async fn who_drives(cluster: &Cluster, run: &str) -> Option<String> {
    let question = cluster.client.request(cluster.names.driving(run), Bytes::new());
    match timeout(MOMENT, question).await {
        Ok(Ok(reply)) => Some(String::from_utf8_lossy(&reply.payload).into_owned()),
        Ok(Err(error)) if error.kind() == RequestErrorKind::NoResponders => None,
        _ => None,
    }
}

/// The consumers of results, one for each run that has not come to its end.
pub(crate) async fn consumers_of_runs(streams: &Streams) -> Result<Vec<String>, Error> {
    let mut names = streams.results.consumer_names();
    let mut found = Vec::new();
    while let Some(name) = names.next().await {
        found.push(name.map_err(|why| Error::server("list the runs", why))?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::host::{Host, Job};
    use crate::local::PrivateServer;
    use crate::streams::Keeping;

    /// What the server says of the only run's results.
    fn results(cluster: &Cluster) -> async_nats::jetstream::consumer::Info {
        cluster.runtime.block_on(async {
            let stream = cluster.context.get_stream(cluster.names.results()).await.unwrap();
            let name = stream.consumer_names().next().await.expect("a run").unwrap();
            stream.consumer_info(name).await.unwrap()
        })
    }

    fn wait_for(what: impl Fn() -> bool) {
        let start = Instant::now();
        while !what() {
            assert!(start.elapsed() < Duration::from_secs(60), "it never came");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_result_that_comes_again_before_it_is_safe_is_handed_out_once_and_kept() {
        let server = PrivateServer::start().unwrap();
        let there = server.server().clone();
        thread::spawn(move || {
            let cluster = Cluster::connect(&there).unwrap();
            let host = Host::new("host", 1).stops_with_driver();
            host.serve(&cluster, |job: &Job<u64>| Ok(job.input)).unwrap();
        });
        let cluster = Cluster::connect(server.server()).unwrap();
        let keeping = Keeping { ack_wait: Duration::from_millis(500), replicas: 1 };
        let driving = Driving { window: 1, keeping, ..Driving::default() };
        let mut ended = cluster.run(&driving, |_| ()).unwrap().imap_unordered::<u64, u64, _>(0..2);

        let first = ended.next().unwrap().unwrap();
        wait_for(|| results(&cluster).num_redelivered > 0);
        let second = ended.next().unwrap().unwrap();
        assert_eq!((first.input, second.input), (0, 1), "the first is not told again");
        second.confirm();
        wait_for(|| results(&cluster).num_ack_pending < 2);
        assert_eq!(results(&cluster).num_ack_pending, 1, "the first is not said to be safe");
        first.confirm();
        wait_for(|| results(&cluster).num_ack_pending == 0);
        assert!(ended.next().is_none());
    }
}
