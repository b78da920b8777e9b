//! The flags of `drive` and `work`, and what a host needs to know of them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use cluster::{Host, RunOptions, Server};
use pictures::args::{self, Output, Source};
use pictures::download::ClientLimits;
use serde::{Deserialize, Serialize};

/// What the help of `drive` ends with.
pub(crate) const REACH: &str = "\
Which flags reach which hosts:
  --io-workers, --workers   the hosts of --local, and nobody else
  --timeout, --stall, --attempts, --max-megabytes, --per-host
                            the hosts of --local, and the driver itself while it looks for links
  --ack-wait, --replicas    every host, because the server applies them
  --server, --cluster, --user, --creds, --nkey, --ca, --cert, --key
                            the driver alone; the hosts of --local get the server that --local starts
  all others                the driver alone

A host elsewhere knows none of these flags. Give its own to `work`, with the same --server and --cluster.";

#[derive(Args)]
pub(crate) struct Drive {
    /// Do everything on this machine, with a NATS server of its own and this many hosts (1 to 64)
    #[arg(long, value_name = "HOSTS", conflicts_with = "resume")]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    pub(crate) local: Option<usize>,
    #[command(flatten)]
    pub(crate) size: HostSize,
    /// Where the trace of the run goes [default: target/timelines/11_cluster.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) timeline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) options: RunOptions,
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) limits: args::Limits,
}

#[derive(Args)]
pub(crate) struct Work {
    /// What this host is called [default: the machine's name and a process number]
    #[arg(long, value_name = "NAME", default_value_t = Host::default_name(), hide_default_value = true)]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) size: HostSize,
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) limits: args::Limits,
}

/// How many workers a host has.
#[derive(Clone, Copy, Args, Serialize, Deserialize)]
pub(crate) struct HostSize {
    /// How many pictures a host downloads at a time
    #[arg(long, value_name = "N", default_value = "32", value_parser = step::workers)]
    pub(crate) io_workers: usize,
    /// How many pictures a host processes at a time [default: one per core]
    #[arg(long, value_name = "N", default_value_t = num_cpus::get(), hide_default_value = true, value_parser = step::workers)]
    pub(crate) workers: usize,
}

/// What a host needs to know. For a local one it travels to another process.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) server: Server,
    pub(crate) size: HostSize,
    pub(crate) limits: ClientLimits,
}

impl Settings {
    pub(crate) fn new(name: &str, server: &Server, size: HostSize, limits: &args::Limits) -> Self {
        let limits = limits.client(size.io_workers).limits().clone();
        Settings { name: name.to_owned(), server: server.clone(), size, limits }
    }
}
