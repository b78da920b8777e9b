//! What a JPEG file says about itself, without decoding (ITU-T T.81, annex B).

use std::borrow::Cow;

use crate::orientation::{self, Orientation};

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    /// The number of the frame's marker, 0 to 15, which says how it is encoded.
    coding: u8,
    pub(super) precision: u8,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// How many of them are in the first scan.
    in_first_scan: usize,
    /// Where the first scan's segment begins.
    scans_at: usize,
    is_jfif: bool,
    /// What Adobe's segment says about the colors.
    adobe: Option<u8>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
}

#[derive(Debug)]
pub(super) struct Component {
    id: u8,
    /// The sampling factors: how many samples it has for one of a component with factor 1.
    across: u8,
    down: u8,
}

/// What the components are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    Gray,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

impl<'a> Header<'a> {
    /// None if there is no frame before the first scan.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut header = Header::default();
        let mut at = 2;
        loop {
            let segment = Segment::next(bytes, at)?;
            let data = segment.data;
            match segment.marker {
                START_OF_SCAN if header.components.is_empty() => return None,
                START_OF_SCAN => {
                    header.in_first_scan = usize::from(*data.first()?);
                    header.scans_at = segment.start;
                    return Some(header);
                }
                0xc0..=0xcf if !matches!(segment.marker, 0xc4 | 0xc8 | 0xcc) => {
                    header.frame(segment.marker - 0xc0, data)?;
                }
                0xe0 if data.starts_with(b"JFIF\0") => header.is_jfif = true,
                0xe1 if data.starts_with(b"Exif\0\0") => header.exif = header.exif.or(Some(data)),
                0xe1 if data.starts_with(b"http://ns.adobe.com/xap/1.0/\0") => {
                    header.xmp = Some(data);
                }
                0xee if data.starts_with(b"Adobe") => header.adobe = data.get(11).copied(),
                _ => {}
            }
            at = segment.end;
        }
    }

    fn frame(&mut self, coding: u8, data: &[u8]) -> Option<()> {
        let (head, components) = data.split_first_chunk::<6>()?;
        self.coding = coding;
        self.precision = head[0];
        self.height = usize::from(u16::from_be_bytes([head[1], head[2]]));
        self.width = usize::from(u16::from_be_bytes([head[3], head[4]]));
        let (components, _) = components.get(..3 * usize::from(head[5]))?.as_chunks::<3>();
        let component = |&[id, factors, _]: &[u8; 3]| Component {
            id,
            across: factors >> 4,
            down: factors & 15,
        };
        self.components = components.iter().map(component).collect();
        Some(())
    }

    /// The same guess as libjpeg's (jdapimin.c, default_decompress_parms).
    pub(super) fn colors(&self) -> Colors {
        let ids: Vec<u8> = self.components.iter().map(|component| component.id).collect();
        match (ids.len(), self.adobe) {
            (1, _) => Colors::Gray,
            (4, None | Some(0)) => Colors::Cmyk,
            (4, _) => Colors::Ycck,
            (_, Some(0)) if !self.is_jfif => Colors::Rgb,
            (_, None) if !self.is_jfif && ids == *b"RGB" => Colors::Rgb,
            _ => Colors::YCbCr,
        }
    }

    /// How it is encoded, unless it is baseline or progressive.
    pub(super) fn rare_coding(&self) -> Option<&'static str> {
        match self.coding {
            0..=2 => None,
            3 => Some("a lossless"),
            5..=7 => Some("a hierarchical"),
            _ => Some("an arithmetic-coded"),
        }
    }

    fn is_progressive(&self) -> bool {
        self.coding == 2
    }

    /// Whether it is gray, or YCbCr as cameras write it: luma has as many samples as each color, or
    /// twice as many, in each direction (if only vertically, the file is not progressive), and the
    /// first scan has all three channels.
    pub(super) fn is_common(&self) -> bool {
        let factors: Vec<_> =
            self.components.iter().map(|component| (component.across, component.down)).collect();
        if self.in_first_scan != factors.len() {
            return false;
        }
        match factors[..] {
            [one] => one == (1, 1),
            [(1 | 2, 1) | (2, 2), (1, 1), (1, 1)] => true,
            [(1, 2), (1, 1), (1, 1)] => !self.is_progressive(),
            _ => false,
        }
    }

    pub(super) fn orientation(&self) -> Orientation {
        orientation::from_tags(self.exif, self.xmp)
    }

    /// The file without the scans of the other channels. A progressive file refines its channels
    /// scan by scan, and most scans have only one channel.
    pub(super) fn without_color_scans<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if !self.is_progressive() || self.components.len() == 1 {
            return Cow::Borrowed(bytes);
        }
        let mut kept = bytes[..self.scans_at].to_vec();
        let mut at = self.scans_at;
        while let Some(segment) = Segment::next(bytes, at) {
            let mut end = segment.end;
            let mut is_of_color = false;
            if segment.marker == START_OF_SCAN {
                end = end_of_scan(bytes, end);
                is_of_color = matches!(segment.data, [1, id, ..] if *id != self.components[0].id);
            }
            if !is_of_color {
                kept.extend_from_slice(&bytes[segment.start..end]);
            }
            if segment.marker == END_OF_IMAGE {
                break;
            }
            at = end;
        }
        Cow::Owned(kept)
    }
}

/// None if the bytes stop before the marker that ends the file: there are segments up to the first
/// scan, and an end marker after it. (In the data of a scan every 0xFF is followed by a zero, so
/// the marker cannot be part of it; thumbnails are in the segments before.)
pub(crate) fn ends(bytes: &[u8]) -> Option<()> {
    let mut at = 2;
    loop {
        let segment = Segment::next(bytes, at)?;
        at = segment.end;
        if segment.marker == START_OF_SCAN {
            let scans = bytes.get(at..)?;
            return scans.windows(2).rposition(|two| two == [0xff, END_OF_IMAGE]).map(|_| ());
        }
    }
}

/// A marker and its data.
struct Segment<'a> {
    marker: u8,
    data: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Segment<'a> {
    /// The first that begins at or after this place.
    fn next(bytes: &'a [u8], mut at: usize) -> Option<Self> {
        while *bytes.get(at)? != 0xff || matches!(*bytes.get(at + 1)?, 0xff | 0) {
            at += 1; // fill bytes, and junk that decoders skip, too
        }
        let (start, marker) = (at, bytes[at + 1]);
        at += 2;
        if matches!(marker, 0x01 | 0xd0..=0xd9) {
            return Some(Self { marker, data: &[], start, end: at }); // these have no data
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        let end = at + length.max(2);
        Some(Self { marker, data: bytes.get(at + 2..end)?, start, end })
    }
}

/// The data of a scan ends with a marker that is not a restart.
fn end_of_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff)) {
        at += next;
        if !matches!(bytes.get(at + 1), None | Some(0 | 0xff | 0xd0..=0xd7)) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
