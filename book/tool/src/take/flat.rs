//! A chapter without what needs a screen. Tabs stand one under the other, each under its name; what
//! is folded is open, but for answers, hints and solutions, which go to the end of the book.

use super::chapters::Chapter;
use crate::html::{Piece, pieces};

/// What a fold that belongs at the end is called.
const ANSWERS: [&str; 4] = ["Answer", "A hint", "A stronger hint", "One way to do it"];
/// Elements that do something only on a screen.
const ON_SCREEN: [&str; 5] = ["button", "script", "form", "template", "input"];
/// Elements of these classes, too.
const CLASSES: [&str; 5] = ["mh-save", "mh-table", "mh-narrow", "welcome-stage", "welcome-buttons"];

/// A chapter for paper. Its ids begin with its name, so they are unique in the whole book.
pub(super) struct Flat {
    pub(super) body: String,
    pub(super) answers: String,
}

pub(super) fn flatten(chapter: &Chapter) -> Flat {
    let mut flatten = Flatten { name: &chapter.name, answers: String::new(), count: 0 };
    let body = flatten.all(&pieces(&chapter.html).collect::<Vec<_>>());
    Flat { body, answers: flatten.answers }
}

struct Flatten<'c> {
    name: &'c str,
    answers: String,
    /// How many answers have gone to the end.
    count: usize,
}

impl Flatten<'_> {
    fn all(&mut self, html: &[Piece<'_>]) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(&piece) = html.get(at) {
            let class = piece.get("class").unwrap_or("");
            let is_left_out = ON_SCREEN.contains(&piece.name())
                || class.split(' ').any(|class| CLASSES.contains(&class));
            if is_left_out || piece.name() == "details" {
                let end = at + length(&html[at..]);
                if !is_left_out {
                    out += &self.fold(piece, &html[at + 1..end - 1]);
                }
                at = end;
                continue;
            }
            match piece {
                Piece::Tag(tag) => out += &self.tag(tag, piece),
                Piece::Text(text) => out += text,
            }
            if let Some(language) = piece.get("data-language") {
                out += &format!("<p class=\"language\">{language}</p>");
            }
            at += 1;
        }
        out
    }

    /// A tag, with ids and links as they are in the whole book.
    fn tag(&self, tag: &str, piece: Piece<'_>) -> String {
        let mut tag = tag.to_owned();
        if tag.starts_with("<!--") {
            return String::new();
        }
        if let Some(id) = piece.get("id") {
            tag = tag.replacen(&format!(" id=\"{id}\""), &format!(" id=\"{}-{id}\"", self.name), 1);
        }
        if let Some(href) = piece.get("href")
            && let Some(address) = self.address(href)
        {
            tag = tag.replacen(&format!("href=\"{href}\""), &format!("href=\"#{address}\""), 1);
        }
        tag
    }

    /// Where a link within the book leads: the id of a chapter, or of something in it.
    fn address(&self, href: &str) -> Option<String> {
        if href.contains("://") || href.starts_with("mailto:") {
            return None;
        }
        let (file, id) = href.split_once('#').map_or((href, None), |(file, id)| (file, Some(id)));
        let name =
            if file.is_empty() { self.name } else { file.strip_suffix(".html").unwrap_or(file) };
        let name = if name == "index" { "welcome" } else { name };
        Some(id.map_or(name.to_owned(), |id| format!("{name}-{id}")))
    }

    fn fold(&mut self, details: Piece<'_>, inside: &[Piece<'_>]) -> String {
        let start =
            inside.iter().position(|piece| piece.name() == "summary").map_or(0, |at| at + 1);
        let end = inside.iter().position(|piece| piece.name() == "/summary").unwrap_or(start);
        let summary = self.all(&inside[start..end]);
        let content = self.all(&inside[(end + 1).min(inside.len())..]);
        let class = details.get("class").unwrap_or("");
        if class.starts_with("quiz-") {
            if class == "quiz-right" {
                let number =
                    details.get("name").and_then(|name| name.rsplit('-').next()).unwrap_or("");
                self.answers +=
                    &format!("<h3>Question {number}</h3>\n<p>{summary}</p>\n{content}\n");
            }
            return format!("<p class=\"choice\">{summary}</p>\n");
        }
        let plain = summary.trim();
        if !ANSWERS.iter().any(|answer| plain.starts_with(answer)) {
            return format!(
                "<div class=\"unfolded {class}\"><p><b>{summary}</b></p>\n{content}</div>\n"
            );
        }
        self.count += 1;
        let id = format!("{}-answer-{}", self.name, self.count);
        self.answers += &format!("<h3 id=\"{id}\">{summary} ({})</h3>\n{content}\n", self.count);
        format!(
            "<p class=\"folded\"><a href=\"#{id}\">{summary} ({})</a>: at the end of the book.</p>\n",
            self.count
        )
    }
}

/// How many pieces the first element has, with its tags.
pub(super) fn length(html: &[Piece<'_>]) -> usize {
    let name = html[0].name();
    let Piece::Tag(tag) = html[0] else { return 1 };
    if super::xhtml::is_void(name)
        || name.is_empty()
        || tag.ends_with("/>")
        || tag.starts_with("<script")
    {
        return 1;
    }
    let close = format!("/{name}");
    let mut depth = 0_usize;
    for (at, piece) in html.iter().enumerate() {
        if piece.name() == name {
            depth += 1;
        } else if piece.name() == close {
            depth -= 1;
        }
        if depth == 0 {
            return at + 1;
        }
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(html: &str) -> Flat {
        flatten(&Chapter { name: "c".to_owned(), title: "C".to_owned(), html: html.to_owned() })
    }

    #[test]
    fn tabs_stand_one_under_the_other_and_buttons_go() {
        let flat = flat(
            "<div class=\"twin\"><div data-language=\"Rust\"><p id=\"a\">r</p></div></div><button>x<b>y</b></button><br>z",
        );
        assert_eq!(
            flat.body,
            "<div class=\"twin\"><div data-language=\"Rust\"><p class=\"language\">Rust</p><p id=\"c-a\">r</p></div></div><br>z"
        );
    }

    #[test]
    fn answers_go_to_the_end_and_other_folds_are_open() {
        let flat = flat(
            "<details><summary>A hint</summary><p>think</p></details><details class=\"instructor\"><summary>For</summary>n</details>\
             <details class=\"quiz-wrong\" name=\"quiz-c-1\"><summary><span>no</span></summary><p>not</p></details>\
             <details class=\"quiz-right\" name=\"quiz-c-1\"><summary><span>yes</span></summary><p>so</p></details>",
        );
        assert!(flat.body.contains("<a href=\"#c-answer-1\">A hint (1)</a>"), "{}", flat.body);
        assert!(
            flat.body.contains("<b>For</b>")
                && flat.body.contains("<p class=\"choice\"><span>no</span></p>")
        );
        assert!(!flat.body.contains("think") && flat.answers.contains("<p>think</p>"));
        assert!(flat.answers.contains("Question 1") && flat.answers.contains("<span>yes</span>"));
        assert!(!flat.answers.contains("<p>not</p>"));
    }

    #[test]
    fn links_lead_to_what_the_book_has() {
        let flat = flat(
            "<a href=\"#x\">1</a><a href=\"b.html\">2</a><a href=\"index.html#y\">3</a><a href=\"https://e.example/\">4</a>",
        );
        for part in ["\"#c-x\"", "\"#b\"", "\"#welcome-y\"", "\"https://e.example/\""] {
            assert!(flat.body.contains(part), "{part} is not in {}", flat.body);
        }
    }
}
