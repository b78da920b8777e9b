//! What the parent sends: chunks of inputs.

use std::time::Instant;

use serde::Serialize;

use super::deadline::Deadline;
use super::frames::FRAME;
use super::value::{begin, encode, end, split_u32, split_value};
use crate::failure::Failure;
use crate::timeline;

/// A chunk of inputs, encoded and ready to be sent: one frame, or several if they are long.
#[derive(Debug)]
pub(crate) struct EncodedChunk {
    bytes: Vec<u8>,
    tasks: usize,
    /// Where the frame that is being filled begins, and how many inputs it holds.
    frame: usize,
    in_frame: u32,
    /// Where the last frame that holds an input begins.
    last: usize,
    header: Header,
}

/// What a frame of inputs begins with. The inputs follow, each with its length before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::process) struct Header {
    /// Which of the registered tasks.
    pub(in crate::process) task: u32,
    /// How many inputs.
    pub(in crate::process) tasks: u32,
    /// The number of the first of them.
    pub(in crate::process) first: u64,
    /// Whether a chunk begins with this frame.
    pub(in crate::process) begins: bool,
    /// Whether a chunk ends with this frame.
    pub(in crate::process) ends: bool,
    /// Whether the parent wants to know about spans.
    pub(in crate::process) record: bool,
    /// When the tasks are cancelled, if not before.
    pub(in crate::process) deadline: Option<Deadline>,
}

/// Where in a frame the flags are, after its length and three numbers; and what they mean.
const FLAGS: usize = 4 + 4 + 4 + 8;
const BEGINS: u8 = 1;
const ENDS: u8 = 2;
const RECORD: u8 = 4;

impl EncodedChunk {
    /// An empty chunk for the registered task of number `task`. The first input will have the
    /// number `first`. All are cancelled at `deadline`, if not before.
    pub(crate) fn new(task: u32, first: usize, deadline: Option<Instant>) -> Self {
        let record = timeline::is_recording();
        let deadline = deadline.map(Deadline::at);
        let first = first as u64;
        let header = Header { task, tasks: 0, first, begins: true, ends: true, record, deadline };
        EncodedChunk { bytes: Vec::new(), tasks: 0, frame: 0, in_frame: 0, last: 0, header }
    }

    /// How many inputs there are.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    /// All frames.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds an input, or says why it can't be sent.
    pub(crate) fn push<A: Serialize>(&mut self, input: &A) -> Result<(), Failure> {
        let before = self.bytes.len();
        self.make_room();
        let start = begin(&mut self.bytes);
        if let Err(error) = encode(input, &mut self.bytes) {
            self.bytes.truncate(before);
            return Err(Failure::Codec { reason: format!("its input: {error}") });
        }
        end(&mut self.bytes, start);
        self.note_one();
        Ok(())
    }

    /// The same chunk without its first `done` inputs.
    pub(crate) fn without(&self, done: usize) -> EncodedChunk {
        let mut rest = EncodedChunk::new(self.header.task, 0, None);
        rest.header = self.header;
        rest.header.first += done as u64;
        let mut frames = &self.bytes[..];
        let mut number = 0;
        while let Some((frame, others)) = split_value(frames) {
            frames = others;
            let (_, mut values) = Header::split(frame).expect("these frames have a header");
            while let Some((value, others)) = split_value(values) {
                values = others;
                if number >= done {
                    rest.make_room();
                    let start = begin(&mut rest.bytes);
                    rest.bytes.extend_from_slice(value);
                    end(&mut rest.bytes, start);
                    rest.note_one();
                }
                number += 1;
            }
        }
        rest
    }

    /// Begins another frame if there is none or the last one is full.
    fn make_room(&mut self) {
        if self.in_frame == 0 || self.bytes.len() - self.frame >= FRAME {
            self.frame = begin(&mut self.bytes);
            self.in_frame = 0;
            let Header { task, tasks, first, record, deadline, .. } = self.header;
            let begins = if self.tasks == 0 { BEGINS } else { 0 };
            let flags = begins | ENDS | if record { RECORD } else { 0 };
            self.bytes.extend_from_slice(&task.to_le_bytes());
            self.bytes.extend_from_slice(&tasks.to_le_bytes());
            self.bytes.extend_from_slice(&(first + self.tasks as u64).to_le_bytes());
            self.bytes.push(flags);
            self.bytes.extend_from_slice(&deadline.map_or(0, Deadline::number).to_le_bytes());
        }
    }

    /// Counts the input that was just added.
    fn note_one(&mut self) {
        if self.in_frame == 0 {
            if self.tasks > 0 {
                self.bytes[self.last + FLAGS] &= !ENDS;
            }
            self.last = self.frame;
        }
        self.tasks += 1;
        self.in_frame += 1;
        let count = self.frame + 8;
        self.bytes[count..count + 4].copy_from_slice(&self.in_frame.to_le_bytes());
        end(&mut self.bytes, self.frame);
    }
}

impl Header {
    /// Takes off the header of a frame, and leaves the inputs.
    pub(in crate::process) fn split(frame: &[u8]) -> Option<(Header, &[u8])> {
        let (task, rest) = split_u32(frame)?;
        let (tasks, rest) = split_u32(rest)?;
        let (first, rest) = rest.split_first_chunk()?;
        let (&flags, rest) = rest.split_first()?;
        let (deadline, inputs) = rest.split_first_chunk()?;
        let header = Header {
            task,
            tasks,
            first: u64::from_le_bytes(*first),
            begins: flags & BEGINS != 0,
            ends: flags & ENDS != 0,
            record: flags & RECORD != 0,
            deadline: Deadline::from_number(u64::from_le_bytes(*deadline)),
        };
        Some((header, inputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::decode;
    use crate::process::wire::value::Stubborn;
    use proptest::prelude::*;
    use std::time::Duration;

    /// The inputs in the frames of `chunk`, and for each frame its header.
    fn read_back(chunk: &EncodedChunk) -> (Vec<Header>, Vec<Vec<u8>>) {
        let (mut headers, mut inputs) = (Vec::new(), Vec::new());
        let mut frames = chunk.bytes();
        while let Some((frame, others)) = split_value(frames) {
            frames = others;
            let (header, mut values) = Header::split(frame).unwrap();
            headers.push(header);
            for _ in 0..header.tasks {
                let (value, rest) = split_value(values).unwrap();
                inputs.push(decode(value).unwrap());
                values = rest;
            }
            assert!(values.is_empty());
        }
        assert!(frames.is_empty());
        (headers, inputs)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]
        #[test]
        fn a_chunk_is_read_as_it_was_written(
            lengths in prop::collection::vec(prop_oneof![9 => 0_usize..20, 1 => Just(70_000)], 0..30),
            done in 0_usize..30, seconds in prop::option::of(0_u64..1_000_000),
        ) {
            let deadline = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
            let inputs: Vec<Vec<u8>> = lengths.iter().map(|&n| vec![7; n]).collect();
            let mut chunk = EncodedChunk::new(3, 100, deadline);
            inputs.iter().for_each(|input| chunk.push(input).unwrap());
            let done = done.min(inputs.len());
            for (chunk, done) in [(&chunk, 0), (&chunk.without(done), done)] {
                let (headers, read) = read_back(chunk);
                prop_assert_eq!(chunk.tasks(), read.len());
                prop_assert_eq!(&read[..], &inputs[done..]);
                let mut first = 100 + done as u64;
                for (n, header) in headers.iter().enumerate() {
                    prop_assert_eq!((header.task, header.first), (3, first));
                    prop_assert_eq!((header.begins, header.ends), (n == 0, n + 1 == headers.len()));
                    first += u64::from(header.tasks);
                    // The clocks are read one after the other, so it's never early.
                    let read = header.deadline.and_then(Deadline::instant);
                    prop_assert!(read >= deadline && read.is_some() == deadline.is_some());
                }
            }
        }
    }

    #[test]
    fn an_input_that_cannot_be_encoded_leaves_no_trace() {
        let mut chunk = EncodedChunk::new(0, 0, None);
        assert!(chunk.push(&Stubborn).is_err());
        chunk.push(&1_u8).unwrap();
        assert!(chunk.push(&Stubborn).is_err());
        chunk.push(&2_u8).unwrap();
        let mut same = EncodedChunk::new(0, 0, None);
        (1..=2_u8).for_each(|n| same.push(&n).unwrap());
        assert_eq!(chunk.bytes(), same.bytes());
    }
}
