//! Opens a run, and stops it early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::channel::{Command, Update};
use super::event_loop::Driver;
use super::host_spans::HostSpans;
use crate::connect::Cluster;
use crate::error::Error;
use crate::names;
use crate::options::RunOptions;
use crate::signals::stop_at_signals;

/// A run: the tasks and results of one driver, and nobody else's.
#[derive(Debug)]
pub struct Run {
    /// It holds the runtime that the event loop lives on.
    pub(super) cluster: Cluster,
    pub(super) id: String,
    pub(super) window: usize,
    pub(super) resumed: bool,
    /// How many messages with answers an earlier driver has left that have not come yet.
    pub(super) backlog: u64,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) updates: mpsc::UnboundedReceiver<Update>,
    pub(super) stop: Arc<Stop>,
    pub(super) host_spans: Arc<HostSpans>,
}

/// Whether a run was stopped, and whether that has left something undone.
#[derive(Debug, Default)]
pub(super) struct Stop {
    pub(super) stopped: AtomicBool,
    pub(super) left_some: AtomicBool,
}

impl Cluster {
    /// Opens a run. The first one makes the streams on the server. `note` is called with what a
    /// person may want to know in the meantime: that there is no host, that the server has gone or
    /// come back.
    ///
    /// # Errors
    /// If the streams on the server are not what we need, or if the run to resume is not there or
    /// is being driven.
    pub fn run(
        &self,
        options: &RunOptions,
        note: impl Fn(&str) + Send + 'static,
    ) -> Result<Run, Error> {
        let id = match &options.resume {
            Some(run) if names::is_good(run) => run.clone(),
            Some(run) => return Err(Error::Name { what: "run", name: run.clone() }),
            None => names::fresh(),
        };
        let (commands, to_driver) = mpsc::unbounded_channel();
        let (from_driver, updates) = mpsc::unbounded_channel();
        let driver = Driver::open(self, &id, options, to_driver, from_driver, Box::new(note));
        let driver = self.runtime.block_on(driver)?;
        let backlog = driver.backlog;
        self.runtime.spawn(driver.run());
        Ok(Run {
            cluster: self.clone(),
            id,
            window: options.window,
            resumed: options.resume.is_some(),
            backlog,
            commands,
            updates,
            stop: Arc::default(),
            host_spans: Arc::default(),
        })
    }
}

impl Run {
    /// The name of the run, for `--resume`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What stops the run from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper { stop: Arc::clone(&self.stop), commands: self.commands.downgrade() }
    }

    /// [Stops](Stopper::stop) the run at the first Ctrl-C, and tells `note`. A second Ctrl-C ends
    /// the program at once, with exit code 130.
    pub fn stop_at_ctrl_c(&self, note: impl Fn(&str) + Send + 'static) -> Stopper {
        let (stopper, stop) = (self.stopper(), self.stopper());
        self.cluster.runtime.spawn(stop_at_signals(note, move || stop.stop()));
        stopper
    }

    /// What the hosts have done so far, and when, for a timeline.
    pub fn host_spans(&self) -> Arc<HostSpans> {
        Arc::clone(&self.host_spans)
    }
}

/// Stops a run early.
#[derive(Debug, Clone)]
pub struct Stopper {
    stop: Arc<Stop>,
    /// Weak, so that it doesn't keep the run open.
    commands: mpsc::WeakUnboundedSender<Command>,
}

impl Stopper {
    /// Begins no further task: takes no more inputs, and takes back from the server what no host
    /// has. The results end when the tasks that were begun have ended.
    pub fn stop(&self) {
        self.stop.stopped.store(true, Ordering::Release);
        if let Some(commands) = self.commands.upgrade() {
            commands.send(Command::Withdraw).ok();
        }
    }

    /// Whether the run was stopped before all tasks were begun.
    pub fn has_left_some(&self) -> bool {
        self.stop.left_some.load(Ordering::Acquire)
    }
}
