//! The built book, and the script that makes it live.

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::Book;

/// What a page may load and whom it may ask: this server, and nobody else. mdBook's own pages have small
/// scripts and styles in them.
const POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
                      frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

/// A file of the site. Pages get one more script; a path that leads out of the site is none of its files.
pub(super) async fn page(State(book): State<Arc<Book>>, request: Request) -> Response {
    let site = book.site.read().unwrap_or_else(PoisonError::into_inner).path().to_owned();
    let found = ServeDir::new(site).oneshot(request).await;
    let found = found.unwrap_or_else(|never| match never {});
    let html = found.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/html");
    let (mut head, body) = found.into_parts();
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    head.headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    head.headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if head.status != StatusCode::OK || !html {
        return Response::from_parts(head, Body::new(body));
    }
    let Ok(bytes) = axum::body::to_bytes(Body::new(body), usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = String::from_utf8_lossy(&bytes);
    let script =
        format!("<script src=\"/-/live.js\" data-token=\"{}\" defer></script>", book.token);
    let page = page.replacen("</body>", &format!("{script}</body>"), 1);
    head.headers.remove(header::CONTENT_LENGTH);
    // With its date it would be called unchanged when only the token has changed.
    head.headers.remove(header::LAST_MODIFIED);
    Response::from_parts(head, Body::from(page))
}

/// The script.
pub(super) async fn live() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("live.js"))
}
