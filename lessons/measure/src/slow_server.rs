//! A server on this machine that thinks a while before it answers.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;
use rustix::net::listen;

/// How many clients may wait to be accepted. The standard library asks for 128, and any client
/// beyond that only tries again after a second.
const WAITING: i32 = 1024;

/// How long a thread waits that can't accept: no file descriptor is left, and soon there will be
/// one.
const NO_DESCRIPTOR: Duration = Duration::from_millis(20);

/// A server on loopback, in a process of its own so that its work isn't counted as ours. It reads
/// nothing: it accepts a connection, waits, answers `done` and closes. It serves a fixed number of
/// clients at a time, and others queue until one of those has its answer.
///
/// Dropping it ends the server.
#[derive(Debug)]
pub struct SlowServer {
    address: SocketAddr,
    _process: ProcessPool,
}

impl SlowServer {
    /// What the server's process runs: pass it to [`hands::process::init`].
    pub const SERVE: Task<(Duration, usize), Result<SocketAddr, String>> =
        Task::new("slow_server", |(latency, at_once)| {
            serve(latency, at_once).map_err(|error| error.to_string())
        });

    /// Starts a server that waits for `latency` before each answer, and works on `at_once` requests
    /// at a time. Once this returns, the server takes requests.
    ///
    /// # Errors
    ///
    /// If its process or its threads can't be started, or there is no loopback network.
    pub fn start(latency: Duration, at_once: usize) -> io::Result<Self> {
        let process = ProcessPool::new(1)?;
        let address = process.submit(&Self::SERVE, (latency, at_once)).join();
        let address = address.map_err(|failure| failure.to_string()).and_then(|address| address);
        let error = |reason| {
            let threads = format!("a thread for each of the {at_once} that it answers at a time");
            io::Error::other(format!("the slow server cannot be started, with {threads}: {reason}"))
        };
        Ok(SlowServer { address: address.map_err(error)?, _process: process })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Starts the threads that serve, and returns the address. They end with their process.
fn serve(latency: Duration, at_once: usize) -> io::Result<SocketAddr> {
    let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    listen(&listener, WAITING)?;
    for _ in 0..at_once {
        let listener = Arc::clone(&listener);
        thread::Builder::new().stack_size(64 << 10).spawn(move || {
            loop {
                let Ok((mut client, _)) = listener.accept() else {
                    thread::sleep(NO_DESCRIPTOR);
                    continue;
                };
                thread::sleep(latency);
                let _ = client.write_all(b"done"); // a client that has gone away doesn't matter
            }
        })?;
    }
    listener.local_addr()
}
