//! Text from strangers, such as a link or the answer of a server, made safe to show.
//!
//! Everything that goes to a terminal or into a report goes through [`shown`], so that it cannot
//! move the cursor, reveals no password, and is at most a few lines long.

use std::borrow::Cow;
use std::ops::Range;

/// The longest text that is shown in full, in characters. A longer one is cut to its two ends,
/// which are so short that a sentence with one in it is not cut again.
const LONGEST: usize = 500;
/// How much is shown of the beginning of a longer text, in characters.
const HEAD: usize = 160;
/// How much is shown of its end, which says what to do, in characters.
const TAIL: usize = 120;
/// How far after the place where a host should have ended a password may reach, in bytes.
const LONGEST_SECRET: usize = 256;
/// What is shown in place of a password.
const MASK: &str = "***";

/// `text` made safe for a terminal: [`plain`], [`masked`], and without its middle if it is long.
///
/// ```
/// use step::text::shown;
///
/// assert_eq!(shown("http://me:secret@host/\u{1b}[2J.png"), "http://me:***@host/\u{fffd}[2J.png");
/// let long = shown(&format!("data:{}", "x".repeat(10_000_000)));
/// assert!(long.chars().count() < 400 && long.contains("(10000005 bytes)"));
/// ```
pub fn shown(text: &str) -> String {
    plain(&without_middle(&masked(text)))
}

/// `text` with U+FFFD in place of each [invisible](is_unseen) character.
///
/// ```
/// assert_eq!(step::text::plain("gpj.\u{202e}cat\u{7}"), "gpj.\u{fffd}cat\u{fffd}");
/// ```
pub fn plain(text: &str) -> String {
    text.replace(is_unseen, "\u{fffd}")
}

/// Whether a character controls the terminal, is invisible, or reverses the direction of the text.
///
/// ```
/// assert!(['\n', '\u{1b}', '\u{200b}', '\u{202e}', '\u{feff}'].into_iter().all(step::text::is_unseen));
/// assert!(!['a', ' ', 'ü', '猫'].into_iter().any(step::text::is_unseen));
/// ```
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` without the invisible characters around it: white space of any script, a byte order mark.
///
/// ```
/// assert_eq!(step::text::trimmed("\u{feff}\u{a0} a b\u{3000}\r\n"), "a b");
/// ```
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// `text` with three stars in place of the password in each link. A name without a password is
/// masked, too, because it may be a token.
///
/// It hides too much rather than too little: a malformed link may have a password in it, too.
///
/// ```
/// use step::text::masked;
///
/// assert_eq!(masked("https://me:secret@host/a.png"), "https://me:***@host/a.png");
/// assert_eq!(masked("no link: ftp://token@host"), "no link: ftp://***@host");
/// assert_eq!(masked("https://host/cat@2x.png"), "https://host/cat@2x.png");
/// ```
pub fn masked(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned(); // the usual case, and a fast one
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (begin, in_link) in authorities(text) {
        let secret = (begin >= done).then(|| secret(&text[begin..], in_link)).flatten();
        if let Some(secret) = secret {
            masked += &text[done..begin + secret.start];
            masked += MASK;
            done = begin + secret.end;
        }
    }
    masked + &text[done..]
}

/// Where a name and a password may begin: after the slashes of a link (`true`), or at the beginning
/// of a word.
fn authorities(text: &str) -> impl Iterator<Item = (usize, bool)> {
    let bytes = text.as_bytes();
    let is_slash = |byte: u8| byte == b'/' || byte == b'\\';
    let begins = move |at: usize| at == 0 || bytes[at - 1].is_ascii_whitespace();
    (0..bytes.len()).filter(move |&at| !is_slash(bytes[at])).filter_map(move |at| {
        let slashes = bytes[..at].iter().rev().take_while(|byte| is_slash(**byte)).count();
        let before = at - slashes;
        match slashes {
            0 => begins(at).then_some((at, false)),
            1 if ends_with_http(&bytes[..before]) => Some((at, true)),
            2.. if begins(before) || bytes[..before].ends_with(b":") => Some((at, true)),
            _ => begins(before).then_some((at, false)),
        }
    })
}

fn ends_with_http(bytes: &[u8]) -> bool {
    [&b"http:"[..], b"https:"].iter().any(|scheme| {
        let tail = bytes.len().checked_sub(scheme.len()).map(|at| &bytes[at..]);
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
    })
}

/// Which part of `text` is a password, if `text` begins with `name:password@host`. In a link, a
/// name without a password counts as one.
fn secret(text: &str, in_link: bool) -> Option<Range<usize>> {
    let is_end = |c: char| matches!(c, '/' | '\\' | '?' | '#') || !in_link && c.is_whitespace();
    let authority = &text[..text.find(is_end).unwrap_or(text.len())];
    let colon = authority.find(':');
    if let Some(at) = authority.rfind('@') {
        return match colon.filter(|&colon| colon < at) {
            Some(colon) => Some(colon + 1..at),
            None => in_link.then_some(0..at),
        };
    }
    // A password that contains such a character, instead of %2F and the like, goes on after it. A
    // port does not.
    let colon = colon?;
    if authority.starts_with('[')
        || authority[colon + 1..].bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let most = &text.as_bytes()[colon..text.len().min(colon + LONGEST_SECRET)];
    let word = most.split(u8::is_ascii_whitespace).next()?;
    let at = word.iter().rposition(|byte| *byte == b'@')?;
    Some(colon + 1..colon + at)
}

/// The middle goes before anything looks at each character: there may be megabytes of them.
fn without_middle(text: &str) -> Cow<'_, str> {
    if text.chars().nth(LONGEST).is_none() {
        return text.into();
    }
    let head = text.char_indices().nth(HEAD).map_or(text.len(), |(at, _)| at);
    let tail = text.char_indices().nth_back(TAIL - 1).map_or(0, |(at, _)| at);
    format!("{} … ({} bytes) … {}", &text[..head], text.len(), &text[tail..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_however_a_link_is_written() {
        for (text, expected) in [
            ("http://user:pw@host/x", "http://user:***@host/x"),
            ("HTTP://user:p@ss@host/x", "HTTP://user:***@host/x"),
            ("http://user:p%40ss@host:80?q", "http://user:***@host:80?q"),
            ("http://user:@host", "http://user:***@host"),
            ("http://token@host/x", "http://***@host/x"),
            ("http://user:p w@host/x", "http://user:***@host/x"),
            ("http://user:p/w@host/x", "http://user:***@host/x"),
            ("http://user:p#w@host/x", "http://user:***@host/x"),
            ("http://user:pw@[::1]:80/x", "http://user:***@[::1]:80/x"),
            ("ftp://user:pw@host", "ftp://user:***@host"),
            ("http:/user:pw@host/x", "http:/user:***@host/x"),
            (r"http:\\user:pw@host\x", r"http:\\user:***@host\x"),
            ("//user:pw@host/x", "//user:***@host/x"),
            ("user:pw@host/x", "user:***@host/x"),
            ("http:user:pw@host/x", "http:***@host/x"),
            (
                "Downloading http://a:b@c/d, http://e:f@g",
                "Downloading http://a:***@c/d, http://e:***@g",
            ),
            ("https://h/?to=https://a:b@c/", "https://h/?to=https://a:***@c/"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_is_no_password_stays() {
        for text in [
            "",
            "http://host/cat@2x.png",
            "http://host:80/cat:1@2x.png",
            "http://[::1]:80/cat@2x.png",
            "http://host/a//cat@2x.png",
            "https://host/@user/photo",
            "Saved images/cat@2x.png",
            "Saved cat@2x.png: all is well",
            r"Saved C:\cat@2x.png",
            "gallery:/cat@2x.png",
            "write to me@host.example",
            "at 10:30/cat@2x.png",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_hostile_text_does_not_upset_the_mask() {
        for part in ["//a:b", "://", "http:/x:y", "a:b ", "@", ":@/"] {
            let text = part.repeat((1 << 16) / part.len()) + " @";
            assert!(masked(&text).len() <= text.len() * 4);
        }
    }

    #[test]
    fn both_ends_of_a_long_text_are_shown_with_its_length() {
        let text = format!("begin{}end", "ü".repeat(10_000));
        let short = shown(&text);
        assert!(short.starts_with("beginü") && short.ends_with("üend"), "{short}");
        assert!(short.contains("(20008 bytes)") && short.chars().count() < 400, "{short}");
        assert_eq!(
            shown(&format!("Failed {short}: try again")),
            format!("Failed {short}: try again")
        );
        let whole = "ü".repeat(LONGEST);
        assert_eq!(shown(&whole), whole);
    }
}
