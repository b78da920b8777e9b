//! What can go wrong with a cluster, and what to do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Something is wrong with the cluster. The message says what, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address makes no sense.
    #[error(
        "{url:?} is no address of a NATS server: write it as nats://host:4222, or tls://host:4222"
    )]
    Address {
        /// As it was given.
        url: String,
    },
    /// Nobody answers there.
    #[error(
        "no NATS server answers at {url} ({why}): start one there with `nats-server -js`, say where it is with \
         NATS_URL, or let `drive --local 2` start one on this machine"
    )]
    Absent {
        /// Where we asked.
        url: String,
        /// What the system said.
        why: String,
    },
    /// The server does not let us in.
    #[error(
        "the NATS server at {url} refuses this user ({why}): check NATS_USER and NATS_PASSWORD, NATS_CREDS or NATS_NKEY"
    )]
    Refused {
        /// Where we asked.
        url: String,
        /// What it said.
        why: String,
    },
    /// No encrypted connection.
    #[error(
        "no encrypted connection to the NATS server at {url} ({why}): check NATS_CA, NATS_CERT and NATS_KEY, and the \
         name in its certificate"
    )]
    Tls {
        /// Where we asked.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// A file that belongs to the connection.
    #[error("cannot read {}, which {what} names: {why}", path.display())]
    Unreadable {
        /// The flag or variable.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// A server without JetStream.
    #[error(
        "the NATS server at {url} has no JetStream, which keeps the tasks: start it with `nats-server -js`"
    )]
    NoJetStream {
        /// Where it is.
        url: String,
    },
    /// The server would not do something, or did not answer.
    #[error("the NATS server could not {what}: {why}")]
    Server {
        /// What we asked for.
        what: String,
        /// What it said.
        why: String,
    },
    /// Something of this name is there, and is not what we need.
    #[error(
        "the {what} is there already, with other settings ({}): use what it has, remove it if nobody needs it \
         (`nats {remove}`, with the command line tool of NATS), or take another --cluster name", differences.join("; ")
    )]
    OtherSettings {
        /// `stream` or `consumer`, and its name.
        what: String,
        /// What removes it, when `nats` is told so.
        remove: String,
        /// What it has and what we need.
        differences: Vec<String>,
    },
    /// No such run.
    #[error("there is no run {run} to resume on this server: {}", known(others))]
    UnknownRun {
        /// The run that was asked for.
        run: String,
        /// Those that are there.
        others: Vec<String>,
    },
    /// Somebody drives this run.
    #[error("the run {run} is being driven by {driver}: wait for its end, or end that one first")]
    Driven {
        /// The run.
        run: String,
        /// Who drives it.
        driver: String,
    },
    /// Somebody else drives this run now.
    #[error("another drive has taken over the run {run}: it goes on there")]
    TakenOver {
        /// The run.
        run: String,
    },
    /// Nothing has happened for a long time.
    #[error(
        "nothing has moved for {} seconds: {why}. {waiting} task(s) wait. {}", after.as_secs_f64(), go_on(cure, run.as_deref())
    )]
    NothingMoves {
        /// For how long.
        after: Duration,
        /// What is known of the reason.
        why: String,
        /// How many tasks were given and have not ended.
        waiting: usize,
        /// What helps.
        cure: &'static str,
        /// The run, for `--resume`; none, if its server was a private one, and has gone with it.
        run: Option<String>,
    },
    /// There is no `nats-server` here.
    #[error(
        "nats-server is not installed: `apt-get install nats-server`, `brew install nats-server`, or see \
         https://nats.io/download; if it is, say where with NATS_SERVER"
    )]
    NotInstalled,
    /// The private server did not start.
    #[error("the private NATS server did not start: {0}")]
    PrivateServer(String),
    /// The system would not give us what we need.
    #[error("cannot {what}: {why}")]
    System {
        /// What we tried.
        what: String,
        /// What the system said.
        why: io::Error,
    },
    /// A name that cannot be used.
    #[error("{name:?} is no name for a {what}: take 1 to 32 of a-z, A-Z, 0-9 and _")]
    Name {
        /// `run` or `cluster`.
        what: &'static str,
        /// As it was given.
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

fn known(others: &[String]) -> String {
    match others {
        [] => "no run waits there; begin one without --resume".to_owned(),
        others => format!("those that wait are {}", others.join(", ")),
    }
}

fn go_on(cure: &str, run: Option<&str>) -> String {
    match run {
        Some(run) => format!(
            "{cure}, and then go on with `drive --resume {run}` and the same flags (but --fresh)"
        ),
        None => "Run again (without --fresh): links that were saved are skipped".to_owned(),
    }
}
