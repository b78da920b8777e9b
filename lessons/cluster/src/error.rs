//! What can go wrong with a cluster, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Something is wrong with the cluster. The message says what happened and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the server isn't one.
    #[error(
        "{url:?} is not the address of a NATS server: write nats://host:4222 or tls://host:4222"
    )]
    Address {
        /// The address as it was given, with its secrets masked.
        url: String,
    },
    /// Nothing answers at the server's address.
    #[error(
        "no NATS server answers at {url} ({why}): start one there with `nats-server -js`, set NATS_URL to where it \
         is, or let `drive --local 2` start one on this machine"
    )]
    Absent {
        /// Where we asked.
        url: String,
        /// What the system said.
        why: String,
    },
    /// The server doesn't let us in.
    #[error(
        "the NATS server at {url} refuses this user ({why}): check NATS_USER and NATS_PASSWORD, NATS_CREDS or NATS_NKEY"
    )]
    Refused {
        /// Where we asked.
        url: String,
        /// What it said.
        why: String,
    },
    /// No encrypted connection could be made.
    #[error(
        "cannot make an encrypted connection to the NATS server at {url} ({why}): check NATS_CA, NATS_CERT and \
         NATS_KEY, and the name in the server's certificate"
    )]
    Tls {
        /// Where we asked.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// A file that is needed to connect can't be read.
    #[error("cannot read {}, which {what} names: {why}", path.display())]
    Unreadable {
        /// The variable that names it.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The server runs without JetStream.
    #[error(
        "the NATS server at {url} has no JetStream, which stores the tasks: start it with `nats-server -js`"
    )]
    NoJetStream {
        /// Where it is.
        url: String,
    },
    /// The server couldn't do something, or didn't answer.
    #[error("the NATS server could not {what}: {why}")]
    Server {
        /// What we asked for.
        what: String,
        /// What it said.
        why: String,
    },
    /// A stream or a consumer of this name exists and is not what we need.
    #[error(
        "the {what} already exists, but with other settings ({}): drive with those, or remove it if nobody needs it \
         (`nats {remove}`, with NATS's command line tool), or choose another name with --cluster",
        differences.join("; ")
    )]
    OtherSettings {
        /// `stream` or `consumer`, and its name.
        what: String,
        /// The arguments with which `nats` removes it.
        remove: String,
        /// How its settings differ from what we need.
        differences: Vec<String>,
    },
    /// There is no such run.
    #[error("there is no run {run} to resume on this server: {}", list(others))]
    UnknownRun {
        /// The run that was asked for.
        run: String,
        /// The runs that are there.
        others: Vec<String>,
    },
    /// Somebody else is driving this run.
    #[error("the run {run} is being driven by {driver}: wait until that drive ends, or stop it")]
    Driven {
        /// The run.
        run: String,
        /// Who drives it.
        driver: String,
    },
    /// Somebody else has resumed this run in the meantime.
    #[error("another drive has taken over the run {run} and is going on with it")]
    TakenOver {
        /// The run.
        run: String,
    },
    /// Nothing has happened for a long time.
    #[error(
        "nothing has happened for {} seconds: {why}. {waiting} task(s) are still waiting. {}",
        after.as_secs_f64(), go_on(cure, run.as_deref())
    )]
    NothingMoves {
        /// For how long.
        after: Duration,
        /// What is known about the reason.
        why: String,
        /// How many tasks have been given and have not ended.
        waiting: usize,
        /// What helps.
        cure: &'static str,
        /// The run, for `--resume`. `None` if its private server has ended with it.
        run: Option<String>,
    },
    /// There is no `nats-server` on this machine.
    #[error(
        "nats-server is not installed: `apt-get install nats-server`, `brew install nats-server`, or see \
         https://nats.io/download; if it is installed, set NATS_SERVER to its path"
    )]
    NotInstalled,
    /// The private server did not start.
    #[error("the private NATS server did not start: {0}")]
    PrivateServer(String),
    /// The system wouldn't give us what we need.
    #[error("cannot {what}: {why}")]
    System {
        /// What we tried.
        what: String,
        /// What the system said.
        why: io::Error,
    },
    /// A name that can't be used.
    #[error("{name:?} is not a name for a {what}: use 1 to 32 of a-z, A-Z, 0-9 and _")]
    Name {
        /// `run`, `host` or `cluster`.
        what: &'static str,
        /// The name as it was given.
        name: String,
    },
}

impl Error {
    pub(crate) fn server(what: impl Into<String>, why: impl ToString) -> Error {
        Error::Server { what: what.into(), why: why.to_string() }
    }

    pub(crate) fn system(what: impl Into<String>, why: io::Error) -> Error {
        Error::System { what: what.into(), why }
    }
}

fn list(runs: &[String]) -> String {
    match runs {
        [] => "no run is waiting there, so start one without --resume".to_owned(),
        runs => format!("the runs that are waiting are {}", runs.join(", ")),
    }
}

fn go_on(cure: &str, run: Option<&str>) -> String {
    match run {
        Some(run) => format!(
            "{cure}, and then go on with `drive --resume {run}` and the same flags (except --fresh)"
        ),
        None => "Run it again (without --fresh): what has been saved is skipped".to_owned(),
    }
}
