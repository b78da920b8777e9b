//! A server on this machine that thinks a while before it answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use lessons::process::{Process, Task};
use rustix::net::listen;

/// How many clients may wait to be accepted. The standard library asks for 128, and a client beyond that
/// tries again after a second.
const WAITING: i32 = 1024;

/// A server on loopback, in a process of its own, so that its work is not counted as ours. It reads nothing:
/// it accepts a connection, waits, answers `done` and closes. Each connection waits on a thread of its own,
/// so any number of them can wait at once.
///
/// Dropping it ends it.
#[derive(Debug)]
pub struct SlowServer {
    address: SocketAddr,
    _process: Process<Result<(), String>>,
}

impl SlowServer {
    /// What the server's process runs: name it to [`lessons::process::init`].
    pub const SERVE: Task<(SocketAddr, Duration), Result<(), String>> =
        Task::new("slow_server", |(parent, latency)| {
            serve(parent, latency).map_err(|error| error.to_string())
        });

    /// Starts a server that waits for `latency` before each answer, and returns once it can be asked.
    ///
    /// # Errors
    ///
    /// If its process cannot be started, or there is no loopback network.
    pub fn start(latency: Duration) -> io::Result<Self> {
        let wait_here = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let process = Process::spawn(&Self::SERVE, (wait_here.local_addr()?, latency))?;
        let mut port = [0; 2];
        wait_here.accept()?.0.read_exact(&mut port)?;
        let address = (Ipv4Addr::LOCALHOST, u16::from_be_bytes(port)).into();
        Ok(SlowServer { address, _process: process })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Tells the parent its port, and serves until it is killed.
fn serve(parent: SocketAddr, latency: Duration) -> io::Result<()> {
    let mut parent = TcpStream::connect(parent)?; // first: the parent notices if this ends
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listen(&listener, WAITING)?;
    parent.write_all(&listener.local_addr()?.port().to_be_bytes())?;
    drop(parent);
    for client in listener.incoming() {
        let mut client = client?;
        thread::Builder::new().spawn(move || {
            thread::sleep(latency);
            client.write_all(b"done") // a client that has gone is none of our business
        })?;
    }
    Ok(())
}
