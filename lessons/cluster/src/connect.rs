//! To the server, with NATS's own words for addresses, credentials and certificates.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{
    Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, RequestErrorKind, ServerAddr,
    rustls,
};
use clap::Args;
use nkeys::KeyPair;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use step::files::Files;
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

use crate::error::Error;
use crate::names::{self, Names};

/// Where the server is, and who we are to it: flags, and the variables that NATS's own tools read.
#[derive(Clone, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Where the NATS server is")]
pub struct Server {
    /// The server, or several of one cluster, with commas between them
    #[arg(
        long = "server",
        value_name = "URL",
        env = "NATS_URL",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222"
    )]
    url: String,

    /// A name that begins all streams and subjects: one server can carry several clusters
    #[arg(long, value_name = "NAME", default_value = "hands")]
    cluster: String,

    /// Who we are (NATS_PASSWORD holds the password)
    #[arg(long, value_name = "NAME", env = "NATS_USER", hide_env_values = true)]
    user: Option<String>,

    /// Or: a file with credentials
    #[arg(long, value_name = "FILE", env = "NATS_CREDS", hide_env_values = true)]
    creds: Option<PathBuf>,

    /// Or: a file with the seed of an nkey
    #[arg(long, value_name = "FILE", env = "NATS_NKEY", hide_env_values = true)]
    nkey: Option<PathBuf>,

    /// The certificate of whoever signed the server's
    #[arg(long, value_name = "FILE", env = "NATS_CA", hide_env_values = true)]
    ca: Option<PathBuf>,

    /// Our own certificate
    #[arg(long, value_name = "FILE", env = "NATS_CERT", hide_env_values = true, requires = "key")]
    cert: Option<PathBuf>,

    /// The key of our certificate
    #[arg(long, value_name = "FILE", env = "NATS_KEY", hide_env_values = true, requires = "cert")]
    key: Option<PathBuf>,

    #[arg(skip)]
    password: Option<String>,

    /// Whether it goes when its driver does, with all that waits there.
    #[arg(skip)]
    private: bool,
}

/// The variable that holds the password: a flag would be seen by everybody on the machine.
const PASSWORD: &str = "NATS_PASSWORD";

impl Server {
    /// The server at this address, with this user and password.
    pub fn at(url: impl Into<String>, user: &str, password: &str) -> Server {
        Server {
            url: url.into(),
            cluster: "hands".to_owned(),
            user: Some(user.to_owned()),
            creds: None,
            nkey: None,
            ca: None,
            cert: None,
            key: None,
            password: Some(password.to_owned()),
            private: false,
        }
    }

    pub(crate) fn private(self) -> Server {
        Server { private: true, ..self }
    }

    /// The same server, with another name for the cluster.
    #[must_use]
    pub fn cluster(self, name: impl Into<String>) -> Server {
        Server { cluster: name.into(), ..self }
    }

    /// Adds the files that it is told of to those that a program reads: none of them must be written over.
    #[must_use]
    pub fn add_to(&self, files: Files) -> Files {
        let ours = [
            ("--creds", &self.creds),
            ("--nkey", &self.nkey),
            ("--ca", &self.ca),
            ("--cert", &self.cert),
            ("--key", &self.key),
        ];
        let given = ours.into_iter().filter_map(|(flag, file)| Some((flag, file.as_deref()?)));
        given.fold(files, |files, (flag, file)| files.reads(flag, file))
    }

    /// Whether it is on this machine, and with it, perhaps, all that use it.
    ///
    /// # Errors
    /// If its address makes no sense.
    pub fn is_here(&self) -> Result<bool, Error> {
        let here = |host: &str| {
            let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
        };
        Ok(self.addresses()?.iter().all(|address| here(address.host())))
    }

    fn addresses(&self) -> Result<Vec<ServerAddr>, Error> {
        // A secret with a comma in it looks like two addresses: then all of them are shown, without it.
        let shown =
            |url: &str| without_secrets(if self.url.contains('@') { &self.url } else { url });
        let parse = |url: &str| {
            let bad = || Error::Address { url: shown(url) };
            let address = url.trim().parse::<ServerAddr>().map_err(|_| bad())?;
            if address.host().is_empty() { Err(bad()) } else { Ok(address) }
        };
        self.url.split(',').map(parse).collect()
    }

    async fn options(&self) -> Result<ConnectOptions, Error> {
        let mut options = self.introduce(ConnectOptions::new())?;
        let unreadable = |what, path: &Path| {
            let path = path.to_owned();
            move |why| Error::Unreadable { what, path, why }
        };
        if let Some(path) = &self.creds {
            let read = options.credentials_file(path).await;
            options = read.map_err(unreadable("NATS_CREDS", path))?;
        }
        if let Some(path) = &self.nkey {
            let seed = fs::read_to_string(path).map_err(unreadable("NATS_NKEY", path))?;
            let seed = seed.trim();
            KeyPair::from_seed(seed).map_err(|_| {
                unreadable("NATS_NKEY", path)(io::Error::other("it holds no seed of an nkey"))
            })?;
            options = options.nkey(seed.to_owned());
        }
        // The client reads these when it connects, and then does not say which of them it could not read.
        for (what, path) in
            [("NATS_CA", &self.ca), ("NATS_CERT", &self.cert), ("NATS_KEY", &self.key)]
        {
            if let Some(path) = path {
                fs::read(path).map_err(unreadable(what, path))?;
            }
        }
        if let Some(ca) = &self.ca {
            options = options.add_root_certificates(ca.clone()).require_tls(true);
        }
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            options = options.add_client_certificate(cert.clone(), key.clone()).require_tls(true);
        }
        Ok(options)
    }

    /// Says who we are: as we were told; if we were told nothing, as the first address does that says it, where a
    /// name without a password is a token. The client itself reads no names in addresses.
    fn introduce(&self, options: ConnectOptions) -> Result<ConnectOptions, Error> {
        if let Some(user) = &self.user {
            let password = self.password.clone().or_else(|| env::var(PASSWORD).ok());
            return Ok(options.user_and_password(user.clone(), password.unwrap_or_default()));
        }
        if self.creds.is_some() || self.nkey.is_some() {
            return Ok(options);
        }
        let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let addresses = self.addresses()?;
        let named =
            addresses.iter().find_map(|address| Some((address.username()?, address.password())));
        Ok(match named {
            Some((user, Some(password))) => options.user_and_password(plain(user), plain(password)),
            Some((token, None)) => options.token(plain(token)),
            None => options,
        })
    }
}

/// A connection to the server, with the runtime on which its async client lives. Nobody who uses it has
/// to write `await`.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub(crate) runtime: Arc<Engine>,
    pub(crate) client: Client,
    pub(crate) context: Context,
    pub(crate) names: Names,
    pub(crate) url: String,
    /// Whether the server goes when the driver does: then there is nothing to resume.
    pub(crate) private: bool,
    /// Counts connections: it grows when one that was lost is there again.
    pub(crate) connections: watch::Receiver<u64>,
}

impl Cluster {
    /// Connects to the server. Later it connects again whenever the connection is lost, for ever.
    ///
    /// # Errors
    /// If nobody answers there, or who answers does not let us in, or has no JetStream.
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
            let context = jetstream::new(client.clone());
            check(&client, server).await?;
            Ok::<_, Error>((client, context))
        })?;
        Ok(Cluster {
            runtime: Arc::new(Engine(Some(runtime))),
            client,
            context,
            names: Names::new(&server.cluster),
            url: server.shown(),
            private: server.private,
            connections,
        })
    }

    /// How large the server lets a message be, its header left out, in bytes.
    pub(crate) fn largest_message(&self) -> usize {
        const HEADER: usize = 2048;
        self.client.max_payload().saturating_sub(HEADER)
    }
}

/// The runtime. Whoever is the last to drop it may be a task that runs on it: so nobody waits for its threads.
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

/// For people: its address, without what is secret.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// For whoever looks for a mistake: also without what is secret.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Server { cluster, user, creds, nkey, ca, cert, key, .. } = self;
        f.debug_struct("Server")
            .field("url", &self.shown())
            .field("cluster", cluster)
            .field("user", user)
            .field("creds", creds)
            .field("nkey", nkey)
            .field("ca", ca)
            .field("cert", cert)
            .field("key", key)
            .finish_non_exhaustive()
    }
}

impl Server {
    fn shown(&self) -> String {
        self.url.split(',').map(without_secrets).collect::<Vec<_>>().join(",")
    }
}

async fn connect(server: &Server, seen: watch::Sender<u64>) -> Result<Client, Error> {
    let seen = Arc::new(seen);
    let options = server
        .options()
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
        let url = server.shown();
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

/// Also where the client only says that reading or writing has failed: when one of the two does not like the
/// other's certificate.
fn is_about_encryption(error: &ConnectError) -> bool {
    let source = std::error::Error::source(error);
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    let inner = io.and_then(io::Error::get_ref);
    error.kind() == ConnectErrorKind::Tls || inner.is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Whether there is a JetStream at all: better said now than with the first task.
async fn check(client: &Client, server: &Server) -> Result<(), Error> {
    match client.request("$JS.API.INFO", "".into()).await {
        Ok(info) => {
            let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap_or_default();
            match &info["error"] {
                serde_json::Value::Null => Ok(()),
                _ => Err(Error::NoJetStream { url: server.shown() }), // not for this user
            }
        }
        Err(error) if error.kind() == RequestErrorKind::NoResponders => {
            Err(Error::NoJetStream { url: server.shown() })
        }
        Err(error) => Err(Error::server("say whether it has JetStream", error)),
    }
}

/// `nats://user:secret@host` as `nats://…@host`: a name may be a token, which is a secret, too.
fn without_secrets(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '+');
    match before.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, _)) => format!("{scheme}://…@{host}"),
        None => format!("…@{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        for (url, shown) in [
            ("nats://me:se@cret@host:4222", "nats://…@host:4222"),
            ("tls://token@host", "tls://…@host"),
            ("me:secret@host:4222", "…@host:4222"),
            ("token@host", "…@host"),
            ("me:se://cret@host", "…@host"),
            ("nats://host", "nats://host"),
            ("host:4222", "host:4222"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
        let two = Server::at("nats://me:s3cret@one,t0ken@two", "me", "gue5s");
        for shown in [two.to_string(), format!("{two:?}"), format!("{two:#?}")] {
            assert!(shown.contains("nats://…@one,…@two"), "{shown}");
            assert!(
                !["s3cret", "t0ken", "gue5s"].iter().any(|secret| shown.contains(secret)),
                "{shown}"
            );
        }
        for bad in ["nats://me:s3,cret@host", "nats://me:s3/cret@host", "nats://me:s3cret@"] {
            let error = Server::at(bad, "", "").addresses().unwrap_err().to_string();
            assert!(error.contains("nats://…@") && !error.contains("s3"), "{error}");
        }
    }

    #[test]
    fn loopback_is_here_and_all_else_is_not() {
        let server = |url: &str| Server::at(url, "", "");
        for here in
            ["nats://127.0.0.1:4222", "localhost", "nats://[::1]:1", "127.0.0.1,localhost:2"]
        {
            assert!(server(here).is_here().unwrap(), "{here}");
        }
        for away in ["nats://10.0.0.1", "example.org", "localhost,example.org"] {
            assert!(!server(away).is_here().unwrap(), "{away}");
        }
        for bad in ["nats://", "http://localhost", ""] {
            assert!(server(bad).is_here().is_err(), "{bad}");
        }
    }
}
