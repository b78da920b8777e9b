//! What makes a built page fit any screen: where long names may break, tables that become cards,
//! and no style twice.

use crate::html::{Piece, pieces};

/// The page, as it is served.
pub(super) fn fit(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut table = Table::default();
    let (mut in_code, mut in_pre) = (false, false);
    let mut styles: Vec<&str> = Vec::new();
    for piece in pieces(page) {
        match piece.name() {
            "pre" | "/pre" => in_pre = piece.name() == "pre",
            "code" | "/code" => in_code = piece.name() == "code",
            "table" => table = Table::read(&page[out_of(page, piece)..]),
            "style" => {
                // Each picture brings its style, so that it can stand alone. A page needs it once.
                if let Piece::Tag(style) = piece {
                    if styles.contains(&style) {
                        continue;
                    }
                    styles.push(style);
                }
            }
            _ => {}
        }
        match piece {
            Piece::Tag(_) if table.is_cards() && piece.name() == "table" => {
                out += "<table class=\"cards\">";
            }
            Piece::Tag(tag) if table.is_cards() && piece.name() == "td" => {
                out += &tag.replacen("<td", &format!("<td data-label=\"{}\"", table.next()), 1);
            }
            Piece::Text(text) if in_code && !in_pre => break_names(text, &mut out),
            Piece::Tag(source) | Piece::Text(source) => out += source,
        }
    }
    out
}

/// Where a piece begins in the page that it is from.
fn out_of(page: &str, piece: Piece<'_>) -> usize {
    let (Piece::Tag(source) | Piece::Text(source)) = piece;
    source.as_ptr() as usize - page.as_ptr() as usize
}

/// A table that says the same in two languages; on a narrow screen each row is a card.
#[derive(Default)]
struct Table {
    /// What its columns are called; none if it isn't such a table.
    columns: Vec<String>,
    cell: usize,
}

impl Table {
    fn read(html: &str) -> Table {
        let head = html.split("</thead>").next().unwrap_or("");
        let mut columns: Vec<String> = Vec::new();
        for piece in pieces(head) {
            match piece {
                Piece::Tag(_) if piece.name() == "th" => columns.push(String::new()),
                Piece::Text(text) => {
                    columns.iter_mut().rev().take(1).for_each(|c| *c += text.trim())
                }
                Piece::Tag(_) => {}
            }
        }
        let has = |language: &str| columns.iter().any(|column| column.contains(language));
        let is_cards = columns.len() > 1 && has("Python") && !html.starts_with("<table class");
        Table { columns: if is_cards { columns } else { Vec::new() }, cell: 0 }
    }

    fn is_cards(&self) -> bool {
        !self.columns.is_empty()
    }

    /// The column of the next cell.
    fn next(&mut self) -> &str {
        let at = self.cell % self.columns.len();
        self.cell += 1;
        &self.columns[at]
    }
}

/// Lets a long name break after `::`, `.`, `_` and `/`.
fn break_names(text: &str, out: &mut String) {
    if text.len() < 12 {
        out.push_str(text);
        return;
    }
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        out.push(char);
        let next = chars.peek().copied();
        let is_inside =
            next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '<' | '{'));
        if matches!(char, ':' | '.' | '_' | '/') && is_inside {
            out.push_str("<wbr>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_may_break_after_a_part_in_sentences_but_not_in_listings() {
        let page = "<p><code>std::sync::mpsc::channel</code> <code>a.b</code></p><pre><code>std::sync::mpsc::channel</code></pre>";
        assert_eq!(
            fit(page),
            "<p><code>std::<wbr>sync::<wbr>mpsc::<wbr>channel</code> <code>a.b</code></p><pre><code>std::sync::mpsc::channel</code></pre>"
        );
    }

    #[test]
    fn a_table_of_two_languages_names_its_columns_in_each_cell() {
        let head =
            |one: &str| format!("<table><thead><tr><th>{one}</th><th>Rust</th></tr></thead>");
        let rows = "<tbody><tr><td>a</td><td>b</td></tr></tbody></table>";
        let cards = fit(&(head("Python") + rows));
        assert!(cards.starts_with("<table class=\"cards\">"), "{cards}");
        assert!(cards.contains("<td data-label=\"Python\">a</td><td data-label=\"Rust\">b</td>"));
        let other = head("step") + rows;
        assert_eq!(fit(&other), other);
    }

    #[test]
    fn a_style_stands_once_on_a_page() {
        let page =
            "<svg><style>.a{}</style></svg><svg><style>.a{}</style></svg><style>.b{}</style>";
        assert_eq!(fit(page), "<svg><style>.a{}</style></svg><svg></svg><style>.b{}</style>");
    }
}
