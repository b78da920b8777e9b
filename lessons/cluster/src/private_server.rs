//! A NATS server of our own, which ends with this program.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::Error;
use crate::names;
use crate::server::Server;

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A NATS server of our own. It listens on a free port of the loopback, has a password that nobody
/// else knows and a store that is removed at the end, and ends with this program, however that
/// ends.
#[derive(Debug)]
pub struct PrivateServer {
    /// A shell that starts the server and ends it when its own standard input closes, which happens
    /// even if we are killed.
    keeper: Child,
    server: Server,
    folder: TempDir,
}

/// `$1` is the server, `$2` its configuration, `$3` the folder. The process in the background reads
/// until this program is gone; the shell waits for the server.
const KEEPER: &str = r#"
exec 3<&0
"$1" --config "$2" >"$3/log" 2>&1 & server=$!
{ cat <&3 >/dev/null; kill "$server"; } 2>/dev/null & reader=$!
wait "$server"
kill "$reader" 2>/dev/null
rm -rf "$3"
"#;

impl PrivateServer {
    /// Starts the server and waits until it listens.
    ///
    /// # Errors
    /// If `nats-server` is not installed or does not start.
    pub fn start() -> Result<PrivateServer, Error> {
        let program = find_program().ok_or(Error::NotInstalled)?;
        let failed = |why: io::Error| Error::PrivateServer(why.to_string());
        let folder =
            tempfile::Builder::new().prefix("many-hands-nats-").tempdir().map_err(failed)?;
        let password: String = [names::fresh(), names::fresh(), names::fresh()].concat();
        let config = folder.path().join("config");
        write_private(&config, &configuration(folder.path(), &password)).map_err(failed)?;

        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(&program).arg(&config).arg(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0); // Ctrl-C is meant for us alone
        let keeper = command.spawn().map_err(failed)?;
        let server = Server::at("", "hands", &password);
        let mut started = PrivateServer { keeper, server, folder };
        let url = started.wait_until_it_listens()?;
        started.server = Server::at(url, "hands", &password).into_private();
        Ok(started)
    }

    /// What [`Cluster::connect`](crate::Cluster::connect) needs to know about it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    fn wait_until_it_listens(&mut self) -> Result<String, Error> {
        let folder = self.folder.path();
        let start = Instant::now();
        loop {
            if let Some(url) = url_in(folder) {
                return Ok(url);
            }
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            let last = || log.lines().last().unwrap_or("it logged nothing").to_owned();
            if log.contains("[FTL]") || matches!(self.keeper.try_wait(), Ok(Some(_))) {
                return Err(Error::PrivateServer(last()));
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::PrivateServer(format!("it is not listening: {}", last())));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
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

/// Nobody else on this machine may read the password in it.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// The server writes the port that it chose to a file.
fn url_in(folder: &Path) -> Option<String> {
    let mut files = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let ports = files.find(|path| path.extension().is_some_and(|ending| ending == "ports"))?;
    let ports: serde_json::Value = serde_json::from_slice(&fs::read(ports).ok()?).ok()?;
    ports["nats"][0].as_str().map(str::to_owned)
}

/// The path of `nats-server`. Debian installs it where not every PATH leads.
fn find_program() -> Option<PathBuf> {
    let told = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let runs = |program: &Path| {
        let mut command = Command::new(program);
        let quiet = command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null());
        quiet.stderr(Stdio::null()).status().is_ok()
    };
    let places = ["nats-server", "/usr/sbin/nats-server", "/usr/local/bin/nats-server"];
    let places = match told {
        Some(program) => vec![program],
        None => places.into_iter().map(PathBuf::from).collect(),
    };
    places.into_iter().find(|program| runs(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_private_server_is_not_shown() {
        let server = PrivateServer::start().unwrap();
        let config = server.folder.path().join("config");
        let config = fs::read_to_string(config).unwrap();
        let password = config.lines().find_map(|line| line.split("password: \"").nth(1)).unwrap();
        let password = password.split('"').next().unwrap();
        assert_eq!(password.len(), 24, "{config}");
        assert!(!format!("{server:?}").contains(password));
    }
}
