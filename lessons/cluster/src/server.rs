//! The flags that say where the NATS server is and who we are to it. They mean what they mean to
//! NATS's own tools.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use async_nats::{ConnectOptions, ServerAddr};
use clap::Args;
use nkeys::KeyPair;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use step::files::Files;
use step::text::masked;

use crate::error::Error;

/// Where the server is and who we are to it: flags, and the variables that NATS's own tools read.
#[derive(Clone, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Where the NATS server is")]
pub struct Server {
    /// The address of the server, or of several in one cluster, separated by commas
    #[arg(
        long = "server",
        value_name = "URL",
        env = "NATS_URL",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222"
    )]
    url: String,

    /// The name that all streams and subjects begin with, so that one server can carry several
    /// clusters
    #[arg(long, value_name = "NAME", default_value = "hands")]
    pub(crate) cluster: String,

    /// Log in with this user name, and the password in NATS_PASSWORD
    #[arg(long, value_name = "NAME", env = "NATS_USER", hide_env_values = true)]
    user: Option<String>,

    /// Log in with the credentials in this file
    #[arg(long, value_name = "FILE", env = "NATS_CREDS", hide_env_values = true)]
    creds: Option<PathBuf>,

    /// Log in with the nkey whose seed is in this file
    #[arg(long, value_name = "FILE", env = "NATS_NKEY", hide_env_values = true)]
    nkey: Option<PathBuf>,

    /// The certificate of the authority that signed the server's certificate
    #[arg(long, value_name = "FILE", env = "NATS_CA", hide_env_values = true)]
    ca: Option<PathBuf>,

    /// Our own certificate
    #[arg(long, value_name = "FILE", env = "NATS_CERT", hide_env_values = true, requires = "key")]
    cert: Option<PathBuf>,

    /// The key of our own certificate
    #[arg(long, value_name = "FILE", env = "NATS_KEY", hide_env_values = true, requires = "cert")]
    key: Option<PathBuf>,

    #[arg(skip)]
    password: Option<String>,

    #[arg(skip)]
    private: bool,
}

/// The variable that holds the password. Everybody on the machine could read it in a flag.
const PASSWORD: &str = "NATS_PASSWORD";

impl Server {
    /// The server at this address, with this user name and password.
    pub fn at(url: impl Into<String>, user: &str, password: &str) -> Server {
        Server {
            url: url.into(),
            cluster: "hands".to_owned(),
            user: Some(user.to_owned()),
            creds: None,
            nkey: None,
            ca: None,
            cert: None,
            key: None,
            password: Some(password.to_owned()),
            private: false,
        }
    }

    /// The same server, which ends when its driver does.
    pub(crate) fn into_private(self) -> Server {
        Server { private: true, ..self }
    }

    /// Whether it is a [`PrivateServer`](crate::PrivateServer): it ends when its driver does, and
    /// so do its hosts.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// Adds the files in these flags to those that a program reads, so that nothing overwrites
    /// them.
    #[must_use]
    pub fn add_to(&self, files: Files) -> Files {
        let ours = [
            ("--creds", &self.creds),
            ("--nkey", &self.nkey),
            ("--ca", &self.ca),
            ("--cert", &self.cert),
            ("--key", &self.key),
        ];
        let given = ours.into_iter().filter_map(|(flag, file)| Some((flag, file.as_deref()?)));
        given.fold(files, |files, (flag, file)| files.reads(flag, file))
    }

    /// Whether it is on this machine, so that all its hosts may be here too.
    ///
    /// # Errors
    /// If its address isn't one.
    pub fn is_here(&self) -> Result<bool, Error> {
        let here = |host: &str| {
            let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
        };
        Ok(self.addresses()?.iter().all(|address| here(address.host())))
    }

    pub(crate) fn addresses(&self) -> Result<Vec<ServerAddr>, Error> {
        let parse = |url: &str| {
            let address = url.trim().parse::<ServerAddr>().ok();
            address.filter(|address| !address.host().is_empty())
        };
        let addresses: Option<Vec<_>> = self.url.split(',').map(parse).collect();
        // A password with a comma in it looks like two addresses, so the whole text is masked.
        addresses.ok_or_else(|| Error::Address { url: masked_address(&self.url) })
    }

    /// What these flags say about connecting.
    pub(crate) async fn connect_options(&self) -> Result<ConnectOptions, Error> {
        let mut options = self.log_in(ConnectOptions::new())?;
        let unreadable = |what, path: &Path| {
            let path = path.to_owned();
            move |why| Error::Unreadable { what, path, why }
        };
        if let Some(path) = &self.creds {
            let read = options.credentials_file(path).await;
            options = read.map_err(unreadable("NATS_CREDS", path))?;
        }
        if let Some(path) = &self.nkey {
            let seed = fs::read_to_string(path).map_err(unreadable("NATS_NKEY", path))?;
            let seed = seed.trim();
            KeyPair::from_seed(seed).map_err(|_| {
                unreadable("NATS_NKEY", path)(io::Error::other(
                    "it doesn't hold the seed of an nkey",
                ))
            })?;
            options = options.nkey(seed.to_owned());
        }
        // The client reads these when it connects, and wouldn't say which one it could not read.
        for (what, path) in
            [("NATS_CA", &self.ca), ("NATS_CERT", &self.cert), ("NATS_KEY", &self.key)]
        {
            if let Some(path) = path {
                fs::read(path).map_err(unreadable(what, path))?;
            }
        }
        if let Some(ca) = &self.ca {
            options = options.add_root_certificates(ca.clone()).require_tls(true);
        }
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            options = options.add_client_certificate(cert.clone(), key.clone()).require_tls(true);
        }
        Ok(options)
    }

    /// Logs in as the flags say. If they say nothing, the first address with a name in it decides:
    /// a name without a password is a token. The client itself ignores names in addresses.
    fn log_in(&self, options: ConnectOptions) -> Result<ConnectOptions, Error> {
        if let Some(user) = &self.user {
            let password = self.password.clone().or_else(|| env::var(PASSWORD).ok());
            return Ok(options.user_and_password(user.clone(), password.unwrap_or_default()));
        }
        if self.creds.is_some() || self.nkey.is_some() {
            return Ok(options);
        }
        let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let addresses = self.addresses()?;
        let named =
            addresses.iter().find_map(|address| Some((address.username()?, address.password())));
        Ok(match named {
            Some((user, Some(password))) => options.user_and_password(plain(user), plain(password)),
            Some((token, None)) => options.token(plain(token)),
            None => options,
        })
    }
}

/// The address with its passwords and tokens masked.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.addresses().is_err() {
            return f.write_str(&masked_address(&self.url));
        }
        f.write_str(&self.url.split(',').map(masked_address).collect::<Vec<_>>().join(","))
    }
}

/// Only the address, as it is displayed.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.to_string()).finish_non_exhaustive()
    }
}

/// An address may come without its scheme. What stands before its `@` is a secret all the same, and
/// `masked` knows that of links.
fn masked_address(url: &str) -> String {
    let shown = masked(&format!("nats://{url}"));
    shown.strip_prefix("nats://").unwrap_or(&shown).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        for (url, shown) in [
            ("nats://me:se@cret@host:4222", "nats://me:***@host:4222"),
            ("tls://token@host", "tls://***@host"),
            ("me:secret@host:4222", "me:***@host:4222"),
            ("token@host", "***@host"),
            ("me:se://cret@host", "me:***@host"),
            ("nats://host", "nats://host"),
            ("host:4222", "host:4222"),
        ] {
            assert_eq!(masked_address(url), shown);
        }
        let two = Server::at("nats://me:s3cret@one,t0ken@two", "me", "gue5s");
        for shown in [two.to_string(), format!("{two:?}"), format!("{two:#?}")] {
            assert!(shown.contains("nats://me:***@one,***@two"), "{shown}");
            assert!(
                !["s3cret", "t0ken", "gue5s"].iter().any(|secret| shown.contains(secret)),
                "{shown}"
            );
        }
        for bad in ["nats://me:s3,cret@host", "nats://me:s3/cret@host", "nats://me:s3cret@"] {
            let bad = Server::at(bad, "", "");
            for shown in [bad.addresses().unwrap_err().to_string(), bad.to_string()] {
                assert!(shown.contains("nats://me:***@") && !shown.contains("s3"), "{shown}");
            }
        }
    }

    #[test]
    fn loopback_is_here_and_all_else_is_not() {
        let server = |url: &str| Server::at(url, "", "");
        for here in
            ["nats://127.0.0.1:4222", "localhost", "nats://[::1]:1", "127.0.0.1,localhost:2"]
        {
            assert!(server(here).is_here().unwrap(), "{here}");
        }
        for away in ["nats://10.0.0.1", "example.org", "localhost,example.org"] {
            assert!(!server(away).is_here().unwrap(), "{away}");
        }
        for bad in ["nats://", "http://localhost", ""] {
            assert!(server(bad).is_here().is_err(), "{bad}");
        }
    }
}
