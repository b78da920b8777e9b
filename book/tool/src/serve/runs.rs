//! Which commands a page may run: those that the book has recorded, with some of their numbers changed
//! within bounds, and the checks of challenges. A page sends a name and numbers, never a path and never code.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Book;
use crate::preprocess::Challenges;
use crate::record::{self, Recording};

/// What a page sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// That of an offer.
    name: String,
    /// The choices that were made, by their flag.
    #[serde(default)]
    choices: BTreeMap<String, serde_json::Value>,
}

/// One thing that the reader may choose.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    /// Without its dashes: `workers`.
    flag: &'static str,
    #[serde(flatten)]
    values: Values,
    /// What the recorded command has; without it, the step's own default.
    value: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Values {
    Number { least: f64, most: f64, step: f64 },
    Words(&'static [&'static str]),
}

/// The choices of each step.
fn choices(step: &str) -> &'static [(&'static str, Values)] {
    const SECONDS: Values = Values::Number { least: 0.0, most: 5.0, step: 0.1 };
    const WORKERS: Values = Values::Number { least: 1.0, most: 64.0, step: 1.0 };
    const HOSTS: Values = Values::Number { least: 1.0, most: 8.0, step: 1.0 };
    const KIND: Values = Values::Words(&["threads", "processes"]);
    const LATENCY: Values = Values::Number { least: 0.0, most: 2000.0, step: 50.0 };
    match step {
        "01_sync" | "02_process" | "02b_threads" | "02c_spawn" => &[("seconds", SECONDS)],
        "03_pool" | "04_futures" => &[("kind", KIND), ("workers", WORKERS), ("seconds", SECONDS)],
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
}

/// What a page may have.
pub(super) enum Granted {
    /// A step, with these arguments.
    Step(Box<Recording>, Vec<String>),
    /// The check of the challenge of this name, on the reader's own file.
    Challenge(String),
}

fn of_challenge(name: &str) -> Offer {
    let command = format!("$ cargo challenge {name}");
    Offer { name: format!("challenge {name}"), command, choices: Vec::new(), verb: "Check" }
}

fn of_step(recording: &Recording) -> Option<Offer> {
    if recording.needs_gallery() {
        return None; // nobody serves one here
    }
    let given = |flag: &str| {
        let args = recording.args();
        let at = args.iter().position(|arg| arg.strip_prefix("--") == Some(flag))?;
        args.get(at + 1).cloned()
    };
    let choices = choices(recording.step()?).iter();
    let choices = choices.map(|&(flag, values)| Choice { flag, values, value: given(flag) });
    Some(Offer {
        name: recording.name().to_owned(),
        command: recording.command(),
        choices: choices.collect(),
        verb: "Run",
    })
}

/// All that may be run.
pub(super) async fn list(
    State(book): State<Arc<Book>>,
) -> Result<Json<Vec<Offer>>, (StatusCode, String)> {
    let steps = record::recordings(&book.root).map_err(failed)?;
    let challenges = challenges(&book)?;
    let offers = steps.iter().filter_map(of_step);
    Ok(Json(offers.chain(challenges.iter().map(|name| of_challenge(name))).collect()))
}

fn challenges(book: &Book) -> Result<Vec<String>, (StatusCode, String)> {
    Challenges::names(&book.root)
        .map_err(|found| failed(format!("challenges.toml, line {}: {}", found[0].0, found[0].1)))
}

fn failed(error: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n"))
}

/// What is wished for, if it may be had.
pub(super) fn granted(book: &Book, wish: &Wish) -> Result<Granted, (StatusCode, String)> {
    let unknown = || (StatusCode::NOT_FOUND, "the book has no such run\n".to_owned());
    if let Some(name) = wish.name.strip_prefix("challenge ") {
        if !wish.choices.is_empty() {
            let why = "a challenge has no choices\n".to_owned();
            return Err((StatusCode::UNPROCESSABLE_ENTITY, why));
        }
        let known = challenges(book)?.into_iter().find(|known| known == name);
        return known.map(Granted::Challenge).ok_or_else(unknown);
    }
    let all = record::recordings(&book.root).map_err(failed)?;
    let known = all.into_iter().find(|known| known.name() == wish.name);
    let (recording, offer) =
        known.and_then(|known| of_step(&known).map(|offer| (known, offer))).ok_or_else(unknown)?;
    let mut args = recording.args().to_vec();
    for (flag, value) in &wish.choices {
        let refused = |why: &str| {
            Err((StatusCode::UNPROCESSABLE_ENTITY, format!("{}: {why}\n", plain(flag))))
        };
        let Some(choice) = offer.choices.iter().find(|choice| choice.flag == flag) else {
            return refused("there is no such choice here");
        };
        let value = match (choice.values, value.as_f64(), value.as_str()) {
            (Values::Number { least, most, step }, Some(number), _) => {
                if !(least..=most).contains(&number) {
                    return refused(&format!("give a number from {least} to {most}"));
                }
                if step.fract() == 0.0 && number.fract() != 0.0 {
                    return refused("give a whole number");
                }
                number.to_string()
            }
            (Values::Words(words), _, Some(word)) if words.contains(&word) => word.to_owned(),
            (Values::Words(words), ..) => {
                return refused(&format!("give one of {}", words.join(", ")));
            }
            (Values::Number { .. }, None, _) => return refused("give a number"),
        };
        let flag = format!("--{flag}");
        match args.iter().position(|arg| *arg == flag) {
            Some(at) if at + 1 < args.len() => args[at + 1] = value,
            _ => args.extend([flag, value]),
        }
    }
    Ok(Granted::Step(Box::new(recording), args))
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}
