//! What a page says about itself to others: search engines, and whoever is sent a link to it.

use std::path::Path;

use crate::html::{Piece, escape, main, pieces, unescape};

/// The longest description, in characters: more than that is cut off wherever it is shown.
const LONGEST: usize = 180;

/// Puts a description, a canonical address and an Open Graph card into a page. `url` is the address
/// of the book, with a slash at its end; without one, addresses are those within the book.
pub(super) fn add(page: &str, name: &str, url: Option<&str>, picture: Option<&Path>) -> String {
    let url = url.unwrap_or("");
    let title = between(page, "<title>", "</title>").unwrap_or("Many Hands");
    let description = escape(&description(page).unwrap_or_default());
    // The first page has two names.
    let canonical = if name == "welcome.html" { "index.html" } else { name };
    let address = format!("{url}{canonical}");
    let mut card = format!(
        "<link rel=\"canonical\" href=\"{address}\">\n\
         <meta property=\"og:type\" content=\"article\">\n\
         <meta property=\"og:site_name\" content=\"Many Hands\">\n\
         <meta property=\"og:title\" content=\"{title}\">\n\
         <meta property=\"og:description\" content=\"{description}\">\n\
         <meta property=\"og:url\" content=\"{address}\">\n"
    );
    if let Some(picture) = picture {
        card += &format!(
            "<meta property=\"og:image\" content=\"{url}{}\">\n\
             <meta property=\"og:image:width\" content=\"1200\">\n\
             <meta property=\"og:image:height\" content=\"630\">\n\
             <meta name=\"twitter:card\" content=\"summary_large_image\">\n",
            picture.display()
        );
    }
    let (start, end) = ("<meta name=\"description\" content=\"", "\">");
    let page = match between(page, start, end) {
        Some(old) if !description.is_empty() => {
            page.replacen(&format!("{start}{old}"), &format!("{start}{description}"), 1)
        }
        _ => page.to_owned(),
    };
    page.replacen("</head>", &format!("{card}</head>"), 1)
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

/// The first paragraph of prose, up to the end of a sentence or of a word.
fn description(page: &str) -> Option<String> {
    let (mut depth, mut in_paragraph, mut text) = (0_usize, false, String::new());
    for piece in pieces(main(page)) {
        match piece.name() {
            "div" | "section" | "figure" | "blockquote" | "details" => depth += 1,
            "/div" | "/section" | "/figure" | "/blockquote" | "/details" => {
                depth = depth.saturating_sub(1);
            }
            "p" if depth == 0 => in_paragraph = true,
            "/p" if in_paragraph && text.len() > 40 => break,
            "/p" => text.push(' '),
            _ => {}
        }
        if let Piece::Text(part) = piece
            && in_paragraph
            && depth == 0
        {
            text += &unescape(part);
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| shorten(&text))
}

fn shorten(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else { return text.to_owned() };
    let cut = &text[..end];
    if let Some(at) = cut.rfind(['.', '?', '!']).filter(|at| *at > LONGEST / 3) {
        return cut[..=at].to_owned();
    }
    format!("{} …", cut.rsplit_once(' ').map_or(cut, |(words, _)| words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><title>T &amp; U</title><meta name=\"description\" content=\"the book\"></head>\
        <main id=\"main\"><h1>T</h1><div class=\"lesson-card\"><p>Minutes, and questions that it asks.</p></div>\
        <p>A <em>page</em> says &lt;what&gt; it is about, at some length.</p><p>More.</p></main>";

    #[test]
    fn a_page_is_described_by_its_first_paragraph() {
        let page = add(PAGE, "a.html", Some("https://x.example/"), Some(Path::new("cards/a.png")));
        let said = "A page says &lt;what&gt; it is about, at some length.";
        assert!(
            page.contains(&format!("<meta name=\"description\" content=\"{said}\">")),
            "{page}"
        );
        for part in [
            "<link rel=\"canonical\" href=\"https://x.example/a.html\">",
            "<meta property=\"og:title\" content=\"T &amp; U\">",
            "<meta property=\"og:image\" content=\"https://x.example/cards/a.png\">",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        assert!(add(PAGE, "welcome.html", None, None).contains("href=\"index.html\""));
    }

    #[test]
    fn a_long_paragraph_ends_with_a_sentence_or_a_word() {
        let sentence = "One two three four five six seven eight nine ten. ".repeat(9);
        assert!(shorten(&sentence).ends_with("ten."), "{}", shorten(&sentence));
        let words = "word ".repeat(99);
        assert!(shorten(&words).ends_with("word …"));
    }
}
