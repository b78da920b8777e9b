//! The built book, and the script that makes it live.

use std::net::TcpStream;
use std::path::Path;

use super::book::Book;
use super::http::{self, Refusal, Request};
use crate::site;

/// What a page may load, and whom it may ask: this server, and nobody else. mdBook's own pages
/// contain small scripts and styles.
const POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
                      frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

/// Sends a file of the site. Pages get one more script.
pub(super) fn send(book: &Book, request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    let find = |path: &str| {
        let site = book.site()?;
        let file = site::target(&site, &site, path)?;
        Some((content_type(&file), std::fs::read(file).ok()?))
    };
    let found = request.path.strip_prefix('/').and_then(find);
    let status = if found.is_some() { 200 } else { 404 };
    // A reader who has mistyped an address gets a page that leads on, and a script a line of text.
    let wants_page = request.header("accept").is_some_and(|kinds| kinds.contains("text/html"));
    let found = found.or_else(|| if wants_page { find("404.html") } else { None });
    let Some((content_type, mut content)) = found else {
        return Err(Refusal::new(404, "the book has no such page\n"));
    };
    if content_type == HTML {
        let page = String::from_utf8_lossy(&content);
        let script =
            format!("<script src=\"/-/live.js\" data-token=\"{}\" defer></script>", book.token);
        content = page.replacen("</body>", &format!("{script}</body>"), 1).into_bytes();
    }
    let headers = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", POLICY),
    ];
    http::send(client, request, status, &headers, &content)
}

/// What makes a page live, in one script.
const LIVE: &str = concat!(
    include_str!("page/edit-button.js"),
    include_str!("page/live.js"),
    include_str!("page/reload.js"),
);

/// Sends one of the files that only a served book has: its script, and the editor, which a page
/// loads once the reader wants to edit something.
pub(super) fn send_part(request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    let (kind, text) = match &*request.path {
        "/-/live.js" => (SCRIPT, LIVE),
        "/-/edit.js" => (SCRIPT, include_str!("page/edit.js")),
        "/-/editor.js" => (SCRIPT, include_str!("page/editor.js")),
        "/-/places.js" => (SCRIPT, include_str!("page/places.js")),
        "/-/edit.css" => (STYLE, include_str!("page/edit.css")),
        _ => return Err(Refusal::new(404, "the book has no such part\n")),
    };
    let headers = [("Content-Type", kind), ("Cache-Control", "no-cache")];
    http::send(client, request, 200, &headers, text.as_bytes())
}

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// By its extension: these are the files that a book is made of.
fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or("") {
        "html" => HTML,
        "js" => SCRIPT,
        "css" => STYLE,
        "json" => "application/json",
        "md" | "rs" | "toml" | "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
