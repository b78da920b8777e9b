//! A NATS server for tests, which can be killed and started again on the same store.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use harness::wait_for;
use serde_json::json;
use tempfile::TempDir;

/// On loopback, with JetStream and a store of its own.
pub(crate) struct Nats {
    address: String,
    folder: TempDir,
    child: Child,
}

impl Nats {
    pub(crate) fn start() -> Nats {
        Nats::with("jetstream { store_dir: STORE }")
    }

    /// A server with these settings, in which STORE stands for a folder of its own.
    pub(crate) fn with(settings: &str) -> Nats {
        // A port that was free a moment ago. A server that is started again must get the same one.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Nats::at(&free.to_string(), settings)
    }

    /// A cluster of three servers, which keep streams together.
    pub(crate) fn three() -> [Nats; 3] {
        // All at the same time, because the system may give out a port that was closed again.
        let free = [(); 6].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = free.each_ref().map(|listener| listener.local_addr().unwrap().port());
        drop(free);
        let routes = ports[3..].iter().map(|port| format!("nats://127.0.0.1:{port}"));
        let routes = routes.collect::<Vec<_>>().join(", ");
        let servers = [0, 1, 2].map(|n| {
            let settings = format!(
                "server_name: n{n}\njetstream {{ store_dir: STORE }}\n\
                 cluster {{ name: three, listen: \"127.0.0.1:{}\", routes: [{routes}] }}",
                ports[n + 3]
            );
            Nats::at(&format!("127.0.0.1:{}", ports[n]), &settings)
        });
        // They may have a leader before the third one has joined, and then nothing can be kept
        // three times.
        let probe =
            json!({ "name": "probe", "subjects": ["probe"], "num_replicas": 3 }).to_string();
        wait_for("three servers", || {
            let created = servers[0].try_ask("$JS.API.STREAM.CREATE.probe", &probe)?;
            (!created.contains("\"error\"")).then_some(())
        });
        servers[0].ask("$JS.API.STREAM.DELETE.probe", "");
        servers
    }

    pub(crate) fn at(address: &str, settings: &str) -> Nats {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("\"{}\"", folder.path().join("store").display());
        let settings = format!("listen: \"{address}\"\n{}\n", settings.replace("STORE", &store));
        fs::write(folder.path().join("config"), settings).unwrap();
        let child = start(folder.path(), address);
        Nats { address: address.to_owned(), folder, child }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, on the same store and at the same address.
    pub(crate) fn start_again(&mut self) {
        self.child = start(self.folder.path(), &self.address);
    }

    /// Asks JetStream something, in NATS's own protocol.
    pub(crate) fn ask(&self, subject: &str, what: &str) -> String {
        self.try_ask(subject, what).expect("an answer")
    }

    /// Opens a detour to the server for one client. Once the client has said `word`, it hears
    /// nothing any more; once it has said it `times` times, it is cut off. If it may come back, all
    /// is well then. Returns the address of the detour and a count of how often the word was said.
    pub(crate) fn cut_off_when_it_says(
        &self,
        word: &'static str,
        times: usize,
        comes_back: bool,
    ) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let (address, said) = (self.address.clone(), Arc::<AtomicUsize>::default());
        let count = Arc::clone(&said);
        thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let listener = comes_back.then_some(listener); // or nobody can come back
            let server = || TcpStream::connect(&address);
            carry(client, server().unwrap(), word, &count, Some(times));
            let again = listener.iter().flat_map(TcpListener::incoming).map_while(Result::ok);
            for client in again {
                let Ok(server) = server() else { return };
                carry(client, server, word, &count, None);
            }
        });
        (url, said)
    }

    /// The first messages on this subject.
    pub(crate) fn hear(&self, subject: &str, times: usize) -> Vec<String> {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let subscribe = format!("CONNECT {{\"verbose\":false}}\r\nSUB {subject} 1\r\n");
        connection.write_all(subscribe.as_bytes()).unwrap();
        let lines = BufReader::new(connection).lines().map(|line| line.expect("more is said"));
        lines.filter(|line| line.starts_with('{')).take(times).collect()
    }

    fn try_ask(&self, subject: &str, what: &str) -> Option<String> {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let request = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB {subject} answer {}\r\n{what}\r\n",
            what.len()
        );
        connection.write_all(request.as_bytes()).unwrap();
        let lines = BufReader::new(connection).lines().map_while(Result::ok);
        lines.skip_while(|line| !line.starts_with("MSG ")).nth(1)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Carries what the two say to each other, and counts how often the client says this word. If there
/// is a limit, the client gets no answer from the first time on, and is cut off at the limit.
fn carry(
    mut client: TcpStream,
    mut server: TcpStream,
    word: &str,
    count: &AtomicUsize,
    limit: Option<usize>,
) {
    let deaf = Arc::new(AtomicBool::new(false));
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let is_deaf = Arc::clone(&deaf);
    let answers = thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut chunk) {
            if !is_deaf.load(Ordering::SeqCst) && to.write_all(&chunk[..length]).is_err() {
                return;
            }
        }
        to.shutdown(Shutdown::Both).ok();
    });
    let (mut all, mut chunk, mut said) = (Vec::new(), [0; 4096], 0);
    while limit.is_none_or(|limit| said < limit)
        && let Ok(length @ 1..) = client.read(&mut chunk)
    {
        all.extend_from_slice(&chunk[..length]);
        let before = said;
        said = String::from_utf8_lossy(&all).matches(word).count();
        deaf.store(limit.is_some() && said > 0, Ordering::SeqCst);
        if server.write_all(&chunk[..length]).is_err() {
            break;
        }
        count.fetch_add(said - before, Ordering::SeqCst);
    }
    client.shutdown(Shutdown::Both).ok();
    server.shutdown(Shutdown::Write).ok(); // it reads the rest and closes the connection
    answers.join().ok();
}

fn start(folder: &Path, address: &str) -> Child {
    let log = fs::File::create(folder.join("log")).unwrap();
    let program = if Path::new("/usr/sbin/nats-server").exists() {
        "/usr/sbin/nats-server" // Debian's, which is not in every PATH
    } else {
        "nats-server"
    };
    let mut child = Command::new(program)
        .arg("--config")
        .arg(folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("nats-server is needed: tests/run installs it");
    wait_for("the NATS server", || {
        if let Some(status) = child.try_wait().unwrap() {
            panic!("it ended with {status}: {}", fs::read_to_string(folder.join("log")).unwrap());
        }
        // It says hello when it is ready.
        let hello = BufReader::new(TcpStream::connect(address).ok()?).lines().next()?.ok()?;
        hello.starts_with("INFO ").then_some(())
    });
    child
}
