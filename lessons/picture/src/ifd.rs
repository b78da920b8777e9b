//! The directory of tags at the start of a TIFF file. EXIF, in the other formats, is such a file.

/// The first directory of a TIFF or BigTIFF file, in either byte order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    entries: &'a [u8],
    pub(super) little_endian: bool,
    big: bool,
}

/// Tags and their numbers (TIFF 6.0 and its supplements).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Tag {
    Width = 256,
    Height = 257,
    BitsPerSample = 258,
    Compression = 259,
    Photometric = 262,
    FillOrder = 266,
    StripOffsets = 273,
    Orientation = 274,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    Planar = 284,
    T4Options = 292,
    Predictor = 317,
    ColorMap = 320,
    TileWidth = 322,
    TileHeight = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    ExtraSamples = 338,
    SampleFormat = 339,
    JpegTables = 347,
    Subsampling = 530,
}

impl<'a> Directory<'a> {
    /// None if the bytes do not start like a TIFF, or stop before the end of the directory.
    pub(super) fn first(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut directory = Self { bytes, entries: &[], little_endian, big: false };
        let at = match directory.number(2, 2)? {
            42 => directory.number(4, 4)?,
            43 => {
                directory.big = true;
                directory.number(8, 8)?
            }
            _ => return None,
        };
        let count_size = if directory.big { 8 } else { 2 };
        let at = usize::try_from(at).ok()?;
        let length = directory.number(at, count_size)?.checked_mul(directory.entry_size() as u64)?;
        let start = at.checked_add(count_size)?;
        directory.entries = bytes.get(start..)?.get(..usize::try_from(length).ok()?)?;
        Some(directory)
    }

    /// The numbers of a tag. None if it is missing, holds something else, or lies outside of the
    /// file.
    pub(super) fn numbers(&self, tag: Tag) -> Option<Vec<u64>> {
        let (kind, value) = self.value(tag)?;
        let size = value_size(kind)?;
        let values = value.chunks_exact(size).map(|bytes| self.number_in(bytes));
        Some(values.collect())
    }

    /// The first number of a tag.
    pub(super) fn number_of(&self, tag: Tag) -> Option<u64> {
        let (kind, value) = self.value(tag)?;
        Some(self.number_in(value.get(..value_size(kind)?)?))
    }

    /// The bytes of a tag of any type.
    pub(super) fn bytes_of(&self, tag: Tag) -> Option<&'a [u8]> {
        self.value(tag).map(|(_, value)| value)
    }

    pub(super) fn has(&self, tag: Tag) -> bool {
        self.entry(tag).is_some()
    }

    fn entry(&self, tag: Tag) -> Option<&'a [u8]> {
        let mut entries = self.entries.chunks_exact(self.entry_size());
        entries.find(|entry| self.number_in(&entry[..2]) == tag as u64)
    }

    /// The type of a tag, and the bytes of its values, which are in the entry itself if they fit.
    fn value(&self, tag: Tag) -> Option<(u64, &'a [u8])> {
        let entry = self.entry(tag)?;
        let kind = self.number_in(&entry[2..4]);
        let (count, place) = entry[4..].split_at(if self.big { 8 } else { 4 });
        let length = self.number_in(count).checked_mul(value_size(kind).unwrap_or(1) as u64)?;
        let length = usize::try_from(length).ok()?;
        if length <= place.len() {
            return Some((kind, &place[..length]));
        }
        let at = usize::try_from(self.number_in(place)).ok()?;
        Some((kind, self.bytes.get(at..)?.get(..length)?))
    }

    fn entry_size(&self) -> usize {
        if self.big { 20 } else { 12 }
    }

    fn number(&self, at: usize, length: usize) -> Option<u64> {
        Some(self.number_in(self.bytes.get(at..)?.get(..length)?))
    }

    fn number_in(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.little_endian {
            bytes.iter().rev().fold(0, join)
        } else {
            bytes.iter().fold(0, join)
        }
    }
}

/// How many bytes a value of this type has. None unless it is an unsigned integer.
fn value_size(kind: u64) -> Option<usize> {
    match kind {
        1 | 7 => Some(1),   // bytes
        3 => Some(2),       // short
        4 | 13 => Some(4),  // long, and the offset of a directory
        16 | 18 => Some(8), // those of BigTIFF
        _ => None,
    }
}
