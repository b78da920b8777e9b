//! What travels between a program and its worker processes: frames over a socket.
//!
//! A frame is its length, four bytes with the lowest first, and that many bytes. The worker greets
//! with [`Note::Hello`]; then frames of [`Work`] go one way and one answer a task comes back, in the
//! same order. Values are encoded by our own [codec]. All numbers of fixed length begin with the lowest byte.

use std::os::fd::AsFd;
use std::{io, mem};

use rustix::buffer::spare_capacity;
use rustix::io::{read, retry_on_intr};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::panics::Panicked;
use crate::{codec, timeline};

/// How long an encoded value may be, in bytes.
const MAX_VALUE: usize = 256 << 20;

/// A chunk of inputs is cut into frames of about this length, so that a frame is longer only if its
/// last value is.
const FRAME: usize = 64 << 10;

/// How long a frame may be. A longer one is an error, never an allocation.
const MAX_FRAME: usize = MAX_VALUE + 2 * FRAME;

/// How much is read at once, unless the frame that is being read is longer.
const READ: usize = 64 << 10;

/// Inputs of one task, encoded and ready to be sent: one frame, or several if they are many.
#[derive(Debug)]
pub(crate) struct Work {
    bytes: Vec<u8>,
    tasks: usize,
    /// Where the frame begins that is being filled, and how many inputs it holds.
    frame: usize,
    in_frame: u32,
    /// Where the last frame begins that holds an input.
    last: usize,
    header: Header,
}

/// What a frame of work says before its inputs, of which each has its length before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Which of the registered tasks.
    pub(super) task: u32,
    /// How many inputs.
    pub(super) tasks: u32,
    /// The number of the first of them.
    pub(super) first: u64,
    /// Whether a piece of work begins with this frame.
    pub(super) begins: bool,
    /// Whether a piece of work ends with this frame.
    pub(super) ends: bool,
    /// Whether the parent wants to hear of spans.
    pub(super) record: bool,
}

/// Where in a frame of work the flags are, after its length and three numbers; and what they mean.
const FLAGS: usize = 4 + 4 + 4 + 8;
const BEGINS: u8 = 1;
const ENDS: u8 = 2;
const RECORD: u8 = 4;

impl Work {
    /// For the registered task of number `task`. The first input has the number `first`.
    pub(crate) fn new(task: u32, first: usize) -> Self {
        let record = timeline::is_recording();
        let header =
            Header { task, tasks: 0, first: first as u64, begins: true, ends: true, record };
        Work { bytes: Vec::new(), tasks: 0, frame: 0, in_frame: 0, last: 0, header }
    }

    /// How many inputs there are.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    /// All frames.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds an input, or says why it cannot be sent.
    pub(crate) fn push<A: Serialize>(&mut self, input: &A) -> Result<(), String> {
        let before = self.bytes.len();
        self.make_room();
        let start = begin(&mut self.bytes);
        if let Err(reason) = encode(input, &mut self.bytes) {
            self.bytes.truncate(before);
            return Err(reason);
        }
        end(&mut self.bytes, start);
        self.note_one();
        Ok(())
    }

    /// The same work without its first `done` inputs.
    pub(crate) fn without(&self, done: usize) -> Work {
        let mut rest = Work { header: self.header, ..Work::new(self.header.task, 0) };
        rest.header.first += done as u64;
        let mut frames = &self.bytes[..];
        let mut number = 0;
        while let Some((frame, others)) = split_value(frames) {
            frames = others;
            let (_, mut values) = Header::split(frame).expect("frames of work have a header");
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

    /// Begins another frame if there is none, or the last one is full.
    fn make_room(&mut self) {
        if self.in_frame == 0 || self.bytes.len() - self.frame >= FRAME {
            self.frame = begin(&mut self.bytes);
            self.in_frame = 0;
            let Header { task, tasks, first, record, .. } = self.header;
            let begins = if self.tasks == 0 { BEGINS } else { 0 };
            let flags = begins | ENDS | if record { RECORD } else { 0 };
            self.bytes.extend_from_slice(&task.to_le_bytes());
            self.bytes.extend_from_slice(&tasks.to_le_bytes());
            self.bytes.extend_from_slice(&(first + self.tasks as u64).to_le_bytes());
            self.bytes.push(flags);
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
    /// Takes the header of a frame off, and leaves the inputs.
    pub(super) fn split(frame: &[u8]) -> Option<(Header, &[u8])> {
        let (task, rest) = split_u32(frame)?;
        let (tasks, rest) = split_u32(rest)?;
        let (first, rest) = rest.split_first_chunk()?;
        let (&flags, inputs) = rest.split_first()?;
        let header = Header {
            task,
            tasks,
            first: u64::from_le_bytes(*first),
            begins: flags & BEGINS != 0,
            ends: flags & ENDS != 0,
            record: flags & RECORD != 0,
        };
        Some((header, inputs))
    }
}

/// What a worker sends.
#[derive(Debug)]
pub(crate) enum Answer<'f> {
    /// What the next task returned, encoded.
    Value(&'f [u8]),
    /// Everything else.
    Note(Note),
}

/// What a worker says that is no result.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Note {
    /// It is there, and these are the tasks that it knows.
    Hello(Vec<String>),
    /// The next task panicked.
    Panicked(Panicked),
    /// The input or the result of the next task cannot be turned into what it should be.
    Codec(String),
    /// `count` pieces of work, from number `first` on, were not begun and will not be: the one before
    /// them takes long. Pieces are counted from 0, for each worker.
    GivenBack {
        /// The number of the first piece.
        first: u64,
        /// How many.
        count: u32,
    },
    /// What was recorded since the last report.
    Recorded(timeline::Report),
}

impl Note {
    /// How the next task ended, if that is what this says.
    pub(crate) fn into_failure(self) -> Option<Failure> {
        match self {
            Note::Panicked(panicked) => Some(Failure::Panicked(panicked)),
            Note::Codec(reason) => Some(Failure::Codec { reason }),
            Note::Hello(_) | Note::GivenBack { .. } | Note::Recorded(_) => None,
        }
    }
}

const VALUE: u8 = 0;
const NOTE: u8 = 1;

impl<'f> Answer<'f> {
    /// Reads a frame that [`put_value`] or [`put_note`] has written.
    pub(crate) fn parse(frame: &'f [u8]) -> Result<Self, String> {
        match frame.split_first() {
            Some((&VALUE, value)) => Ok(Answer::Value(value)),
            Some((&NOTE, note)) => decode(note).map(Answer::Note),
            _ => Err("an unknown kind of frame".to_owned()),
        }
    }
}

/// Appends the frame of a result. If that fails, `out` is as before.
pub(super) fn put_value<R: Serialize>(result: &R, out: &mut Vec<u8>) -> Result<(), String> {
    put(VALUE, result, out)
}

/// Appends the frame of a note.
pub(super) fn put_note(note: &Note, out: &mut Vec<u8>) {
    put(NOTE, note, out).expect("a note is made of texts and numbers");
}

fn put<T: Serialize>(kind: u8, value: &T, out: &mut Vec<u8>) -> Result<(), String> {
    let start = begin(out);
    out.push(kind);
    let encoded = encode(value, out);
    match encoded {
        Ok(()) => end(out, start),
        Err(_) => out.truncate(start),
    }
    encoded
}

/// Leaves room for a length, and returns where.
fn begin(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.len() - 4
}

/// Writes down at `start` the length of what follows it.
fn end(out: &mut [u8], start: usize) {
    let length = (out.len() - start - 4) as u32; // at most `MAX_FRAME`
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), String> {
    codec::encode(value, out, MAX_VALUE).map_err(|error| error.to_string())
}

/// Turns bytes back into a value.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    codec::decode(bytes).map_err(|error| error.to_string())
}

fn split_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*head), rest))
}

/// Takes a value off that has its length before it.
pub(super) fn split_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = split_u32(bytes)?;
    rest.split_at_checked(length as usize)
}

/// Reads a stream of bytes, and hands it out as frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    /// How many of the bytes have been handed out.
    start: usize,
    /// Memory for the next short frames, while a long one is read; and for the next long one. To ask
    /// the system for a mebibyte, touch all its pages and give it back takes longer than to fill it.
    short: Vec<u8>,
    long: Vec<u8>,
}

impl Frames {
    /// Reads once from `socket`, and returns whether the stream goes on.
    ///
    /// # Errors
    ///
    /// What the system says, and `InvalidData` if the next frame is too long.
    pub(super) fn fill(&mut self, socket: impl AsFd) -> io::Result<bool> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        match split_u32(&self.bytes) {
            Some((length, _)) if length as usize > MAX_FRAME => {
                let message = format!("a frame of {length} bytes is too long");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            Some((length, _)) if length as usize > READ => self.make_room_for(4 + length as usize),
            _ => self.bytes.reserve(READ),
        }
        Ok(retry_on_intr(|| read(&socket, spare_capacity(&mut self.bytes)))? > 0)
    }

    /// Room to the end of a long frame and no further, so that it can be taken as it is.
    fn make_room_for(&mut self, length: usize) {
        if self.bytes.capacity() == length {
            return;
        }
        let mut long = mem::take(&mut self.long);
        if long.capacity() != length {
            long = Vec::with_capacity(length);
        }
        long.clear();
        long.extend_from_slice(&self.bytes);
        self.short = mem::replace(&mut self.bytes, long);
    }

    /// Takes back the memory of a frame that was taken.
    pub(super) fn recycle(&mut self, frame: Vec<u8>) {
        if frame.capacity() > READ {
            self.long = frame;
        }
    }

    /// Whether all of the next frame is there.
    pub(super) fn has_next(&self) -> bool {
        split_value(&self.bytes[self.start..]).is_some()
    }

    /// The next frame, if all of it is there.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        let (frame, _) = split_value(&self.bytes[self.start..])?;
        self.start += 4 + frame.len();
        Some(frame)
    }

    /// The next frame as a value of its own. It still has its length before it.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let length = 4 + split_value(&self.bytes[self.start..])?.0.len();
        if self.start == 0 && self.bytes.len() == length {
            let mut short = mem::take(&mut self.short);
            short.clear();
            return Some(mem::replace(&mut self.bytes, short));
        }
        let frame = self.bytes[self.start..][..length].to_vec();
        self.start += length;
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The inputs in the frames of `work`, and for each frame its header.
    fn read_back(work: &Work) -> (Vec<Header>, Vec<Vec<u8>>) {
        let (mut headers, mut inputs) = (Vec::new(), Vec::new());
        let mut frames = work.bytes();
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
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn work_is_read_as_it_was_written(
            lengths in prop::collection::vec(prop_oneof![9 => 0_usize..20, 1 => Just(70_000)], 0..30),
            done in 0_usize..30,
        ) {
            let inputs: Vec<Vec<u8>> = lengths.iter().map(|&n| vec![7; n]).collect();
            let mut work = Work::new(3, 100);
            inputs.iter().for_each(|input| work.push(input).unwrap());
            let done = done.min(inputs.len());
            for (work, done) in [(&work, 0), (&work.without(done), done)] {
                let (headers, read) = read_back(work);
                prop_assert_eq!(work.tasks(), read.len());
                prop_assert_eq!(&read[..], &inputs[done..]);
                let mut first = 100 + done as u64;
                for (n, header) in headers.iter().enumerate() {
                    prop_assert_eq!((header.task, header.first), (3, first));
                    prop_assert_eq!((header.begins, header.ends), (n == 0, n + 1 == headers.len()));
                    first += u64::from(header.tasks);
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_encoded_leaves_no_trace() {
        struct Stubborn;
        impl Serialize for Stubborn {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                (1_u8, 2_u8).serialize(s).and_then(|_| Err(serde::ser::Error::custom("no")))
            }
        }
        let mut work = Work::new(0, 0);
        assert!(work.push(&Stubborn).is_err());
        work.push(&1_u8).unwrap();
        assert!(work.push(&Stubborn).is_err());
        work.push(&2_u8).unwrap();
        let mut same = Work::new(0, 0);
        (1..=2_u8).for_each(|n| same.push(&n).unwrap());
        assert_eq!(work.bytes(), same.bytes());

        let mut out = vec![1];
        assert!(put_value(&Stubborn, &mut out).is_err());
        assert_eq!(out, [1]);
    }

    #[test]
    fn a_frame_that_claims_too_much_is_an_error_and_not_an_allocation() {
        let (a, b) = std::os::unix::net::UnixStream::pair().unwrap();
        io::Write::write_all(&mut &a, &u32::MAX.to_le_bytes()).unwrap();
        let mut frames = Frames::default();
        assert!(frames.fill(&b).unwrap());
        assert!(frames.next().is_none());
        assert_eq!(frames.fill(&b).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(frames.bytes.capacity() <= 2 * READ);
    }

    #[test]
    fn answers_arrive_whole_whatever_the_pieces() {
        let mut out = Vec::new();
        put_value(&7_u8, &mut out).unwrap();
        put_note(&Note::GivenBack { first: 3, count: 2 }, &mut out);
        put_value(&vec![1_u8; 200_000], &mut out).unwrap();
        for piece in [1000, 60_000] {
            let (a, b) = std::os::unix::net::UnixStream::pair().unwrap();
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in out.chunks(piece) {
                io::Write::write_all(&mut &a, piece).unwrap();
                assert!(frames.fill(&b).unwrap());
                while let Some(frame) = frames.next() {
                    seen.push(match Answer::parse(frame).unwrap() {
                        Answer::Value(value) => value.len().to_string(),
                        Answer::Note(note) => format!("{note:?}"),
                    });
                }
            }
            assert_eq!(seen, ["2", "GivenBack { first: 3, count: 2 }", "200006"]);
        }
    }
}
