//! A connection to the server, and the runtime that its async client lives on.

use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{
    Client, ConnectError, ConnectErrorKind, Event, RequestErrorKind, Subscriber, rustls,
};
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

use crate::error::Error;
use crate::names::{self, Names};
use crate::server::Server;

/// A connection to the server, with the runtime that its async client lives on. Its users don't
/// have to write `await`.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub(crate) runtime: Arc<Engine>,
    pub(crate) client: Client,
    pub(crate) context: Context,
    pub(crate) names: Names,
    /// The server's address, for people.
    pub(crate) url: String,
    /// Whether the server ends when the driver does. Then there is nothing to resume.
    pub(crate) private: bool,
    /// Counts connections, so that it changes whenever a lost one is back.
    pub(crate) connections: watch::Receiver<u64>,
}

impl Cluster {
    /// Connects to the server. If the connection is lost later, it is made again, however long that
    /// takes.
    ///
    /// # Errors
    /// If nothing answers at its address, if the server doesn't let us in, or if it has no
    /// JetStream.
    pub fn connect(server: &Server) -> Result<Cluster, Error> {
        if !names::is_good(&server.cluster) {
            return Err(Error::Name { what: "cluster", name: server.cluster.clone() });
        }
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("nats")
            .enable_all()
            .build()
            .map_err(|why| Error::system("start the threads that talk to the server", why))?;
        let (seen, connections) = watch::channel(0);
        let (client, context) = runtime.block_on(async {
            let client = connect(server, seen).await?;
            check_jetstream(&client, server).await?;
            Ok::<_, Error>((client.clone(), jetstream::new(client)))
        })?;
        Ok(Cluster {
            runtime: Arc::new(Engine(Some(runtime))),
            client,
            context,
            names: Names::new(&server.cluster),
            url: server.to_string(),
            private: server.is_private(),
            connections,
        })
    }

    /// What comes on this subject from now on.
    pub(crate) async fn listen(&self, subject: String) -> Result<Subscriber, Error> {
        let subscriber = self.client.subscribe(subject).await;
        subscriber.map_err(|why| Error::server("listen to the hosts", why))
    }

    /// Whether the server can hear us now. Whatever is sent in the meantime is sent later, all at
    /// once.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The largest message that the server takes, without its header, in bytes.
    pub(crate) fn largest_message(&self) -> usize {
        const HEADER: usize = 2048;
        self.client.max_payload().saturating_sub(HEADER)
    }
}

/// The runtime. A task that runs on it may be the last to drop it, so dropping it doesn't wait for
/// its threads.
#[derive(Debug)]
pub(crate) struct Engine(Option<Runtime>);

impl Deref for Engine {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is there until this is dropped")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn connect(server: &Server, seen: watch::Sender<u64>) -> Result<Client, Error> {
    let seen = Arc::new(seen);
    let options = server
        .connect_options()
        .await?
        .name("many-hands")
        .connection_timeout(Duration::from_secs(5))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(|attempt| Duration::from_millis(50 << attempt.min(4)))
        .event_callback(move |event| {
            let seen = Arc::clone(&seen);
            async move {
                if matches!(event, Event::Connected) {
                    seen.send_modify(|count| *count += 1);
                }
            }
        });
    options.connect(server.addresses()?).await.map_err(|error| {
        let url = server.to_string();
        // Its source says more than it does.
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let why = source.unwrap_or_else(|| error.to_string());
        match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                Error::Refused { url, why: error.kind().to_string() }
            }
            _ if is_about_encryption(&error) => Error::Tls { url, why },
            ConnectErrorKind::ServerParse => Error::Address { url },
            _ => Error::Absent { url, why },
        }
    })
}

/// Also true when the client only says that it could not read or write, because one side rejected
/// the other's certificate.
fn is_about_encryption(error: &ConnectError) -> bool {
    let source = std::error::Error::source(error);
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    let inner = io.and_then(io::Error::get_ref);
    error.kind() == ConnectErrorKind::Tls || inner.is_some_and(|inner| inner.is::<rustls::Error>())
}

/// It is better to hear that there is no JetStream now than with the first task.
async fn check_jetstream(client: &Client, server: &Server) -> Result<(), Error> {
    let missing = || Error::NoJetStream { url: server.to_string() };
    match client.request("$JS.API.INFO", "".into()).await {
        Ok(info) => {
            let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap_or_default();
            // An error means that this user has none.
            if info["error"].is_null() { Ok(()) } else { Err(missing()) }
        }
        Err(error) if error.kind() == RequestErrorKind::NoResponders => Err(missing()),
        Err(error) => Err(Error::server("say whether it has JetStream", error)),
    }
}
