//! What a careful NATS server asks its clients for: certificates, keys, credentials. Made on the
//! spot.

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer};
use serde_json::{Value, json};

/// Certificates in a folder: an authority's, and those it has signed for a server on loopback and a
/// client.
pub(crate) struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    pub(crate) fn make(folder: &Path) -> Certificates {
        let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        write("ca.pem", params.self_signed(&key).unwrap().pem());
        let authority = Issuer::new(params, key);
        for (name, host) in [("server", "127.0.0.1"), ("client", "worker")] {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = CertificateParams::new([host.to_owned()]).unwrap();
            let certificate = params.signed_by(&key, &authority).unwrap();
            write(&format!("{name}.pem"), certificate.pem());
            write(&format!("{name}-key.pem"), key.serialize_pem());
        }
        Certificates { folder: folder.to_owned() }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The settings of a server that shows its certificate and asks for the client's.
    pub(crate) fn settings(&self) -> String {
        let [ca, cert, key] =
            ["ca.pem", "server.pem", "server-key.pem"].map(|name| self.file(name));
        let (ca, cert, key) = (ca.display(), cert.display(), key.display());
        format!(
            "tls {{ ca_file: \"{ca}\", cert_file: \"{cert}\", key_file: \"{key}\", verify: true }}"
        )
    }
}

/// The settings of a server whose users an operator has signed, and the credentials file of one of
/// them.
pub(crate) fn operator() -> (String, String) {
    let (operator, system, account) =
        (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account());
    let user = KeyPair::new_user();
    let all = json!({ "subs": -1, "data": -1, "payload": -1, "conn": -1, "leaf": -1, "imports": -1,
        "exports": -1, "wildcards": true, "mem_storage": -1, "disk_storage": -1 });
    let none = json!({ "subs": -1, "data": -1, "payload": -1, "conn": -1, "leaf": -1, "imports": -1,
        "exports": -1, "wildcards": true });
    let for_account = |account: &KeyPair, limits: &Value| {
        signed(&operator, account, json!({ "type": "account", "version": 2, "limits": limits }))
    };
    let settings = format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {}, {}: {} }}",
        signed(&operator, &operator, json!({ "type": "operator", "version": 2 })),
        system.public_key(),
        system.public_key(),
        for_account(&system, &none),
        account.public_key(),
        for_account(&account, &all),
    );
    let limits = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
    let credentials = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        signed(&account, &user, limits),
        user.seed().unwrap(),
    );
    (settings, credentials)
}

/// A JSON web token as NATS writes it: `by` says `what` about `whom`.
fn signed(by: &KeyPair, whom: &KeyPair, what: Value) -> String {
    let head = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let claims = json!({ "jti": "1", "iat": 1, "iss": by.public_key(), "name": "hands",
        "sub": whom.public_key(), "nats": what });
    let encode = |part: &[u8]| BASE64URL_NOPAD.encode(part);
    let text = [head, claims].map(|part| encode(part.to_string().as_bytes())).join(".");
    let signature = by.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", encode(&signature))
}
