//! Workers that are processes.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder as Thread};
use std::time::{Duration, Instant};

use crossbeam::channel::{self, Sender};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::handle::Handle;
use super::lanes::Lane;
use super::ledger::Ledger;
use super::outcome::Outcome;
use super::reply::Reply;
use super::results::Results;
use super::window::Order;
use super::{Builder, Kind, Pool};
use crate::failure::Failure;
use crate::process::{self, Answer, Lost, Note, Task, Until, Work, Worker, decode};
use crate::{panics, timeline};

/// A pool whose workers are processes: each has its own memory, and may die without harm to the
/// others. Tasks are [`Task`]s, functions with a name that [`process::init`] was told of.
///
/// Dropping the pool cancels the tasks that have not started, and waits for those that run;
/// [`join`](Pool::join) lets all of them end, and [`terminate`](ProcessPool::terminate) waits for none.
///
/// A worker does not outlive its pool, nor a program its worker: what tasks have started, and not put into
/// a process group of its own, is killed when their worker is gone, however it went. See
/// [`process`](process#what-a-child-process-shares-with-its-parent).
pub type ProcessPool = Pool<Processes>;

/// Workers that are processes: see [`ProcessPool`].
#[derive(Debug)]
pub struct Processes {
    /// Every lane watches the other end, and kills its worker when this one is closed.
    _alarm: UnixStream,
}

impl Kind for Processes {
    type Job = Job;
    type Plan = Plan;
    const MOST: usize = process::MAX_WORKERS;

    fn check_room(workers: usize) -> io::Result<()> {
        process::check_room(workers)
    }
}

/// What becomes of the task that a worker process was running when it died.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCrash {
    /// It fails, as [`Failure::Crashed`]: it ran at most once.
    #[default]
    Fail,
    /// It is run again, up to so many times, and fails only then. It must be safe to run twice.
    Retry(u32),
}

/// How workers are started, and how long they are kept.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    initializer: Option<Result<Arc<Work>, String>>,
    max_tasks: Option<usize>,
    task_timeout: Option<Duration>,
    on_crash: OnCrash,
}

impl Builder<Processes> {
    /// Calls `task` on `input` in every worker process when it starts, before any other task:
    /// for what each worker needs one of, such as a connection, kept in a `static`.
    ///
    /// If it returns an error or panics, the pool does not start. A worker that replaces another runs it
    /// again; if it fails then, three times, the pool goes on with one worker less, and when none is
    /// left every task fails as [`Failure::NoWorker`].
    pub fn initializer<A: Serialize + 'static>(
        mut self,
        task: &Task<A, Result<(), String>>,
        input: A,
    ) -> Self {
        let work = process::number_of(task).map_err(|failure| failure.to_string());
        self.plan.initializer = Some(work.and_then(|number| {
            let mut work = Work::new(number, 0);
            work.push(&input).map(|()| Arc::new(work))
        }));
        self
    }

    /// Replaces a worker process after it has run so many tasks, to give back what they have leaked: memory,
    /// open files, and programs that they have started and not waited for. Those end with the worker. A chunk
    /// is never divided for it.
    ///
    /// # Panics
    ///
    /// If `tasks` is 0.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "a worker runs at least one task");
        self.plan.max_tasks = Some(tasks);
        self
    }

    /// Kills a worker whose task takes longer than `limit`, and the programs that it has started: the
    /// task is [`Failure::TimedOut`]. The clock starts when the worker starts the task.
    pub fn task_timeout(mut self, limit: Duration) -> Self {
        self.plan.task_timeout = Some(limit);
        self
    }

    /// Says what becomes of the task whose worker has died.
    pub fn on_crash(mut self, on_crash: OnCrash) -> Self {
        self.plan.on_crash = on_crash;
        self
    }

    /// Starts the workers, and waits until all are ready.
    ///
    /// # Errors
    ///
    /// If [`process::init`] was not called, if there are 0 workers, more than 4096, or more than the system can
    /// start, or if the initializer fails.
    pub fn start(self) -> io::Result<ProcessPool> {
        process::check_init()?;
        if let Some(Err(reason)) = &self.plan.initializer {
            let message = format!("the initializer {reason}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let (alarm, bell) = UnixStream::pair()?;
        let (bell, plan) = (Arc::new(bell), Arc::new(self.plan));
        let healthy = Arc::new(AtomicUsize::new(self.workers));
        let (ready, reports) = channel::unbounded();
        let pool = Pool::start(self.workers, Processes { _alarm: alarm }, |lane| {
            let keeper = Keeper {
                plan: Arc::clone(&plan),
                bell: Arc::clone(&bell),
                healthy: Arc::clone(&healthy),
                name: lane.name(),
                worker: None,
                ledger: Ledger::new(0, 0),
                offset: 0,
            };
            let ready = ready.clone();
            Thread::new().name(lane.name()).spawn(|| keeper.run(lane, ready)).map(drop)
        })?;
        drop(ready);
        // All start at the same time. Each lane reports once.
        match reports.iter().find_map(Result::err) {
            None => Ok(pool),
            Some(error) => {
                pool.terminate();
                Err(error)
            }
        }
    }
}

impl ProcessPool {
    /// Starts `workers` processes.
    ///
    /// ```standalone_crate
    /// use hands::pool::ProcessPool;
    /// use hands::process::{self, Task};
    ///
    /// const SQUARE: Task<u64, u64> = Task::new("square", |n| n * n);
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     process::init(&[&SQUARE]);
    ///     let pool = ProcessPool::new(4)?;
    ///     assert_eq!(pool.map(&SQUARE, 1..=5)?, [1, 4, 9, 16, 25]);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If [`process::init`] was not called, if there are 0 workers, more than 4096, or more than the system can
    /// start.
    pub fn new(workers: usize) -> io::Result<Self> {
        ProcessPool::builder(workers).start()
    }

    /// A pool with more to be said about its workers before they start.
    ///
    /// ```standalone_crate
    /// use hands::pool::{OnCrash, ProcessPool};
    /// use hands::process::{self, Task};
    /// use std::time::Duration;
    ///
    /// const SQUARE: Task<u64, u64> = Task::new("square", |n| n * n);
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     process::init(&[&SQUARE]);
    ///     let pool = ProcessPool::builder(2)
    ///         .max_tasks_per_child(1000)
    ///         .task_timeout(Duration::from_secs(10))
    ///         .on_crash(OnCrash::Retry(1))
    ///         .start()?;
    ///     assert_eq!(pool.submit(&SQUARE, 7).join()?, 49);
    ///     Ok(())
    /// }
    /// ```
    pub fn builder(workers: usize) -> Builder<Processes> {
        Builder { workers, plan: Plan::default() }
    }

    /// Calls `task` on every input, waits for all, and returns the results in the order of the
    /// inputs: Python's `pool.map`.
    ///
    /// The inputs are read at once, and cut into chunks that begin large and end small, or into chunks
    /// of [`chunk_size`](Pool::chunk_size).
    ///
    /// # Errors
    ///
    /// The first failure in the order of the inputs, once all have ended.
    pub fn map<A, R, I>(&self, task: &Task<A, R>, inputs: I) -> Outcome<Vec<R>>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        let inputs: Vec<A> = inputs.into_iter().collect();
        let count = inputs.len();
        Results::start(self, self.plan_map(count), inputs.into_iter(), jobs(task))
            .into_values(count)
    }

    /// Calls `task` on every input and yields the results one by one, in the order of the inputs, each
    /// as soon as it and all before it are there: Python's `pool.imap`, but reading its inputs no
    /// further ahead than the [window](Pool::window).
    pub fn imap<A, R, I>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'_, Processes, I::IntoIter, R>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        Results::start(self, self.plan_imap(Order::Input), inputs.into_iter(), jobs(task))
    }

    /// As [`imap`](ProcessPool::imap), but yields each result as soon as it is there, in the order of
    /// completion: Python's `pool.imap_unordered`.
    pub fn imap_unordered<A, R, I>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'_, Processes, I::IntoIter, R>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        Results::start(self, self.plan_imap(Order::Completion), inputs.into_iter(), jobs(task))
    }

    /// Puts one task into the queue, and returns a handle to join it by: Python's `executor.submit`.
    ///
    /// There is no limit to how many tasks wait in the queue.
    pub fn submit<A, R>(&self, task: &Task<A, R>, input: A) -> Handle<R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        let make_job = jobs(task);
        self.submit_job(|reply| make_job(vec![input], reply))
    }

    /// Cancels the tasks that have not started, kills the processes of those that run, and waits until
    /// they are dead. All of these tasks are [`Failure::Cancelled`].
    pub fn terminate(self) {
        let Pool { lanes, kind, .. } = self;
        lanes.stop();
        drop(kind); // which raises the alarm
        drop(lanes); // which waits
    }
}

/// What a lane pulls: a chunk of inputs, encoded, and whoever is to be told.
pub struct Job {
    work: Work,
    /// How many of its tasks have an outcome.
    done: usize,
    /// How many times its worker died.
    crashes: u32,
    answers: Box<dyn Answers>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

/// A reply to tasks whose results are of a type that the lane does not know.
trait Answers: Send {
    /// Whether somebody waits for it.
    fn is_wanted(&self) -> bool;
    /// Notes what the next task returned, encoded.
    fn value(&mut self, bytes: &[u8]);
    /// Notes that the next task failed.
    fn failure(&mut self, failure: Failure);
}

struct Typed<R> {
    reply: Reply<R>,
    /// The inputs that could not be sent: which, and why.
    refused: VecDeque<(usize, Failure)>,
}

impl<R> Typed<R> {
    /// Those that come next and were not sent get their outcome without a worker.
    fn pass_refused(&mut self) {
        while self.refused.front().is_some_and(|(position, _)| *position == self.reply.done())
            && let Some((_, failure)) = self.refused.pop_front()
        {
            self.reply.push(Err(failure));
        }
    }

    fn push(&mut self, result: Result<R, Failure>) {
        self.reply.push(result);
        self.pass_refused();
    }
}

impl<R: DeserializeOwned + Send> Answers for Typed<R> {
    fn is_wanted(&self) -> bool {
        self.reply.is_wanted()
    }

    fn value(&mut self, bytes: &[u8]) {
        let result = panics::catch(|| decode(bytes));
        self.push(match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(reason)) => Err(Failure::Codec { reason: format!("its result: {reason}") }),
            Err(panicked) => Err(Failure::Panicked(panicked)),
        });
    }

    fn failure(&mut self, failure: Failure) {
        self.push(Err(failure));
    }
}

/// Turns chunks of inputs into jobs, all of which call the same `task`.
fn jobs<A, R>(task: &Task<A, R>) -> impl Fn(Vec<A>, Reply<R>) -> Job + use<A, R>
where
    A: Serialize + 'static,
    R: DeserializeOwned + Send + 'static,
{
    let number = process::number_of(task);
    move |inputs, reply| {
        let mut work = Work::new(number.clone().unwrap_or_default(), reply.next_task());
        let mut refused = VecDeque::new();
        for (position, input) in inputs.iter().enumerate() {
            let result = match &number {
                Ok(_) => work
                    .push(input)
                    .map_err(|e| Failure::Codec { reason: format!("its input: {e}") }),
                Err(failure) => Err(failure.clone()),
            };
            if let Err(failure) = result {
                refused.push_back((position, failure));
            }
        }
        let mut answers = Typed { reply, refused };
        answers.pass_refused();
        Job { work, done: 0, crashes: 0, answers: Box::new(answers) }
    }
}

impl Job {
    /// How many tasks have no outcome yet.
    fn left(&self) -> usize {
        self.work.tasks() - self.done
    }

    /// Whether there is something to do that somebody waits for.
    fn is_wanted(&self) -> bool {
        self.left() > 0 && self.answers.is_wanted()
    }

    fn value(&mut self, bytes: &[u8]) {
        self.done += 1;
        self.answers.value(bytes);
    }

    fn failure(&mut self, failure: Failure) {
        self.done += 1;
        self.answers.failure(failure);
    }

    fn fail_all(&mut self, failure: &Failure) {
        while self.left() > 0 {
            self.failure(failure.clone());
        }
    }

    /// What is left to do, ready to be sent to another worker.
    fn rest(mut self) -> Job {
        if self.done > 0 {
            self.work = self.work.without(self.done);
            self.done = 0;
        }
        self
    }

    /// Drops the job, and with that answers for it. What the caller's own types do when they are dropped
    /// must not end a lane.
    fn dismiss(self) {
        let _ = panics::catch(|| drop(self));
    }
}

/// Keeps one worker process: feeds it, listens to it, and replaces it when it is gone.
struct Keeper {
    plan: Arc<Plan>,
    bell: Arc<UnixStream>,
    /// How many keepers have a worker, or could have.
    healthy: Arc<AtomicUsize>,
    name: String,
    worker: Option<(Worker, timeline::WorkerGuard)>,
    ledger: Ledger<Job>,
    /// How many bytes of the first unwritten piece have been written.
    offset: usize,
}

/// How many pieces are written with one call.
const PIECES: usize = 64;

/// A worker that has answered within this time is taken to be alive.
const FRESH: Duration = Duration::from_millis(1);

/// How often a worker that cannot be started is tried again, and after which pauses.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

impl Keeper {
    /// Works off the queue until there will be no more jobs. Reports to `ready` once, when the worker
    /// has started or failed to.
    fn run(mut self, lane: Lane<Job>, ready: Sender<io::Result<()>>) {
        lane.settle();
        if lane.is_stopped() {
            return; // another could not be started, and the pool gives up
        }
        let started = self.start_worker();
        let is_started = started.is_ok();
        let _ = ready.send(started.map_err(|e| {
            io::Error::new(e.kind(), format!("{} cannot be started: {e}", self.name))
        }));
        drop(ready);
        if !is_started {
            return;
        }
        while let Some(mut job) = lane.next() {
            if lane.is_stopped() || !job.is_wanted() {
                job.dismiss();
                continue;
            }
            if let Err(error) = self.need_worker() {
                // The others go on. The last one says why nothing can be done any more.
                if self.healthy.fetch_sub(1, Ordering::Relaxed) > 1 {
                    lane.give_back(job);
                } else {
                    let failure = Failure::NoWorker { reason: error.to_string() };
                    loop {
                        job.fail_all(&failure);
                        job.dismiss();
                        let Some(next) = lane.next() else { break };
                        job = next;
                    }
                }
                return;
            }
            self.send(job);
            self.work_off(&lane);
        }
        if self.is_alarmed() {
            self.worker = None; // which kills it
        }
        self.end_worker();
    }

    /// Whether the pool was told to terminate.
    fn is_alarmed(&mut self) -> bool {
        let until = Until { deadline: Some(Instant::now()), alarm: Some(self.bell.as_fd()) };
        let worker = self.worker.as_mut();
        worker.is_some_and(|(worker, _)| worker.exchange(&[], &until) == Err(Lost::Alarm))
    }

    fn start_worker(&mut self) -> io::Result<()> {
        let mut worker = Worker::spawn()?;
        process::greet(&mut worker)?;
        // Before the initializer, whose spans are on this row.
        let row = timeline::show_worker_process(worker.pid(), &self.name);
        let mut pieces = 0;
        if let Some(Ok(work)) = &self.plan.initializer {
            initialize(&mut worker, work, self.plan.task_timeout)?;
            pieces += 1; // the worker counts it, too
        }
        self.worker = Some((worker, row));
        self.ledger = Ledger::new(pieces, self.plan.max_tasks.unwrap_or(usize::MAX));
        self.offset = 0;
        Ok(())
    }

    fn end_worker(&mut self) {
        if let Some((worker, _row)) = self.worker.take() {
            worker.end();
        }
    }

    /// Makes sure that there is a worker, as far as one can know.
    fn need_worker(&mut self) -> io::Result<()> {
        let idle = self.ledger.idle_for(Instant::now());
        if let Some((worker, _)) = &mut self.worker
            && (idle < FRESH || worker.is_alive())
        {
            return Ok(());
        }
        self.worker = None;
        let mut pauses = PAUSES.iter();
        loop {
            match (self.start_worker(), pauses.next()) {
                (Err(_), Some(pause)) => thread::sleep(*pause),
                (result, _) => return result,
            }
        }
    }

    fn send(&mut self, job: Job) {
        let tasks = job.left();
        self.ledger.send(job, tasks, Instant::now());
    }

    /// Keeps the worker busy until it has nothing left to do and the queue has nothing for it.
    fn work_off(&mut self, lane: &Lane<Job>) {
        while !self.ledger.is_empty() {
            self.top_up(lane);
            if let Err(lost) = self.exchange().and_then(|()| self.take_answers(lane)) {
                return self.lost(lost, lane);
            }
        }
        if self.ledger.is_worn_out() {
            self.end_worker();
        }
    }

    /// Sends ahead what the worker may have, and no more than its share: others wait for work, too.
    fn top_up(&mut self, lane: &Lane<Job>) {
        let room = self.ledger.room();
        if room == 0 || lane.is_stopped() {
            return;
        }
        // Few large writes rather than many small ones: not before it doubles what the worker has.
        let pieces = room.min(lane.share());
        if pieces < self.ledger.held() {
            return;
        }
        for _ in 0..pieces {
            if self.ledger.is_worn_out() {
                break;
            }
            match lane.try_next() {
                Some(job) if job.is_wanted() => self.send(job),
                Some(job) => job.dismiss(),
                None => break,
            }
        }
    }

    /// Writes what is to be written, or waits for answers.
    fn exchange(&mut self) -> Result<(), Lost> {
        let Some((worker, _)) = &mut self.worker else { return Err(Lost::Died) };
        let mut slices = [IoSlice::new(&[]); PIECES];
        let mut count = 0;
        for (slice, job) in slices.iter_mut().zip(self.ledger.unwritten()) {
            let from = if count == 0 { self.offset } else { 0 };
            *slice = IoSlice::new(&job.work.bytes()[from..]);
            count += 1;
        }
        let deadline = self
            .plan
            .task_timeout
            .and_then(|limit| self.ledger.task_began().and_then(|began| began.checked_add(limit)));
        let until = Until { deadline, alarm: Some(self.bell.as_fd()) };
        let written = worker.exchange(&slices[..count], &until)?;
        self.offset += written;
        loop {
            let first = self.ledger.unwritten().next();
            match first.map(|job| job.work.bytes().len()) {
                Some(length) if self.offset >= length => {
                    self.offset -= length;
                    self.ledger.wrote_one();
                }
                _ => return Ok(()),
            }
        }
    }

    /// Hands on what the worker has answered.
    fn take_answers(&mut self, lane: &Lane<Job>) -> Result<(), Lost> {
        let Some((worker, _)) = &mut self.worker else { return Err(Lost::Died) };
        let pid = worker.pid();
        let now = Instant::now();
        while let Some(answer) = worker.next_answer() {
            let Some(job) = self.ledger.current() else { return Err(Lost::Died) };
            match answer? {
                Answer::Value(value) => job.value(value),
                Answer::Note(Note::Recorded(report)) => {
                    timeline::include(pid, report);
                    continue;
                }
                Answer::Note(Note::GivenBack { first, count }) => {
                    let back = self.ledger.given_back(first, count.into());
                    back.into_iter().for_each(|job| lane.give_back(job));
                    continue;
                }
                Answer::Note(note) => match note.into_failure() {
                    Some(failure) => job.failure(failure),
                    None => continue,
                },
            }
            let is_done = job.left() == 0;
            self.ledger.task_ended(now);
            if is_done && let Some(job) = self.ledger.piece_ended(now) {
                job.dismiss();
            }
        }
        Ok(())
    }

    /// The worker is of no more use. Each task that it held gets its outcome, or goes to another.
    fn lost(&mut self, why: Lost, lane: &Lane<Job>) {
        let running = self.ledger.task_began();
        if why != Lost::Died {
            self.kill_worker(lane);
        }
        // The task may have ended just before.
        let is_overdue = why == Lost::Overdue && self.ledger.task_began() == running;
        let Some((mut worker, _row)) = self.worker.take() else { return };
        let death = worker.death();
        let (current, others) = self.ledger.lost(self.offset > 0);
        for job in others {
            lane.give_back(job);
        }
        let Some(mut job) = current else { return };
        match (self.plan.on_crash, self.plan.task_timeout) {
            _ if why == Lost::Alarm => {}
            (_, Some(limit)) if is_overdue => job.failure(Failure::TimedOut { limit }),
            (OnCrash::Retry(times), _) if job.crashes < times => job.crashes += 1,
            _ => job.fail_all(&death),
        }
        match job.left() {
            0 => job.dismiss(),
            _ => lane.give_back(job.rest()),
        }
    }

    /// Kills the worker, and hears what it said last.
    fn kill_worker(&mut self, lane: &Lane<Job>) {
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        let until = Until { deadline, alarm: None };
        loop {
            let Some((worker, _)) = &mut self.worker else { return };
            worker.kill();
            let heard = worker.exchange(&[], &until).map(drop);
            if heard.and_then(|()| self.take_answers(lane)).is_err() {
                return;
            }
        }
    }
}

/// Runs the initializer in a new worker.
fn initialize(worker: &mut Worker, work: &Work, limit: Option<Duration>) -> io::Result<()> {
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    worker.send(work.bytes());
    let failure = match worker.outcome::<Result<(), String>>(deadline) {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(reason))) => {
            return Err(io::Error::other(format!("its initializer failed: {reason}")));
        }
        Ok(Err(failure)) => failure,
        Err(Lost::Overdue) => Failure::TimedOut { limit: limit.unwrap_or_default() },
        Err(_) => worker.death(),
    };
    Err(io::Error::other(format!("its initializer {failure}")))
}
