//! Who may ask at all: pages that came from here, and nobody else.
//!
//! Any page in the reader's browser can send requests to loopback. It can't hide where it comes
//! from, because the browser says so in `Origin`. If a stranger's DNS server has pointed a name at
//! 127.0.0.1, that name is in `Host`. Whatever runs something also needs the token, which only our
//! own script has.

use super::book::Book;
use super::http::{Refusal, Request};

/// The header in which the page's script sends the token.
const TOKEN: &str = "x-book-token";

/// Whether a request may be answered.
pub(super) fn check(book: &Book, request: &Request) -> Result<(), Refusal> {
    let port = book.address.port();
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_ours = |host: &str| ours.iter().any(|our| our.eq_ignore_ascii_case(host));
    let refuse = |status, why: &str| Err(Refusal::new(status, why));

    if !request.header("host").is_some_and(is_ours) {
        return refuse(421, "this server is called 127.0.0.1, and nothing else\n");
    }
    let origin = request.header("origin");
    let is_foreign = |origin: &str| !origin.strip_prefix("http://").is_some_and(is_ours);
    if origin.is_some_and(is_foreign) {
        return refuse(403, "this page belongs to another site\n");
    }
    if matches!(&*request.method, "GET" | "HEAD") {
        return Ok(());
    }
    if origin.is_none() {
        return refuse(403, "only pages of this book may ask for that\n");
    }
    let token = request.header(TOKEN).unwrap_or("");
    if !same(token.as_bytes(), book.token.as_bytes()) {
        return refuse(401, "the token is missing or old: reload the page\n");
    }
    Ok(())
}

/// Compares without revealing, by the time it takes, where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
