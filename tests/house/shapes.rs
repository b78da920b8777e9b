//! Shapes that we avoid: each function finds the lines, counted from 1, where one stands.

use regex::Regex;

use crate::code::code;

/// A function with more lines than this has two reasons.
const FUNCTION: usize = 60;
/// How wide a comment may be. rustfmt sees to the code.
const WIDTH: usize = 100;

/// An arm for `true` or `false`, a `match ()`, a filter that doesn't look at what it filters, or an
/// `&&` whose value nobody wants.
pub(crate) fn not_an_if(text: &str) -> Vec<usize> {
    let pattern =
        r"\b(?:true|false)\s*(?:\bif\b.*)?=>|\bmatch\s*\(\s*\)|\.filter\(\|_\||\blet _ = .*&&";
    let pattern = Regex::new(pattern).unwrap();
    let code = code(text);
    let found = code.lines().zip(1..).filter(|(line, _)| pattern.is_match(line));
    let mut lines: Vec<usize> = found.map(|(_, number)| number).collect();
    lines.dedup_by(|line, before| *line == *before + 1); // the other arm
    lines
}

/// A function that is too long, with its signature. rustfmt puts its last brace below its first
/// letter.
pub(crate) fn long_functions(text: &str) -> Vec<usize> {
    let head =
        Regex::new(r"^(\s*)(?:pub(?:\([^)]*\))? )?(?:(?:const|async|unsafe) )*fn \w").unwrap();
    let code = code(text);
    let lines: Vec<&str> = code.lines().collect();
    let is_long = |number: &usize| {
        let Some(found) = head.captures(lines[*number]) else { return false };
        let end = format!("{}}}", &found[1]);
        let body = lines[*number..].iter().position(|line| line.trim_end() == end);
        // A function of one line, or without a body, ends before another one does.
        let next = lines[*number + 1..].iter().position(|line| head.is_match(line));
        let is_whole = body.is_some_and(|body| next.is_none_or(|next| body < next + 1));
        is_whole && body.is_some_and(|body| body >= FUNCTION)
    };
    (0..lines.len()).filter(is_long).map(|number| number + 1).collect()
}

/// A comment that is too wide, and that isn't a table or the code of an example.
pub(crate) fn wide_comments(text: &str) -> Vec<usize> {
    let code = code(text);
    let mut is_example = false;
    let mut found = Vec::new();
    for ((line, code), number) in text.lines().zip(code.lines()).zip(1..) {
        // What stands behind the code, and is no part of a text.
        let skipped = code.trim_end().chars().count();
        let comment: String = line.chars().skip(skipped).collect();
        let Some(words) = comment.trim_start().strip_prefix("//") else { continue };
        let words = words.trim_start_matches(['/', '!', ' ']);
        is_example ^= words.starts_with("```");
        let is_wide = line.chars().count() > WIDTH && !words.starts_with('|') && !is_example;
        found.extend(is_wide.then_some(number));
    }
    found
}

#[test]
fn what_should_be_an_if_is_found() {
    for text in [
        "match a {\n    true => b,\n    false => c,\n}",
        "let a = match b { true => c, false => d };",
        "match a {\n    false if b > c => d,\n}",
        "match () {\n    () if a => b,\n}",
        "let a = b.filter(|_| c);",
        "let _ = a && b();",
    ] {
        assert!(!not_an_if(text).is_empty(), "{text}");
    }
    for text in [
        "// true => a",
        "match (a, b) {\n    (true, _) => c,\n    (_, true) => d,\n}",
        "assert!(matches!(a, Some(true)));",
        "let a = \"true => b\";",
        "let a = b.filter(|c| *c);",
    ] {
        assert_eq!(not_an_if(text), [0; 0], "{text}");
    }
}

#[test]
fn a_function_that_is_too_long_is_found() {
    let function = |lines: usize| {
        let body = "        a();\n".repeat(lines - 2);
        format!(
            "impl A {{\n    fn b();\n\n    pub(crate) fn c() {{\n{body}    }}\n\n    fn d() {{}}\n}}\n"
        )
    };
    assert_eq!(long_functions(&function(60)), [0; 0]);
    assert_eq!(long_functions(&function(61)), [4]);
}

#[test]
fn a_comment_that_is_too_wide_is_found() {
    let words = |width: usize| "a ".repeat(width / 2);
    for begin in ["// ", "    /// ", "//! ", "let a = b; // "] {
        assert_eq!(wide_comments(&format!("{begin}{}a", words(80))), [0; 0], "{begin}");
        assert_eq!(wide_comments(&format!("{begin}{}a", words(102))), [1], "{begin}");
    }
    let wide = words(102);
    for text in [format!("/// ```\n/// {wide}a\n/// ```"), format!("/// | {wide} |")] {
        assert_eq!(wide_comments(&text), [0; 0], "{text}");
    }
    assert_eq!(wide_comments(&format!("let a = \"// {wide}\";")), [0; 0]);
}
