//! More than one machine: hosts take links from a server and give back thumbnails.
//!
//!     cargo run --release --features cluster --example 11_cluster -- drive --local 2 --fresh
//!
//! That does all of it on this machine, with a server of its own. Or, with a server at NATS_URL:
//!
//!     cargo run --release --features cluster --example 11_cluster -- work
//!     cargo run --release --features cluster --example 11_cluster -- drive --links my-links.txt
//!     cargo run --release --features cluster --example 11_cluster -- status

mod drive;
mod flags;
mod save;
mod work;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use cluster::{Cluster, Server};
use flags::{Drive, Settings, Work};
use hands::{output, print, println, process};

fn main() -> Result<ExitCode> {
    process::init(&[&work::HOST, &work::ALONE]);
    match Args::parse().command {
        Command::Drive(args) => return drive::drive(*args),
        Command::Work(Work { name, server, size, limits }) => {
            let settings = Settings::new(&name, &server, size, &limits);
            println!("{} task(s) done", work::work(&settings)?);
        }
        Command::Status(server) => print!("{}", Cluster::connect(&server)?.status()?),
    }
    Ok(output::exit_code())
}

/// Download and process on more than one machine: every picture becomes a gray, blurred thumbnail
/// of 128 by 128 pixels.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Give links to the hosts, and save what they make of them
    #[command(mut_arg("out", |out| out.default_value("processed-images")))]
    #[command(mut_arg("fresh", |fresh| fresh.conflicts_with("resume")))]
    #[command(mut_arg("io_workers", for_local_hosts), mut_arg("workers", for_local_hosts))]
    #[command(after_help = flags::REACH)]
    Drive(Box<Drive>),
    /// Be a host: download and process what any drive gives out, until Ctrl-C
    Work(Work),
    /// Show what waits, who works, who drives, and which links were given up
    Status(Server),
}

fn for_local_hosts(arg: clap::Arg) -> clap::Arg {
    arg.requires("local").help_heading("Each host of --local")
}
