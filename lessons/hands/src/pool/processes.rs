//! Workers that are processes.

mod calls;
mod chunk;
mod keeper;
mod ledger;
mod options;
mod shared;
mod worker;

use std::fmt::{self, Display};
use std::io;
use std::sync::Arc;
use std::thread::Builder as Thread;
use std::time::Duration;

use crossbeam::channel;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::generic::{Builder, Kind, Pool, Sealed, Wake, check_count};
use crate::cancel::Token;
use crate::process::{self, Task};

use chunk::Chunk;
use keeper::Keeper;
use options::{Initializer, Options};
use shared::Shared;

pub use options::OnCrash;

/// A pool whose workers are processes. Each has its own memory, and may die without harm to the
/// others. Tasks are [`Task`]s: functions with a name that was registered with [`process::init`].
///
/// Dropping the pool cancels the tasks that haven't started, and waits for those that run.
/// [`join`](Pool::join) waits for all of them, and [`terminate`](ProcessPool::terminate) for none.
///
/// A worker doesn't outlive its pool, and neither do programs that its tasks have started, unless
/// they are in a process group of their own. They are killed when their worker is gone, no matter
/// how: see [`process`](process#what-a-child-process-shares-with-its-parent).
pub type ProcessPool = Pool<Processes>;

/// Workers that are processes: see [`ProcessPool`].
pub struct Processes {
    shared: Arc<Shared>,
    ring: Wake,
}

impl Processes {
    fn new(shared: &Arc<Shared>) -> Self {
        let (shared, bell) = (Arc::clone(shared), Arc::clone(shared));
        Processes { shared, ring: Arc::new(move || bell.bell.ring()) }
    }
}

impl fmt::Debug for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shared, f)
    }
}

impl Sealed for Processes {}

impl Kind for Processes {
    type Chunk = Chunk;
    type Options = Options;

    fn watch(&self, token: &Token) -> Option<Wake> {
        let ring = Arc::clone(&self.ring);
        if !token.is_alone() {
            token.on_cancel(move || ring());
        }
        Some(Arc::clone(&self.ring))
    }
}

impl Builder<Processes> {
    /// Calls `task` on `input` in every worker process when it starts, before any other task. It is
    /// the place to make something that each worker needs, such as a connection, and keep it in a
    /// `static`.
    ///
    /// The error can be any type that is `Display` and can travel, such as a `String` or an
    /// [`ErrorText`](process::ErrorText), which every error becomes with `?`:
    ///
    /// ```standalone_crate
    /// use hands::pool::ProcessPool;
    /// use hands::process::{self, ErrorText, Task};
    /// use std::path::PathBuf;
    ///
    /// const ENTER: Task<PathBuf, Result<(), ErrorText>> = Task::new("enter", |folder| {
    ///     std::env::set_current_dir(folder)?;
    ///     Ok(())
    /// });
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     process::init(&[&ENTER]);
    ///     ProcessPool::builder(1).initializer(&ENTER, std::env::temp_dir()).start()?;
    ///     let error = ProcessPool::builder(1).initializer(&ENTER, "nowhere".into()).start().unwrap_err();
    ///     assert!(error.to_string().contains("its initializer failed: No such file or directory"));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// If the task returns an error or panics, the pool doesn't start. A worker that replaces
    /// another one runs it again. If it fails then, three times in a row, the pool goes on with one
    /// worker less. Once no worker is left, every task fails as
    /// [`Failure::NoWorker`](crate::failure::Failure::NoWorker).
    pub fn initializer<A, E>(mut self, task: &Task<A, Result<(), E>>, input: A) -> Self
    where
        A: Serialize + 'static,
        E: Display + DeserializeOwned + 'static,
    {
        self.options.initializer = Some(Initializer::new(task, &input));
        self
    }

    /// Replaces a worker process after it has run this many tasks, to get back what they have
    /// leaked: memory, open files, and programs that they have started but not waited for, which
    /// end with the worker. A chunk is never split for this.
    ///
    /// # Panics
    ///
    /// If `tasks` is 0.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "a worker runs at least one task");
        self.options.max_tasks = Some(tasks);
        self
    }

    /// Kills a worker whose task takes longer than `limit`, together with the programs that it has
    /// started. The task fails as [`Failure::TimedOut`](crate::failure::Failure::TimedOut). The
    /// clock starts when the worker starts the task.
    pub fn task_timeout(mut self, limit: Duration) -> Self {
        self.options.task_timeout = Some(limit);
        self
    }

    /// Sets how long a task may go on after it was [cancelled](crate::cancel), by default one
    /// second. Then its worker is killed, together with the programs that it has started, and the
    /// task has failed as [`Failure::Cancelled`](crate::failure::Failure::Cancelled).
    ///
    /// The clock starts when the worker is told. Only tasks that somebody waits for are killed: if
    /// it was cancelled because its results were dropped, it may go on to its end.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// Sets what happens to the task whose worker has died.
    pub fn on_crash(mut self, on_crash: OnCrash) -> Self {
        self.options.on_crash = on_crash;
        self
    }

    /// Starts the workers, and waits until all of them are ready.
    ///
    /// # Errors
    ///
    /// If [`process::init`] wasn't called, if there are 0 workers, more than 4096, or more than the
    /// system can start, or if the initializer fails.
    pub fn start(self) -> io::Result<ProcessPool> {
        process::check_init()?;
        check_count(self.workers, process::MAX_WORKERS)?;
        process::check_room(self.workers)?;
        if let Some(Err(failure)) = &self.options.initializer {
            let message = format!("the initializer {failure}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let shared = Arc::new(Shared::new(self.options, self.workers));
        let (ready, reports) = channel::unbounded();
        let pool = Pool::start_lanes(self.workers, Processes::new(&shared), |lane| {
            let keeper = Keeper { shared: Arc::clone(&shared), worker: None };
            let ready = ready.clone();
            Thread::new().name(lane.name()).spawn(|| keeper.run(lane, ready)).map(drop)
        })?;
        drop(ready);
        let ring = Arc::clone(&pool.kind.ring);
        pool.lanes.token().on_cancel(move || ring());
        // All workers start at the same time. Each lane reports its error, or hangs up if there is
        // none.
        let Ok(error) = reports.recv() else { return Ok(pool) };
        pool.terminate();
        Err(error)
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
    /// If [`process::init`] wasn't called, if there are 0 workers, more than 4096, or more than the
    /// system can start.
    pub fn new(workers: usize) -> io::Result<Self> {
        ProcessPool::builder(workers).start()
    }

    /// A pool of `workers` processes, whose options can be set before they start.
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
        Builder { workers, options: Options::default() }
    }

    /// Cancels the tasks that haven't started, kills the processes of those that run, and waits
    /// until they are dead. All of these tasks fail as
    /// [`Failure::Cancelled`](crate::failure::Failure::Cancelled).
    pub fn terminate(self) {
        self.kind.shared.terminate();
        self.lanes.stop();
        drop(self); // which waits
    }
}
