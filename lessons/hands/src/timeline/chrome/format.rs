//! The Chrome trace-event format, as far as a trace needs it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::timeline::entries::{LockWait, TaskId};

/// The object form of the format. Viewers read `traceEvents`, and the rest is for us.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    pub(super) trace_events: Vec<Event>,
    #[serde(default)]
    pub(super) display_time_unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Our own is a [`Run`].
    pub(super) other_data: Option<Value>,
}

/// What the format doesn't know.
#[derive(Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) step: String,
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) sections: Vec<Part>,
    pub(super) dropped: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) elsewhere: Option<Micros>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) start: Micros,
    pub(super) end: Micros,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) elsewhere: Option<Micros>,
}

/// An event of any kind: `M` names a row, `X` is a span, `i` is a moment. Other programs also write
/// `B` and `E`, the two ends of a span, and kinds that we pass over.
#[derive(Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) ph: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cat: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ts: Option<Micros>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dur: Option<Micros>,
    /// How much of `dur` the thread computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tdur: Option<Micros>,
    #[serde(default, deserialize_with = "id")]
    pub(super) pid: u32,
    #[serde(default, deserialize_with = "id")]
    pub(super) tid: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) s: Option<String>,
    #[serde(default, deserialize_with = "args", skip_serializing_if = "Args::is_empty")]
    pub(super) args: Args,
}

/// What our own events say beyond the format.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Args {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) section: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overhead: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delayed: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) variable: Option<bool>,
    #[serde(flatten)]
    pub(super) task: Option<TaskId>,
    #[serde(flatten)]
    pub(super) waits_for: Option<LockWait>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stolen_from: Option<String>,
}

impl Args {
    fn is_empty(&self) -> bool {
        *self == Args::default()
    }
}

/// A number, or a text that others use as the id of a process or thread.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let hashed = || {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish() as u32
    };
    Ok(text.parse().unwrap_or_else(|_| hashed()))
}

/// Ours, or none: other programs say what they like there.
fn args<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Args, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Microseconds, with nanoseconds as decimals.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Micros(f64);

impl From<Duration> for Micros {
    fn from(time: Duration) -> Self {
        Micros(time.as_nanos() as f64 / 1000.0)
    }
}

impl From<Micros> for Duration {
    fn from(Micros(time): Micros) -> Self {
        Duration::from_nanos((time.max(0.0) * 1000.0).round() as u64)
    }
}
