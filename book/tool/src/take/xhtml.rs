//! HTML as XML readers want it.

use std::collections::BTreeSet;

use crate::html::{Piece, pieces};

/// Elements without content.
pub(super) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr" | "input" | "meta" | "link" | "col")
}

/// The same as XML. Links for which `address` knows no other address lose their tag.
pub(super) fn xhtml(html: &str, address: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut links = Vec::new(); // whether the tag of each open link stays
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else {
            if let Piece::Text(text) = piece {
                out += &text.replace("&nbsp;", "&#160;");
            }
            continue;
        };
        let name = piece.name();
        match name {
            "/a" => {
                if links.pop() == Some(true) {
                    out += tag;
                }
                continue;
            }
            "a" => {
                let href = piece.get("href").map(&address);
                links.push(href.is_some() || piece.get("href").is_none());
                match href {
                    Some(Some(href)) => out += &format!("<a href=\"{href}\">"),
                    Some(None) => *links.last_mut().expect("pushed above") = false,
                    None => out += &element(tag, name),
                }
                continue;
            }
            _ => {}
        }
        // A style is a piece with all that is in it.
        if name.starts_with('/') || tag.starts_with("<!") || name == "style" {
            out += tag;
        } else {
            out += &element(tag, name);
        }
    }
    out
}

/// An opening tag whose attributes all have a value, each once, and that is closed if it is empty.
fn element(tag: &str, name: &str) -> String {
    let mut out = format!("<{name}");
    if name == "svg" {
        out += " xmlns=\"http://www.w3.org/2000/svg\"";
    }
    let inside = tag[1 + name.len()..].trim_end_matches('>').trim_end_matches('/').trim();
    let mut rest = inside;
    let mut seen = BTreeSet::new();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"").and_then(|after| after.split_once('"'))
        {
            Some((value, after)) => (value, after),
            None => (attribute, after),
        };
        // HTML doesn't care about case, and mdBook writes small letters.
        let attribute = if attribute == "viewbox" { "viewBox" } else { attribute };
        // EPUB knows none of these.
        let is_known =
            !attribute.is_empty() && !matches!(attribute, "align" | "tabindex" | "name" | "xmlns");
        if is_known && seen.insert(attribute) {
            out += &format!(" {attribute}=\"{}\"", value.replace('<', "&lt;"));
        }
        rest = after.trim_start();
    }
    out + if tag.ends_with("/>") || is_void(name) { "/>" } else { ">" }
}

#[test]
fn tags_are_closed_and_attributes_have_values() {
    let links = |href: &str| (href == "#a").then(|| "a.xhtml".to_owned());
    assert_eq!(
        xhtml(
            "<p hidden class=\"x\">a<br>b&nbsp;<img src=\"c\" alt=\"\"> <a href=\"#a\">1</a><a href=\"#b\">2</a></p>",
            links
        ),
        "<p hidden=\"hidden\" class=\"x\">a<br/>b&#160;<img src=\"c\" alt=\"\"/> <a href=\"a.xhtml\">1</a>2</p>"
    );
}
