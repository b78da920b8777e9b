//! A call that blocks looks at no token. Give it a time limit of its own: whatever is left of the
//! token's.
//!
//!     cargo run --example 04c_blocking

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use hands::cancel::{self, Token};
use hands::pool::ThreadPool;
use hands::println;
use hands::timeline::span;

// ANCHOR: main
fn main() -> Result<()> {
    let Args { seconds, run } = Args::parse();
    let run = step::Run::start("04c_blocking", run);
    let silent = TcpListener::bind("127.0.0.1:0")?; // lets everybody in, and never says a word
    let address = silent.local_addr()?;

    let pool = ThreadPool::new(2)?;
    let token = Token::new().with_timeout(seconds);
    let reading = pool.token(&token).submit(read, address);
    let getting = pool.token(&token).submit(get, address);
    println!("A socket: {:#}", reading.join()?.expect_err("it never answers"));
    println!("A request: {:#}", getting.join()?.expect_err("it never answers"));
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: socket
fn read(address: SocketAddr) -> Result<u8> {
    let token = cancel::current();
    let _span = span("read");
    let mut socket = TcpStream::connect_timeout(&address, time_left(&token)?)?;
    let mut byte = [0];
    socket.set_read_timeout(Some(time_left(&token)?))?; // before each read: less is left each time
    socket.read_exact(&mut byte).context("nothing came in time")?;
    Ok(byte[0])
}

fn time_left(token: &Token) -> Result<Duration> {
    token.check()?; // a limit of zero would be no limit
    Ok(token.time_left().unwrap_or(Duration::from_secs(60)).max(Duration::from_millis(1)))
}
// ANCHOR_END: socket

// ANCHOR: ureq
fn get(address: SocketAddr) -> Result<String> {
    let token = cancel::current();
    let _span = span("get");
    let request = ureq::get(format!("http://{address}/")).config();
    let request = request.timeout_global(Some(time_left(&token)?)).build();
    let mut answer = request.call().context("no answer in time")?;
    Ok(answer.body_mut().read_to_string()?)
}
// ANCHOR_END: ureq

/// A call that blocks looks at no token: two of them, of a server that never answers, each with a
/// time limit.
#[derive(Parser)]
struct Args {
    /// The time limit, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", value_parser = step::seconds)]
    seconds: Duration,
    #[command(flatten)]
    run: step::RunArgs,
}
