//! Rust without its comments, its texts and its unit tests: what the rules are about.

use std::sync::LazyLock;

use regex::Regex;

/// Comments, texts and letters. In the pattern, `\x22` is a quotation mark and `\x23` is `#`: raw
/// texts have up to two.
static NO_CODE: LazyLock<Regex> = LazyLock::new(|| {
    let comment = r"//[^\n]*|/\*(?s:.*?)\*/";
    let raw = r"\bb?r\x23\x23\x22(?s:.*?)\x22\x23\x23|\bb?r\x23\x22(?s:.*?)\x22\x23|\bb?r\x22(?s:.*?)\x22";
    let text = r"\x22(?s:\\.|[^\x22\\])*\x22";
    let letter = r"'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\])'";
    Regex::new(&format!("{comment}|{raw}|{text}|{letter}")).expect("a valid pattern")
});

/// The text with a blank in place of each letter that is no code. Lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    without_unit_tests(&blank(text, &NO_CODE))
}

fn blank(text: &str, pattern: &Regex) -> String {
    let blanks = |found: &regex::Captures<'_>| {
        found[0].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>()
    };
    pattern.replace_all(text, blanks).into_owned()
}

/// Unit tests may use whatever they like: they are no part of what is built.
fn without_unit_tests(code: &str) -> String {
    let (mut kept, mut rest) = (String::new(), code);
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        let end = match after.find(['{', ';']) {
            Some(at) if after[at..].starts_with('{') => at + block(&after[at..]),
            Some(at) => at + 1,
            None => after.len(),
        };
        kept += before;
        kept.extend(after[..end].chars().filter(|c| *c == '\n'));
        rest = &after[end..];
    }
    kept + rest
}

/// The length of the block that begins here, with its braces.
pub(crate) fn block(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_texts_and_unit_tests_are_no_code_and_lines_stay() {
        let text = "a // true => b\n\"c \\\" /* d\" e /* f\n */ g 'h' '\\'' i<'j> \
                    r#\"k \" l\"# m\n#[cfg(test)]\nmod tests {\n  fn n() {}\n}\no\n#[cfg(test)]\nmod p;\nq";
        let code = code(text);
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words, ["a", "e", "g", "i<'j>", "m", "o", "q"]);
        assert_eq!(code.lines().count(), text.lines().count());
    }
}
