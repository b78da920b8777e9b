//! The scratch copy of a step: what the reader has changed of it, and a program made from that.
//!
//! `target/scratch/STEP` holds the files that were changed, and `whole/` in it the step as it is
//! compiled: those files, and all others as they are in `examples/`, which is only read. rustc
//! compiles it with the crates and the options that cargo has just used for the step itself, so
//! there is no second package, no second lock file, and nothing is built twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

use crate::{anchors, files};

/// Where the copy of a step is, from the root.
pub(super) fn folder(step: &str) -> PathBuf {
    Path::new("target/scratch").join(step)
}

/// A file of a step.
pub(super) struct File {
    pub(super) name: String,
    /// As it is in `examples/`, without the marks of what the book shows.
    pub(super) original: String,
    /// Where the reader's version of it is, if there is one.
    pub(super) copy: PathBuf,
}

/// The files of a step. The first one has its `main`.
pub(super) fn files(root: &Path, step: &str) -> anyhow::Result<Vec<File>> {
    let examples = root.join("examples");
    let alone = examples.join(format!("{step}.rs"));
    let mut paths = if alone.is_file() {
        vec![alone]
    } else {
        files::with_extensions(&examples.join(step), &["rs"])?
    };
    paths.sort_by_key(|path| !path.ends_with("main.rs"));
    let mut found = Vec::new();
    while found.len() < paths.len() {
        let path = paths[found.len()].clone();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = files::read(&path)?;
        // A step may be a module of the next one.
        for beside in beside(&text).map(|name| path.with_file_name(name)) {
            if !paths.contains(&beside) {
                paths.push(beside);
            }
        }
        let copy = root.join(folder(step)).join(&name);
        found.push(File { name, original: anchors::without(&text), copy });
    }
    Ok(found)
}

/// The files in the same folder that a text names as its modules: `#[path = "09b_processes.rs"]`.
fn beside(text: &str) -> impl Iterator<Item = &str> {
    let names = text.lines().filter_map(|line| line.strip_prefix("#[path = \"")?.split('"').next());
    names.filter(|name| !name.contains('/'))
}

/// rustc for the scratch copy, and the program that it will make. `messages` are cargo's, of the
/// build of the step.
pub(super) fn compiler(
    root: &Path,
    step: &str,
    messages: &str,
) -> anyhow::Result<(Command, PathBuf)> {
    let whole = root.join(folder(step)).join("whole");
    if whole.exists() {
        fs::remove_dir_all(&whole)?; // a file may have gone
    }
    let all = files(root, step)?;
    let first = all.first().with_context(|| format!("examples/ has no {step}"))?.name.clone();
    for file in all {
        let text = fs::read_to_string(&file.copy).unwrap_or(file.original);
        files::write(&whole.join(file.name), &text)?;
    }
    let built: Vec<Artifact> = messages.lines().filter_map(Artifact::parse).collect();
    let example = built
        .iter()
        .find(|artifact| artifact.target.name == step && artifact.target.kind == ["example"])
        .context("cargo has not said how it builds the step")?;
    let crates = example.crates(&files::read(&root.join("Cargo.lock"))?, &built)?;
    let program = whole.join(step);
    let mut rustc = harness::rustc(crates.iter().map(|(name, file)| (&**name, &**file)));
    rustc.current_dir(&whole).args(["--crate-name", step]).args(example.options());
    // Ours are those of the book's tool.
    let (name, version) = example.package();
    rustc.env("CARGO_PKG_NAME", name).env("CARGO_PKG_VERSION", version);
    rustc.arg("-o").arg(&program).arg(first);
    Ok((rustc, program))
}

/// What cargo says about something that it has built, or had built already.
#[derive(Debug, Deserialize)]
struct Artifact {
    package_id: String,
    target: Target,
    profile: Profile,
    features: Vec<String>,
    filenames: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Profile {
    opt_level: String,
    /// A number or a name.
    debuginfo: Value,
    debug_assertions: bool,
    overflow_checks: bool,
}

/// As much of `Cargo.lock` as says which package uses which.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    /// `NAME`, or `NAME VERSION` if there are several.
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Artifact {
    fn parse(message: &str) -> Option<Artifact> {
        serde_json::from_str(message).ok() // other messages have other fields
    }

    /// The name and the version: `registry+…#anyhow@1.0.98` or `path+…/hands#0.1.0`.
    fn package(&self) -> (&str, &str) {
        let (place, name) = self.package_id.split_once('#').unwrap_or((&self.package_id, ""));
        let folder = place.rsplit('/').next().unwrap_or("");
        name.split_once('@').unwrap_or((folder, name))
    }

    /// The library, if it is one that a program can use.
    fn library(&self) -> Option<&Path> {
        let is_library = |kind: &String| matches!(&**kind, "lib" | "rlib" | "proc-macro");
        let ends = ["rlib", "so", "dylib"];
        let is_file =
            |file: &&PathBuf| ends.iter().any(|end| file.extension().is_some_and(|e| e == *end));
        let found = self.filenames.iter().find(is_file)?;
        self.target.kind.iter().any(is_library).then_some(found)
    }

    /// What its code can use: the library of its own package, and those that the package names.
    fn crates(&self, lock: &str, built: &[Artifact]) -> anyhow::Result<Vec<(String, PathBuf)>> {
        let lock: Lock = toml::from_str(lock).context("cannot read Cargo.lock")?;
        let (name, version) = self.package();
        let own = lock.package.iter().find(|own| own.name == name && own.version == version);
        let own = own.with_context(|| format!("Cargo.lock has no {name}"))?;
        let is_named = |package: (&str, &str)| {
            own.dependencies.iter().any(|dependency| {
                let mut words = dependency.split(' ');
                words.next() == Some(package.0) && words.next().is_none_or(|v| v == package.1)
            })
        };
        let used =
            built.iter().filter(|it| it.package() == self.package() || is_named(it.package()));
        // A build script may use the same package, with fewer features.
        let mut libraries: BTreeMap<String, &Artifact> = BTreeMap::new();
        for it in used.filter(|it| it.library().is_some()) {
            let name = it.target.name.replace('-', "_");
            let best = libraries.entry(name).or_insert(it);
            if it.features.len() > best.features.len() {
                *best = it;
            }
        }
        let file = |it: &Artifact| it.library().map(Path::to_owned);
        Ok(libraries.into_iter().filter_map(|(name, it)| Some((name, file(it)?))).collect())
    }

    /// The options with which cargo compiles it.
    fn options(&self) -> Vec<String> {
        let Profile { opt_level, debuginfo, debug_assertions, overflow_checks } = &self.profile;
        let debuginfo = debuginfo.as_str().map_or_else(|| debuginfo.to_string(), str::to_owned);
        let codegen = [
            format!("opt-level={opt_level}"),
            format!("debuginfo={debuginfo}"),
            format!("debug-assertions={debug_assertions}"),
            format!("overflow-checks={overflow_checks}"),
        ];
        let features = self.features.iter().map(|feature| format!("feature=\"{feature}\""));
        let codegen = codegen.into_iter().flat_map(|option| ["-C".to_owned(), option]);
        codegen.chain(features.flat_map(|cfg| ["--cfg".to_owned(), cfg])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = r#"
        {"reason":"compiler-artifact","package_id":"registry+https://x#anyhow@1.0.98","target":{"kind":["lib"],"name":"anyhow"},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":["std"],"filenames":["/t/debug/deps/libanyhow-1.rlib","/t/debug/deps/libanyhow-1.rmeta"]}
        {"reason":"compiler-artifact","package_id":"registry+https://x#anyhow@1.0.98","target":{"kind":["lib"],"name":"anyhow"},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":[],"filenames":["/t/debug/deps/libanyhow-2.rlib","/t/debug/deps/libanyhow-2.rmeta"]}
        {"reason":"compiler-artifact","package_id":"registry+https://x#rand@0.8.5","target":{"kind":["lib"],"name":"rand"},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":[],"filenames":["/t/debug/deps/librand-8.rlib"]}
        {"reason":"compiler-artifact","package_id":"registry+https://x#rand@0.9.0","target":{"kind":["lib"],"name":"rand"},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":[],"filenames":["/t/debug/deps/librand-9.rlib"]}
        {"reason":"compiler-artifact","package_id":"registry+https://x#tasks@2.0.0","target":{"kind":["lib"],"name":"tasks"},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":[],"filenames":["/t/debug/deps/libtasks-2.rlib"]}
        {"reason":"compiler-artifact","package_id":"path+file:///w/lessons/heat#0.1.0","target":{"kind":["lib"],"name":"heat"},"profile":{"opt_level":"1","debuginfo":0,"debug_assertions":true,"overflow_checks":true},"features":[],"filenames":["/t/debug/deps/libheat-1.rlib"]}
        {"reason":"compiler-artifact","package_id":"path+file:///w/lessons/heat#0.1.0","target":{"kind":["example"],"name":"07_heat"},"profile":{"opt_level":"3","debuginfo":"line-tables-only","debug_assertions":false,"overflow_checks":true},"features":["cluster"],"filenames":["/t/debug/examples/07_heat"]}
        {"reason":"build-finished","success":true}"#;

    #[test]
    fn a_copy_is_compiled_with_what_cargo_gave_to_the_step() {
        let built: Vec<Artifact> = BUILT.lines().filter_map(Artifact::parse).collect();
        let step = built.last().unwrap();
        let lock = "[[package]]\nname = \"heat\"\nversion = \"0.1.0\"\ndependencies = [\"anyhow\", \"rand 0.9.0\"]\n";
        let crates = step.crates(lock, &built).unwrap();
        let names: Vec<_> = crates.iter().map(|(name, file)| (&**name, &**file)).collect();
        let file = |name| Path::new(name);
        assert_eq!(
            names,
            [
                ("anyhow", file("/t/debug/deps/libanyhow-1.rlib")),
                ("heat", file("/t/debug/deps/libheat-1.rlib")),
                ("rand", file("/t/debug/deps/librand-9.rlib")),
            ],
            "not what only its dependencies use: a module of the step may have such a name"
        );
        let options = step.options().join(" ");
        assert_eq!(
            options,
            "-C opt-level=3 -C debuginfo=line-tables-only -C debug-assertions=false \
             -C overflow-checks=true --cfg feature=\"cluster\""
        );
    }

    #[test]
    #[ignore = "needs all steps in STEPS_BUILT: ./tests/run builds them"]
    fn a_copy_of_each_step_compiles() {
        let built = std::env::var("STEPS_BUILT").expect("the path of what cargo said");
        let built = fs::read_to_string(built).unwrap();
        let clone = tempfile::tempdir().unwrap();
        for shared in ["examples", "Cargo.lock"] {
            let real = harness::root().join(shared);
            std::os::unix::fs::symlink(real, clone.path().join(shared)).unwrap();
        }
        let steps = crate::record::recordings(harness::root()).unwrap();
        let steps: std::collections::BTreeSet<_> =
            steps.iter().filter_map(|recording| recording.step()).collect();
        assert!(steps.len() > 15, "{steps:?}");
        for step in steps {
            let (mut rustc, _) = compiler(clone.path(), step, &built).unwrap();
            let output = rustc.arg("--emit=metadata").output().unwrap();
            assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
