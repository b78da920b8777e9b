//! Comments in which a chapter asks for something: `<!-- quiz -->`, or a word and what it is about.

use std::ops::Range;

/// A comment that begins a line, outside of fences, with a plain word: `<!-- WORD … -->`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comment<'t> {
    pub(crate) word: &'t str,
    /// What follows the word.
    pub(crate) body: &'t str,
    /// The line of the text, counted from 1, where the comment begins.
    pub(crate) line: usize,
    /// All of it, in the text.
    place: Range<usize>,
}

impl Comment<'_> {
    /// The line of the text in which this byte of the body lies.
    pub(crate) fn line_at(&self, byte: usize) -> usize {
        let before = self.body.get(..byte).unwrap_or(self.body);
        self.line + before.matches('\n').count()
    }
}

const BEGIN: &str = "<!-- ";
const END: &str = "-->";

/// All such comments, in their order.
pub(crate) fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let end_of_line = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let mut taken = end_of_line;
        let ticks = marks(&rest[..end_of_line]);
        match fence {
            Some(open) => {
                let closes = ticks.starts_with(open) && rest[..end_of_line].trim().ends_with(ticks);
                fence = fence.filter(|_| !closes);
            }
            None if !ticks.is_empty() => fence = Some(ticks),
            None => {
                if let Some(comment) = comment(text, at, line) {
                    taken = comment.place.len();
                    found.push(comment);
                }
            }
        }
        line += rest[..taken].matches('\n').count();
        at += taken;
    }
    found
}

/// The marks that open or close a fence, if the line does.
fn marks(line: &str) -> &str {
    let line = line.trim_start_matches(['>', ' ', '\t']);
    let Some(mark @ ('`' | '~')) = line.chars().next() else { return "" };
    let marks = &line[..line.len() - line.trim_start_matches(mark).len()];
    if marks.len() < 3 { "" } else { marks }
}

fn comment(text: &str, at: usize, line: usize) -> Option<Comment<'_>> {
    let inside = text[at..].strip_prefix(BEGIN)?;
    let length = inside.find(END)?;
    let inside = &inside[..length];
    let word = inside.split(|c: char| c.is_whitespace()).next().filter(|word| !word.is_empty())?;
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let place = at..at + BEGIN.len() + length + END.len();
    plain.then(|| Comment { word, body: &inside[word.len()..], line, place })
}

/// Puts something else in the place of comments: of all those for which `part` has it.
pub(crate) fn replace(text: &str, mut part: impl FnMut(&Comment<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for comment in comments(text) {
        if let Some(part) = part(&comment) {
            out += &text[at..comment.place.start];
            out += &part;
            at = comment.place.end;
        }
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_a_word_a_body_and_a_line() {
        let text = "# Title\n\n<!-- lesson\na = 1\nb = 2\n-->\n\ntext <!-- not at the start -->\n<!-- quiz -->";
        let found = comments(text);
        let seen: Vec<_> = found.iter().map(|c| (c.word, c.body, c.line)).collect();
        assert_eq!(seen, [("lesson", "\na = 1\nb = 2\n", 3), ("quiz", " ", 9)]);
        assert_eq!(found[0].line_at(found[0].body.find('b').unwrap()), 5);
    }

    #[test]
    fn what_is_no_plain_word_asks_for_nothing() {
        let text = "<!-- fragment: why -->\n<!-- Two words -->\n<!---->\n<!-- -->\n<!-- open";
        assert_eq!(comments(text), []);
    }

    #[test]
    fn comments_in_fences_are_text() {
        let text = "```html\n<!-- quiz -->\n```\n> ~~~~\n<!-- quiz -->\n~~~~\n<!-- quiz -->\n";
        assert_eq!(comments(text).iter().map(|c| c.line).collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn something_else_takes_their_place() {
        let text = "a\n<!-- one -->\nb\n<!-- two\n2 -->\nc\n";
        let one = replace(text, |c| (c.word == "one").then(|| "1".to_owned()));
        assert_eq!(one, "a\n1\nb\n<!-- two\n2 -->\nc\n");
        let two = replace(text, |c| (c.word == "two").then(|| c.body.trim().to_owned()));
        assert_eq!(two, "a\n<!-- one -->\nb\n2\nc\n");
    }
}
