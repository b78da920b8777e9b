//! The headings, fences and comments of a chapter, and where they are in its text.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use serde::de::DeserializeOwned;

use crate::problem::{Found, line_at, parse_toml};

/// A part of a chapter that this program reads or replaces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block<'t> {
    /// A heading: its line, with the `##`.
    Heading {
        line: usize,
        source: &'t str,
    },
    Fence(Fence<'t>),
    Comment(Comment<'t>),
}

/// Code between two lines of backticks or tildes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fence<'t> {
    /// What follows the opening backticks: `rust,noplayground`.
    pub(crate) info: String,
    /// The line of its opening backticks, counted from 1.
    pub(crate) line: usize,
    /// Its lines of code, each with its number.
    pub(crate) code: Vec<(usize, &'t str)>,
    /// All of it, with its backticks, in the text.
    pub(crate) place: Range<usize>,
    /// Whether it is part of a list or a quotation.
    pub(crate) is_nested: bool,
    pub(crate) is_closed: bool,
}

impl Fence<'_> {
    /// `rust`
    pub(crate) fn language(&self) -> &str {
        self.info.split([',', ' ', '{']).find(|word| !word.is_empty()).unwrap_or("")
    }
}

/// A comment at the start of a line, in which a chapter asks for something: `<!-- WORD … -->`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comment<'t> {
    /// Lower-case letters and hyphens, and perhaps a colon.
    pub(crate) word: &'t str,
    /// What follows the word.
    pub(crate) body: &'t str,
    /// The line of the text, counted from 1, where the comment begins.
    pub(crate) line: usize,
    /// All of it, in the text.
    pub(crate) place: Range<usize>,
}

impl Comment<'_> {
    /// The line of the text in which this byte of the body lies.
    pub(crate) fn line_at(&self, byte: usize) -> usize {
        self.line - 1 + line_at(self.body, byte)
    }

    /// Reads the body as TOML, or says what is wrong with it.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Found> {
        parse_toml(self.body)
            .map_err(|(line, what)| vec![(self.line - 1 + line, format!("{}: {what}", self.word))])
    }
}

/// The blocks of a text, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut depth = 0_usize;
    let mut events = new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter();
    while let Some((event, place)) = events.next() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let line = lines.number(place.start);
                let opening =
                    text[place.start..].find('\n').map_or(text.len(), |n| place.start + n);
                let (mut code, mut end) = (Vec::new(), opening);
                // It holds nothing but text.
                for (event, inside) in events.by_ref() {
                    let Event::Text(_) = event else { break };
                    end = inside.end;
                    let number = lines.number(inside.start);
                    code.extend((number..).zip(text[inside].lines()));
                }
                let is_closed = text[end.min(place.end)..place.end].contains(['`', '~']);
                let (info, is_nested) = (info.into_string(), depth > 0);
                blocks.push(Block::Fence(Fence { info, line, code, place, is_nested, is_closed }));
            }
            Event::Start(Tag::HtmlBlock) if depth == 0 => {
                blocks.extend(comments_in(text, place, &mut lines).map(Block::Comment));
                depth += 1;
            }
            Event::Start(Tag::Heading { .. }) => {
                let (line, source) = (lines.number(place.start), text[place].trim_end());
                blocks.push(Block::Heading { line, source });
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    blocks
}

/// The headings, each with its line.
pub(crate) fn headings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    blocks(text).into_iter().filter_map(|block| match block {
        Block::Heading { line, source } => Some((line, source)),
        _ => None,
    })
}

pub(crate) fn fences(text: &str) -> impl Iterator<Item = Fence<'_>> {
    blocks(text).into_iter().filter_map(|block| match block {
        Block::Fence(fence) => Some(fence),
        _ => None,
    })
}

pub(crate) fn comments(text: &str) -> impl Iterator<Item = Comment<'_>> {
    blocks(text).into_iter().filter_map(|block| match block {
        Block::Comment(comment) => Some(comment),
        _ => None,
    })
}

/// Replaces the parts of a text at these places, which are in order.
pub(crate) fn replace(
    text: &str,
    parts: impl IntoIterator<Item = (Range<usize>, String)>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (place, part) in parts {
        out += &text[at..place.start];
        out += &part;
        at = place.end;
    }
    out + &text[at..]
}

const BEGIN: &str = "<!-- ";
const END: &str = "-->";

/// The comments in a block of HTML, which may hold other things as well.
fn comments_in<'t>(
    text: &'t str,
    block: Range<usize>,
    lines: &mut Lines<'_>,
) -> impl Iterator<Item = Comment<'t>> {
    let html = &text[block.clone()];
    let mut found = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let comment = html[at..].strip_prefix(BEGIN).and_then(comment);
        let length = comment.map(|(word, body)| BEGIN.len() + word.len() + body.len() + END.len());
        if let (Some((word, body)), Some(length)) = (comment, length) {
            let start = block.start + at;
            let line = lines.number(start);
            found.push(Comment { word, body, line, place: start..start + length });
        }
        at += length.unwrap_or(0);
        at = html[at..].find('\n').map_or(html.len(), |end| at + end + 1);
    }
    found.into_iter()
}

/// The word and the body of a comment, from what follows its beginning.
fn comment(inside: &str) -> Option<(&str, &str)> {
    let inside = &inside[..inside.find(END)?];
    let end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let (word, body) = inside.split_at(end);
    let name = word.strip_suffix(':').unwrap_or(word);
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !name.is_empty();
    is_plain.then_some((word, body))
}

/// Counts lines as it goes forward in a text.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of this byte, which is not before the last one that was asked for.
    fn number(&mut self, byte: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..byte).unwrap_or_default();
        self.line += passed.iter().filter(|&&b| b == b'\n').count();
        self.at = self.at.max(byte);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_a_word_a_body_and_a_line() {
        let text = "# Title\n\n<!-- lesson\na = 1\n\nb = 2\n-->\n\ntext <!-- not at the start -->\n<!-- quiz -->";
        let seen: Vec<_> = comments(text).map(|c| (c.word, c.body, c.line)).collect();
        assert_eq!(seen, [("lesson", "\na = 1\n\nb = 2\n", 3), ("quiz", " ", 10)]);
    }

    #[test]
    fn a_comment_without_a_plain_word_asks_for_nothing() {
        let text = "<!-- Two words -->\n<!---->\n<!-- -->\n<!-- : -->\n<!-- open";
        assert_eq!(comments(text).count(), 0);
    }

    #[test]
    fn comments_in_fences_are_code_and_those_inside_html_count() {
        let text = "```html\n<!-- quiz -->\n```\n> ~~~~\n> <!-- quiz -->\n> ~~~~\n\n<div>\n<!-- quiz -->\n</div>\n";
        assert_eq!(comments(text).map(|c| c.line).collect::<Vec<_>>(), [9]);
    }

    #[test]
    fn another_text_takes_their_place() {
        let text = "a\n\n<!-- one -->\nb\n<!-- two\n2 -->\nc\n";
        let parts = comments(text).map(|c| (c.place, c.word.to_uppercase()));
        assert_eq!(replace(text, parts), "a\n\nONE\nb\nTWO\nc\n");
    }

    #[test]
    fn a_fence_has_its_code_line_by_line() {
        let text = "# A\n\n> ```rust,ignore\n> one\n>\n> two\n> ```\n\n````text\n```\n````\n~~~\n";
        let fences: Vec<Fence<'_>> = fences(text).collect();
        assert_eq!(fences[0].code, [(4, "one"), (5, ""), (6, "two")]);
        assert_eq!((fences[0].language(), fences[0].line, fences[0].is_nested), ("rust", 3, true));
        assert_eq!(fences[1].code, [(10, "```")]);
        assert_eq!(&text[fences[1].place.clone()], "````text\n```\n````");
        assert_eq!(fences.iter().map(|f| f.is_closed).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn headings_are_told_from_comments_in_code() {
        let text = "## One\n```\n## Two\n```\n## Three\n";
        let headings = blocks(text).into_iter().filter_map(|block| match block {
            Block::Heading { line, source } => Some((line, source)),
            _ => None,
        });
        assert_eq!(headings.collect::<Vec<_>>(), [(1, "## One"), (5, "## Three")]);
    }
}
