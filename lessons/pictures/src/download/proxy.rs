//! The proxy that requests go through.

use std::env;

use ureq::Proxy;

/// The proxy that the environment names, but never for loopback.
pub(super) fn from_environment() -> Option<Proxy> {
    let spared = env::var("NO_PROXY").or_else(|_| env::var("no_proxy"));
    spare_loopback(&Proxy::try_from_env()?, &spared.unwrap_or_default())
}

/// The same proxy, except for the listed hosts and for this machine.
fn spare_loopback(asked: &Proxy, spared: &str) -> Option<Proxy> {
    let mut builder = Proxy::builder(asked.protocol())
        .host(asked.host())
        .port(asked.port())
        .resolve_target(asked.resolve_target());
    if let Some(user) = asked.username() {
        builder = builder.username(user);
    }
    if let Some(password) = asked.password() {
        builder = builder.password(password);
    }
    let loopback = ["localhost", "*.localhost", "127.*", "[::1]"];
    for host in spared.split(',').map(str::trim).filter(|host| !host.is_empty()).chain(loopback) {
        builder = builder.no_proxy(host);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_for_the_internet_and_never_for_loopback() {
        let asked = Proxy::new("http://me:secret@proxy.example:3128").unwrap();
        let proxy = spare_loopback(&asked, " intranet.example, *.lan").unwrap();
        assert_eq!(proxy.uri(), asked.uri());
        let direct = |link: &str| proxy.is_no_proxy(&link.parse().unwrap());
        for link in [
            "http://127.0.0.1:8080/x.png",
            "http://127.1.2.3/x.png",
            "http://localhost/x.png",
            "http://[::1]:80/x.png",
            "http://intranet.example/x.png",
            "http://nas.lan/x.png",
        ] {
            assert!(direct(link), "{link}");
        }
        assert!(!direct("https://mars.nasa.gov/x.png"));
    }
}
