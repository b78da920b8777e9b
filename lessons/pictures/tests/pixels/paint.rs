//! Every format, every scene, and the same pixels for ever.

use std::io::Cursor;

use image::{ColorType, DynamicImage};
use sha2::{Digest, Sha256};

use super::*;

#[test]
fn every_format_holds_the_pixels_it_promises() {
    for (format, pixels) in [
        (Format::Jpeg, ColorType::Rgb8),
        (Format::JpegGray, ColorType::L8),
        (Format::Png, ColorType::Rgb8),
        (Format::PngGray, ColorType::L8),
        (Format::PngAlpha, ColorType::Rgba8),
        (Format::PngPalette, ColorType::Rgb8), // as `image` shows a palette
        (Format::Png16, ColorType::Rgb16),
        (Format::Tiff, ColorType::Rgb8),
        (Format::Tiff16, ColorType::Rgb16),
        (Format::WebP, ColorType::Rgb8),
    ] {
        let file = picture(3, 37, 23, format);
        let kind = image::guess_format(&file).unwrap();
        assert_eq!(kind.to_mime_type(), format.content_type());
        assert!(kind.extensions_str().contains(&format.extension()));
        let picture = image::load_from_memory(&file).unwrap();
        assert_eq!((picture.width(), picture.height()), (37, 23));
        assert_eq!(picture.color(), pixels, "{format:?}");
    }
    let palette = picture(3, 37, 23, Format::PngPalette);
    let reader = png::Decoder::new(Cursor::new(palette)).read_info().unwrap();
    assert_eq!(reader.info().color_type, png::ColorType::Indexed);
}

#[test]
fn only_the_planet_lets_the_ground_shine_through() {
    for (seed, scene) in Scene::ALL.iter().enumerate() {
        let file = picture(seed as u64, 40, 30, Format::PngAlpha);
        let Ok(DynamicImage::ImageRgba8(picture)) = image::load_from_memory(&file) else {
            panic!("not RGBA");
        };
        let clear = picture.pixels().any(|pixel| pixel.0[3] == 0);
        assert_eq!(clear, *scene == Scene::Planet);
    }
}

#[test]
fn any_shape_can_be_painted() {
    for (width, height) in [(1, 1), (1, 600), (600, 1), (3, 1300)] {
        for seed in 0..Scene::ALL.len() as u64 {
            let picture = image::load_from_memory(&picture(seed, width, height, Format::Png));
            let picture = picture.unwrap();
            assert_eq!((picture.width(), picture.height()), (width, height));
        }
    }
}

/// If this fails, the pictures have changed, or an encoder has: look at them, increment
/// `collection::VERSION` in `pictures`, and write the new hash here.
#[test]
fn the_same_seed_paints_the_same_picture_for_ever() {
    let mut hash = Sha256::new();
    for seed in 0..Scene::ALL.len() as u64 {
        for format in Format::ALL {
            hash.update(picture(seed, 80, 60, format));
        }
    }
    // Large enough for `View::slowly` to blend.
    hash.update(picture(0, 8, 1100, Format::Tiff));
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "c5cbad4581f0d90b96fd8b302d52fb55ad397b5c0bd8f98f3ae17e85d984994f");
    assert_ne!(picture(0, 80, 60, Format::Tiff), picture(7, 80, 60, Format::Tiff));
}

#[test]
fn the_checksum_is_the_one_of_the_specification() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    assert_eq!(crc32(b"IEND"), 0xAE42_6082);
}
