//@ refused: at the same time
// One thread makes all thumbnails.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hands::pool::ThreadPool;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub workers: usize,
    pub waiting: usize,
    pub deadline: Duration,
}

pub struct Server {
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    door: JoinHandle<()>,
}

impl Server {
    pub fn start(
        listener: TcpListener,
        limits: Limits,
        make: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Server {
        let address = listener.local_addr().expect("it listens somewhere");
        let is_stopping = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&is_stopping);
        let door = thread::spawn(move || serve(&listener, limits, &make, &stopping));
        Server { address, is_stopping, door }
    }

    pub fn stop(self) {
        self.is_stopping.store(true, SeqCst);
        let _ = TcpStream::connect(self.address); // so that `accept` returns and sees it
        self.door.join().expect("it doesn't panic");
    }
}

/// A request that has been let in. Its client and its task share it, and it's gone once both have
/// let it go. All of them together are as many as there are clones of what is inside.
struct Place(#[expect(dead_code, reason = "it is only counted")] Arc<()>);

/// The scope ends once all of its threads have ended: those of the clients, and those of the pool.
fn serve(
    listener: &TcpListener,
    limits: Limits,
    make: &(impl Fn(&str) -> Vec<u8> + Sync),
    is_stopping: &AtomicBool,
) {
    let all_places = Arc::new(());
    thread::scope(|s| {
        let pool = Arc::new(ThreadPool::scoped(s, 1).expect("the threads start"));
        for stream in listener.incoming() {
            if is_stopping.load(SeqCst) {
                break;
            }
            let Ok(stream) = stream else { continue };
            let deadline = Instant::now() + limits.deadline;
            if Arc::strong_count(&all_places) > limits.workers + limits.waiting {
                reply(&stream, 503, b"");
                continue;
            }
            let (place, pool) = (Arc::new(Place(Arc::clone(&all_places))), Arc::clone(&pool));
            s.spawn(move || {
                let body = thumbnail(&stream, deadline, &pool, Arc::clone(&place), make);
                match body {
                    Ok(body) => reply(&stream, 200, &body),
                    Err(status) => reply(&stream, status, b""),
                }
                drop(place);
            });
        }
    });
}

/// The thumbnail that a client asks for, or the status of its reply.
fn thumbnail<'s>(
    stream: &TcpStream,
    deadline: Instant,
    pool: &ThreadPool<'s>,
    place: Arc<Place>,
    make: &'s (impl Fn(&str) -> Vec<u8> + Sync),
) -> Result<Vec<u8>, u16> {
    let name = request(Until(stream, deadline)).map_err(|_| 504_u16)?;
    let task = move |name: String| {
        let _place = place;
        (Instant::now() < deadline).then(|| make(&name))
    };
    match pool.submit(task, name).join_timeout(left(deadline)) {
        Ok(Ok(made)) => made.ok_or(504),
        Ok(Err(_panicked)) => Err(500),
        Err(_still_running) => Err(504),
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// A stream that can be read until its deadline: the time-out of a socket begins anew with each
/// read.
struct Until<'a>(&'a TcpStream, Instant);

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = self.0;
        // An error if no time is left: nobody can wait for zero seconds.
        stream.set_read_timeout(Some(left(self.1)))?;
        stream.read(buffer)
    }
}

/// Reads what a client asks for: `cat.png`, if its first line is `GET /cat.png HTTP/1.1`.
fn request(stream: impl Read) -> io::Result<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
    for line in lines {
        if line?.is_empty() {
            break; // the end of the head
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    Ok(path.trim_start_matches('/').to_owned())
}

/// Writes a reply. A client that has gone is no reason to worry.
fn reply(mut stream: &TcpStream, status: u16, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} \r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let _ = stream.shutdown(Shutdown::Write);
}
