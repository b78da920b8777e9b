//! A stream of bytes, cut into frames.

use std::os::fd::AsFd;
use std::{io, mem};

use rustix::buffer::spare_capacity;
use rustix::io::{read, retry_on_intr};

use super::value::{MAX_VALUE, split_u32, split_value};

/// A chunk is cut into frames of about this length, so that a frame is longer only if its last
/// value is.
pub(super) const FRAME: usize = 64 << 10;

/// How long a frame may be. A longer one is an error, never an allocation.
const MAX_FRAME: usize = MAX_VALUE + 2 * FRAME;

/// How much is read at once, unless the frame that is being read is longer.
const READ: usize = 64 << 10;

/// Reads a stream of bytes, and hands it out as frames.
#[derive(Debug, Default)]
pub(in crate::process) struct Frames {
    bytes: Vec<u8>,
    /// How many of the bytes have been handed out.
    start: usize,
    /// Memory for the next short frames while a long one is read, and for the next long one.
    /// Getting a mebibyte from the system, touching its pages and giving it back takes longer than
    /// filling it.
    short: Vec<u8>,
    long: Vec<u8>,
}

impl Frames {
    /// Reads once from `socket`, and returns whether the stream goes on.
    ///
    /// # Errors
    ///
    /// Whatever the system says, and `InvalidData` if the next frame is too long.
    pub(in crate::process) fn fill(&mut self, socket: impl AsFd) -> io::Result<bool> {
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

    /// Makes room to the end of a long frame and no further, so that it can be taken as it is.
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
    pub(in crate::process) fn recycle(&mut self, frame: Vec<u8>) {
        if frame.capacity() > READ {
            self.long = frame;
        }
    }

    /// Whether the next frame is complete.
    pub(in crate::process) fn has_next(&self) -> bool {
        split_value(&self.bytes[self.start..]).is_some()
    }

    /// The next frame, if it is complete.
    pub(in crate::process) fn next(&mut self) -> Option<&[u8]> {
        let (frame, _) = split_value(&self.bytes[self.start..])?;
        self.start += 4 + frame.len();
        Some(frame)
    }

    /// The next frame, owned, and still with its length before it.
    pub(in crate::process) fn take(&mut self) -> Option<Vec<u8>> {
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
}
