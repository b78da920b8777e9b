//! The flags of a drive: how its run is driven, and how the server stores what belongs to it.

use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;

/// How a run is driven.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How the run is driven")]
pub struct RunOptions {
    /// Go on with a run whose driver ended before its tasks did
    #[arg(long, value_name = "RUN")]
    pub resume: Option<String>,

    /// The most tasks that may be on the server or with hosts at a time
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = RangedU64ValueParser::<usize>::new().range(1..=50_000))]
    pub window: usize,

    /// Give up once nothing has happened for this many seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = patience)]
    pub give_up: Duration,

    /// How the server stores tasks and results.
    #[command(flatten)]
    pub streams: StreamOptions,
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions {
            resume: None,
            window: 1000,
            give_up: Duration::from_secs(60),
            streams: StreamOptions::default(),
        }
    }
}

/// How the server stores tasks and results. Everybody who drives the same cluster must ask for the
/// same.
#[derive(Debug, Clone, Args)]
#[command(
    next_help_heading = "How the server stores the tasks (the first drive decides, and later ones must agree)"
)]
pub struct StreamOptions {
    /// Give a task to another host when its host has been silent for this many seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = patience)]
    pub ack_wait: Duration,

    /// How many servers keep a copy of each task and each result
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub replicas: u8,
}

impl Default for StreamOptions {
    fn default() -> Self {
        StreamOptions { ack_wait: Duration::from_secs(10), replicas: 1 }
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    match step::seconds(text)? {
        short if short < Duration::from_millis(100) => {
            Err("expected at least 0.1 seconds".to_owned())
        }
        time => Ok(time),
    }
}
