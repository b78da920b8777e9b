//! Hosts with networks of their own on this machine: Linux's network namespaces, joined by a
//! bridge. Needs root.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, id};
use std::sync::Arc;
use std::thread;

/// A bridge with this machine at the address `.1`, and a namespace for each host. Dropping this
/// removes all of it.
pub(crate) struct Network {
    bridge: String,
    prefix: String,
    hosts: Vec<String>,
}

impl Network {
    pub(crate) fn with_hosts(number: usize) -> Network {
        let unique = id() % 100_000;
        let bridge = format!("mh{unique}");
        let prefix = format!("10.{}.{}", 64 + unique / 256 % 64, unique % 256);
        let mut network =
            Network { bridge: bridge.clone(), prefix: prefix.clone(), hosts: Vec::new() };
        ip(&format!("link add {bridge} type bridge"));
        ip(&format!("addr add {prefix}.1/24 dev {bridge}"));
        ip(&format!("link set {bridge} up"));
        for n in 0..number {
            let host = format!("mh{unique}h{n}");
            ip(&format!("netns add {host}"));
            network.hosts.push(host.clone());
            ip(&format!("link add {host} type veth peer name eth0 netns {host}"));
            ip(&format!("link set {host} master {bridge} up"));
            ip(&format!("-n {host} addr add {prefix}.{}/24 dev eth0", n + 2));
            ip(&format!("-n {host} link set eth0 up"));
            ip(&format!("-n {host} link set lo up"));
        }
        network
    }

    /// The address of this machine, as the hosts see it.
    pub(crate) fn here(&self) -> String {
        format!("{}.1", self.prefix)
    }

    pub(crate) fn host(&self, number: usize) -> &str {
        &self.hosts[number]
    }

    /// Pulls a host's plug (`down`), or puts it back (`up`).
    pub(crate) fn set(&self, number: usize, state: &str) {
        ip(&format!("link set {} {state}", self.hosts[number]));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let delete = |what: String| drop(Command::new("ip").args(what.split(' ')).output());
        for host in &self.hosts {
            delete(format!("link del {host}"));
            delete(format!("netns del {host}"));
        }
        delete(format!("link del {}", self.bridge));
    }
}

fn ip(what: &str) {
    let output =
        Command::new("ip").args(what.split(' ')).output().expect("ip (iproute2) is needed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {what}: {error}: root is needed");
}

/// Starts a server that always answers with this picture, because the gallery listens on loopback
/// alone. Returns its address.
pub(crate) fn serve_picture(at: &str, picture: Vec<u8>) -> String {
    let listener = TcpListener::bind((at, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let picture = Arc::new(picture);
    thread::spawn(move || {
        for asking in listener.incoming() {
            let picture = Arc::clone(&picture);
            thread::spawn(move || answer(asking.unwrap(), &picture));
        }
    });
    address.to_string()
}

fn answer(mut asking: TcpStream, picture: &[u8]) {
    let lines = BufReader::new(asking.try_clone().unwrap()).lines();
    drop(lines.map_while(Result::ok).find(String::is_empty));
    let length = picture.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    drop(asking.write_all(&[head.as_bytes(), picture].concat())); // it may be gone
}
