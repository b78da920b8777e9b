//! Following redirects, from a link to the response that isn't one.
//!
//! Whatever curl and browsers follow is followed here, even from https to http: a picture is no
//! secret. Credentials are, so a name, a password and any other `Authorization` go only to the
//! server that the link names: never to another host or port, nor to the same host without TLS.

use std::time::Instant;

use ureq::Body;
use ureq::http::{HeaderMap, Response, header};

use super::address::Address;
use super::cookies::Jar;
use super::fault::Fault;
use super::head;
use super::http::Http;

/// The largest body of a redirect that is read: it is only a page for people, in bytes.
const LARGEST_BODY: u64 = 64 << 10;

/// Sends a request, and follows redirects until a response is not one. Also
/// returns its address.
pub(super) fn follow(
    http: &Http,
    link: &Address,
    headers: &HeaderMap,
) -> Result<(Response<Body>, Address), Fault> {
    let limits = &http.limits;
    let start = Instant::now();
    let mut jar = Jar::default();
    let mut passed: Vec<Address> = Vec::new();
    let mut here = link.clone();
    loop {
        let time_left = limits.total.saturating_sub(start.elapsed());
        let response = http.get(&here, headers_for(&here, link, headers, &jar), time_left)?;
        let Some(location) = location(&response)? else { return Ok((response, here)) };
        let next = here.follow(location)?;
        jar.store(here.url(), response.headers());
        passed.push(here);
        if passed.len() > limits.redirects as usize {
            return Err(if passed.iter().any(|before| before.url() == next.url()) {
                Fault::RedirectLoop(next.url().to_string())
            } else {
                Fault::TooManyRedirects(limits.redirects)
            });
        }
        // The connection can carry the next request only once this body has been read.
        let (parts, body) = response.into_parts();
        http.read(body, head::announced(&parts), &next, LARGEST_BODY).ok();
        here = next;
    }
}

/// What to send `here`, on the way from `link`.
fn headers_for(here: &Address, link: &Address, headers: &HeaderMap, jar: &Jar) -> HeaderMap {
    let mut headers = headers.clone();
    let mut credentials = here.credentials();
    if here.is_at_the_server_of(link) {
        credentials = credentials.or(link.credentials());
    } else {
        headers.remove(header::AUTHORIZATION);
    }
    if let Some(credentials) = credentials {
        headers.insert(header::AUTHORIZATION, credentials.clone());
    }
    if let Some(cookies) = jar.header(here.url()) {
        headers.insert(header::COOKIE, cookies);
    }
    headers
}

/// Where the response redirects to, if it does.
fn location(response: &Response<Body>) -> Result<Option<&[u8]>, Fault> {
    let status = response.status();
    let location = response.headers().get(header::LOCATION).map(|value| value.as_bytes());
    let location = location.filter(|location| !location.trim_ascii().is_empty());
    match (status.as_u16(), location) {
        (301 | 302 | 303 | 307 | 308, None) => {
            Err(Fault::BadRedirect(format!("the server answered {status} without a Location")))
        }
        // 300 offers several choices, and may name the one that the server prefers.
        (300..=303 | 307 | 308, location) => Ok(location),
        _ => Ok(None),
    }
}
