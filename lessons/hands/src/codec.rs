//! A binary format for [serde] in which values describe themselves, for the trip to another
//! process.
//!
//! Structs travel as maps with the names of their fields, enums with the names of their variants.
//! So whatever serde can describe arrives as it was: `serde_json::Value`, `#[serde(untagged)]`,
//! `flatten`, `tag = "…"`, `skip_serializing_if`, maps with keys of any type. Formats without
//! names, such as postcard and bincode, refuse some of these, and put values into the wrong fields
//! with others. Formats modelled on JSON or MessagePack read `Some(None)` and `Some(())` as `None`.
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
//! One thing can't be encoded, and is an error: a `u128` or `i128` inside `untagged`, `flatten` or
//! `tag`, which serde itself doesn't support.
//!
//! # Format
//!
//! A value is a tag of one byte and what belongs to it. Numbers are as wide as their type, lowest
//! byte first. A list of numbers of one type has their tag only once. A name is spelled out the
//! first time, and referred to by its number from then on. All lengths are 32 bits. The format may
//! change with each version of this crate: both ends must be the same program, as they are here.

mod decode;
mod encode;
mod error;
mod tag;
mod writer;

pub use decode::decode;
pub use encode::encode;
pub use error::Error;

#[cfg(test)]
mod tests;
