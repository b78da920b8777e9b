//! The first byte of a value says what the value is.

/// Not a value: a list whose elements each have a tag of their own.
pub(super) const MIXED: u8 = 0;
pub(super) const UNIT: u8 = 1;
pub(super) const NONE: u8 = 2;
/// Followed by the value.
pub(super) const SOME: u8 = 3;
/// Followed by the length and the bytes.
pub(super) const STR: u8 = 4;
pub(super) const BYTES: u8 = 5;
/// Followed by the tag of all elements, their number, and the elements without a tag. Tuples, too.
pub(super) const SEQ: u8 = 6;
/// Followed by the number of entries, then key, value, key, value. Structs, too; and a variant with
/// data, as the only entry.
pub(super) const MAP: u8 = 7;
/// The name of a field or a variant: spelled out like a STR the first time,
pub(super) const NEW_NAME: u8 = 8;
/// and referred to by its number, of 16 bits, from then on.
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

/// How many names can be referred to by number.
pub(super) const NAMES: usize = 1 << 16;

/// How many bytes follow, if the tag alone tells.
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
