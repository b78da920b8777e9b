//! The interpreters of this machine, and how to get the others.

use std::cell::RefCell;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use benches::child::Service;
use hands::println;
use harness::Python;

/// Those that are looked for, and how to get one that isn't there.
const KNOWN: [(&str, &str); 7] = [
    ("python3.11", "your system's packages, or pyenv"),
    ("python3.12", "your system's packages, or pyenv"),
    ("python3.13", UNPACK),
    ("python3.14", UNPACK),
    ("python3.15", UNPACK),
    ("python3.14t", FREE_THREADED),
    ("python3.15t", FREE_THREADED),
];
const UNPACK: &str = "benches/python/unpack.sh, on Debian; elsewhere your system's packages";
const PACKAGES: &str = "target/pythons/packages";
const FREE_THREADED: &str = "free-threaded: `uv python install`, or configure --disable-gil";

/// An interpreter that runs work.py: a line in, a line out.
pub(crate) struct Interpreter {
    pub(crate) program: PathBuf,
    /// As in `3.14.1t`.
    pub(crate) version: String,
    ways: Vec<String>,
    service: RefCell<Service>,
}

impl Interpreter {
    fn start(program: PathBuf) -> Result<Self> {
        let mut service = Service::start(&mut work(&program, &["serve"]))?;
        let about = service.line().context(program.display().to_string())?;
        let (version, ways) = about.split_once(' ').context("work.py says which Python it is")?;
        let ways = ways.split(' ').map(str::to_owned).collect();
        Ok(Self { program, version: version.to_owned(), ways, service: RefCell::new(service) })
    }

    pub(crate) fn has(&self, way: &str) -> bool {
        self.ways.iter().any(|known| known == way)
    }

    /// How many seconds this takes there: see work.py.
    pub(crate) fn time(&self, request: &str) -> Result<f64> {
        let answer = self.service.borrow_mut().ask(request)?;
        answer.parse().with_context(|| format!("{request}: work.py answers {answer:?}"))
    }
}

/// Starts all interpreters with these names, or all that are known, and says which ones are absent.
pub(crate) fn start_all(names: &[String]) -> Result<Vec<Interpreter>> {
    let known = KNOWN.map(|(name, _)| name.to_owned());
    let names = if names.is_empty() { &known[..] } else { names };
    let mut all: Vec<Interpreter> = Vec::new();
    for name in names {
        match program(name) {
            Some(program) => all.push(Interpreter::start(program)?),
            None => println!("{name:12} is not here: {}", how_to_get(name)),
        }
    }
    if !all.iter().any(|python| python.has("joblib")) {
        println!("joblib       is not here: python3 -m pip install --target {PACKAGES} joblib");
    }
    Ok(all)
}

fn how_to_get(name: &str) -> &'static str {
    KNOWN.iter().find(|(known, _)| *known == name).map_or("install it", |(_, how)| how)
}

/// Those that were unpacked come first; then whatever is on the path, and works.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [home().join("bin")].into_iter().chain(env::split_paths(&path));
    let mut programs = folders.map(|folder| folder.join(name)).filter(|file| file.exists());
    programs.find(|file| Python::at(file).is_some())
}

/// Where unpack.sh puts Pythons.
fn home() -> PathBuf {
    harness::root().join("target/pythons")
}

/// work.py, with these arguments.
pub(crate) fn work(program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python/work.py")).args(args);
    command.env("PYTHONPATH", harness::root().join(PACKAGES)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
