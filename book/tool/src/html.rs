//! HTML: the tags of a page, its source piece by piece, and text that is put into one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// An opening tag.
pub(crate) struct Tag {
    pub(crate) line: usize,
    pub(crate) name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// The opening tags of a page, in order.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input); // it stops early only for a sink that runs scripts
    tokenizer.end();
    tokenizer.sink.0.take()
}

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        let name = tag.name.to_string();
        // The text of scripts and styles has no tags.
        let result = match &*name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            _ => TokenSinkResult::Continue,
        };
        let attributes = tag.attrs.into_iter();
        let attributes =
            attributes.map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        self.0.borrow_mut().push(Tag { line, name, attributes });
        result
    }
}

/// Text as a browser shows it, also in an attribute between double quotes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A part of a page's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'h> {
    /// A tag, a comment, or a script or style with all that is in it: `<p class="a">`, `</p>`.
    Tag(&'h str),
    /// What stands between tags, with its entities.
    Text(&'h str),
}

/// The source of a page, piece by piece: put together, the pieces are the page.
pub(crate) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let end = match rest.find('<')? {
            0 => tag_end(rest),
            end => end,
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(if piece.starts_with('<') { Piece::Tag(piece) } else { Piece::Text(piece) })
    })
    .chain(
        Some(&html[html.rfind('>').map_or(0, |end| end + 1)..])
            .filter(|t| !t.is_empty())
            .map(Piece::Text),
    )
}

/// Where the tag ends that this source begins with.
fn tag_end(html: &str) -> usize {
    for (start, end) in [("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")] {
        if html.starts_with(start) {
            return html.find(end).map_or(html.len(), |at| at + end.len());
        }
    }
    let mut quote = None;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    html.len()
}

impl<'h> Piece<'h> {
    /// The name of a tag, with the slash of a closing one: `p`, `/p`.
    pub(crate) fn name(self) -> &'h str {
        let Piece::Tag(tag) = self else { return "" };
        let inside = &tag[1..];
        let is_end = |c: char| c.is_whitespace() || c == '>';
        let end = inside.strip_prefix('/').unwrap_or(inside).find(is_end);
        end.map_or(inside, |end| &inside[..end + usize::from(inside.starts_with('/'))])
    }

    /// The value of an attribute of a tag, with its entities.
    pub(crate) fn get(self, attribute: &str) -> Option<&'h str> {
        let Piece::Tag(tag) = self else { return None };
        let start = tag.find(&format!(" {attribute}=\""))? + attribute.len() + 3;
        tag[start..].split('"').next()
    }
}

/// What is in the `<main>` of a page; nothing if it has none.
pub(crate) fn main(page: &str) -> &str {
    let inside = page.split_once("<main").and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(_, rest)| rest.split("</main>").next().unwrap_or(""))
}

/// Undoes [`escape`], and the other entities that mdBook writes.
pub(crate) fn unescape(text: &str) -> String {
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'")];
    let text = text.replace("&#10;", "\n").replace("&nbsp;", " ");
    known.iter().fold(text, |text, (entity, char)| text.replace(entity, char)).replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_page_are_the_page() {
        let page = "<!DOCTYPE html><p title=\"a > b\" class='x'>one &lt; <b>two</b><!-- <i> -->\n<script>'<p>'</script></p>\nend";
        let whole: String = pieces(page)
            .map(|piece| match piece {
                Piece::Tag(source) | Piece::Text(source) => source,
            })
            .collect();
        assert_eq!(whole, page);
        let names: Vec<&str> =
            pieces(page).map(Piece::name).filter(|name| !name.is_empty()).collect();
        assert_eq!(names, ["!DOCTYPE", "p", "b", "/b", "!--", "script", "/p"]);
        assert_eq!(pieces(page).nth(1).unwrap().get("title"), Some("a > b"));
    }

    #[test]
    fn what_was_escaped_comes_back() {
        let text = "a < b && \"c\" > d &amp; e";
        assert_eq!(unescape(&escape(text)), text);
    }
}
