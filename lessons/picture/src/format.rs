//! Which format is it? Recognized by the first bytes, as every program does.

use super::error::{PictureError, unsupported};

const JPEG: &[u8] = b"\xff\xd8\xff";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A format of picture files that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG, except its rarest variants.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF and BigTIFF.
    Tiff,
    /// WebP, lossy and lossless.
    WebP,
    /// GIF.
    Gif,
}

impl Format {
    /// The format of a file that begins with these bytes; None if it is something else.
    ///
    /// ```
    /// use picture::Format;
    ///
    /// assert_eq!(Format::detect(b"GIF89a"), Some(Format::Gif));
    /// assert_eq!(Format::detect(b"<!DOCTYPE html>"), None);
    /// ```
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        let starts = |mark: &[u8]| bytes.starts_with(mark);
        if starts(JPEG) {
            Some(Format::Jpeg)
        } else if starts(PNG) {
            Some(Format::Png)
        } else if starts(b"GIF87a") || starts(b"GIF89a") {
            Some(Format::Gif)
        } else if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Format::WebP)
        } else if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].into_iter().any(|mark| starts(mark)) {
            Some(Format::Tiff) // or BigTIFF
        } else {
            None
        }
    }

    /// Its usual name: `WebP`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::Tiff => "TIFF",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
        }
    }

    /// The usual extension of such a file, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::Tiff => "tiff",
            Format::WebP => "webp",
            Format::Gif => "gif",
        }
    }
}

/// The format, or an error that says what it is instead.
pub(super) fn recognize(bytes: &[u8]) -> Result<Format, PictureError> {
    match Format::detect(bytes) {
        Some(format) => Ok(format),
        None if bytes.is_empty() => Err(PictureError::Empty),
        None => Err(what_else(bytes)),
    }
}

fn what_else(bytes: &[u8]) -> PictureError {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.starts_with(b"<") {
        return markup(text);
    }
    if let Some(how) = compressed(bytes) {
        return PictureError::Compressed { how };
    }
    if let Some(what) = other_format(bytes) {
        return unsupported(what);
    }
    if let Some(before) = (1..bytes.len().min(4096)).find(|&at| starts_surely(&bytes[at..])) {
        return PictureError::Preceded { bytes: before };
    }
    let start = text[..text.len().min(24)].escape_ascii().to_string();
    let what = match text.first() {
        _ if !is_text(bytes) => {
            "of an unknown kind (perhaps compressed: brotli cannot be recognized)"
        }
        Some(b'{' | b'[') => "JSON",
        _ => "plain text",
    };
    PictureError::NotAPicture { what, start }
}

/// Whether a picture starts here, by a mark that is too long to be there by chance.
fn starts_surely(bytes: &[u8]) -> bool {
    bytes.starts_with(PNG)
        || bytes.starts_with(JPEG) && matches!(bytes.get(3), Some(0xdb | 0xe0..=0xef | 0xfe))
        || matches!(Format::detect(bytes), Some(Format::Gif | Format::WebP))
}

/// HTML, SVG or XML: the first element decides.
fn markup(text: &[u8]) -> PictureError {
    let text = String::from_utf8_lossy(&text[..text.len().min(4096)]).to_ascii_lowercase();
    let mut rest = text.as_str();
    loop {
        rest = rest.trim_start();
        let (start, end) = if rest.starts_with("<?") {
            ("<?", "?>")
        } else if rest.starts_with("<!--") {
            ("<!--", "-->")
        } else if rest.starts_with("<!doctype svg") {
            return svg();
        } else if rest.starts_with("<!doctype html") {
            return PictureError::WebPage;
        } else if rest.starts_with("<!doctype") {
            ("<!doctype", ">")
        } else {
            break;
        };
        match rest[start.len()..].split_once(end) {
            Some((_, after)) => rest = after,
            None => return PictureError::WebPage,
        }
    }
    let end_of_name = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
    let name = rest.trim_start_matches('<').split(end_of_name).next().unwrap_or_default();
    match name.rsplit(':').next() {
        Some("svg") => svg(),
        Some("" | "html") => PictureError::WebPage,
        _ if text.starts_with("<?xml") => {
            let start = text.chars().take(60).collect::<String>().escape_debug().to_string();
            PictureError::NotAPicture { what: "XML", start }
        }
        _ => PictureError::WebPage,
    }
}

fn svg() -> PictureError {
    unsupported("an SVG drawing")
}

fn compressed(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x1f, 0x8b, ..] => "gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        [0x78, 0x01 | 0x9c | 0xda, ..] => "deflate",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "xz",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "bzip2",
        [b'P', b'K', 3, 4, ..] => "zip",
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => "7-Zip",
        _ => return None,
    })
}

fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let starts = |mark: &[u8]| bytes.starts_with(mark);
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..12)? {
            b"avif" | b"avis" => "an AVIF picture",
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                "a HEIC picture"
            }
            _ => "a video",
        });
    }
    let marks: [(&[u8], &str); 14] = [
        (b"\0\0\x01\0", "an icon (ICO)"),
        (b"8BPS", "a Photoshop file"),
        (b"%PDF-", "a PDF document"),
        (b"%!PS", "a PostScript document"),
        (b"\xff\x0a", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (b"SIMPLE  =", "a FITS picture"),
        (b"v/1\x01", "an OpenEXR picture"),
        (b"DDS ", "a DDS picture"),
        (b"qoif", "a QOI picture"),
        (b"\x1aE\xdf\xa3", "a video"),
        (b"\x89JNG", "a JNG picture"),
    ];
    let known = marks.into_iter().find(|(mark, _)| starts(mark)).map(|(_, what)| what);
    known.or(match bytes {
        // These begin with letters, like a text, so what follows decides.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("a BMP picture"),
        [b'P', b'1'..=b'6', b' ' | b'\n' | b'\r' | b'\t', b'0'..=b'9' | b'#', ..] => {
            Some("a PNM picture")
        }
        _ => None,
    })
}

fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(512)];
    let valid = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(), // we cut it off within a character
    };
    valid && start.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}
