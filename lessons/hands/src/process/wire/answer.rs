//! What a worker sends: results, and notes about everything else.

use serde::{Deserialize, Serialize};

use super::value::{begin, encode, end};
use crate::codec;
use crate::failure::Failure;
use crate::panics::Panicked;
use crate::timeline;

/// What a worker sends.
#[derive(Debug)]
pub(crate) enum Answer<'f> {
    /// What the next task returned, encoded.
    Value(&'f [u8]),
    /// Why the next task failed.
    Failure(Failure),
    /// Anything else.
    Note(Note),
}

/// What a worker says, other than a result.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Note {
    /// It has started, and knows these tasks.
    Hello(Vec<String>),
    /// The next task panicked.
    Panicked(Panicked),
    /// The input or the result of the next task can't be decoded or encoded.
    Codec(String),
    /// The next task was cancelled before it was begun.
    Cancelled,
    /// It won't run these `count` chunks, because the one before them takes long. It hasn't begun
    /// them.
    GivenBack {
        /// The number of the first of them. Each worker's chunks are counted from 0.
        first: u64,
        /// How many.
        count: u32,
    },
    /// The spans since the last report.
    Recorded(timeline::Report),
}

const VALUE: u8 = 0;
const NOTE: u8 = 1;

impl<'f> Answer<'f> {
    /// Reads a frame that [`put_value`] or [`put_note`] has written. `None` if it's another one.
    pub(crate) fn parse(frame: &'f [u8]) -> Option<Self> {
        let note = match frame.split_first()? {
            (&VALUE, value) => return Some(Answer::Value(value)),
            (&NOTE, note) => codec::decode(note).ok()?,
            _ => return None,
        };
        Some(match note {
            Note::Panicked(panicked) => Answer::Failure(Failure::Panicked(panicked)),
            Note::Codec(reason) => Answer::Failure(Failure::Codec { reason }),
            Note::Cancelled => Answer::Failure(Failure::Cancelled),
            note => Answer::Note(note),
        })
    }
}

/// Appends the answer with a result. If that fails, `out` is as before.
pub(in crate::process) fn put_value<R: Serialize>(
    result: &R,
    out: &mut Vec<u8>,
) -> Result<(), codec::Error> {
    put(VALUE, result, out)
}

/// Appends the answer with a note.
pub(in crate::process) fn put_note(note: &Note, out: &mut Vec<u8>) {
    put(NOTE, note, out).expect("a note consists of texts and numbers");
}

fn put<T: Serialize>(kind: u8, value: &T, out: &mut Vec<u8>) -> Result<(), codec::Error> {
    let start = begin(out);
    out.push(kind);
    let encoded = encode(value, out);
    match encoded {
        Ok(()) => end(out, start),
        Err(_) => out.truncate(start),
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::process::wire::frames::Frames;
    use crate::process::wire::value::Stubborn;

    #[test]
    fn a_result_that_cannot_be_encoded_leaves_no_trace() {
        let mut out = vec![1];
        assert!(put_value(&Stubborn, &mut out).is_err());
        assert_eq!(out, [1]);
    }

    #[test]
    fn answers_arrive_whole_however_they_are_cut() {
        let mut out = Vec::new();
        put_value(&7_u8, &mut out).unwrap();
        put_note(&Note::GivenBack { first: 3, count: 2 }, &mut out);
        put_value(&vec![1_u8; 200_000], &mut out).unwrap();
        for part in [1000, 60_000] {
            let (a, b) = UnixStream::pair().unwrap();
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for part in out.chunks(part) {
                (&a).write_all(part).unwrap();
                assert!(frames.fill(&b).unwrap());
                while let Some(frame) = frames.next() {
                    seen.push(match Answer::parse(frame).unwrap() {
                        Answer::Value(value) => value.len().to_string(),
                        other => format!("{other:?}"),
                    });
                }
            }
            assert_eq!(seen, ["2", "Note(GivenBack { first: 3, count: 2 })", "200006"]);
        }
    }
}
