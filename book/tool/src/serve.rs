//! The book on the reader's machine: pages, and runs of their steps, on loopback.
//!
//! - [`guard`]: who may ask at all;
//! - [`pages`]: the built book, with a script that a static build does not have;
//! - [`changes`]: builds the book again when something in it has changed, and tells the pages;
//! - [`runs`]: which commands a page may run, and with which numbers;
//! - [`run`]: one run, from the build to its timeline.

mod changes;
mod guard;
mod pages;
mod run;
mod runs;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast};

/// A request is a name and some numbers.
const LARGEST_REQUEST: usize = 4096;
/// How many ports are tried, from the one that was asked for.
const PORTS: u16 = 20;

/// What all requests share.
pub(crate) struct Book {
    root: PathBuf,
    /// The pages as they are now.
    site: RwLock<TempDir>,
    address: SocketAddr,
    /// Only a page of ours knows it.
    token: String,
    /// One run at a time.
    turn: Arc<Semaphore>,
    /// How long it may take. Building is not counted.
    limit: Duration,
    changes: broadcast::Sender<()>,
}

/// Serves the book until Ctrl-C, and lets its pages run steps that take no longer than `limit`. `ready`
/// gets its address.
pub(crate) fn serve(
    root: &Path,
    port: u16,
    limit: Duration,
    ready: impl FnOnce(&str),
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the server cannot start its threads")?;
    runtime.block_on(async {
        let listener = listen(port).await?;
        let (changes, _) = broadcast::channel(16);
        crate::check::warn(root)?;
        let book = Arc::new(Book {
            root: root.to_owned(),
            site: RwLock::new(crate::site::build_apart(root)?),
            address: listener.local_addr()?,
            token: token(),
            turn: Arc::new(Semaphore::new(1)),
            limit,
            changes,
        });
        let _watch = changes::watch(&book)?;
        ready(&format!("http://{}", book.address));
        let stop = async { drop(tokio::signal::ctrl_c().await) };
        tokio::select! {
            served = axum::serve(listener, router(book)) => served.context("the server has failed"),
            () = stop => Ok(()), // open runs and pages end with it
        }
    })
}

pub(crate) fn router(book: Arc<Book>) -> Router {
    Router::new()
        .route("/-/live.js", get(pages::live))
        .route("/-/changes", get(changes::tell))
        .route("/-/runs", get(runs::list))
        .route("/-/run", post(run::run))
        .fallback(pages::page)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&book), guard::guard))
        .with_state(book)
}

/// The first port that is free, from this one on. Zero: any.
async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let mut refused = None;
    for port in port..=port.saturating_add(if port == 0 { 0 } else { PORTS - 1 }) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(error),
        }
    }
    let last = port.saturating_add(PORTS - 1);
    Err(refused.expect("at least one was tried")).with_context(|| {
        format!("no port from {port} to {last} of 127.0.0.1 is free: give --port N")
    })
}

/// Something that no other page can guess.
fn token() -> String {
    use std::hash::{BuildHasher, RandomState};
    // The keys of a new hasher come from the system's source of randomness.
    let words = [(); 4].map(|()| format!("{:016x}", RandomState::new().hash_one(0)));
    words.concat()
}
