//! Addresses: links as people, lists and servers write them, repaired so that a request can use
//! them.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{CONTROLS, percent_decode_str, percent_encode};
use step::text::{masked, shown};
use ureq::http::{HeaderValue, Uri};
use url::{Position, Url};

use super::fault::Fault;

/// An http(s) link, repaired as browsers do it: blanks and bytes beyond ASCII are percent-encoded,
/// dot segments are gone, and the host's name is in its ASCII form.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Without name, password and fragment.
    url: Url,
    uri: Uri,
    /// The value of `Authorization` for the name and password in the link. `Debug` does not show
    /// it.
    credentials: Option<HeaderValue>,
}

impl Address {
    /// The address of a link that begins with `http://` or `https://`.
    pub(super) fn parse(link: &str) -> Result<Address, Fault> {
        let bad = |why: &str| Fault::BadLink(why.to_owned());
        let link = encoded(link.as_bytes());
        let (scheme, rest) = link.split_once(':').unwrap_or_default();
        let rest = match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => rest.strip_prefix("//"),
            other if is_scheme(other) => return Err(bad(&format!("it begins with {other}:"))),
            _ => None,
        };
        let rest = rest.ok_or_else(|| bad("it does not begin with http:// or https://"))?;
        if rest.is_empty() || rest.starts_with(['/', '\\', '?', '#']) {
            return Err(bad("it names no host"));
        }
        let url = Url::parse(&link).map_err(|error| bad(&error.to_string()))?;
        Address::from_url(url).map_err(|why| bad(&why))
    }

    /// Where a `Location` header from this address leads. It holds a whole link, or part of one.
    pub(super) fn follow(&self, location: &[u8]) -> Result<Address, Fault> {
        let location = encoded(location.trim_ascii());
        let bad =
            |why: String| Fault::BadRedirect(format!("it leads to {}: {why}", shown(&location)));
        let url = self.url.join(&location).map_err(|error| bad(error.to_string()))?;
        match url.scheme() {
            "http" | "https" => Address::from_url(url).map_err(bad),
            other => Err(bad(format!("{other}: is not followed, only http: and https: are"))),
        }
    }

    fn from_url(mut url: Url) -> Result<Address, String> {
        let credentials = credentials(&url);
        // These fail only for links without a host, and an http link has one.
        url.set_username("").ok();
        url.set_password(None).ok();
        url.set_fragment(None);
        let uri =
            url.as_str().parse().map_err(|why: ureq::http::uri::InvalidUri| why.to_string())?;
        Ok(Address { url, uri, credentials })
    }

    /// The link, as it is requested.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The same in the type of the HTTP library.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// What to send as `Authorization`, if there is a name or a password in the link.
    pub(super) fn credentials(&self) -> Option<&HeaderValue> {
        self.credentials.as_ref()
    }

    /// The host, with its port unless that is the default.
    pub(super) fn host(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// Whether both have the same scheme, host and port.
    pub(super) fn is_at_the_server_of(&self, other: &Address) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Whether it leads to this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

/// The link with its password masked but otherwise exact, to recognize it by.
pub(super) fn without_password(link: &str) -> String {
    let host = link.find("://").map_or(0, |at| at + 3);
    let path = link[host..].find(['/', '\\', '?', '#']).map_or(link.len(), |at| host + at);
    masked(&link[..path]) + &link[path..]
}

/// Whether this may be the scheme of a link: what comes before its colon.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `%XX` for each byte that is a control character or not ASCII. In a host, the URL library decodes
/// it again.
fn encoded(link: &[u8]) -> String {
    percent_encode(link, CONTROLS).to_string()
}

/// Basic authentication (RFC 7617), for the name and the password after percent-decoding.
fn credentials(url: &Url) -> Option<HeaderValue> {
    let (name, password) = (url.username(), url.password());
    if name.is_empty() && password.is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(name).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(password.unwrap_or_default()));
    let mut value =
        HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(link: &str) -> String {
        Address::parse(link)
            .map_or_else(|fault| fault.to_string(), |address| address.uri().to_string())
    }

    #[test]
    fn links_are_repaired_as_browsers_do_it() {
        for (link, uri) in [
            ("http://host/a b.png", "http://host/a%20b.png"),
            ("HTTP://Host:80/ü?ß=\"<>#x", "http://host/%C3%BC?%C3%9F=%22%3C%3E"),
            ("https://host:443/100%.png", "https://host/100%.png"),
            ("http://host/a/./b/../c.png", "http://host/a/c.png"),
            ("http://host/{a}|b.png", "http://host/%7Ba%7D|b.png"),
            ("http://host", "http://host/"),
            ("http://bücher.example/x.png", "http://xn--bcher-kva.example/x.png"),
            ("http://BÜCHER.example:8080/", "http://xn--bcher-kva.example:8080/"),
            ("http://münchen。de/", "http://xn--mnchen-3ya.de/"),
            ("http://user:p%40ss@host/x", "http://host/x"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ] {
            assert_eq!(asked(link), uri, "{link}");
        }
        assert!(asked("http://a\u{301}..\u{fffd}/").contains("international domain name"));
    }

    #[test]
    fn a_location_is_a_link_or_part_of_one() {
        let from = Address::parse("http://me:secret@host:81/a/b.png?q#f").unwrap();
        for (location, uri) in [
            (&b"/x y.png"[..], "http://host:81/x%20y.png"),
            ("ü.png".as_bytes(), "http://host:81/a/%C3%BC.png"),
            (b"\xfc.png", "http://host:81/a/%FC.png"),
            (b"../../x.png", "http://host:81/x.png"),
            (b"?w=1", "http://host:81/a/b.png?w=1"),
            (b"#here", "http://host:81/a/b.png?q"),
            (b"//other/x.png", "http://other/x.png"),
            (b"https://Other:443", "https://other/"),
            ("http://bücher.example/".as_bytes(), "http://xn--bcher-kva.example/"),
            (b"  x.png\t", "http://host:81/a/x.png"),
        ] {
            assert_eq!(from.follow(location).unwrap().uri(), uri, "{location:?}");
        }
        for scheme in ["file", "data", "ftp", "javascript", "mailto"] {
            let fault = from.follow(format!("{scheme}:///etc/passwd").as_bytes()).unwrap_err();
            assert!(fault.to_string().contains(&format!("{scheme}: is not followed")), "{fault}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_told() {
        for (link, pair) in [
            ("http://user:p%40ss@host/", "user:p@ss"),
            ("http://user:p@ss@host/", "user:p@ss"),
            ("http://us%3Aer:@host/", "us:er:"),
            ("http://token@host/", "token:"),
            ("http://:pw@host/", ":pw"),
            ("http://ü:%C3%BC%25@host/", "ü:ü%"),
        ] {
            let address = Address::parse(link).unwrap();
            let value = address.credentials().expect(link);
            assert_eq!(value, &format!("Basic {}", BASE64_STANDARD.encode(pair)), "{link}");
            let debug = format!("{address:?}");
            assert!(!debug.contains("pw") && !debug.contains("Basic"), "{debug}");
        }
        assert!(Address::parse("http://host/a:b@c").unwrap().credentials().is_none());
    }

    #[test]
    fn a_link_is_known_by_all_but_its_password() {
        for (link, known) in [
            ("http://me:secret@host/a b:c@2x.png", "http://me:***@host/a b:c@2x.png"),
            ("http://token@host?a@b", "http://***@host?a@b"),
            ("http://host/a://b@c", "http://host/a://b@c"),
            ("link", "link"),
        ] {
            assert_eq!(without_password(link), known);
        }
    }

    #[test]
    fn a_server_is_its_scheme_host_and_port() {
        let address = |link| Address::parse(link).unwrap();
        let here = address("http://host/a");
        assert!(address("http://me:pw@HOST:80/b").is_at_the_server_of(&here));
        for other in ["https://host/a", "http://host:81/a", "http://www.host/a"] {
            assert!(!address(other).is_at_the_server_of(&here), "{other}");
        }
        assert_eq!(address("https://me:secret@Example.COM:81/x.png").host(), "example.com:81");
    }

    #[test]
    fn loopback_is_known_by_each_of_its_names() {
        for link in [
            "http://127.0.0.1:1/",
            "http://127.1/",
            "http://LocalHost/",
            "http://[::1]/",
            "http://a.localhost/",
        ] {
            assert!(Address::parse(link).unwrap().is_loopback(), "{link}");
        }
        for link in ["https://mars.nasa.gov/", "http://localhost.example/", "http://10.0.0.1/"] {
            assert!(!Address::parse(link).unwrap().is_loopback(), "{link}");
        }
    }
}
