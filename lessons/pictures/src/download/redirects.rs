//! From a link to where it leads: one request after the other, as long as servers send us on.
//!
//! What curl and browsers follow is followed here, from https to http as well: a picture is no secret, but
//! the way to it may be. So a name, a password and any other `Authorization` go to the server that the link
//! names and to no other: not to another host or port, nor to the same host without TLS.

use std::time::{Duration, Instant};

use ureq::Body;
use ureq::http::{HeaderName, Response, header};

use super::address::Address;
use super::cookies::Jar;
use super::fault::Fault;
use super::fetch::Client;
use super::head;

/// More than this of what comes with a redirect is not read: it is for people without a browser.
const LARGEST_BODY: u64 = 64 << 10;

impl Client {
    /// Asks, and goes where it is sent, until an answer is no redirect. Also says where that came from.
    pub(super) fn follow(
        &self,
        link: &Address,
        headers: &[(HeaderName, &str)],
    ) -> Result<(Response<Body>, Address), Fault> {
        let start = Instant::now();
        let mut jar = Jar::default();
        let mut passed: Vec<Address> = Vec::new();
        let mut here = link.clone();
        loop {
            let left = self.limits().total.saturating_sub(start.elapsed());
            let response = self.request(&here, link, headers, &jar, left)?;
            let Some(location) = location(&response)? else { return Ok((response, here)) };
            let next = here.follow(location)?;
            jar.store(here.url(), response.headers());
            passed.push(here);
            if passed.len() > self.limits().redirects as usize {
                let loops = passed.iter().any(|before| before.url() == next.url());
                return Err(match loops {
                    true => Fault::RedirectLoop(next.url().to_string()),
                    false => Fault::TooManyRedirects(self.limits().redirects),
                });
            }
            // A connection can carry the next request once its answer is read.
            let (parts, body) = response.into_parts();
            self.read(body, head::announced(&parts), &next, LARGEST_BODY).ok();
            here = next;
        }
    }

    /// One request, and the head of its answer.
    fn request(
        &self,
        here: &Address,
        link: &Address,
        headers: &[(HeaderName, &str)],
        jar: &Jar,
        left: Duration,
    ) -> Result<Response<Body>, Fault> {
        let host = here.uri().host().unwrap_or_default();
        // No machine is called so, ever (RFC 6761): there is no need to ask the network.
        if host.trim_end_matches('.').ends_with(".invalid") {
            return Err(Fault::UnknownHost(host.to_owned()));
        }
        if left.is_zero() {
            return Err(Fault::Timeout(self.limits().total));
        }
        let is_home = here.is_at_the_server_of(link);
        let mut request = self.agent().get(here.uri());
        for (name, value) in headers {
            if is_home || *name != header::AUTHORIZATION {
                request = request.header(name, *value);
            }
        }
        let of_link = link.credentials().filter(|_| is_home);
        if let Some(credentials) = here.credentials().or(of_link) {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        if let Some(cookies) = jar.header(here.url()) {
            request = request.header(header::COOKIE, cookies);
        }
        let request = request.config().timeout_global(Some(left)).build();
        request.call().map_err(|error| self.fault(error, here, 0))
    }
}

/// Where the answer sends us, if it does.
fn location(response: &Response<Body>) -> Result<Option<&[u8]>, Fault> {
    let status = response.status();
    let location = response.headers().get(header::LOCATION).map(|value| value.as_bytes());
    let location = location.filter(|location| !location.trim_ascii().is_empty());
    match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => match location {
            Some(location) => Ok(Some(location)),
            None => {
                Err(Fault::BadRedirect(format!("the server answered {status} without a Location")))
            }
        },
        // Several choices, one of which the server prefers.
        300 => Ok(location),
        _ => Ok(None),
    }
}
