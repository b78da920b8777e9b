//! What the internet sends in place of a picture: every answer is a thumbnail or an error, at once.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use picture::PictureError;

const FORMATS: [ImageFormat; 5] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Gif, ImageFormat::WebP];

fn picture_file(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let colors =
        RgbImage::from_fn(width, height, |x, y| Rgb([x * 7, y * 5, x * y].map(|v| v as u8)));
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(colors).write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[test]
fn each_format_gives_a_thumbnail_however_small_the_picture() {
    for format in FORMATS {
        for (width, height) in [(1, 1), (2, 1), (1, 300), (61, 47), (700, 3)] {
            let file = picture_file(format, width, height);
            let thumbnail = picture::process(&file).unwrap();
            let thumbnail = image::load_from_memory(&thumbnail).unwrap();
            let size = (thumbnail.width(), thumbnail.height());
            assert_eq!(size, (128, 128), "{format:?} {width}x{height}");
        }
    }
}

#[test]
fn a_file_that_stops_early_is_an_error_wherever_it_stops() {
    for format in FORMATS {
        let file = picture_file(format, 61, 47);
        picture::check_whole(&file).unwrap();
        for length in 0..file.len() {
            let part = &file[..length];
            assert!(picture::check_whole(part).is_err(), "{format:?}, {length} of {}", file.len());
        }
        let half = picture::process(&file[..file.len() / 2]).unwrap_err();
        assert!(matches!(half, PictureError::Truncated { .. }), "{format:?}: {half}");
    }
}

#[test]
fn damaged_files_never_panic() {
    let mut random = Random(1);
    for format in FORMATS {
        let whole = picture_file(format, 61, 47);
        for _ in 0..300 {
            let mut file = whole.clone();
            for _ in 0..1 + random.below(4) {
                let at = random.below(file.len());
                file[at] = random.next() as u8;
            }
            // An error or a thumbnail: a panic that is not caught fails the test.
            let _ = picture::process(&file);
        }
    }
}

#[test]
fn random_bytes_behind_a_good_start_never_panic() {
    let starts: [&[u8]; 8] = [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"II+\0",
        b"GIF89a",
        b"RIFF\x20\0\0\0WEBP",
    ];
    let mut random = Random(2);
    for start in starts {
        for _ in 0..500 {
            let mut file = start.to_vec();
            file.extend((0..random.below(200)).map(|_| random.next() as u8));
            let _ = picture::check_whole(&file);
            let _ = picture::process(&file);
        }
    }
}

#[test]
fn a_header_that_claims_a_huge_picture_is_refused() {
    let too_large = |file: &[u8], what: &str| {
        let error = picture::process(file).unwrap_err();
        let refused =
            matches!(error, PictureError::TooLarge { .. } | PictureError::NeedsMuchMemory { .. });
        assert!(refused, "{what}: {error}");
    };

    let mut jpeg = picture_file(ImageFormat::Jpeg, 16, 16);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    too_large(&jpeg, "65,535 x 65,535 JPEG");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x70, 0, 0x70, 0]);
    too_large(&jpeg, "28,672 x 28,672 JPEG: a side within the limit, not the bytes");

    let mut gif = picture_file(ImageFormat::Gif, 16, 16);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    too_large(&gif, "65,535 x 65,535 GIF");

    // The first thing in a PNG: length, IHDR, width, height, kind, checksum.
    let mut png = picture_file(ImageFormat::Png, 16, 16);
    png[16..24].copy_from_slice(&[0, 0, 0x70, 0, 0, 0, 0x70, 0]);
    let checksum = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    too_large(&png, "28,672 x 28,672 PNG");
}

#[test]
fn what_is_no_picture_is_named() {
    let error = |bytes: &[u8]| picture::check_whole(bytes).unwrap_err();
    assert_eq!(error(b""), PictureError::Empty);
    assert_eq!(error(b"\n <html><body>404</body></html>"), PictureError::WebPage);
    assert_eq!(error(b"\xef\xbb\xbf<?xml version='1.0'?>"), PictureError::WebPage);
    let json = error(br#"{"error":"imgur is over capacity"}"#).to_string();
    assert!(json.contains(r#"{\"error\":\"imgur is"#), "{json}");
    assert!(error(b"BM a bitmap").to_string().contains("JPEG, PNG, TIFF, WebP or GIF"));
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same bytes in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// The checksum of PNG's chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}
