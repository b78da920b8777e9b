//! Opens a run, and stops it early.

use std::sync::Arc;

use hands::cancel::{self, Token};
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
    pub(super) token: Token,
    pub(super) host_spans: Arc<HostSpans>,
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
            token: cancel::current(),
            host_spans: Arc::default(),
        })
    }

    /// A token that the first Ctrl-C (or SIGTERM) cancels, after telling `note`. The second one
    /// ends the program at once, with exit code 130.
    pub fn stop_at_ctrl_c(&self, note: impl Fn(&str) + Send + 'static) -> Token {
        let token = Token::new();
        let stop = token.clone();
        self.runtime.spawn(stop_at_signals(note, move || stop.cancel()));
        token
    }
}

impl Run {
    /// The name of the run, for `--resume`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sets a token that stops the run, as that of a pool's call does: once it's cancelled, no
    /// further task is begun, and those that no host has begun are taken back from the server. The
    /// results end when the tasks that were begun have ended.
    #[must_use]
    pub fn token(self, token: &Token) -> Run {
        let token = token.child();
        // Weak, so that the token doesn't keep the run open.
        let commands = self.commands.downgrade();
        token.on_cancel(move || {
            if let Some(commands) = commands.upgrade() {
                commands.send(Command::Withdraw).ok();
            }
        });
        Run { token, ..self }
    }

    /// What the hosts have done so far, and when, for a timeline.
    pub fn host_spans(&self) -> Arc<HostSpans> {
        Arc::clone(&self.host_spans)
    }
}
