//! A cluster on this machine alone: a private server, and hosts that are processes of this program.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use futures_util::StreamExt;
use lessons::process::{Process, Task};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::connect::{Cluster, Server};
use crate::error::Error;
use crate::names;
use crate::wire::Beat;

/// How long the private server may take to start, and then the hosts.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a host that died is started again.
const RESTARTS: usize = 10;

/// A NATS server of our own: on loopback, on a free port, with a password that nobody else knows and a
/// store of its own, which is removed at the end. It ends with this program, however that ends.
#[derive(Debug)]
pub struct PrivateServer {
    /// A shell that starts the server, and ends it when its standard input closes: also when we were
    /// killed.
    keeper: Child,
    server: Server,
    folder: Option<TempDir>,
}

/// `$1` is the server, `$2` its configuration, `$3` the folder. The one in the background reads until this
/// program has gone; the one in front waits for the server.
const KEEPER: &str = r#"
exec 3<&0
"$1" --config "$2" >"$3/log" 2>&1 & server=$!
{ cat <&3 >/dev/null; kill "$server"; } 2>/dev/null & reader=$!
wait "$server"
kill "$reader" 2>/dev/null
rm -rf "$3"
"#;

impl PrivateServer {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// If `nats-server` is not installed, or does not start.
    pub fn start() -> Result<PrivateServer, Error> {
        let program = find().ok_or(Error::NotInstalled)?;
        let failed = |why: io::Error| Error::PrivateServer(why.to_string());
        let folder =
            tempfile::Builder::new().prefix("many-hands-nats-").tempdir().map_err(failed)?;
        let password: String = [names::fresh(), names::fresh(), names::fresh()].concat();
        let config = folder.path().join("config");
        write_private(&config, &configuration(folder.path(), &password)).map_err(failed)?;

        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(&program).arg(&config).arg(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)] // Ctrl-C is for us
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let keeper = command.spawn().map_err(failed)?;
        let server = Server::at("", "hands", &password);
        let mut started = PrivateServer { keeper, server, folder: Some(folder) };
        let url = started.wait_until_it_listens()?;
        started.server = Server::at(url, "hands", &password);
        Ok(started)
    }

    /// Where it is, and who we are to it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    fn wait_until_it_listens(&mut self) -> Result<String, Error> {
        let folder = self.folder.as_ref().expect("it is removed at the end").path().to_owned();
        let start = Instant::now();
        loop {
            if let Some(url) = url_in(&folder) {
                return Ok(url);
            }
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            let last = || log.lines().last().unwrap_or("it said nothing").to_owned();
            if log.contains("[FTL]") || matches!(self.keeper.try_wait(), Ok(Some(_))) {
                return Err(Error::PrivateServer(last()));
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::PrivateServer(format!("it does not listen: {}", last())));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
        drop(self.folder.take());
    }
}

fn configuration(folder: &Path, password: &str) -> String {
    let folder = folder.display();
    format!(
        "listen: \"127.0.0.1:-1\"\n\
         ports_file_dir: \"{folder}\"\n\
         jetstream {{ store_dir: \"{folder}/store\" }}\n\
         authorization {{ user: hands, password: \"{password}\" }}\n"
    )
}

/// Nobody else on this machine may read the password.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The server writes a file with the ports that it has found free.
fn url_in(folder: &Path) -> Option<String> {
    let mut files = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let ports = files.find(|path| path.extension().is_some_and(|ending| ending == "ports"))?;
    let ports: serde_json::Value = serde_json::from_slice(&fs::read(ports).ok()?).ok()?;
    ports["nats"][0].as_str().map(str::to_owned)
}

/// Debian puts it where not everybody's PATH leads.
fn find() -> Option<PathBuf> {
    let told = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let runs = |program: &Path| {
        let mut command = Command::new(program);
        let quiet = command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null());
        quiet.stderr(Stdio::null()).status().is_ok()
    };
    let places = ["nats-server", "/usr/sbin/nats-server", "/usr/local/bin/nats-server"];
    match told {
        Some(program) => Some(program).filter(|program| runs(program)),
        None => places.into_iter().map(PathBuf::from).find(|program| runs(program)),
    }
}

/// Hosts that are processes of this program. One that dies is started again, as systemd or a container's
/// supervisor would do it.
#[derive(Debug)]
pub struct LocalHosts {
    cluster: Cluster,
    names: Vec<String>,
    watchers: Vec<JoinHandle<()>>,
    stopping: Arc<AtomicBool>,
}

impl LocalHosts {
    /// Starts so many hosts, and waits until all of them ask for tasks: or the first one there would take what
    /// is meant for all. Each runs `task`, which serves until it is told to stop, on what `settings` makes of
    /// its name. `note` is called when one has died.
    ///
    /// # Errors
    /// If one cannot be started.
    pub fn start<S, R>(
        cluster: &Cluster,
        number: usize,
        task: &'static Task<S, R>,
        settings: impl Fn(&str) -> S,
        note: impl Fn(&str) + Send + Clone + 'static,
    ) -> Result<LocalHosts, Error>
    where
        S: Serialize + Clone + Send + 'static,
        R: DeserializeOwned + 'static,
    {
        let alive = cluster.client.subscribe(cluster.names.alive("*"));
        let alive = cluster.runtime.block_on(alive);
        let alive = alive.map_err(|why| Error::server("listen to the hosts", why))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let mut hosts = LocalHosts {
            cluster: cluster.clone(),
            names: Vec::new(),
            watchers: Vec::new(),
            stopping: Arc::clone(&stopping),
        };
        for n in 1..=number {
            let name = format!("host{n}");
            let settings = settings(&name);
            let cannot = |why| Error::system(format!("start host {n} of {number}"), why);
            let mut host = Process::spawn(task, settings.clone()).map_err(cannot)?;
            let (stopping, note, called) = (Arc::clone(&stopping), note.clone(), name.clone());
            hosts.names.push(name);
            hosts.watchers.push(thread::spawn(move || {
                for _ in 0..RESTARTS {
                    let ended = host.join();
                    if stopping.load(Ordering::Acquire) {
                        return;
                    }
                    let why =
                        ended.err().map_or("stopped".to_owned(), |failure| failure.to_string());
                    note(&format!("{called} has ended ({why}): it is started again"));
                    host = match Process::spawn(task, settings.clone()) {
                        Ok(host) => host,
                        Err(why) => {
                            return note(&format!("{called} cannot be started again: {why}"));
                        }
                    };
                }
                note(&format!("{called} has ended {RESTARTS} times: it is not started again"));
            }));
        }
        let missing = hosts.names.iter().cloned().collect();
        let all_there = async { timeout(PATIENCE, all_there(alive, missing)).await };
        cluster.runtime.block_on(all_there).ok(); // the driver says it, if nobody comes
        Ok(hosts)
    }
}

/// Until each of these hosts has said that it is alive, which it says when it has asked for tasks.
async fn all_there(mut alive: Subscriber, mut missing: HashSet<String>) {
    while !missing.is_empty()
        && let Some(beat) = alive.next().await
    {
        if let Ok(beat) = serde_json::from_slice::<Beat>(&beat.payload) {
            missing.remove(&beat.host);
        }
    }
}

impl Drop for LocalHosts {
    /// They are told to stop, and end when what they have in hand is done.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        let told = async {
            for name in &self.names {
                self.cluster.client.publish(self.cluster.names.stop(name), "".into()).await.ok();
            }
            self.cluster.client.flush().await.ok();
        };
        self.cluster.runtime.block_on(async { timeout(Duration::from_secs(2), told).await.ok() });
        let deadline = Instant::now() + Duration::from_secs(5);
        for watcher in self.watchers.drain(..) {
            while !watcher.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}
