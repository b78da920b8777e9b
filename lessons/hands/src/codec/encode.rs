//! From values to bytes.

use std::mem;

use serde::ser::{self, Serialize, Serializer};

use super::error::Error;
use super::tag;
use super::writer::Encoder;

type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Appends `value` to `out`, in at most `most` bytes. If that fails, `out` holds a part of it.
///
/// # Errors
///
/// If the value takes more bytes, if it has more than 256 levels, or if it holds something that
/// serde can't describe.
pub fn encode<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>, most: usize) -> Result {
    value.serialize(&mut Encoder::new(out, most))
}

impl<'e, 'o> Encoder<'o> {
    fn elements(&'e mut self) -> Result<Parts<'e, 'o>> {
        self.enter()?;
        self.tag(tag::SEQ)?;
        self.bytes(&[tag::MIXED])?;
        self.parts(tag::MIXED)
    }

    fn entries(&'e mut self) -> Result<Parts<'e, 'o>> {
        self.enter()?;
        self.tag(tag::MAP)?;
        self.parts(tag::MAP)
    }

    fn parts(&'e mut self, tag: u8) -> Result<Parts<'e, 'o>> {
        let count_at = self.out.len();
        self.bytes(&[0; 4])?;
        Ok(Parts { encoder: self, count_at, tag, count: 0 })
    }

    /// Begins a map of one entry, with this key.
    fn variant(&mut self, name: &'static str) -> Result {
        self.tag(tag::MAP)?;
        self.bytes(&1_u32.to_le_bytes())?;
        self.name(name)
    }
}

/// A list or a map that is being encoded.
pub(super) struct Parts<'e, 'o> {
    encoder: &'e mut Encoder<'o>,
    /// Where the number of parts goes. Before it stands the tag: of a list's elements, or of the
    /// map.
    count_at: usize,
    tag: u8,
    count: u32,
}

impl Parts<'_, '_> {
    /// Adds an element of a list.
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        let at = self.encoder.out.len();
        self.encoder.expected = (self.tag != tag::MIXED).then_some(self.tag);
        value.serialize(&mut *self.encoder)?;
        self.encoder.expected = None;
        let has_left_out = mem::take(&mut self.encoder.has_left_out);
        if self.count == 0 {
            let first = self.encoder.out[at];
            if tag::width(first).is_some() {
                self.encoder.out.remove(at);
                self.tag = first;
            }
        } else if self.tag != tag::MIXED && !has_left_out {
            self.mix(at)?;
        }
        self.count_one()
    }

    /// The element at `at` is of another type, so the ones before it get their tags back.
    fn mix(&mut self, at: usize) -> Result {
        let first = self.count_at + 4;
        let values = self.encoder.out.split_off(first);
        let (before, last) = values.split_at(at - first);
        for value in before.chunks(tag::width(self.tag).unwrap_or(1)) {
            self.encoder.scalar(self.tag, value)?;
        }
        self.tag = tag::MIXED;
        self.encoder.bytes(last)
    }

    /// Adds a field of a struct.
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result {
        self.encoder.name(name)?;
        value.serialize(&mut *self.encoder)?;
        self.count_one()
    }

    #[inline]
    fn count_one(&mut self) -> Result {
        let more = self.count.checked_add(1);
        self.count = more.ok_or_else(|| Error("it has too many elements".to_owned()))?;
        Ok(())
    }

    fn finish(self) -> Result {
        self.encoder.leave();
        self.encoder.out[self.count_at - 1] = self.tag;
        self.encoder.out[self.count_at..][..4].copy_from_slice(&self.count.to_le_bytes());
        Ok(())
    }
}

macro_rules! scalars {
    ($($name:ident: $type:ty => $tag:ident,)*) => {$(
        #[inline]
        fn $name(self, value: $type) -> Result {
            self.scalar(tag::$tag, &value.to_le_bytes())
        }
    )*};
}

impl<'e, 'o> Serializer for &'e mut Encoder<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'e, 'o>;
    type SerializeTuple = Parts<'e, 'o>;
    type SerializeTupleStruct = Parts<'e, 'o>;
    type SerializeTupleVariant = Parts<'e, 'o>;
    type SerializeMap = Parts<'e, 'o>;
    type SerializeStruct = Parts<'e, 'o>;
    type SerializeStructVariant = Parts<'e, 'o>;

    // `is_human_readable` stays true: inside `untagged` and `flatten` serde says so to whoever
    // decodes, whatever the format is, and a type must be encoded as it will be decoded.

    scalars! {
        serialize_i8: i8 => I8,
        serialize_i16: i16 => I16,
        serialize_i32: i32 => I32,
        serialize_i64: i64 => I64,
        serialize_i128: i128 => I128,
        serialize_u8: u8 => U8,
        serialize_u16: u16 => U16,
        serialize_u32: u32 => U32,
        serialize_u64: u64 => U64,
        serialize_u128: u128 => U128,
        serialize_f32: f32 => F32,
        serialize_f64: f64 => F64,
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result {
        self.scalar(tag::BOOL, &[value.into()])
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result {
        self.scalar(tag::CHAR, &u32::from(value).to_le_bytes())
    }

    fn serialize_str(self, value: &str) -> Result {
        self.text(tag::STR, value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result {
        self.text(tag::BYTES, value)
    }

    fn serialize_none(self) -> Result {
        self.tag(tag::NONE)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        self.enter()?;
        self.tag(tag::SOME)?;
        value.serialize(&mut *self)?;
        self.leave();
        Ok(())
    }

    fn serialize_unit(self) -> Result {
        self.tag(tag::UNIT)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        self.tag(tag::UNIT)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        self.name(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        self.enter()?;
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.leave();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
        self.elements()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
        self.elements()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'e, 'o>> {
        self.elements()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        self.variant(variant)?;
        self.elements()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
        self.entries()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct> {
        self.entries()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        self.variant(variant)?;
        self.entries()
    }
}

macro_rules! parts {
    ($($trait:ident: $method:ident($($name:ident)?) => $add:ident,)*) => {$(
        impl ser::$trait for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: &'static str,)? value: &T) -> Result {
                self.$add($($name,)? value)
            }

            fn end(self) -> Result {
                self.finish()
            }
        }
    )*};
}

parts! {
    SerializeSeq: serialize_element() => element,
    SerializeTuple: serialize_element() => element,
    SerializeTupleStruct: serialize_field() => element,
    SerializeTupleVariant: serialize_field() => element,
    SerializeStruct: serialize_field(name) => field,
    SerializeStructVariant: serialize_field(name) => field,
}

impl ser::SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result {
        key.serialize(&mut *self.encoder)?;
        self.count_one()
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result {
        self.finish()
    }
}
