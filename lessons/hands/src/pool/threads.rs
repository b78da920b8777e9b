//! Workers that are threads of this process.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::{Builder as Thread, Scope};

use crossbeam::channel;

use super::handle::Handle;
use super::lanes::Lane;
use super::outcome::Outcome;
use super::reply::Reply;
use super::results::Results;
use super::window::Order;
use super::{Builder, Kind, Pool};
use crate::failure::Failure;
use crate::{panics, timeline};

/// A pool whose workers are threads of this process. Tasks are closures, which may borrow whatever
/// lives as long as `'s`.
///
/// Dropping the pool cancels the tasks that have not started, and waits for those that run;
/// [`join`](Pool::join) lets all of them end.
pub type ThreadPool<'s> = Pool<Threads<'s>>;

/// Workers that are threads of this process: see [`ThreadPool`].
#[derive(Debug)]
pub struct Threads<'s>(PhantomData<&'s ()>);

/// What a thread lane pulls: a chunk of tasks, ready to run.
pub struct Job<'s>(Box<dyn FnOnce() + Send + 's>);

impl fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

impl<'s> Kind for Threads<'s> {
    type Job = Job<'s>;
    type Plan = Plan<'s>;
    /// As many processes and threads as Linux, if nothing else is said, has room for in all.
    const MOST: usize = 32_768;

    fn check_room(_: usize) -> io::Result<()> {
        Ok(()) // an address is all that a thread takes beforehand
    }
}

/// How workers are started.
#[derive(Clone, Default)]
pub struct Plan<'s> {
    initializer: Option<Arc<dyn Fn() -> Result<(), String> + Send + Sync + 's>>,
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plan")
    }
}

impl ThreadPool<'static> {
    /// Starts `workers` threads. Tasks own what they work on, for the threads may outlive the caller.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(4)?;
    /// let squares = pool.map(|n| n * n, 1..=5)?;
    /// assert_eq!(squares, [1, 4, 9, 16, 25]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `workers` is 0, more than 32,768, or more than the system can start.
    pub fn new(workers: usize) -> io::Result<Self> {
        ThreadPool::builder(workers).start()
    }
}

impl<'s> Builder<Threads<'s>> {
    /// Calls `initializer` in every worker when it starts, before any task. If it returns an error or
    /// panics, the pool does not start.
    pub fn initializer(
        mut self,
        initializer: impl Fn() -> Result<(), String> + Send + Sync + 's,
    ) -> Self {
        self.plan.initializer = Some(Arc::new(initializer));
        self
    }

    /// Starts the workers, and waits until all are ready. They end with `scope`.
    ///
    /// # Errors
    ///
    /// If there are 0 workers, more than 32,768, or more than the system can start, or if the initializer fails.
    pub fn start_scoped(self, scope: &'s Scope<'s, '_>) -> io::Result<ThreadPool<'s>> {
        self.start_with(|thread, run| thread.spawn_scoped(scope, run).map(drop))
    }

    fn start_with(
        self,
        spawn: impl Fn(Thread, Box<dyn FnOnce() + Send + 's>) -> io::Result<()>,
    ) -> io::Result<ThreadPool<'s>> {
        let (ready, reports) = channel::unbounded();
        let pool = Pool::start(self.workers, Threads(PhantomData), |lane| {
            let (initializer, ready) = (self.plan.initializer.clone(), ready.clone());
            let thread = Thread::new().name(lane.name());
            spawn(
                thread,
                Box::new(move || {
                    if let Err(error) = initialize(&lane, initializer.as_deref()) {
                        let _ = ready.send(error);
                        return;
                    }
                    drop(ready);
                    lane.run(|Job(run)| run());
                }),
            )
        })?;
        drop(ready);
        // Each lane reports if it fails, and hangs up if it does not.
        match reports.recv() {
            Ok(error) => Err(error),
            Err(_) => Ok(pool),
        }
    }
}

impl Builder<Threads<'static>> {
    /// Starts the workers, and waits until all are ready.
    ///
    /// # Errors
    ///
    /// If there are 0 workers, more than 32,768, or more than the system can start, or if the initializer fails.
    pub fn start(self) -> io::Result<ThreadPool<'static>> {
        self.start_with(|thread, run| thread.spawn(run).map(drop))
    }
}

fn initialize<J>(
    lane: &Lane<J>,
    initializer: Option<&(dyn Fn() -> Result<(), String> + Send + Sync + '_)>,
) -> io::Result<()> {
    let Some(initializer) = initializer else { return Ok(()) };
    let reason = match panics::catch(initializer) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(reason)) => format!("failed: {reason}"),
        Err(panicked) => panicked.to_string(),
    };
    let name = lane.name();
    Err(io::Error::other(format!("{name} cannot be started: its initializer {reason}")))
}

impl<'s> ThreadPool<'s> {
    /// Starts `workers` threads that end with `scope`: tasks may borrow what the scope's caller owns,
    /// as a Python program does between `with Pool(8) as pool:` and the end of the block.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    /// use std::thread;
    ///
    /// let words = vec!["many".to_string(), "hands".to_string()];
    /// let lengths = thread::scope(|s| {
    ///     let pool = ThreadPool::scoped(s, 2)?;
    ///     let lengths = pool.map(|word: &String| word.len(), &words)?;
    ///     Ok::<_, Box<dyn std::error::Error>>(lengths)
    /// })?;
    /// assert_eq!(lengths, [4, 5]);
    /// println!("and {words:?} are still ours");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `workers` is 0, more than 32,768, or more than the system can start.
    pub fn scoped(scope: &'s Scope<'s, '_>, workers: usize) -> io::Result<Self> {
        ThreadPool::builder(workers).start_scoped(scope)
    }

    /// A pool with more to be said about its workers before they start.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::builder(2)
    ///     .initializer(|| {
    ///         println!("{} is here", std::thread::current().name().unwrap_or_default());
    ///         Ok(())
    ///     })
    ///     .start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder(workers: usize) -> Builder<Threads<'s>> {
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
    pub fn map<A, R, F, I>(&self, task: F, inputs: I) -> Outcome<Vec<R>>
    where
        I: IntoIterator<Item = A>,
        F: Fn(A) -> R + Send + Sync + 's,
        A: Send + 's,
        R: Send + 's,
    {
        let inputs: Vec<A> = inputs.into_iter().collect();
        let count = inputs.len();
        Results::start(self, self.plan_map(count), inputs.into_iter(), jobs(task))
            .into_values(count)
    }

    /// Calls `task` on every input and yields the results one by one, in the order of the inputs, each
    /// as soon as it and all before it are there: Python's `pool.imap`, but reading its inputs no
    /// further ahead than the [window](Pool::window).
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let firsts: Vec<u64> = pool.imap(|n| n * n, 1..).take(3).collect::<Result<_, _>>()?;
    /// assert_eq!(firsts, [1, 4, 9]); // of an endless number of squares
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn imap<A, R, F, I>(&self, task: F, inputs: I) -> Results<'_, Threads<'s>, I::IntoIter, R>
    where
        I: IntoIterator<Item = A>,
        F: Fn(A) -> R + Send + Sync + 's,
        A: Send + 's,
        R: Send + 's,
    {
        Results::start(self, self.plan_imap(Order::Input), inputs.into_iter(), jobs(task))
    }

    /// As [`imap`](ThreadPool::imap), but yields each result as soon as it is there, in the order of
    /// completion: Python's `pool.imap_unordered`.
    pub fn imap_unordered<A, R, F, I>(
        &self,
        task: F,
        inputs: I,
    ) -> Results<'_, Threads<'s>, I::IntoIter, R>
    where
        I: IntoIterator<Item = A>,
        F: Fn(A) -> R + Send + Sync + 's,
        A: Send + 's,
        R: Send + 's,
    {
        Results::start(self, self.plan_imap(Order::Completion), inputs.into_iter(), jobs(task))
    }

    /// Puts one task into the queue, and returns a handle to join it by: Python's `executor.submit`.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let length = pool.submit(str::len, "hands");
    /// println!("while it is being counted we go on");
    /// assert_eq!(length.join()?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// There is no limit to how many tasks wait in the queue.
    pub fn submit<A, R>(&self, task: impl FnOnce(A) -> R + Send + 's, input: A) -> Handle<R>
    where
        A: Send + 's,
        R: Send + 's,
    {
        self.submit_job(|mut reply| {
            Job(Box::new(move || {
                let mut meter = timeline::Meter::start();
                if reply.is_wanted() {
                    let number = reply.next_task();
                    let result = meter.task(number, || panics::catch(|| task(input)));
                    reply.push(result.map_err(Failure::from));
                }
                drop(reply); // which sends it
                meter.stop();
            }))
        })
    }

    /// Cancels the tasks that have not started, waits for those that run, and ends the workers: the
    /// same as dropping the pool, said aloud. A thread cannot be killed.
    pub fn terminate(self) {
        drop(self);
    }
}

/// Turns chunks of inputs into jobs, all of which call the same `task`.
fn jobs<'s, A, R, F>(task: F) -> impl Fn(Vec<A>, Reply<R>) -> Job<'s>
where
    F: Fn(A) -> R + Send + Sync + 's,
    A: Send + 's,
    R: Send + 's,
{
    let task = Arc::new(task);
    move |inputs, reply| {
        let task = Arc::clone(&task);
        Job(Box::new(move || run_chunk(&*task, inputs, reply)))
    }
}

/// Runs a chunk of tasks, one after the other, and answers for all of them at the end.
fn run_chunk<A, R>(task: &impl Fn(A) -> R, inputs: Vec<A>, mut reply: Reply<R>) {
    let mut meter = timeline::Meter::start();
    for input in inputs {
        if !reply.is_wanted() {
            break;
        }
        let number = reply.next_task();
        let result = meter.task(number, || panics::catch(|| task(input)));
        reply.push(result.map_err(Failure::from));
    }
    drop(reply); // which sends it
    meter.stop();
}
