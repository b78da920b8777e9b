//! Workers that are threads of this process.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::{Builder, Scope};

use super::lanes::Lane;
use super::outcome::{Failure, Outcome};
use super::results::{Reply, Results};
use super::window::Order;
use super::{Kind, Pool};
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
}

impl ThreadPool<'static> {
    /// Starts `workers` threads. Tasks own what they work on, for the threads may outlive the caller.
    ///
    /// ```
    /// use lessons::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(4)?;
    /// let squares = pool.map(|n| n * n, 1..=5)?;
    /// assert_eq!(squares, [1, 4, 9, 16, 25]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `workers` is 0, or more than the system can start.
    pub fn new(workers: usize) -> io::Result<Self> {
        Pool::start(workers, |lane| thread_of(&lane).spawn(|| lane.run(|Job(run)| run())).map(drop))
    }
}

impl<'s> ThreadPool<'s> {
    /// Starts `workers` threads that end with `scope`: tasks may borrow what the scope's caller owns,
    /// as a Python program does between `with Pool(8) as pool:` and the end of the block.
    ///
    /// ```
    /// use lessons::pool::ThreadPool;
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
    /// If `workers` is 0, or more than the system can start.
    pub fn scoped(scope: &'s Scope<'s, '_>, workers: usize) -> io::Result<Self> {
        Pool::start(workers, |lane| {
            thread_of(&lane).spawn_scoped(scope, || lane.run(|Job(run)| run())).map(drop)
        })
    }

    /// Calls `task` on every input, waits for all, and returns the results in the order of the
    /// inputs: Python's `pool.map`.
    ///
    /// The inputs are read at once, and cut into four chunks a worker, or chunks of
    /// [`chunk_size`](Pool::chunk_size).
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
    /// use lessons::pool::ThreadPool;
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
}

fn thread_of<J>(lane: &Lane<J>) -> Builder {
    Builder::new().name(lane.name())
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
