//! How the gallery's pictures are painted: every format, every scene, and the same pixels for ever.

use std::io::Cursor;

use pictures::picture::{self, Format as Kind};
use png::{BitDepth, ColorType};
use ring::digest::{Context, SHA256};

use crate::painting::{Format, Scene, picture};

#[test]
fn every_format_holds_the_pixels_it_promises() {
    for format in Format::ALL {
        let file = picture(3, 37, 23, format);
        let kind = Kind::detect(&file).unwrap();
        let (extension, content_type) = match kind {
            Kind::Jpeg => ("jpg", "image/jpeg"),
            Kind::Png => ("png", "image/png"),
            Kind::Tiff => ("tif", "image/tiff"),
            Kind::WebP => ("webp", "image/webp"),
            Kind::Gif => panic!("{format:?} is a GIF"),
        };
        assert_eq!((format.extension(), format.content_type()), (extension, content_type));
        assert_eq!(picture::decode_gray(&file).unwrap().size(), (37, 23), "{format:?}");
    }
}

/// What each kind of file says about its pixels.
#[test]
fn every_format_has_the_channels_it_promises() {
    for (format, color, depth) in [
        (Format::Png, ColorType::Rgb, BitDepth::Eight),
        (Format::PngGray, ColorType::Grayscale, BitDepth::Eight),
        (Format::PngAlpha, ColorType::Rgba, BitDepth::Eight),
        (Format::PngPalette, ColorType::Indexed, BitDepth::Eight),
        (Format::Png16, ColorType::Rgb, BitDepth::Sixteen),
    ] {
        let file = picture(3, 37, 23, format);
        let reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        assert_eq!((reader.info().color_type, reader.info().bit_depth), (color, depth));
    }
    for (format, color) in
        [(Format::Tiff, tiff::ColorType::RGB(8)), (Format::Tiff16, tiff::ColorType::RGB(16))]
    {
        let file = picture(3, 37, 23, format);
        let decoder = tiff::decoder::Decoder::new(Cursor::new(file));
        assert_eq!(decoder.unwrap().colortype().unwrap(), color);
    }
    for (format, channels) in [(Format::Jpeg, 3), (Format::JpegGray, 1)] {
        let file = picture(3, 37, 23, format);
        let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).expect("baseline");
        assert_eq!(file[frame + 9], channels);
    }
}

#[test]
fn only_the_planet_lets_the_ground_shine_through() {
    for (seed, scene) in Scene::ALL.iter().enumerate() {
        let file = picture(seed as u64, 40, 30, Format::PngAlpha);
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut pixels = [0; 40 * 30 * 4];
        reader.next_frame(&mut pixels).unwrap();
        let clear = pixels.as_chunks::<4>().0.iter().any(|pixel| pixel[3] == 0);
        assert_eq!(clear, *scene == Scene::Planet);
    }
}

#[test]
fn any_shape_can_be_painted() {
    for (width, height) in [(1, 1), (1, 600), (600, 1), (3, 1300)] {
        for seed in 0..Scene::ALL.len() as u64 {
            let picture = picture::decode_gray(&picture(seed, width, height, Format::Png)).unwrap();
            assert_eq!(picture.size(), (width, height));
        }
    }
}

/// If this fails, the pictures have changed, or an encoder has: look at them, increment
/// `collection::VERSION` in `pictures`, and write the new hash here.
#[test]
fn the_same_seed_paints_the_same_picture_for_ever() {
    let mut hash = Context::new(&SHA256);
    for seed in 0..Scene::ALL.len() as u64 {
        for format in Format::ALL {
            hash.update(&picture(seed, 80, 60, format));
        }
    }
    // Large enough for `View::slowly` to blend.
    hash.update(&picture(0, 8, 1100, Format::Tiff));
    let hash: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "c5cbad4581f0d90b96fd8b302d52fb55ad397b5c0bd8f98f3ae17e85d984994f");
    assert_ne!(picture(0, 80, 60, Format::Tiff), picture(7, 80, 60, Format::Tiff));
}
