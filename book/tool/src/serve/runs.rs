//! Which commands a page may run: those that the book has recorded, with some of their numbers
//! changed within bounds, and the checks of challenges. A page sends a name and numbers, never a
//! path or code.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::TcpStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::http::{self, Refusal, Request};
use super::sources;
use crate::preprocess::Challenges;
use crate::record::{self, Asked, Recording};

/// What a page sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// The name of an offer.
    name: String,
    /// The values that were chosen, by their flag.
    #[serde(default)]
    choices: BTreeMap<String, serde_json::Value>,
    /// How many seconds the reader thinks that it takes.
    #[serde(default)]
    guess: Option<f64>,
    /// Whether the reader's scratch copy of the step is run.
    #[serde(default)]
    scratch: bool,
}

impl Wish {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_of_scratch(&self) -> bool {
        self.scratch
    }

    /// How long the reader thinks that it takes, if that is a time that a picture can show.
    pub(super) fn guess(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.guess?).ok().filter(|guess| guess.as_secs() <= 600)
    }
}

/// One thing that the reader may choose.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    /// Without its dashes: `workers`.
    flag: &'static str,
    #[serde(flatten)]
    values: Values,
    /// The value in the recorded command. Without one, the step has its own default.
    value: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Values {
    Number { least: f64, most: f64, step: f64 },
    Words(&'static [&'static str]),
}

/// What a reader may choose for a step.
fn choices(step: &str) -> &'static [(&'static str, Values)] {
    const SECONDS: Values = Values::Number { least: 0.0, most: 5.0, step: 0.1 };
    const WORKERS: Values = Values::Number { least: 1.0, most: 64.0, step: 1.0 };
    const HOSTS: Values = Values::Number { least: 1.0, most: 8.0, step: 1.0 };
    const KIND: Values = Values::Words(&["threads", "processes"]);
    const LATENCY: Values = Values::Number { least: 0.0, most: 2000.0, step: 50.0 };
    match step {
        "01_sync" | "02_process" | "02b_threads" | "02c_spawn" | "04c_blocking" => {
            &[("seconds", SECONDS)]
        }
        "03_pool" | "04_futures" | "04b_cancel" => {
            &[("kind", KIND), ("workers", WORKERS), ("seconds", SECONDS)]
        }
        "03b_by_hand" => &[("workers", WORKERS), ("seconds", SECONDS)],
        "08_downloader" | "09_images" | "09b_processes" => {
            &[("workers", WORKERS), ("latency", LATENCY)]
        }
        "10_pipeline" => &[("io-workers", WORKERS), ("workers", WORKERS), ("latency", LATENCY)],
        "11_cluster" => &[("local", HOSTS), ("io-workers", WORKERS), ("latency", LATENCY)],
        _ => &[],
    }
}

/// A command that may be run.
#[derive(Debug, Serialize)]
pub(crate) struct Offer {
    name: String,
    /// As the page shows it.
    command: String,
    choices: Vec<Choice>,
    /// What the button says.
    verb: &'static str,
    /// What the reader is asked before the first run.
    asks: Option<Asked>,
    /// What the page can edit: the name of the step, or that of the challenge.
    source: String,
}

/// What a page may have.
pub(super) enum Granted {
    /// A step, with these arguments.
    Step(Box<Recording>, Vec<String>),
    /// The check of the challenge of this name, on the reader's own file.
    Challenge(String),
}

impl Offer {
    fn for_challenge(name: &str) -> Offer {
        let command = format!("$ cargo challenge {name}");
        Offer {
            name: format!("challenge {name}"),
            source: format!("challenge {name}"),
            command,
            choices: Vec::new(),
            verb: "Check",
            asks: None,
        }
    }

    fn for_recording(recording: &Recording) -> Option<Offer> {
        if recording.gallery {
            return None; // nothing serves one here
        }
        let given = |flag: &str| {
            let args = &recording.args;
            let at = args.iter().position(|arg| arg.strip_prefix("--") == Some(flag))?;
            args.get(at + 1).cloned()
        };
        let step = recording.step()?;
        let choices = choices(step).iter();
        let choices = choices.map(|&(flag, values)| Choice { flag, values, value: given(flag) });
        Some(Offer {
            name: recording.name.clone(),
            command: recording.command(),
            choices: choices.collect(),
            verb: "Run",
            asks: None,
            source: step.to_owned(),
        })
    }
}

/// Everything that may be run.
pub(super) fn list(book: &Book) -> Result<Vec<Offer>, Refusal> {
    let recordings = record::recordings(&book.root).map_err(failed)?;
    let challenges = challenges(book)?;
    let offers = recordings.iter().filter_map(|recording| {
        let asks = Some(recording.asked(&book.root));
        Some(Offer { asks, ..Offer::for_recording(recording)? })
    });
    Ok(offers.chain(challenges.iter().map(|name| Offer::for_challenge(name))).collect())
}

/// Sends what `cargo challenge` keeps: a line for each challenge that is done. Empty if none is.
pub(super) fn send_progress(
    book: &Book,
    request: &Request,
    client: &mut TcpStream,
) -> Result<(), Refusal> {
    let text = std::fs::read(sources::answers(book).join("progress.txt")).unwrap_or_default();
    let headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")];
    http::send(client, request, 200, &headers, &text)
}

fn challenges(book: &Book) -> Result<Vec<String>, Refusal> {
    let entries = Challenges::entries(&book.root)
        .map_err(|found| failed(format!("challenges.toml, line {}: {}", found[0].0, found[0].1)))?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

fn failed(error: impl Display) -> Refusal {
    Refusal::new(500, format!("{error:#}\n"))
}

/// What a page wishes for, if it may have that.
pub(super) fn grant(book: &Book, wish: &Wish) -> Result<Granted, Refusal> {
    let unknown = || Refusal::new(404, "the book has no such run\n");
    if let Some(name) = wish.name.strip_prefix("challenge ") {
        if !wish.choices.is_empty() {
            return Err(Refusal::new(422, "a challenge has no choices\n"));
        }
        if wish.scratch {
            return Err(Refusal::new(422, "a challenge is checked on your own file\n"));
        }
        let known = challenges(book)?.into_iter().find(|known| known == name);
        return known.map(Granted::Challenge).ok_or_else(unknown);
    }
    let mut all = record::recordings(&book.root).map_err(failed)?.into_iter();
    let recording = all.find(|known| known.name == wish.name).ok_or_else(unknown)?;
    let offer = Offer::for_recording(&recording).ok_or_else(unknown)?;
    let mut args = recording.args.clone();
    for (flag, value) in &wish.choices {
        let choice = offer.choices.iter().find(|choice| choice.flag == flag);
        let value = choice
            .ok_or_else(|| "this run has no such choice".to_owned())
            .and_then(|choice| choice.values.check(value))
            .map_err(|why| Refusal::new(422, format!("{}: {why}\n", plain(flag))))?;
        let flag = format!("--{flag}");
        match args.iter().position(|arg| *arg == flag) {
            Some(at) if at + 1 < args.len() => args[at + 1] = value,
            _ => args.extend([flag, value]),
        }
    }
    Ok(Granted::Step(Box::new(recording), args))
}

impl Values {
    /// The value as an argument, or why it can't be one.
    fn check(self, value: &serde_json::Value) -> Result<String, String> {
        match (self, value.as_f64(), value.as_str()) {
            (Values::Number { least, most, step }, Some(number), _) => {
                if !(least..=most).contains(&number) {
                    return Err(format!("give a number from {least} to {most}"));
                }
                if step.fract() == 0.0 && number.fract() != 0.0 {
                    return Err("give a whole number".to_owned());
                }
                Ok(number.to_string())
            }
            (Values::Words(words), _, Some(word)) if words.contains(&word) => Ok(word.to_owned()),
            (Values::Words(words), ..) => Err(format!("give one of {}", words.join(", "))),
            (Values::Number { .. }, None, _) => Err("give a number".to_owned()),
        }
    }
}

/// As much of a stranger's text as may be shown.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}
