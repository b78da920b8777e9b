//! What a reader is asked before a run, and how the run answers it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hands::timeline::{Span, Trace, row_order};
use serde::{Deserialize, Serialize};

/// A question that fits the run: `predict = { question = "…", speed_up = ["two", "one"] }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prediction {
    question: String,
    /// How long a part takes.
    seconds: Option<String>,
    /// How many times as fast the first part is as the second one.
    speed_up: Option<[String; 2]>,
    /// Which task of a part ends first.
    first: Option<String>,
    /// Of a part and a task: after which other one its worker begins it.
    after: Option<[String; 2]>,
    /// Which part takes the least time.
    #[serde(default)]
    quickest: bool,
    /// Which kind of worker computes most, each on average: `process`, not `process 1`.
    #[serde(default)]
    busiest: bool,
}

/// The question as a page asks it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Asked {
    question: String,
    /// What there is to choose from. If it is empty, the answer is a number of this unit.
    choices: Vec<String>,
    unit: &'static str,
}

/// What was asked for, as the run turned out.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Number(f64),
    Word(String),
}

impl Default for Prediction {
    fn default() -> Self {
        Prediction {
            question: "How many seconds will it take?".to_owned(),
            seconds: None,
            speed_up: None,
            first: None,
            after: None,
            quickest: false,
            busiest: false,
        }
    }
}

impl Prediction {
    /// The question, with what the recorded run offers to choose from.
    pub(super) fn asked(&self, recorded: &[Trace]) -> Asked {
        let tasks = |part: &str, except: &str| {
            let spans = named(recorded, part).into_iter().flat_map(Trace::spans);
            let names: BTreeSet<&str> = spans.map(|span| span.name.as_str()).collect();
            let mut names: Vec<&str> = names.into_iter().filter(|name| *name != except).collect();
            names.sort_by_key(|name| row_order(name));
            names.into_iter().map(str::to_owned).collect()
        };
        let choices: Vec<String> = if let Some(part) = &self.first {
            tasks(part, "")
        } else if let Some([part, task]) = &self.after {
            tasks(part, task)
        } else if self.quickest {
            recorded.iter().map(|part| part.name().to_owned()).collect()
        } else if self.busiest {
            let kinds = recorded.iter().flat_map(computed_by_kind).map(|(kind, _)| kind);
            kinds.collect::<BTreeSet<String>>().into_iter().collect()
        } else {
            Vec::new()
        };
        let unit = if self.speed_up.is_some() { "×" } else { "s" };
        Asked { question: self.question.clone(), choices, unit }
    }

    /// The answer that a run gives, in its parts. `None` if it doesn't.
    pub(super) fn answer(&self, parts: &[Trace]) -> Option<Answer> {
        let length = |name: &str| Some(named(parts, name)?.length().as_secs_f64());
        if let Some(part) = &self.seconds {
            return length(part).map(Answer::Number);
        }
        if let Some([fast, slow]) = &self.speed_up {
            return Some(Answer::Number(length(slow)? / length(fast)?.max(1e-9)));
        }
        let word = if let Some(part) = &self.first {
            let spans = named(parts, part)?.spans().iter();
            spans.min_by_key(|span| span.end)?.name.clone()
        } else if let Some([part, task]) = &self.after {
            let spans = named(parts, part)?.spans();
            let it = spans.iter().find(|span| span.name == *task)?;
            let is_before = |span: &&Span| span.row == it.row && span.end <= it.start;
            spans.iter().filter(is_before).max_by_key(|span| span.end)?.name.clone()
        } else if self.quickest && parts.len() > 1 {
            parts.iter().min_by_key(|part| part.length())?.name().to_owned()
        } else if self.busiest {
            parts.iter().flat_map(computed_by_kind).max_by_key(|(_, computed)| *computed)?.0
        } else if let [whole] = parts {
            return Some(Answer::Number(whole.length().as_secs_f64()));
        } else {
            return None;
        };
        Some(Answer::Word(word))
    }

    /// Whether the answer is one of several words.
    pub(super) fn has_choices(&self) -> bool {
        self.first.is_some() || self.after.is_some() || self.quickest || self.busiest
    }

    /// Whether the guess is the time that this part takes, of a run that has several or one.
    pub(super) fn is_length_of(&self, part: &str, is_whole: bool) -> bool {
        let asks_for_seconds = self.speed_up.is_none() && !self.has_choices();
        asks_for_seconds && self.seconds.as_ref().map_or(is_whole, |asked| asked == part)
    }
}

fn named<'t>(parts: &'t [Trace], name: &str) -> Option<&'t Trace> {
    parts.iter().find(|part| part.name() == name)
}

/// How long each kind of worker computed, on average.
fn computed_by_kind(part: &Trace) -> BTreeMap<String, Duration> {
    let mut kinds: BTreeMap<String, (u32, Duration)> = BTreeMap::new();
    for (row, time) in part.rows().iter().zip(part.summary().rows) {
        let kind = row_order(&row.name).0.trim_end();
        if let Some(computed) = time.computed
            && !time.busy.is_zero()
        {
            let (workers, sum) = kinds.entry(kind.to_owned()).or_default();
            (*workers, *sum) = (*workers + 1, *sum + computed);
        }
    }
    kinds.into_iter().map(|(kind, (workers, sum))| (kind, sum / workers)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Spans as (row, name, from, to, computed).
    fn part(name: &str, spans: &[(&str, &str, u64, u64, u64)], end: u64) -> Trace {
        let mut part = Trace::new(name, at(0), at(end));
        let rows: BTreeSet<&str> = spans.iter().map(|(row, ..)| *row).collect();
        let rows: Vec<&str> = rows.into_iter().collect();
        rows.iter().for_each(|row| {
            part.add_row(*row, 1);
        });
        for (row, name, from, to, computed) in spans {
            let row = rows.iter().position(|known| known == row).unwrap();
            part.add(Span::new(row, *name, at(*from), at(*to)).with_computed(at(*computed)));
        }
        part
    }

    fn prediction(text: &str) -> Prediction {
        toml::from_str(&format!("question = \"?\"\n{text}")).unwrap()
    }

    #[test]
    fn each_question_has_its_choices_and_its_answer() {
        let spans = [
            ("download 1", "sleep 1", 0, 1000, 10),
            ("process 1", "sleep 0.5", 0, 500, 400),
            ("process 1", "sleep 10", 500, 4000, 10),
        ];
        let parts = [part("one", &spans, 4000), part("two", &spans, 2000)];
        let word = |text: &str| Some(Answer::Word(text.to_owned()));
        for (declared, choices, answer) in [
            ("seconds = \"two\"", "", Some(Answer::Number(2.0))),
            ("speed_up = [\"two\", \"one\"]", "", Some(Answer::Number(2.0))),
            ("first = \"one\"", "sleep 1, sleep 10, sleep 0.5", word("sleep 0.5")),
            ("after = [\"one\", \"sleep 10\"]", "sleep 1, sleep 0.5", word("sleep 0.5")),
            ("quickest = true", "one, two", word("two")),
            ("busiest = true", "download, process", word("process")),
            ("", "", None),
            ("first = \"three\"", "", None),
        ] {
            let prediction = prediction(declared);
            assert_eq!(prediction.asked(&parts).choices.join(", "), choices, "{declared}");
            assert_eq!(prediction.answer(&parts), answer, "{declared}");
        }
    }

    #[test]
    fn without_a_question_of_its_own_it_is_asked_how_long_it_takes() {
        let whole = [part("01_sync", &[("main", "sleep 1", 0, 1000, 0)], 1000)];
        let asked = Prediction::default().asked(&whole);
        assert_eq!((asked.choices.len(), asked.unit), (0, "s"));
        assert_eq!(Prediction::default().answer(&whole), Some(Answer::Number(1.0)));
    }

    #[test]
    fn a_guess_of_seconds_is_drawn_where_they_pass() {
        assert!(Prediction::default().is_length_of("01_sync", true));
        assert!(!Prediction::default().is_length_of("map", false));
        assert!(prediction("seconds = \"ten\"").is_length_of("ten", false));
        assert!(!prediction("seconds = \"ten\"").is_length_of("one", false));
        assert!(!prediction("quickest = true").is_length_of("01_sync", true));
    }
}
