//! The book on the reader's machine: pages, and runs of their steps, on loopback.
//!
//! - [`http`]: requests and answers, with a thread for each;
//! - [`guard`]: who may ask at all;
//! - [`pages`]: the built book, with a script that a static build does not have;
//! - [`changes`]: builds the book again when something in it has changed, and tells the pages;
//! - [`runs`]: which commands a page may run, and with which numbers;
//! - [`run`]: one run, from the build to its timeline;
//! - [`program`]: a program that a page watches while it is built and while it runs;
//! - [`sources`]: what a page may edit, and how it is saved;
//! - [`scratch`]: the copy of a step that the reader has changed, and how it is compiled;
//! - [`warm`]: builds the steps before they are asked for;
//! - [`book`]: what they share.

mod book;
mod changes;
mod guard;
mod http;
mod pages;
mod program;
mod run;
mod runs;
mod scratch;
mod sources;
mod warm;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use signal_hook::consts::TERM_SIGNALS;
use signal_hook::iterator::Signals;

use crate::{check, site};
use book::Book;
use http::{Refusal, Request};

/// How many ports are tried, from the one that was asked for.
const PORTS: u16 = 20;

/// Serves the book until Ctrl-C, and lets its pages run steps that take no longer than `limit`.
/// `warm_up` says whether the steps are built before they are asked for. `ready` gets its address.
pub(crate) fn serve(
    root: &Path,
    port: u16,
    limit: Duration,
    warm_up: bool,
    ready: impl FnOnce(&str),
) -> anyhow::Result<()> {
    let listener = listen(port)?;
    let sources = changes::look(root);
    check::warn(root)?;
    let site = site::build_apart(root)?;
    let book = Arc::new(Book::new(root, site, listener.local_addr()?, limit));
    changes::watch(Arc::clone(&book), sources);
    let address = format!("http://{}", book.address);
    let served = Arc::clone(&book);
    thread::spawn(move || {
        // A client that is gone before its turn is no reason to stop.
        for mut client in listener.incoming().flatten() {
            let book = Arc::clone(&served);
            thread::spawn(move || answer(&book, &mut client));
        }
    });
    let mut signals = Signals::new(TERM_SIGNALS).context("cannot wait for Ctrl-C")?;
    ready(&address);
    if warm_up {
        warm::up(Arc::clone(&book));
    }
    signals.forever().next();
    book.end(); // open runs and pages end with it
    Ok(())
}

/// Answers one request.
fn answer(book: &Book, client: &mut TcpStream) {
    let asked = http::read(client, sources::holds_text);
    if let Err(Refusal::Status(status, why)) = asked.and_then(|asked| route(book, &asked, client)) {
        http::refuse(client, status, &why).ok(); // or it is gone
    }
}

fn route(book: &Book, request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    guard::check(book, request)?;
    match (&*request.method, &*request.path) {
        ("GET", "/-/changes") => changes::tell(book, client),
        ("GET", "/-/runs") => http::send_json(client, request, &runs::list(book)?),
        ("GET", "/-/progress") => runs::send_progress(book, request, client),
        ("POST", "/-/run") => run::answer(book, request, client),
        ("POST", "/-/stop") => {
            book.kill();
            http::send(client, request, 200, &[], &[])
        }
        ("POST", "/-/source") => sources::send(book, request, client),
        ("POST", "/-/save") => sources::save(book, request, client),
        ("POST", "/-/compare") => sources::compare(request, client),
        ("GET" | "HEAD", path) if path.starts_with("/-/") => pages::send_part(request, client),
        ("GET" | "HEAD", _) => pages::send(book, request, client),
        _ => Err(Refusal::new(405, "this address takes no such request\n")),
    }
}

/// The first port that is free, from this one on. Zero stands for any.
fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let last = if port == 0 { 0 } else { port.saturating_add(PORTS - 1) };
    let mut refused = None;
    for port in port..=last {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.expect("at least one was tried")).with_context(|| {
        format!("no port from {port} to {last} of 127.0.0.1 is free: give --port N")
    })
}
