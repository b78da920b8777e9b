//! A quiz on its page.

use std::fmt::Write;

use mdbook_markdown::pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::data::{Choice, Quiz};
use crate::html::{Piece, escape, pieces, unescape};

impl Quiz {
    /// The section of the chapter.
    pub(crate) fn section(&self) -> String {
        let mut out =
            "## Quiz\n\nMake up your mind first. Then open the answer that you would give.\n\n\
             <div class=\"quiz\">\n"
                .to_owned();
        for (asked, n) in self.questions.iter().zip(1..) {
            let question = &asked.question;
            let _ = writeln!(out, "\n**{n}.** {}\n", question.ask.trim());
            if let Some(listing) = &asked.listing {
                let _ = writeln!(out, "```rust,noplayground,ignore\n{}\n```\n", listing.trim());
            }
            for choice in &question.choice {
                out += &choice.get_ref().disclosure(&format!("quiz-{}-{n}", self.name));
            }
        }
        out + "\n</div>"
    }

    /// What a choice of a question says, as plain text. Questions count from 1, choices from 0.
    pub(crate) fn choice(&self, question: usize, choice: usize) -> Option<String> {
        let asked = self.questions.get(question.checked_sub(1)?)?;
        let html = asked.question.choice.get(choice)?.get_ref().shown();
        let text = pieces(&html).filter_map(|piece| match piece {
            Piece::Text(text) => Some(unescape(text)),
            Piece::Tag(_) => None,
        });
        Some(text.collect())
    }
}

impl Choice {
    /// What the reader chooses, as HTML.
    pub(super) fn shown(&self) -> String {
        if let Some(text) = &self.text {
            return inline(text);
        }
        let code = |text: &str| {
            let class = if text.trim().contains('\n') { " class=\"quiz-lines\"" } else { "" };
            // A blank line would end the HTML around it.
            format!("<code{class}>{}</code>", escape(text.trim()).replace('\n', "&#10;"))
        };
        match self {
            Choice { prints: Some(text), .. } if text.trim().is_empty() => {
                "It prints nothing.".to_owned()
            }
            Choice { prints: Some(text), .. } => format!("It prints {}", code(text)),
            Choice { panics: Some(message), .. } => format!("It panics: {}", code(message)),
            Choice { error: Some(error), .. } => {
                let shown = error.split_once(':').map_or_else(
                    || format!("error[{error}]"),
                    |(number, message)| format!("error[{number}]:{message}"),
                );
                format!("It does not compile: {}", code(&shown))
            }
            Choice { lines: Some(lines), .. } => code(&lines.join("\n")),
            _ => String::new(),
        }
    }

    /// The choice, which opens on the answer to it.
    fn disclosure(&self, question: &str) -> String {
        let (class, verdict) =
            if self.right { ("quiz-right", "Right.") } else { ("quiz-wrong", "No.") };
        format!(
            "<details class=\"{class}\" name=\"{question}\">\n<summary><span>{}</span></summary>\n\
             <p><strong>{verdict}</strong> {}</p>\n</details>\n",
            self.shown(),
            inline(&self.why)
        )
    }
}

/// A paragraph of Markdown as HTML, without its `<p>`, and on one line: a blank line would end the
/// HTML around it.
fn inline(markdown: &str) -> String {
    let events = Parser::new_ext(markdown.trim(), Options::empty()).filter(|event| {
        !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    });
    let events = events.map(|event| match event {
        Event::SoftBreak => Event::Text(" ".into()),
        event => event,
    });
    let mut html = String::new();
    push_html(&mut html, events);
    html.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::{GOOD, read};
    use super::*;

    #[test]
    fn a_quiz_is_disclosures_of_which_one_is_right() {
        let section = read(GOOD).unwrap().section();
        for part in [
            "**1.** What does it *print*?",
            "```rust,noplayground,ignore\nfn main() {",
            "<details class=\"quiz-right\" name=\"quiz-99_end-1\">\n\
             <summary><span>It prints <code class=\"quiz-lines\">1&#10;2</code></span></summary>\n\
             <p><strong>Right.</strong> It says so.</p>\n</details>",
            "<summary><span>It does not compile: <code>error[E0382]: borrow of moved value: `a`</code></span></summary>",
            "<summary><span>It panics: <code>out of luck</code></span></summary>",
            "<details class=\"quiz-wrong\" name=\"quiz-99_end-2\">\n<summary><span><code>a</code></span></summary>\n\
             <p><strong>No.</strong> Not <em>a</em>.</p>",
        ] {
            assert!(section.contains(part), "{part}\n--- is not in\n{section}");
        }
        assert_eq!(section.matches("quiz-right").count(), 2);
    }

    #[test]
    fn markdown_is_one_line_of_html() {
        assert_eq!(inline("a *b*\nand `<c>`"), "a <em>b</em> and <code>&lt;c&gt;</code>");
    }
}
