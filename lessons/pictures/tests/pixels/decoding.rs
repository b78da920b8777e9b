//! What comes out of files of a few pixels, most of them TIFFs that are made here byte by byte.

use pictures::picture::{PictureError, check_whole, decode_gray};

use crate::painting;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const COLORS: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const CHANNELS: u16 = 277;
const STRIP_BYTES: u16 = 279;

/// Values of `COLORS`.
const BLACK_IS_ZERO: u32 = 1;
const RGB: u32 = 2;
const CMYK: u32 = 5;

/// Values of `COMPRESSION`.
const LZW: u32 = 5;
const PACK_BITS: u32 = 32773;

/// A TIFF of one strip, whose directory comes last.
fn tiff(little_endian: bool, size: (u32, u32), tags: &[(u16, u32)], strip: &[u8]) -> Vec<u8> {
    let short = |n: u16| if little_endian { n.to_le_bytes() } else { n.to_be_bytes() };
    let long = |n: u32| if little_endian { n.to_le_bytes() } else { n.to_be_bytes() };
    let start: &[u8] = if little_endian { b"II" } else { b"MM" };
    let place = [(STRIP_OFFSETS, 8), (STRIP_BYTES, strip.len() as u32)];
    let entries = [&[(WIDTH, size.0), (HEIGHT, size.1)], tags, &place].concat();
    let mut file = [start, &short(42), &long(8 + strip.len() as u32), strip].concat();
    file.extend(short(entries.len() as u16));
    for (tag, value) in entries {
        file.extend([&short(tag)[..], &short(4), &long(1), &long(value)].concat());
    }
    file.extend(long(0)); // there is no other directory
    file
}

/// A row of gray pixels.
fn row(width: u32, tags: &[(u16, u32)], strip: &[u8]) -> Vec<u8> {
    let gray = [(BITS, 8), (COLORS, BLACK_IS_ZERO)];
    tiff(true, (width, 1), &[&gray, tags].concat(), strip)
}

#[track_caller]
fn pixels(file: &[u8]) -> Vec<u8> {
    decode_gray(file).unwrap().pixels().to_vec()
}

#[track_caller]
fn assert_damaged(file: &[u8], why: &str) {
    let error = decode_gray(file).unwrap_err();
    let is_damage = matches!(error, PictureError::Corrupt { .. } | PictureError::Truncated { .. });
    assert!(is_damage, "{why}: {error}");
}

#[test]
fn luma_is_that_of_pillow() {
    // What Image.new("RGB", (1, 1), color).convert("L") gives.
    let pillow = [
        ([0, 0, 0], 0),
        ([255, 255, 255], 255),
        ([255, 0, 0], 76),
        ([0, 255, 0], 150),
        ([0, 0, 255], 29),
        ([10, 100, 200], 84),
    ];
    for ([r, g, b], luma) in pillow {
        let tags = [(BITS, 8), (COLORS, RGB), (CHANNELS, 3)];
        assert_eq!(pixels(&tiff(true, (1, 1), &tags, &[r, g, b])), [luma], "{r} {g} {b}");
        let tags = [(BITS, 8), (COLORS, RGB), (CHANNELS, 4)];
        let transparent = tiff(true, (1, 1), &tags, &[r, g, b, 0]);
        assert_eq!(pixels(&transparent), [luma], "{r} {g} {b}, transparent");
    }
}

#[test]
fn the_luma_of_inks_is_that_of_pillow() {
    // What Image.new("CMYK", (1, 1), inks).convert("L") gives.
    let pillow = [
        ([0, 0, 0, 0], 255),
        ([0, 0, 0, 255], 0),
        ([255, 0, 0, 0], 179),
        ([10, 100, 200, 50], 137),
    ];
    let tags = [(BITS, 8), (COLORS, CMYK), (CHANNELS, 4)];
    for (inks, luma) in pillow {
        assert_eq!(pixels(&tiff(true, (1, 1), &tags, &inks)), [luma], "{inks:?}");
    }
}

#[test]
fn sixteen_bits_are_scaled_and_rounded_in_both_byte_orders() {
    let tags = [(BITS, 16), (COLORS, BLACK_IS_ZERO)];
    for sample in [0_u16, 128, 129, 257, 32_896, 65_406, 65_407, 65_535] {
        let expected = (f64::from(sample) * 255.0 / 65_535.0).round() as u8;
        for (little_endian, bytes) in [(true, sample.to_le_bytes()), (false, sample.to_be_bytes())]
        {
            let file = tiff(little_endian, (1, 1), &tags, &bytes);
            assert_eq!(pixels(&file), [expected], "{sample}");
        }
    }
}

#[test]
fn pack_bits_is_that_of_the_specification() {
    let stored =
        [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
    let expected =
        [&[0xaa; 3][..], &[0x80, 0x00, 0x2a], &[0xaa; 4], &[0x80, 0x00, 0x2a, 0x22], &[0xaa; 10]];
    let tags = [(COMPRESSION, PACK_BITS)];
    assert_eq!(pixels(&row(24, &tags, &stored)), expected.concat());
    assert_damaged(&row(25, &tags, &stored), "there is no more");
}

/// A row of this width, compressed to these codes of nine bits.
fn lzw(width: u32, codes: &[u64]) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    for code in codes {
        bits.extend((0..9).rev().map(|bit| code >> bit & 1 == 1));
    }
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    bits.resize(bits.len().next_multiple_of(8), false);
    let stored: Vec<u8> = bits.chunks(8).map(byte).collect();
    row(width, &[(COMPRESSION, LZW)], &stored)
}

#[test]
fn lzw_is_that_of_the_specification() {
    // Data 7 7 7 8 8 7 7 6 6, section 13's own example.
    let codes = [256, 7, 258, 8, 8, 258, 6, 6, 257];
    assert_eq!(pixels(&lzw(9, &codes)), [7, 7, 7, 8, 8, 7, 7, 6, 6]);
    assert_eq!(pixels(&lzw(4, &codes)), [7, 7, 7, 8], "no more than was asked for");
    assert_damaged(&lzw(20, &codes), "there is no more");
}

#[test]
fn an_lzw_code_without_a_meaning_is_an_error() {
    assert_damaged(&lzw(9, &[256, 258]), "before anything was written");
    assert_damaged(&lzw(9, &[256, 7, 300]), "not yet in the table");
}

#[test]
fn a_long_run_is_unpacked_though_each_string_overlaps_the_one_before() {
    let run: Vec<u64> = [256, 9].into_iter().chain(258..300).chain([257]).collect();
    let length: u32 = (1..=43).sum();
    assert_eq!(pixels(&lzw(length, &run)), vec![9; length as usize]);
}

/// For each orientation, the width of the upright picture, and which pixels of the file it has. The
/// file has 0 1 2 above 3 4 5.
const UPRIGHT: [(u32, u32, [usize; 6]); 10] = [
    (0, 3, [0, 1, 2, 3, 4, 5]), // no orientation at all
    (1, 3, [0, 1, 2, 3, 4, 5]),
    (2, 3, [2, 1, 0, 5, 4, 3]),
    (3, 3, [5, 4, 3, 2, 1, 0]),
    (4, 3, [3, 4, 5, 0, 1, 2]),
    (5, 2, [0, 3, 1, 4, 2, 5]),
    (6, 2, [3, 0, 4, 1, 5, 2]),
    (7, 2, [5, 2, 4, 1, 3, 0]),
    (8, 2, [2, 5, 1, 4, 0, 3]),
    (9, 3, [0, 1, 2, 3, 4, 5]),
];

#[test]
fn each_of_the_eight_orientations_is_turned_upright() {
    for (orientation, width, pixels) in UPRIGHT {
        for little_endian in [true, false] {
            let tags = [(BITS, 8), (COLORS, BLACK_IS_ZERO), (ORIENTATION, orientation)];
            let file = tiff(little_endian, (3, 2), &tags, &[0, 1, 2, 3, 4, 5]);
            let upright = decode_gray(&file).unwrap();
            let found: Vec<usize> = upright.pixels().iter().copied().map(usize::from).collect();
            assert_eq!((upright.size().0, &found[..]), (width, &pixels[..]), "{orientation}");
        }
    }
}

#[test]
fn xmp_counts_if_exif_says_nothing() {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
    let xmp = |text: &str| [b"http://ns.adobe.com/xap/1.0/\0", text.as_bytes()].concat();
    let six = xmp("<x tiff:Orientation=\"6\"/>");
    let eight = xmp("<tiff:Orientation>8</tiff:Orientation>");
    let picture = painting::picture(1, 3, 2, painting::Format::Jpeg);
    let stored = pixels(&picture);
    for (segments, orientation) in [
        (vec![&exif[..]], 3),
        (vec![&exif[..], &six], 3),
        (vec![&six], 6),
        (vec![b"Exif\0\0no exif", &eight], 8),
        (vec![&xmp("<x/>")], 1),
        (vec![], 1),
    ] {
        let mut file = picture[..2].to_vec();
        for segment in segments {
            file.extend([0xff, 0xe1, 0, segment.len() as u8 + 2]);
            file.extend(segment);
        }
        file.extend(&picture[2..]);
        let (_, width, places) = UPRIGHT[orientation];
        let upright = decode_gray(&file).unwrap();
        assert_eq!(upright.size().0, width, "{orientation}");
        assert_eq!(upright.pixels(), places.map(|place| stored[place]), "{orientation}");
    }
}

#[test]
fn what_lies_outside_the_file_is_not_there() {
    let whole = row(3, &[], &[1, 2, 3]);
    check_whole(&whole).unwrap();
    for length in 0..whole.len() - 4 {
        assert!(check_whole(&whole[..length]).is_err(), "{length}"); // these four are not needed
    }
    // Three numbers don't fit into the entry, and the place that it names is beyond the end.
    let mut outside = whole.clone();
    let entry = whole.windows(4).position(|four| four == [0x11, 0x01, 4, 0]).unwrap();
    outside[entry + 4] = 3;
    outside[entry + 8] = 200;
    assert_damaged(&outside, "nothing is there");
}
