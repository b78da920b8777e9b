//! What the internet sends instead of pictures: all of it becomes a thumbnail or an error, quickly.

use fastrand::Rng;
use pictures::picture::{self, Format, PictureError};

use crate::painting as paint;

const FORMATS: [Format; 5] = [Format::Jpeg, Format::Png, Format::Tiff, Format::Gif, Format::WebP];

/// Small files of rare kinds.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

fn picture_file(format: Format, width: u16, height: u16) -> Vec<u8> {
    let paint = |format| paint::picture(1, width.into(), height.into(), format);
    match format {
        Format::Jpeg => paint(paint::Format::Jpeg),
        Format::Png => paint(paint::Format::Png),
        Format::Tiff => paint(paint::Format::Tiff),
        Format::WebP => paint(paint::Format::WebP),
        Format::Gif => gif_file(width, height),
    }
}

/// The gallery has no GIF.
fn gif_file(width: u16, height: u16) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|n: u8| [n, 255 - n, n / 2]).collect();
    let pixels = u32::from(width) * u32::from(height);
    let indices: Vec<u8> = (0..pixels).map(|n| (n * 7 % 251) as u8).collect();
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, width, height, &palette).unwrap();
    encoder.write_frame(&gif::Frame::from_indexed_pixels(width, height, indices, None)).unwrap();
    drop(encoder); // writes the trailer
    file
}

#[test]
fn each_format_gives_a_thumbnail_however_small_the_picture() {
    for format in FORMATS {
        for (width, height) in [(1, 1), (2, 1), (1, 300), (61, 47), (700, 3)] {
            let file = picture_file(format, width, height);
            let thumbnail = picture::process(&file).unwrap();
            let thumbnail = picture::decode_gray(&thumbnail).unwrap();
            assert_eq!(thumbnail.size(), (128, 128), "{format:?} {width}x{height}");
        }
    }
}

/// In a GIF without its trailer and a PNG without its IEND, all pixels are there, and browsers show
/// them.
#[test]
fn a_file_that_stops_early_is_an_error_unless_all_pixels_are_there() {
    for format in FORMATS {
        let file = picture_file(format, 61, 47);
        let whole = picture::process(&file).unwrap();
        let mut fine = 0;
        for length in 0..file.len() {
            let part = &file[..length];
            if picture::check_whole(part).is_ok() {
                let thumbnail = picture::process(part).unwrap();
                assert!(thumbnail == whole, "{format:?}, {length} of {}", file.len());
                fine += 1;
            }
        }
        // (The last four bytes of a TIFF say where its next picture is.)
        let may_lack = matches!(format, Format::Gif | Format::Png | Format::Tiff);
        assert_eq!(fine > 0, may_lack, "{format:?}: {fine} shorter files are fine");
        let half = picture::process(&file[..file.len() / 2]).unwrap_err();
        assert!(matches!(half, PictureError::Truncated { .. }), "{format:?}: {half}");
    }
}

#[test]
fn damaged_files_never_panic() {
    let mut random = Rng::with_seed(1);
    let made = FORMATS.map(|format| picture_file(format, 61, 47)).into_iter();
    let kept = std::fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path());
    for whole in made.chain(kept.map(|path| std::fs::read(path).unwrap())) {
        picture::process(&whole).unwrap();
        for _ in 0..200 {
            let mut file = whole.clone();
            for _ in 0..1 + random.u8(..4) {
                // Half of the damage is near one of the ends, where sizes and tags are.
                let at = match random.usize(..4) {
                    0 => random.usize(..64),
                    1 => file.len() - 1 - random.usize(..300),
                    _ => random.usize(..file.len()),
                };
                file[at] = random.u8(..);
            }
            check_answer(&file);
        }
    }
}

/// It may be an error or a thumbnail. A decoder may panic, which is caught, but our own code may
/// not.
fn check_answer(file: &[u8]) {
    if let Err(PictureError::Panicked(panicked)) = picture::process(file) {
        assert!(!panicked.place.contains("picture/src"), "{panicked}");
    }
}

#[test]
fn random_bytes_after_a_good_start_never_panic() {
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
    let mut random = Rng::with_seed(2);
    for start in starts {
        for _ in 0..500 {
            let mut file = start.to_vec();
            file.extend((0..random.usize(..200)).map(|_| random.u8(..)));
            check_answer(&file);
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

    let mut jpeg = picture_file(Format::Jpeg, 16, 16);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    too_large(&jpeg, "65,535 x 65,535 JPEG");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x70, 0, 0x70, 0]);
    too_large(&jpeg, "28,672 x 28,672 JPEG: within the limit for a side, but not for all bytes");

    let mut gif = picture_file(Format::Gif, 16, 16);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    too_large(&gif, "65,535 x 65,535 GIF");

    too_large(&paint::bomb(28_672, 28_672), "28,672 x 28,672 PNG");
}

#[test]
fn the_error_says_what_it_is_instead_of_a_picture() {
    let error = |bytes: &[u8]| picture::check_whole(bytes).unwrap_err();
    assert_eq!(error(b""), PictureError::Empty);
    for page in [
        "\n <html><body>404</body></html>",
        "\u{feff}<?xml version='1.0'?><!DOCTYPE html><html>",
        "<!doctype html><svg></svg>",
        "<!-- <svg> --><body>",
        "<!-- never closed <svg",
    ] {
        assert_eq!(error(page.as_bytes()), PictureError::WebPage, "{page}");
    }
    let named: [(&[u8], &str); 23] = [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing is not supported"),
        (b"<?xml version='1.0'?>\n<!-- by hand -->\n<svg:svg>", "an SVG drawing is not supported"),
        (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''>", "an SVG drawing is not supported"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>", "this is XML, not a JPEG"),
        (
            br#"{"error":"imgur is over capacity"}"#,
            r#"JSON, not a JPEG, PNG, TIFF, WebP or GIF picture: it starts with "{\"error\":\"imgur is"#,
        ),
        (b" [1, 2]", "this is JSON"),
        (b"Not found", "this is plain text"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "compressed with gzip"),
        (b"\x28\xb5\x2f\xfd\x04\0", "compressed with zstd"),
        (b"\x78\x9c\xed\xdd", "compressed with deflate"),
        (b"PK\x03\x04\x14\0", "compressed with zip"),
        (b"\x1b\x8a\x0f\xf8\x8d", "unknown kind (perhaps compressed: brotli cannot be recognized)"),
        (b"BM\x8a\0\0\0\0\0\0\0\x7a\0", "a BMP picture is not supported: convert it to PNG"),
        (b"BM, she said", "plain text, not a JPEG, PNG, TIFF, WebP or GIF picture"),
        (b"P2 and x^2", "plain text"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"SIMPLE  =                    T", "a FITS picture"),
        (b"8BPS\0\x01", "a Photoshop file"),
        (b"P6\n4 4 255\n", "a PNM picture"),
    ];
    for (bytes, expected) in named {
        let message = error(bytes).to_string();
        assert!(message.contains(expected), "{}: {message}", bytes.escape_ascii());
        assert!(!message.contains("download it again"), "that would not help: {message}");
    }
}

#[test]
fn bytes_before_a_picture_are_counted() {
    for (format, before) in FORMATS.into_iter().zip(["\n", "junk", "  ", "\r\n\r\n", "x"]) {
        if format == Format::Tiff {
            continue; // its offsets are from the start of the file, and its mark is short
        }
        let file = [before.as_bytes(), &picture_file(format, 16, 16)].concat();
        let error = picture::process(&file).unwrap_err();
        assert_eq!(error, PictureError::Preceded { bytes: before.len() }, "{format:?}");
        assert!(error.to_string().contains("cut them off"), "{error}");
    }
}

/// Each of these once came out wrong, or was refused as damaged. `pillow/matrix.rs` compares more
/// with Pillow.
#[test]
fn files_that_were_once_wrong_are_right() {
    for (name, size, lumas) in [
        // The size, and the mean luma of each quarter, from Pillow.
        ("rot90prog_of_422_320x240.jpg", (240, 320), [143.86, 177.13, 77.05, 109.83]),
        ("nonint_2x2_320x240.jpg", (320, 240), [177.13, 109.83, 143.86, 77.05]),
        ("no_trailer.gif", (320, 240), [177.22, 110.09, 151.47, 94.06]),
        ("palette.tif", (80, 60), [176.16, 109.69, 151.77, 94.81]),
    ] {
        let file = std::fs::read(format!("{CASES}/{name}")).unwrap();
        let gray = picture::decode_gray(&file).unwrap();
        assert_eq!(gray.size(), size, "{name}");
        let (width, height) = (size.0 as usize / 2, size.1 as usize / 2);
        let quarters = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| {
            let rows = gray.pixels().chunks_exact(2 * width).skip(y * height).take(height);
            let quarter = rows.flat_map(|row| &row[x * width..][..width]);
            quarter.copied().map(f64::from).sum::<f64>() / (width * height) as f64
        });
        for (ours, theirs) in quarters.into_iter().zip(lumas) {
            assert!((ours - theirs).abs() < 0.5, "{name}: {quarters:?}, not {lumas:?}");
        }
    }
}
