//! The formats that pictures can be painted in.

/// A file format, and the kind of pixels in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Baseline JPEG in colour.
    Jpeg,
    /// Baseline JPEG in gray.
    JpegGray,
    /// PNG, 8 bits for each of red, green and blue.
    Png,
    /// PNG, 8 bits of gray.
    PngGray,
    /// PNG, 8-bit colour with transparency.
    PngAlpha,
    /// PNG, 64 colours in a palette.
    PngPalette,
    /// PNG, 16 bits for each of red, green and blue.
    Png16,
    /// TIFF, 8 bits for each of red, green and blue.
    Tiff,
    /// TIFF, 16 bits for each of red, green and blue.
    Tiff16,
    /// Lossless WebP in colour.
    WebP,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 10] = [
        Format::Jpeg,
        Format::JpegGray,
        Format::Png,
        Format::PngGray,
        Format::PngAlpha,
        Format::PngPalette,
        Format::Png16,
        Format::Tiff,
        Format::Tiff16,
        Format::WebP,
    ];

    /// The Content-Type of such a file.
    pub fn content_type(self) -> &'static str {
        match self.extension() {
            "jpg" => "image/jpeg",
            "png" => "image/png",
            "tif" => "image/tiff",
            _ => "image/webp",
        }
    }

    /// The usual extension of such a file, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg | Format::JpegGray => "jpg",
            Format::Png
            | Format::PngGray
            | Format::PngAlpha
            | Format::PngPalette
            | Format::Png16 => "png",
            Format::Tiff | Format::Tiff16 => "tif",
            Format::WebP => "webp",
        }
    }
}
