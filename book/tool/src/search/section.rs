//! The text of a page, section by section, as search shows it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};

use crate::html;

/// What search finds in a section, and shows of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) body: String,
    /// What else a reader may call it.
    pub(super) also: String,
}

/// The sections of a page by the id of their heading; what is above the first has none.
pub(super) fn sections(page: &str) -> BTreeMap<String, Section> {
    let reader = html::read(page, Reader::default()).0.into_inner();
    let mut sections = reader.sections;
    for section in sections.values_mut() {
        let words: Vec<&str> = section.body.split_whitespace().collect();
        section.body = words.join(" ").replace(" ;", ";").replace(" · ;", ";");
    }
    sections
}

/// These stand in a line of text; all others begin a new one.
const INLINE: [&str; 12] =
    ["a", "abbr", "b", "code", "em", "i", "kbd", "small", "span", "strong", "sub", "sup"];

/// What a comment with other names begins with.
const ALSO: &str = "search:";

#[derive(Default)]
struct Reader(RefCell<Reading>);

#[derive(Default)]
struct Reading {
    sections: BTreeMap<String, Section>,
    /// The section that is being read.
    id: String,
    in_main: bool,
    in_heading: bool,
    /// How many pictures and scripts it is inside of: their text is not the page's.
    hidden: usize,
}

impl Reading {
    fn section(&mut self) -> &mut Section {
        self.sections.entry(self.id.clone()).or_default()
    }

    fn open(&mut self, name: &str, id: Option<String>) {
        match (name, id) {
            ("main", _) => self.in_main = true,
            ("svg" | "script" | "style", _) => self.hidden += 1,
            ("h1" | "h2" | "h3", Some(id)) => {
                self.id = id;
                self.in_heading = true;
                self.section();
            }
            _ if !INLINE.contains(&name) => self.section().body.push(' '),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "main" => self.in_main = false,
            "svg" | "script" | "style" => self.hidden = self.hidden.saturating_sub(1),
            "h1" | "h2" | "h3" => self.in_heading = false,
            "td" | "th" => self.section().body += " · ",
            "tr" => {
                let body = &mut self.section().body;
                body.truncate(body.trim_end_matches([' ', '·', '\n']).len());
                *body += "; ";
            }
            _ => {}
        }
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let id = tag.attrs.iter().find(|attribute| &*attribute.name.local == "id");
                reading.open(&tag.name, id.map(|attribute| attribute.value.to_string()));
                match &*tag.name {
                    "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                    _ => {}
                }
            }
            Token::TagToken(tag) => reading.close(&tag.name),
            Token::CharacterTokens(text)
                if reading.in_main && !reading.in_heading && reading.hidden == 0 =>
            {
                reading.section().body += &text;
            }
            Token::CommentToken(text) => {
                if let Some(names) = text.trim().strip_prefix(ALSO) {
                    reading.section().also += &names.replace(',', " ");
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_its_own_text_with_the_cells_of_a_table_apart() {
        let page = "<nav>no</nav><main><p>above</p><h2 id=\"one\">One <code>x</code></h2>\
                    <!-- search: starmap, apply_async --><p>a <code>b</code>.</p><p>c</p>\
                    <table><tr><th>in</th><th>out</th></tr>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr></table>\
                    <svg><text>drawn</text></svg><script>if (a < b) {}</script>\
                    <h4 id=\"deep\">d</h4><h3 id=\"two\">T</h3>end</main><p>no</p>";
        let sections = sections(page);
        assert_eq!(sections[""].body, "above");
        assert_eq!(sections["one"].also, " starmap  apply_async");
        assert_eq!(sections["one"].body, "a b. c in · out; 1 · 2; d");
        assert_eq!(sections["two"].body, "end");
        assert_eq!(sections.len(), 3);
    }
}
