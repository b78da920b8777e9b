//! JPEG. A photograph has its luma (the Y of YCbCr) in a channel of its own, so the colors are
//! neither decoded nor converted to RGB and back.
//!
//! Two crates do the decoding. `zune-jpeg` is the fast one, but for some files that cameras do not
//! write it returns wrong pixels and no error: if luma is not the channel with the most samples, or
//! if each channel has a scan of its own. So it gets only the files that it is known to decode
//! correctly, those that [`Header::is_common`] describes (`tests/pillow/matrix.rs` of the crate
//! `pictures` tries them all), and `jpeg-decoder` gets the rest.

mod header;

use jpeg_decoder::{ColorTransform, Decoder as SlowDecoder, UnsupportedFeature};
use zune_jpeg::JpegDecoder as FastDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::decoded::{check_size, upright};
use super::luma::{cmyk_to_luma, to_luma, ycck_to_luma};
use crate::error::{PictureError, corrupt, unsupported};
use crate::gray::GrayImage;
pub(crate) use header::ends;
use header::{Colors, Header};

pub(super) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let header = Header::read(bytes).ok_or_else(|| corrupt("JPEG", "it has no frame"))?;
    let pixels = luma(bytes, &header, header.colors())?;
    Ok(upright(header.width, header.height, pixels, header.orientation()))
}

/// The same for a JPEG in a TIFF, where a tag says what the channels are.
pub(super) fn in_tiff(bytes: &[u8], is_rgb: bool) -> Result<(usize, usize, Vec<u8>), PictureError> {
    let header = Header::read(bytes).ok_or_else(|| corrupt("JPEG", "it has no frame"))?;
    let colors = match header.components.len() {
        3 if is_rgb => Colors::Rgb,
        3 => Colors::YCbCr,
        _ => header.colors(),
    };
    Ok((header.width, header.height, luma(bytes, &header, colors)?))
}

fn luma(bytes: &[u8], header: &Header<'_>, colors: Colors) -> Result<Vec<u8>, PictureError> {
    let pixels = header.width as u64 * header.height as u64;
    check_size(header.width as u64, header.height as u64, pixels * header.components.len() as u64)?;
    if let Some(coding) = header.rare_coding() {
        return Err(unsupported(format!("{coding} JPEG")));
    }
    if header.precision != 8 {
        return Err(unsupported(format!("a {}-bit JPEG", header.precision)));
    }
    let gray = match colors {
        Colors::Gray | Colors::YCbCr if header.is_common() => fast(bytes, header)?,
        _ => slow(bytes, colors)?,
    };
    if gray.len() as u64 != pixels {
        return Err(corrupt("JPEG", "it has fewer pixels than its size says"));
    }
    Ok(gray)
}

/// Decodes only the luma.
fn fast(bytes: &[u8], header: &Header<'_>) -> Result<Vec<u8>, PictureError> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX)) // check_size is stricter, and has the better message
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let luma_only = header.without_color_scans(bytes);
    let mut decoder = FastDecoder::new_with_options(ZCursor::new(&*luma_only), options);
    decoder.decode().map_err(|error| corrupt("JPEG", error))
}

/// Decodes all channels. Luma is the first of them, or is computed.
fn slow(bytes: &[u8], colors: Colors) -> Result<Vec<u8>, PictureError> {
    let mut decoder = SlowDecoder::new(bytes);
    decoder.set_color_transform(match colors {
        Colors::Gray => ColorTransform::Grayscale,
        Colors::YCbCr | Colors::Rgb => ColorTransform::RGB, // leaves all three as they are
        Colors::Cmyk | Colors::Ycck => ColorTransform::CMYK, // 255 minus each of the four
    });
    let channels = decoder.decode().map_err(refusal)?;
    Ok(match colors {
        Colors::Gray => channels,
        Colors::YCbCr => channels.as_chunks::<3>().0.iter().map(|pixel| pixel[0]).collect(),
        Colors::Rgb => to_luma::<3>(&channels),
        Colors::Cmyk => cmyk_to_luma::<4>(&channels),
        Colors::Ycck => ycck_to_luma(&channels),
    })
}

fn refusal(error: jpeg_decoder::Error) -> PictureError {
    use jpeg_decoder::Error::Unsupported;
    match error {
        Unsupported(UnsupportedFeature::Hierarchical) => unsupported("a hierarchical JPEG"),
        Unsupported(UnsupportedFeature::NonIntegerSubsamplingRatio) => {
            unsupported("a JPEG whose channels differ in size by a fraction")
        }
        Unsupported(UnsupportedFeature::ComponentCount(count)) => {
            unsupported(format!("a JPEG of {count} channels"))
        }
        Unsupported(feature) => unsupported(format!("this kind of JPEG ({feature:?})")),
        error => corrupt("JPEG", error),
    }
}
