//! The cookies of one chain of redirects.
//!
//! Some servers redirect until the client returns their cookie, so each chain has a jar; no cookie
//! is carried over to another link. Such a short-lived jar needs only the part of RFC 6265 that is
//! here. The crates for all of it depend on a calendar, which takes longer to compile than the HTTP
//! library.

use std::time::SystemTime;

use ureq::http::{HeaderMap, HeaderValue, header};
use url::{Host, Url};

/// The most cookies in a jar: as many as browsers keep for one site.
const MOST: usize = 180;

/// The cookies received so far.
#[derive(Default)]
pub(super) struct Jar(Vec<Cookie>);

struct Cookie {
    name: Vec<u8>,
    value: Vec<u8>,
    domain: String,
    /// Whether its subdomains get it, too.
    with_subdomains: bool,
    path: String,
    /// Whether it is sent only over https.
    secure: bool,
}

impl Jar {
    /// Keeps the cookies that the server at `url` set.
    pub(super) fn store(&mut self, url: &Url, headers: &HeaderMap) {
        for header in headers.get_all(header::SET_COOKIE) {
            let Some((cookie, is_alive)) = Cookie::parse(header.as_bytes(), url) else { continue };
            self.0.retain(|old| !old.is_replaced_by(&cookie));
            if is_alive && self.0.len() < MOST {
                self.0.push(cookie);
            }
        }
    }

    /// What to send to `url` as `Cookie`: the longest path first (RFC 6265, section 5.4).
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let mut fitting: Vec<&Cookie> = self.0.iter().filter(|cookie| cookie.is_for(url)).collect();
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> =
            fitting.iter().map(|cookie| [&cookie.name[..], &cookie.value].join(&b'=')).collect();
        let mut value = HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()?;
        value.set_sensitive(true);
        (!pairs.is_empty()).then_some(value)
    }
}

impl Cookie {
    /// A cookie that the server at `url` set, and whether to keep it: with a date in the past, the
    /// server removes it. None if it is malformed, or meant for another site.
    fn parse(text: &[u8], url: &Url) -> Option<(Cookie, bool)> {
        let mut parts = text.split(|byte| *byte == b';');
        let (name, value) = split(parts.next()?)?;
        let host = url.host_str()?;
        let mut cookie = Cookie {
            name: name.to_vec(),
            value: value.to_vec(),
            domain: host.to_owned(),
            with_subdomains: false,
            path: folder(url.path()).to_owned(),
            secure: false,
        };
        let (mut is_alive, mut has_max_age) = (true, false);
        for part in parts {
            let (key, value) = split(part).unwrap_or((part.trim_ascii(), b""));
            let value = str::from_utf8(value).unwrap_or_default();
            match key.to_ascii_lowercase().as_slice() {
                b"domain" if !value.is_empty() => {
                    cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.with_subdomains = true;
                }
                b"path" if value.starts_with('/') => cookie.path = value.to_owned(),
                b"secure" => cookie.secure = true,
                b"max-age" => {
                    (is_alive, has_max_age) = (!value.starts_with('-') && value != "0", true);
                }
                b"expires" if !has_max_age => is_alive = !is_past(value),
                _ => {}
            }
        }
        let is_own = cookie.domain == host
            || cookie.domain.contains('.') && is_subdomain(url, &cookie.domain);
        is_own.then_some((cookie, is_alive))
    }

    fn is_replaced_by(&self, new: &Cookie) -> bool {
        (&self.name, &self.domain, &self.path) == (&new.name, &new.domain, &new.path)
    }

    fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str() == Some(&self.domain)
            || self.with_subdomains && is_subdomain(url, &self.domain);
        let rest = url.path().strip_prefix(self.path.as_str());
        let path = rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        });
        host && path && (!self.secure || url.scheme() == "https")
    }
}

/// Both sides of `name=value`, trimmed.
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
}

/// The path up to its last slash; `/` if there is no other.
fn folder(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(at) => &path[..at],
    }
}

/// Whether the host is a subdomain of this domain. (An IP address is never one.)
fn is_subdomain(url: &Url, domain: &str) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn is_past(date: &str) -> bool {
    // Servers often write `01-Jan-1970` instead of `01 Jan 1970`.
    let date = httpdate::parse_http_date(&date.replace('-', " "));
    date.is_ok_and(|date| date <= SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent to `to` after `from` has set these.
    fn sent(set: &[&str], from: &str, to: &str) -> Option<String> {
        let mut jar = Jar::default();
        let mut headers = HeaderMap::new();
        for value in set {
            headers.append(header::SET_COOKIE, HeaderValue::from_str(value).unwrap());
        }
        jar.store(&from.parse().unwrap(), &headers);
        jar.header(&to.parse().unwrap()).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_back_to_the_server_that_set_it() {
        let here = "http://host/a/b.png";
        for (set, to, expected) in [
            ("k=v", here, Some("k=v")),
            ("k=v", "http://host/a/c/d", Some("k=v")),
            ("k=v", "http://host/", None),
            ("k=v; Path=/", "http://host/", Some("k=v")),
            ("k=v; path=/x", "http://host/xy", None),
            ("k=v; path=/x", "http://host/x/y", Some("k=v")),
            ("k=v", "http://other/a/b.png", None),
            ("k=v", "http://sub.host/a/b.png", None),
            ("k=v", "http://host:81/a/b.png", Some("k=v")),
            ("k=v; Secure", here, None),
            ("k=v; Secure", "https://host/a/b", Some("k=v")),
            ("k=v; HttpOnly; SameSite=Lax", here, Some("k=v")),
            (" k = \"v w\" ;x", here, Some("k=\"v w\"")),
            ("k=v; Max-Age=0", here, None),
            ("k=v; Max-Age=9; Expires=Thu, 01-Jan-1970 00:00:01 GMT", here, Some("k=v")),
            ("k=v; Expires=Thu, 01-Jan-1970 00:00:01 GMT", here, None),
            ("k=v; Expires=Thu, 01 Jan 2970 00:00:01 GMT", here, Some("k=v")),
            ("k", here, None),
            ("k=v; Domain=other", here, None),
            ("k=v; Domain=host", here, Some("k=v")),
        ] {
            assert_eq!(sent(&[set], here, to).as_deref(), expected, "{set} -> {to}");
        }
    }

    #[test]
    fn a_domain_covers_its_subdomains_and_nothing_else() {
        let from = "http://a.host.example/";
        for (domain, to, gets_it) in [
            (".host.example", "http://b.HOST.example/", true),
            ("host.example", "http://host.example/", true),
            ("host.example", "http://ghost.example/", false),
            ("a.host.example", "http://b.host.example/", false),
            ("example", "http://b.example/", false),
            ("b.host.example", "http://b.host.example/", false),
        ] {
            let sent = sent(&[&format!("k=v; Domain={domain}")], from, to);
            assert_eq!(sent.is_some(), gets_it, "{domain} -> {to}");
        }
        assert_eq!(sent(&["k=v; Domain=0.0.1"], "http://127.0.0.1/", "http://127.0.0.1/"), None);
    }

    #[test]
    fn the_latest_value_counts_and_the_longest_path_comes_first() {
        let here = "http://host/a/b";
        assert_eq!(sent(&["k=1", "l=2", "k=3"], here, here).as_deref(), Some("l=2; k=3"));
        assert_eq!(sent(&["k=1; Path=/", "k=2"], here, here).as_deref(), Some("k=2; k=1"));
        assert_eq!(sent(&["k=1", "k=; Max-Age=-1"], here, here), None);
    }
}
