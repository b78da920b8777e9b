//! Values, each with its length before it.

use serde::Serialize;

use crate::codec;

/// How long an encoded value may be, in bytes.
pub(super) const MAX_VALUE: usize = 256 << 20;

/// Encodes a value, and appends it without its length. If that fails, `out` may hold a part of it.
pub(super) fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), codec::Error> {
    codec::encode(value, out, MAX_VALUE)
}

/// Leaves room for a length, and returns where.
pub(super) fn begin(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.len() - 4
}

/// Fills in, at `start`, the length of what follows it.
pub(super) fn end(out: &mut [u8], start: usize) {
    let length = (out.len() - start - 4) as u32; // frames are never longer
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

pub(super) fn split_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*head), rest))
}

/// Takes off a value that has its length before it.
pub(in crate::process) fn split_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = split_u32(bytes)?;
    rest.split_at_checked(length as usize)
}

/// A value that can't be encoded, which shows only halfway through.
#[cfg(test)]
pub(super) struct Stubborn;

#[cfg(test)]
impl Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (1_u8, 2_u8).serialize(s).and_then(|_| Err(serde::ser::Error::custom("no")))
    }
}
