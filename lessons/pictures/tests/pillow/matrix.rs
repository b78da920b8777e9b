//! Small files of every kind that programs write: each is right, or refused for the right reason.
//!
//! `matrix.py` makes them, with the programs of libjpeg-turbo, with Pillow, and byte by byte.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Once;

use pictures::picture::{self, PictureError};

use super::{MEAN, WORST, difference, files, python};

/// We use luma as it is in the file. Pillow converts it to RGB and back, which rounds twice, and
/// clips what RGB cannot represent. In a photograph, rounding up and down cancel each other out,
/// but not in a picture that is smaller than the blur, where every pixel becomes the mean of a few,
/// nor in a drawing or a gradient without noise, where neighbours are all rounded the same way.
const MEAN_OF_FEW: f64 = 1.0;

fn mean_limit(name: &str) -> f64 {
    let few = ["17x9", "2x9"].iter().any(|size| name.contains(size))
        || ["gradient", "saturated"].iter().any(|kind| name.starts_with(kind));
    if few { MEAN_OF_FEW } else { MEAN }
}

#[test]
#[ignore = "needs Pillow 13 and libjpeg-turbo's programs: ./tests/run sets them up"]
fn every_kind_of_jpeg_is_right() {
    let refused = compare("jpeg", 788);
    assert_refused(&refused, &[("arithmetic", "an arithmetic-coded JPEG is not supported")]);
}

#[test]
#[ignore = "needs Pillow 13 and libjpeg-turbo's programs: ./tests/run sets them up"]
fn every_kind_of_tiff_is_right_or_named() {
    let refused = compare("tiff", 249);
    let expected = [
        ("-lzma", "the compression LZMA is not supported"),
        ("-zstd", "the compression Zstandard is not supported"),
        ("-tiff_ccitt", "the compression CCITT run-length is not supported"),
        ("A-jpeg", "JPEGs of other colors than gray, RGB or YCbCr"),
        ("CMYK-jpeg", "JPEGs of other colors than gray, RGB or YCbCr"),
        ("LAB", "a Lab TIFF is not supported"),
        ("float", "a TIFF of floating-point numbers is not supported"),
        ("signed", "a TIFF of signed numbers is not supported"),
        ("32-bit", "a TIFF with 32 bits a channel is not supported"),
        // We decode these, and Pillow refuses them.
        ("8-bit-white-is-zero-fill-2", "only by Pillow"),
        ("palette-", "only by Pillow"),
        ("big-MM", "only by Pillow"),
        ("la-premultiplied", "only by Pillow"),
    ];
    assert_refused(&refused, &expected);
}

#[test]
#[ignore = "needs Pillow 13 and libjpeg-turbo's programs: ./tests/run sets them up"]
fn every_kind_of_gif_png_and_webp_is_right() {
    assert_refused(&compare("gif", 14), &[]);
    assert_refused(&compare("png", 36), &[]);
    assert_refused(&compare("webp", 20), &[]);
}

#[test]
#[ignore = "needs Pillow 13 and libjpeg-turbo's programs: ./tests/run sets them up"]
fn every_orientation_is_turned_upright_wherever_it_is_written() {
    assert_refused(&compare("turned", 120), &[]);
}

/// Compares ours with Pillow's, asserts the number of files, and returns which were refused and
/// why.
fn compare(kind: &str, count: usize) -> BTreeMap<String, String> {
    static MADE: Once = Once::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix");
    MADE.call_once(|| python("tests/pillow/matrix.py", &[folder.as_os_str()]));
    let mut refused = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for path in files(&folder.join(kind)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".refused") || name.matches('.').count() > 1 {
            continue; // the thumbnails that Pillow made
        }
        compared += 1;
        let ours = picture::process(&std::fs::read(&path).unwrap());
        let theirs = std::fs::read(path.with_file_name(format!("{name}.png")));
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                let (worst, mean) = difference(&ours, &theirs);
                if worst > WORST || mean > mean_limit(&name) {
                    wrong.push(format!("{name}: worst {worst}, mean {mean:.3}"));
                }
            }
            (Ok(_), Err(_)) => {
                refused.insert(name, "only by Pillow".to_string());
            }
            (Err(error), theirs) => {
                let named = matches!(error, PictureError::Unsupported { .. }) || theirs.is_err();
                assert!(named, "{name}: {error}");
                refused.insert(name, error.to_string());
            }
        }
    }
    println!(
        "{kind}: {compared} files, of which {} are right",
        compared - wrong.len() - refused.len()
    );
    assert!(wrong.is_empty(), "{kind}: {} wrong: {wrong:#?}", wrong.len());
    assert_eq!(compared, count, "{kind}");
    refused
}

/// Asserts that each refused file has an expected name, in part, and the reason that goes with it.
fn assert_refused(refused: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    for (name, reason) in refused {
        let is_expected = |(part, why): &(&str, &str)| name.contains(part) && reason.contains(why);
        assert!(expected.iter().any(is_expected), "{name}: {reason}");
    }
    for (part, _) in expected {
        assert!(refused.keys().any(|name| name.contains(part)), "{part} is not refused");
    }
}
