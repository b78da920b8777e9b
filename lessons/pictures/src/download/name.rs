//! File names made from links, safe on every file system.
//!
//! A link is chosen by its server, so it is never trusted as a path: only its last segment is used,
//! and whatever could leave the folder, hide the file or confuse a terminal is replaced.

use percent_encoding::percent_decode_str;
use step::text::{is_unseen, masked};

/// The longest name made from a link, in bytes. With `processed_`, a dash and hexadecimal digits,
/// and another extension, it still fits into the 255 bytes that file systems allow.
const LONGEST_FROM_LINK: usize = 180;

/// The longest name that [`safe`] returns, in bytes: with the suffix of [`with_hash`] it stays
/// below 255.
pub(super) const LONGEST: usize = 220;

/// The name if the link has none.
const NAMELESS: &str = "picture";

/// The extensions of pictures.
const PICTURES: [&str; 9] = ["jpg", "jpeg", "jpe", "jfif", "png", "gif", "tif", "tiff", "webp"];

/// A file name for whatever is at `link`: the last segment of its path, made [`safe`].
///
/// ```
/// use pictures::download::name;
///
/// assert_eq!(name::from_link("http://host/a/cat%201.jpg?w=2#x"), "cat 1.jpg");
/// assert_eq!(name::from_link("http://host/..%2f..%2fx.png"), "x.png");
/// assert_eq!(name::from_link("http://host/"), "picture");
/// ```
pub fn from_link(link: &str) -> String {
    // A password with a slash in it would look like a path.
    let link = masked(link);
    let link = link.split(['?', '#']).next().unwrap_or_default();
    // Without a slash there is only a host, and without a host it is not a link to a file.
    let path = link.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    let path = path.map_or("", |(_, path)| path);
    safe_within(&percent_decode_str(path).decode_utf8_lossy(), LONGEST_FROM_LINK)
}

/// `name`, with `extension` added unless it already has that of a picture.
///
/// ```
/// use pictures::download::name;
///
/// assert_eq!(name::with_extension("cat.jpeg", "jpg"), "cat.jpeg");
/// assert_eq!(name::with_extension("show.php", "png"), "show.php.png");
/// ```
pub fn with_extension(name: &str, extension: &str) -> String {
    match split(name) {
        (_, "") => safe(&format!("{name}.{extension}")),
        _ => name.to_owned(),
    }
}

/// The name of what is made from the picture `name`: `processed_<stem>.png`.
///
/// ```
/// use pictures::download::name;
///
/// assert_eq!(name::processed("cat.jpg"), "processed_cat.png");
/// ```
pub fn processed(name: &str) -> String {
    safe(&format!("processed_{}.png", split(name).0))
}

/// `name` as a path component that every file system accepts: without separators, control
/// characters and invisible characters, without a leading dot, none of the names that Windows
/// reserves, and at most 220 bytes long.
///
/// Only the last component of a path is kept. A name that is already safe stays as it is.
///
/// ```
/// use pictures::download::name;
///
/// assert_eq!(name::safe("../../etc/passwd"), "passwd");
/// assert_eq!(name::safe("con.png"), "_con.png");
/// assert_eq!(name::safe(name::safe("a\0b.png").as_str()), "a_b.png");
/// ```
pub fn safe(name: &str) -> String {
    safe_within(name, LONGEST)
}

fn safe_within(name: &str, longest: usize) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().map(|c| if is_troublesome(c) { '_' } else { c }).collect();
    // A leading dot hides a file, a leading dash looks like an option, and Windows drops trailing
    // ones.
    let ends_badly = |c: char| c == '.' || c.is_whitespace();
    let clean =
        clean.trim_start_matches(|c: char| c == '-' || ends_badly(c)).trim_end_matches(ends_badly);

    let (stem, extension) = split(clean);
    let keep = longest - extension.len() - usize::from(!extension.is_empty()) - 1;
    let stem = cut(stem, keep).trim_end_matches(ends_badly);
    let stem = if stem.is_empty() { NAMELESS } else { stem };
    let reserved = if is_reserved(stem) { "_" } else { "" };
    match extension {
        "" => format!("{reserved}{stem}"),
        extension => format!("{reserved}{stem}.{extension}"),
    }
}

/// The name to use if another link has `name`: `<stem>-<digits>.<extension>`.
pub(super) fn with_hash(name: &str, digits: &str) -> String {
    match split(name) {
        (stem, "") => format!("{stem}-{digits}"),
        (stem, extension) => format!("{stem}-{digits}.{extension}"),
    }
}

/// The name without the extension of a picture, and that extension, or nothing.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if PICTURES.iter().any(|known| known.eq_ignore_ascii_case(extension)) =>
        {
            (stem, extension)
        }
        _ => (name, ""),
    }
}

/// The beginning of `text`, at most `bytes` long, cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

fn is_troublesome(c: char) -> bool {
    is_unseen(c) || r#"<>:"|?*"#.contains(c)
}

/// Whether Windows takes it for a device, whatever extension follows.
fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end();
    let upper = first.to_ascii_uppercase();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&upper.as_str()) {
        return true;
    }
    let port = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT"));
    port.is_some_and(|n| {
        let mut n = n.chars();
        matches!(n.next(), Some('0'..='9' | '¹' | '²' | '³')) && n.next().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_cannot_leave_the_folder() {
        for (link, name) in [
            ("http://h/../../x.png", "x.png"),
            ("http://h/..%2f..%2fx.png", "x.png"),
            ("http://h/..%5C..%5Cx.png", "x.png"),
            ("http://h/%2fetc%2fpasswd", "passwd.png"),
            ("http://h/..", "picture.png"),
            ("http://h/%2e%2e", "picture.png"),
            ("http://h/.hidden.png", "hidden.png"),
            ("http://h/a%00b.png", "a_b.png"),
            ("http://h/C:evil.png", "C_evil.png"),
            ("http://h/NUL.png", "_NUL.png"),
            ("http://h/com1.tar.png", "_com1.tar.png"),
            ("http://h/-rf.png", "rf.png"),
            ("http://h", "picture.png"),
            ("http://h/dir/", "picture.png"),
            ("http://h/x.png?to=/../y", "x.png"),
            ("http://h/a%ff.png", "a\u{fffd}.png"),
            ("data:image/png;base64,iVBORw0KGgo=", "picture.png"),
            ("http://me:se/cret.png@h", "picture.png"),
            ("http://me:secret@h", "picture.png"),
            ("http://h/a%e2%80%aegpj.png", "a_gpj.png"),
        ] {
            assert_eq!(with_extension(&from_link(link), "png"), name, "{link}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters_and_keeps_its_extension() {
        let name = from_link(&format!("http://h/{}.png", "ü".repeat(300)));
        assert!(name.ends_with("ü.png") && name.len() <= LONGEST_FROM_LINK);
        let worst = with_hash(&processed(&name), &"f".repeat(24));
        assert!(worst.starts_with("processed_ü") && worst.ends_with(".png"));
        assert!(worst.len() < 255);
    }

    #[test]
    fn jpeg_and_png_of_one_stem_are_processed_under_one_name() {
        assert_eq!(processed("a.jpg"), "processed_a.png");
        assert_eq!(processed("a.PNG"), "processed_a.png");
        assert_eq!(processed("a.b.tif"), "processed_a.b.png");
    }
}
