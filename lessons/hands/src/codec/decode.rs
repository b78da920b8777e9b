//! From bytes to values.

use std::fmt::Display;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

use super::error::Error;
use super::tag::{self, NAMES};

type Result<T, E = Error> = std::result::Result<T, E>;

/// Turns all of `bytes` back into a value.
///
/// # Errors
///
/// If they aren't what [`encode`](super::encode) makes of a value of this type.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut decoder = Decoder { bytes, names: Vec::new(), expected: None };
    let value = T::deserialize(&mut decoder)?;
    match decoder.bytes.len() {
        0 => Ok(value),
        more => Err(broken(format_args!("{more} bytes too many"))),
    }
}

/// The error for bytes that [`encode`](super::encode) didn't write.
fn broken(what: impl Display) -> Error {
    Error(format!("the bytes are damaged: {what}"))
}

/// The error for a number that serde can't keep: in these it first stores a value, then looks at it
/// again, and it has no room for 128 bits.
fn too_wide(_: Error) -> Error {
    Error(
        "serde doesn't support numbers of 128 bits inside `untagged`, `flatten` and `tag = …`: \
         send it as text, or as two numbers of 64 bits"
            .to_owned(),
    )
}

struct Decoder<'de> {
    bytes: &'de [u8],
    names: Vec<&'de str>,
    /// The tag of the next value, if its list has it.
    expected: Option<u8>,
}

impl<'de> Decoder<'de> {
    #[inline]
    fn take(&mut self, count: usize) -> Result<&'de [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(|| broken("too few"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or_else(|| broken("too few"))?;
        self.bytes = rest;
        Ok(*taken)
    }

    #[inline]
    fn length(&mut self) -> Result<usize> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn text(&mut self) -> Result<&'de str> {
        let length = self.length()?;
        str::from_utf8(self.take(length)?).map_err(broken)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.expected.or(self.bytes.first().copied())
    }

    #[inline]
    fn tag(&mut self) -> Result<u8> {
        match self.expected.take() {
            Some(tag) => Ok(tag),
            None => Ok(self.array::<1>()?[0]),
        }
    }

    fn new_name(&mut self) -> Result<&'de str> {
        let name = self.text()?;
        if self.names.len() < NAMES {
            self.names.push(name);
        }
        Ok(name)
    }

    fn name(&mut self) -> Result<&'de str> {
        let number = u16::from_le_bytes(self.array()?);
        self.names.get(usize::from(number)).copied().ok_or_else(|| broken("a name is missing"))
    }

    fn seq<V: Visitor<'de>>(&mut self, visitor: V, tag: u8, left: usize) -> Result<V::Value> {
        let mut elements = Elements { decoder: self, tag, left };
        let value = visitor.visit_seq(&mut elements)?;
        match elements.left {
            0 => Ok(value),
            more => Err(Error(format!("{more} element(s) too many"))),
        }
    }

    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let mut entries = Entries { left: self.length()?, decoder: self };
        let value = visitor.visit_map(&mut entries)?;
        match entries.left {
            0 => Ok(value),
            more => Err(Error(format!("{more} entries too many"))),
        }
    }
}

/// A shortcut for the numbers that long lists are made of.
macro_rules! scalars {
    ($($name:ident, $visit:ident: $type:ty => $tag:ident,)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            if self.expected != Some(tag::$tag) {
                return self.deserialize_any(visitor);
            }
            self.expected = None;
            visitor.$visit(<$type>::from_le_bytes(self.array()?))
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Decoder<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.tag()? {
            tag::UNIT => visitor.visit_unit(),
            tag::NONE => visitor.visit_none(),
            tag::SOME => visitor.visit_some(self),
            tag::STR => visitor.visit_borrowed_str(self.text()?),
            tag::BYTES => {
                let length = self.length()?;
                visitor.visit_borrowed_bytes(self.take(length)?)
            }
            tag::SEQ => {
                let [tag] = self.array()?;
                let count = self.length()?;
                self.seq(visitor, tag, count)
            }
            tag::MAP => self.map(visitor),
            tag::NEW_NAME => visitor.visit_borrowed_str(self.new_name()?),
            tag::NAME => visitor.visit_borrowed_str(self.name()?),
            tag::BOOL => visitor.visit_bool(self.array()? != [0]),
            tag::CHAR => {
                let code = u32::from_le_bytes(self.array()?);
                visitor.visit_char(char::from_u32(code).ok_or_else(|| broken("no character"))?)
            }
            tag::F32 => visitor.visit_f32(f32::from_le_bytes(self.array()?)),
            tag::F64 => visitor.visit_f64(f64::from_le_bytes(self.array()?)),
            tag::I8 => visitor.visit_i8(i8::from_le_bytes(self.array()?)),
            tag::I16 => visitor.visit_i16(i16::from_le_bytes(self.array()?)),
            tag::I32 => visitor.visit_i32(i32::from_le_bytes(self.array()?)),
            tag::I64 => visitor.visit_i64(i64::from_le_bytes(self.array()?)),
            tag::U8 => visitor.visit_u8(u8::from_le_bytes(self.array()?)),
            tag::U16 => visitor.visit_u16(u16::from_le_bytes(self.array()?)),
            tag::U32 => visitor.visit_u32(u32::from_le_bytes(self.array()?)),
            tag::U64 => visitor.visit_u64(u64::from_le_bytes(self.array()?)),
            tag::I128 => visitor.visit_i128(i128::from_le_bytes(self.array()?)).map_err(too_wide),
            tag::U128 => visitor.visit_u128(u128::from_le_bytes(self.array()?)).map_err(too_wide),
            other => Err(broken(format_args!("the tag {other} is unknown"))),
        }
    }

    scalars! {
        deserialize_u8, visit_u8: u8 => U8,
        deserialize_u64, visit_u64: u64 => U64,
        deserialize_f64, visit_f64: f64 => F64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(tag::NONE | tag::UNIT | tag::SOME) => self.deserialize_any(visitor),
            _ => visitor.visit_some(self), // a `serialize_with` has left the Some out
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// Bytes are a list of numbers, too, if a list is asked for.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != Some(tag::BYTES) {
            return self.deserialize_any(visitor);
        }
        self.tag()?;
        let length = self.length()?;
        self.seq(visitor, tag::U8, length)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            Some(tag::NAME | tag::NEW_NAME | tag::STR) => {
                visitor.visit_enum(Variant { decoder: self, has_data: false })
            }
            Some(tag::MAP) => {
                self.tag()?;
                match self.length()? {
                    1 => visitor.visit_enum(Variant { decoder: self, has_data: true }),
                    _ => Err(Error::invalid_value(Unexpected::Map, &"a variant and its data")),
                }
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u16 u32 u128 f32 char str string bytes byte_buf
        unit unit_struct map struct identifier ignored_any
    }
}

/// A list that is being decoded.
struct Elements<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    tag: u8,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.decoder.expected = (self.tag != tag::MIXED).then_some(self.tag);
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A map that is being decoded.
struct Entries<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    left: usize,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.decoder)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A variant that is being decoded, beginning with its name.
struct Variant<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    has_data: bool,
}

impl Variant<'_, '_> {
    fn expect_data(&self, what: &str) -> Result<()> {
        if self.has_data {
            Ok(())
        } else {
            Err(Error::invalid_type(Unexpected::UnitVariant, &what))
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.decoder)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        if self.has_data { <()>::deserialize(self.decoder) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.expect_data("newtype variant")?;
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.expect_data("tuple variant")?;
        self.decoder.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.expect_data("struct variant")?;
        self.decoder.deserialize_any(visitor)
    }
}
