//! A cluster on this machine alone: a private server, and hosts that are processes of this program.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use futures_util::StreamExt;
use hands::process::{Process, Task};
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
/// How long after its end a host is started again: one that dies each time leaves the machine to the others.
const PAUSE: Duration = Duration::from_millis(100);
/// A host that has died so often without once asking for tasks is not started again.
const DEATHS: usize = 10;

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
        started.server = Server::at(url, "hands", &password).private();
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
    listener: tokio::task::JoinHandle<()>,
    stopping: Arc<AtomicBool>,
}

/// How it goes with one of them.
#[derive(Debug, Default)]
struct Life {
    /// Whether it has ever asked for tasks.
    asked: AtomicBool,
    /// How often it has died since it last did.
    deaths: AtomicUsize,
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
        task: &'static Task<S, Result<R, String>>,
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
        let names: Vec<String> = (1..=number).map(|n| format!("host{n}")).collect();
        let lives: HashMap<String, Arc<Life>> =
            names.iter().map(|name| (name.clone(), Arc::default())).collect();
        let mut hosts = LocalHosts {
            cluster: cluster.clone(),
            names: names.clone(),
            watchers: Vec::new(),
            listener: cluster.runtime.spawn(listen(alive, lives.clone())),
            stopping: Arc::default(),
        };
        for name in names {
            let settings = settings(&name);
            // Its results tell its story.
            let start = move || Process::spawn_untraced(task, settings.clone());
            let cannot = |why| Error::system(format!("start {name} of {number} hosts"), why);
            let host = start().map_err(cannot)?;
            let (life, note) = (Arc::clone(&lives[&name]), note.clone());
            let stopping = Arc::clone(&hosts.stopping);
            let note = move |what: String| note(&format!("{name} {what}"));
            let watcher = move || watch(host, start, &life, &stopping, note);
            hosts.watchers.push(thread::spawn(watcher));
        }
        let start = Instant::now();
        let asks = |life: &Arc<Life>| life.asked.load(Ordering::Acquire);
        while !lives.values().all(asks)
            && !hosts.watchers.iter().any(JoinHandle::is_finished)
            && start.elapsed() < PATIENCE
        {
            thread::sleep(Duration::from_millis(5)); // if one does not come, the driver says it
        }
        Ok(hosts)
    }
}

/// Starts a host again whenever it has died. What it dies of when it has asked for tasks is the fault of a task,
/// of which there may be many, but each is tried a few times only; if it does not come so far, then there is
/// no end to it.
fn watch<R: DeserializeOwned + 'static>(
    mut host: Process<Result<R, String>>,
    start: impl Fn() -> io::Result<Process<Result<R, String>>>,
    life: &Life,
    stopping: &AtomicBool,
    note: impl Fn(String),
) {
    loop {
        let ended = host.join();
        if stopping.load(Ordering::Acquire) {
            return;
        }
        let why = match ended {
            Ok(Ok(_)) => "it stopped".to_owned(),
            Ok(Err(why)) => why,
            Err(failure) => failure.to_string(),
        };
        if life.deaths.fetch_add(1, Ordering::AcqRel) + 1 == DEATHS {
            return note(format!(
                "has ended {DEATHS} times, without a word ({why}): it is not started again"
            ));
        }
        note(format!("has ended ({why}): it is started again"));
        thread::sleep(PAUSE);
        host = match start() {
            Ok(host) => host,
            Err(why) => return note(format!("cannot be started again: {why}")),
        };
    }
}

/// A host says that it is alive when it has asked for tasks.
async fn listen(mut alive: Subscriber, lives: HashMap<String, Arc<Life>>) {
    while let Some(beat) = alive.next().await {
        if let Ok(beat) = serde_json::from_slice::<Beat>(&beat.payload)
            && let Some(life) = lives.get(&beat.host)
        {
            life.asked.store(true, Ordering::Release);
            life.deaths.store(0, Ordering::Release);
        }
    }
}

impl Drop for LocalHosts {
    /// They are told to stop, and end when what they have in hand is done.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        self.listener.abort();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_private_server_is_not_shown() {
        let server = PrivateServer::start().unwrap();
        let config = server.folder.as_ref().unwrap().path().join("config");
        let config = fs::read_to_string(config).unwrap();
        let password = config.lines().find_map(|line| line.split("password: \"").nth(1)).unwrap();
        let password = password.split('"').next().unwrap();
        assert_eq!(password.len(), 24, "{config}");
        assert!(!format!("{server:?}").contains(password));
    }
}
