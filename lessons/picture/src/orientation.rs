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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_eight_is_turned_upright() {
        // 0 1 2
        // 3 4 5
        let picture = GrayImage::from_pixels(3, 2, vec![0, 1, 2, 3, 4, 5]).unwrap();
        let upright: [(Orientation, u32, &[u8]); 10] = [
            (0, 3, &[0, 1, 2, 3, 4, 5]), // no orientation at all
            (1, 3, &[0, 1, 2, 3, 4, 5]),
            (2, 3, &[2, 1, 0, 5, 4, 3]),
            (3, 3, &[5, 4, 3, 2, 1, 0]),
            (4, 3, &[3, 4, 5, 0, 1, 2]),
            (5, 2, &[0, 3, 1, 4, 2, 5]),
            (6, 2, &[3, 0, 4, 1, 5, 2]),
            (7, 2, &[5, 2, 4, 1, 3, 0]),
            (8, 2, &[2, 5, 1, 4, 0, 3]),
            (9, 3, &[0, 1, 2, 3, 4, 5]),
        ];
        for (orientation, width, pixels) in upright {
            let turned = turn_upright(picture.clone(), orientation);
            assert_eq!((turned.size().0, turned.pixels()), (width, pixels), "{orientation}");
        }
    }

    #[test]
    fn xmp_counts_if_exif_says_nothing() {
        let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
        assert_eq!(from_tags(Some(exif), None), 3);
        assert_eq!(from_tags(Some(exif), Some(b"<x tiff:Orientation=\"6\"/>")), 3);
        assert_eq!(from_tags(None, Some(b"<x tiff:Orientation=\"6\"/>")), 6);
        assert_eq!(from_tags(Some(b"no exif"), Some(b"<tiff:Orientation>8</tiff:Orientation>")), 8);
        assert_eq!(from_tags(None, Some(b"<x/>")), 1);
        assert_eq!(from_tags(None, None), 1);
    }
}
