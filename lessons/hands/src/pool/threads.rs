//! Workers that are threads of this process.

mod calls;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::generic::{Builder, Kind, Pool, Sealed, Wake, check_count};
use super::lanes::Lane;
use crate::cancel::Token;
use crate::sync::channel;
use crate::{panics, sync};

/// A pool whose workers are threads of this process. Tasks are closures, which may borrow anything
/// that lives as long as `'s`.
///
/// Dropping the pool cancels its tasks, and waits for those that run. [`join`](Pool::join) waits
/// for all of them.
pub type ThreadPool<'s> = Pool<Threads<'s>>;

/// Workers that are threads of this process: see [`ThreadPool`].
#[derive(Debug)]
pub struct Threads<'s>(PhantomData<&'s ()>);

/// A chunk of tasks, ready to run.
pub struct Chunk<'s>(Box<dyn FnOnce() + Send + 's>);

impl Sealed for Threads<'_> {}

impl<'s> Kind for Threads<'s> {
    type Chunk = Chunk<'s>;
    type Options = Options<'s>;

    fn watch(&self, _: &Token) -> Option<Wake> {
        None // a thread looks at the token itself
    }
}

/// How many processes and threads Linux has room for by default, all together.
const MAX_WORKERS: usize = 32_768;

/// How workers are started.
#[derive(Clone, Default)]
pub struct Options<'s> {
    initializer: Option<Arc<Initializer<'s>>>,
}

/// An initializer, with its error as text.
type Initializer<'s> = dyn Fn() -> Result<(), String> + Send + Sync + 's;

impl ThreadPool<'static> {
    /// Starts `workers` threads. Tasks own what they use, because the threads may outlive the
    /// caller.
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
    /// Calls `initializer` in every worker when it starts, before any task. If it returns an error
    /// or panics, the pool doesn't start.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::builder(2).initializer(|| std::env::set_current_dir(".")).start()?;
    /// let error = ThreadPool::builder(2).initializer(|| Err("no connection")).start().unwrap_err();
    /// assert!(error.to_string().ends_with("its initializer failed: no connection"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn initializer<E: fmt::Display>(
        mut self,
        initializer: impl Fn() -> Result<(), E> + Send + Sync + 's,
    ) -> Self {
        let as_text = move || initializer().map_err(|error| error.to_string());
        self.options.initializer = Some(Arc::new(as_text));
        self
    }

    /// Starts the workers, and waits until all of them are ready. They end with `scope`.
    ///
    /// # Errors
    ///
    /// If there are 0 workers, more than 32,768, or more than the system can start, or if the
    /// initializer fails.
    pub fn start_scoped(self, scope: &'s Scope<'s, '_>) -> io::Result<ThreadPool<'s>> {
        let thread = |name| thread::Builder::new().name(name);
        self.start_with(|name, run| thread(name).spawn_scoped(scope, run).map(drop))
    }

    fn start_with(
        self,
        spawn: impl Fn(String, Box<dyn FnOnce() + Send + 's>) -> io::Result<()>,
    ) -> io::Result<ThreadPool<'s>> {
        check_count(self.workers, MAX_WORKERS)?;
        let (ready, reports) = channel::unbounded();
        let pool = Pool::start_lanes(self.workers, Threads(PhantomData), |lane| {
            let (initializer, ready) = (self.options.initializer.clone(), ready.clone());
            spawn(
                lane.name(),
                Box::new(move || {
                    if let Err(error) = initialize(&lane, initializer.as_deref()) {
                        let _ = ready.send(error);
                        return;
                    }
                    drop(ready);
                    lane.run(|Chunk(run)| run());
                }),
            )
        })?;
        drop(ready);
        // Each lane reports its error, or hangs up if there is none.
        match reports.recv() {
            Ok(error) => Err(error),
            Err(_) => Ok(pool),
        }
    }
}

impl Builder<Threads<'static>> {
    /// Starts the workers, and waits until all of them are ready.
    ///
    /// # Errors
    ///
    /// If there are 0 workers, more than 32,768, or more than the system can start, or if the
    /// initializer fails.
    pub fn start(self) -> io::Result<ThreadPool<'static>> {
        let thread = |name| sync::thread::Builder::new().name(name);
        self.start_with(|name, run| thread(name).spawn(run).map(drop))
    }
}

fn initialize<C>(lane: &Lane<C>, initializer: Option<&Initializer<'_>>) -> io::Result<()> {
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
    /// Starts `workers` threads that end with `scope`, so that tasks may borrow what outlives the
    /// scope. It is the block that begins with `with Pool(8) as pool:` in Python.
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

    /// A pool of `workers` threads, whose options can be set before they start.
    pub fn builder(workers: usize) -> Builder<Threads<'s>> {
        Builder { workers, options: Options::default() }
    }

    /// Cancels all tasks, and ends the workers. It tells those tasks that run by their
    /// [token](crate::cancel::current), and waits for them, because a thread can't be killed.
    /// Dropping the pool does the same.
    pub fn terminate(self) {
        drop(self);
    }
}
