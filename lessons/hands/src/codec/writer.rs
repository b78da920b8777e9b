//! Writes the parts that values are made of: tags, numbers, texts, names.

use super::error::Error;
use super::tag::{self, NAMES};

type Result<T = (), E = Error> = std::result::Result<T, E>;

/// How many lists, maps and `Some` may be nested. Decoding uses the stack, and that of a thread is
/// 2 MiB.
const DEPTH: usize = 256;

/// Where encoded values go, and what the encoder must remember about those before.
pub(super) struct Encoder<'o> {
    pub(super) out: &'o mut Vec<u8>,
    most: usize,
    /// How long `out` may become.
    end: usize,
    depth: usize,
    /// The names that have been spelled out.
    names: Vec<&'static str>,
    /// The number of the name that is likely to be next: fields come in the same order each time.
    next_name: usize,
    /// The tag that the next value may leave out, because its list has it.
    pub(super) expected: Option<u8>,
    /// Whether the last value left its tag out.
    pub(super) has_left_out: bool,
}

#[cold]
fn too_long(most: usize) -> Error {
    Error(format!(
        "it is longer than {} MiB, which is the limit; send the name of a file that holds it instead",
        most >> 20
    ))
}

// What each number of a list goes through is inlined into the program that sends it.
impl<'o> Encoder<'o> {
    /// An encoder that appends at most `most` bytes to `out`.
    pub(super) fn new(out: &'o mut Vec<u8>, most: usize) -> Self {
        let end = out.len().saturating_add(most);
        Encoder {
            out,
            most,
            end,
            depth: 0,
            names: Vec::new(),
            next_name: 0,
            expected: None,
            has_left_out: false,
        }
    }

    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result {
        if bytes.len() > self.end.saturating_sub(self.out.len()) {
            return Err(too_long(self.most));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    pub(super) fn tag(&mut self, tag: u8) -> Result {
        if self.expected.take() == Some(tag) {
            self.has_left_out = true;
            return Ok(());
        }
        self.bytes(&[tag])
    }

    #[inline]
    pub(super) fn scalar(&mut self, tag: u8, bytes: &[u8]) -> Result {
        self.tag(tag)?;
        self.bytes(bytes)
    }

    pub(super) fn text(&mut self, tag: u8, bytes: &[u8]) -> Result {
        self.tag(tag)?;
        self.bytes(&(bytes.len() as u32).to_le_bytes())?; // there is no room for more
        self.bytes(bytes)
    }

    pub(super) fn name(&mut self, name: &'static str) -> Result {
        let is_it = |&n: &usize| std::ptr::eq(self.names[n], name);
        let next = self.next_name.min(self.names.len());
        match (next..self.names.len()).chain(0..next).find(is_it) {
            Some(number) => {
                self.next_name = number + 1;
                self.scalar(tag::NAME, &(number as u16).to_le_bytes())
            }
            None => {
                if self.names.len() < NAMES {
                    self.names.push(name);
                }
                self.text(tag::NEW_NAME, name.as_bytes())
            }
        }
    }

    /// Enters a list, a map or a `Some`.
    pub(super) fn enter(&mut self) -> Result {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Error(format!(
                "it is nested more than {DEPTH} levels deep, which is the limit; send it as a list"
            )));
        }
        Ok(())
    }

    /// Leaves a list, a map or a `Some`.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}
