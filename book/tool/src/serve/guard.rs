//! Who may ask at all: pages that came from here, and nobody else.
//!
//! Any page in the reader's browser can send requests to loopback. It cannot hide where it comes from: the
//! browser says so in `Origin`. And a name that a stranger's DNS server has pointed at 127.0.0.1 stands in
//! `Host`. What runs something needs, on top of that, the token that is in our own script alone.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Book;

/// Where the page's script puts the token.
pub(super) const TOKEN: &str = "x-book-token";

pub(super) async fn guard(State(book): State<Arc<Book>>, request: Request, next: Next) -> Response {
    match refusal(&book, request.method(), request.headers()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    }
}

/// Why a request is not answered.
fn refusal(
    book: &Book,
    method: &Method,
    headers: &HeaderMap,
) -> Option<(StatusCode, &'static str)> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let port = book.address.port();
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_ours = |host: &str| ours.iter().any(|our| our.eq_ignore_ascii_case(host));

    if !text(header::HOST).is_some_and(is_ours) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "this server is called 127.0.0.1 only\n"));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        if !host.is_some_and(is_ours) {
            return Some((StatusCode::FORBIDDEN, "this page belongs to another site\n"));
        }
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    if !headers.contains_key(header::ORIGIN) {
        return Some((StatusCode::FORBIDDEN, "only pages of this book may ask for that\n"));
    }
    match headers.get(TOKEN).map(|token| token.as_bytes()) {
        Some(token) if same(token, book.token.as_bytes()) => None,
        _ => Some((StatusCode::UNAUTHORIZED, "the token is missing or old: reload the page\n")),
    }
}

/// Compares without telling, by the time it takes, where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
