//! How values become bytes on their way to another process, and values again.
//!
//! A format for [serde], in which every value says what it is: structs travel as maps with the names of their
//! fields, enums with those of their variants. So whatever serde can describe arrives as it was:
//! `serde_json::Value`, `#[serde(untagged)]`, `flatten`, `tag = "…"`, `skip_serializing_if`, maps with keys of
//! any type. Formats without names, such as postcard and bincode, refuse some of these, and with others put
//! values into the wrong fields. Those that follow JSON or MessagePack take `Some(None)` and `Some(())` for `None`.
//!
//! ```
//! use hands::codec;
//! use serde_json::json;
//!
//! let value = json!({ "name": "cat.png", "sizes": [640, 480] });
//! let mut bytes = Vec::new();
//! codec::encode(&value, &mut bytes, 1 << 20)?;
//! assert_eq!(codec::decode::<serde_json::Value>(&bytes)?, value);
//! # Ok::<(), codec::Error>(())
//! ```
//!
//! One thing is left that cannot be: serde itself takes no `u128` or `i128` inside `untagged`, `flatten` and `tag`.
//! That is an error.
//!
//! A value is a tag of one byte, and what belongs to it. Numbers are as wide as their type, the lowest byte
//! first. A list of numbers of one type has their tag once. A name is written once, and from then on meant by
//! its number. All lengths are 32 bits.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

/// Why a value cannot be encoded, or is not what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl serde::ser::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Error(message.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Error(message.to_string())
    }
}

/// What a value is.
mod tag {
    /// No value, but said of a list: each element has a tag of its own.
    pub(super) const MIXED: u8 = 0;
    pub(super) const UNIT: u8 = 1;
    pub(super) const NONE: u8 = 2;
    /// And the value.
    pub(super) const SOME: u8 = 3;
    /// The length and the bytes.
    pub(super) const STR: u8 = 4;
    pub(super) const BYTES: u8 = 5;
    /// The tag of all elements, how many there are, and the elements without it. Tuples, too.
    pub(super) const SEQ: u8 = 6;
    /// How many entries, then key, value, key, value. Structs, too; and a variant with data, as the one entry.
    pub(super) const MAP: u8 = 7;
    /// The name of a field or a variant for the first time, as STR; and then by its number, of 16 bits.
    pub(super) const NEW_NAME: u8 = 8;
    pub(super) const NAME: u8 = 9;
    pub(super) const BOOL: u8 = 10;
    pub(super) const CHAR: u8 = 11;
    pub(super) const F32: u8 = 12;
    pub(super) const F64: u8 = 13;
    pub(super) const I8: u8 = 14;
    pub(super) const I16: u8 = 15;
    pub(super) const I32: u8 = 16;
    pub(super) const I64: u8 = 17;
    pub(super) const I128: u8 = 18;
    pub(super) const U8: u8 = 19;
    pub(super) const U16: u8 = 20;
    pub(super) const U32: u8 = 21;
    pub(super) const U64: u8 = 22;
    pub(super) const U128: u8 = 23;

    /// How many bytes follow, where that is known from the tag.
    pub(super) const fn width(tag: u8) -> Option<usize> {
        match tag {
            BOOL | I8 | U8 => Some(1),
            I16 | U16 => Some(2),
            CHAR | F32 | I32 | U32 => Some(4),
            F64 | I64 | U64 => Some(8),
            I128 | U128 => Some(16),
            _ => None,
        }
    }
}

/// How many names there can be that are meant by their number.
const NAMES: usize = 1 << 16;

#[cfg(test)]
mod tests;
