//! Turning a picture upright: a camera stores what its sensor sees, and adds how it was held.

use super::gray::GrayImage;
use super::ifd::{Directory, Tag};

/// The EXIF orientation: 1 is upright, and 2 to 8 are the other ways to turn and mirror a picture.
pub(super) type Orientation = u64;

/// The orientation from EXIF, or else from XMP (`tiff:Orientation`).
pub(super) fn from_tags(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> Orientation {
    let exif = exif.map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    let tag = exif.and_then(Directory::first).and_then(|exif| exif.number_of(Tag::Orientation));
    tag.or_else(|| xmp.and_then(in_xmp)).unwrap_or(1)
}

/// The digit in `tiff:Orientation="6"` or `<tiff:Orientation>6<`.
fn in_xmp(xmp: &[u8]) -> Option<Orientation> {
    const NAME: &[u8] = b"tiff:Orientation";
    let at = xmp.windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    let rest = &xmp[at..];
    let digit = rest.strip_prefix(b"=\"").or_else(|| rest.strip_prefix(b">"))?.first()?;
    digit.is_ascii_digit().then(|| u64::from(digit - b'0'))
}

/// Turns the picture upright. An orientation that is none of the eight changes nothing.
pub(super) fn turn_upright(picture: GrayImage, orientation: Orientation) -> GrayImage {
    match orientation {
        2 => picture.mirrored(),
        3 => picture.mirrored().upside_down(),
        4 => picture.upside_down(),
        5 => picture.transposed(),
        6 => picture.transposed().mirrored(),
        7 => picture.transposed().mirrored().upside_down(),
        8 => picture.transposed().upside_down(),
        _ => picture,
    }
}
