//! The files that a program is told to read and to write. No file that it writes may be one that it
//! reads, or that it writes for another purpose, under whatever name; nor may it be a file of the
//! user's that has nothing to do with the program.
//!
//! ```
//! use step::files::{Files, FileKind};
//!
//! let folder = tempfile::tempdir()?;
//! let list = folder.path().join("list.txt");
//! std::fs::write(&list, "http://host/a.png\n")?;
//! let same = folder.path().join("./list.txt");
//!
//! let report = FileKind { name: "report", begins: |head| head.starts_with(b"[") };
//! let files = Files::new().reads("--links", &list).writes("--report", &same, report);
//! let refused = files.check().unwrap_err();
//! assert!(refused.starts_with("--links and --report are the same file"), "{refused}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process;

use hands::eprintln;
pub use hands::files::FileKind;

/// Where the steps leave their plots.
pub const PLOTS: &str = "target/plots";

/// The files that a program is told to read and to write, and the flag that names each.
#[derive(Debug)]
pub struct Files {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    flag: String,
    use_: Use,
    /// As given; None for a standard stream.
    given: Option<PathBuf>,
    /// Where it is or would be, without links, `.` and `..`.
    path: PathBuf,
    found: Option<Metadata>,
}

#[derive(Debug, Clone, Copy)]
enum Use {
    Read,
    Write(Option<FileKind>),
    Folder,
    /// A folder that nothing else may be in.
    Own,
}

impl Files {
    /// No files yet, except the standard output and error, if they are redirected to files.
    #[expect(clippy::new_without_default, reason = "it looks at the standard streams")]
    pub fn new() -> Files {
        let streams = [("the standard output", stream(1)), ("the standard error", stream(2))];
        let places = streams.into_iter().filter_map(|(name, found)| {
            let found = found.filter(Metadata::is_file)?;
            Some(Place::for_stream(name, Use::Write(None), Some(found)))
        });
        Files { places: places.collect() }
    }

    /// A file to read. `-` is the standard input.
    #[must_use]
    pub fn reads(mut self, flag: &str, path: &Path) -> Self {
        self.places.push(if path.as_os_str() == "-" {
            Place::for_stream(flag, Use::Read, stream(0))
        } else {
            Place::for_path(flag, Use::Read, path)
        });
        self
    }

    /// A file to write. An existing file may be replaced if it is of this kind.
    #[must_use]
    pub fn writes(mut self, flag: &str, path: &Path, kind: FileKind) -> Self {
        self.places.push(Place::for_path(flag, Use::Write(Some(kind)), path));
        self
    }

    /// A file that each run adds to.
    #[must_use]
    pub fn keeps(mut self, flag: &str, path: &Path) -> Self {
        self.places.push(Place::for_path(flag, Use::Write(None), path));
        self
    }

    /// A folder for new files. There may be others in it.
    #[must_use]
    pub fn folder(mut self, flag: &str, path: &Path) -> Self {
        self.places.push(Place::for_path(flag, Use::Folder, path));
        self
    }

    /// A folder that belongs to this program. No other file may be in it.
    #[must_use]
    pub fn owns(mut self, what: &str, path: &Path) -> Self {
        self.places.push(Place::for_path(what, Use::Own, path));
        self
    }

    /// Checks that every file can be used without destroying another one, or a file of the user's.
    ///
    /// # Errors
    /// If one of them cannot: a line that names the flags, and says what to do.
    pub fn check(&self) -> Result<(), String> {
        for (n, one) in self.places.iter().enumerate() {
            self.places[n + 1..].iter().try_for_each(|other| one.beside(other))?;
        }
        self.places.iter().try_for_each(Place::alone)
    }

    /// As [`check`](Files::check), but ends the program if the check fails, as for any other bad
    /// argument: with a line on the standard error and exit code 2.
    pub fn check_or_exit(&self) {
        if let Err(why) = self.check() {
            eprintln!("error: {why}");
            process::exit(2);
        }
    }
}

impl Place {
    fn for_path(flag: &str, use_: Use, path: &Path) -> Place {
        let found = fs::metadata(path).ok(); // without it, only the path is compared
        Place { flag: flag.to_owned(), use_, given: Some(path.to_owned()), path: real(path), found }
    }

    fn for_stream(name: &str, use_: Use, found: Option<Metadata>) -> Place {
        Place { flag: name.to_owned(), use_, given: None, path: PathBuf::new(), found }
    }

    fn alone(&self) -> Result<(), String> {
        let (Use::Write(Some(kind)), Some(given)) = (self.use_, &self.given) else { return Ok(()) };
        kind.may_replace(given).map_err(|why| {
            format!("{} {}: {why}; give a name that is free", self.flag, given.display())
        })
    }

    fn beside(&self, other: &Place) -> Result<(), String> {
        let both = format!("{} and {}", self.flag, other.flag);
        if self.is(other) && !self.may_share(other) {
            let (what, advice) = match (self.use_, other.use_) {
                (Use::Folder, Use::Folder) => ("folder", "give each a folder of its own"),
                _ => ("file", "give one of them another name"),
            };
            let name = self.given.as_ref().or(other.given.as_ref());
            let name = name.map(|name| format!(", {}", name.display())).unwrap_or_default();
            return Err(format!("{both} are the same {what}{name}: {advice}"));
        }
        for (file, other) in [(self, other), (other, self)] {
            if matches!(file.use_, Use::Own) && other.path.starts_with(&file.path) {
                let name = file.path.display();
                return Err(format!("{both} both go to {name}: give {} another name", other.flag));
            }
            let is_file = matches!(file.use_, Use::Read | Use::Write(_)) && file.given.is_some();
            if is_file && other.path != file.path && other.path.starts_with(&file.path) {
                let name = file.path.display();
                return Err(format!(
                    "{both} need {name} as a file and as a folder: give one of them another name"
                ));
            }
        }
        Ok(())
    }

    /// Whether both are the same file or folder.
    fn is(&self, other: &Place) -> bool {
        let same_path = self.given.is_some() && self.path == other.path;
        match (&self.found, &other.found) {
            (Some(one), Some(two)) => same_path || same_file(one, two),
            _ => same_path,
        }
    }

    /// Whether it does no harm that both are the same: they are only read, or a device such as a
    /// terminal, or streams that the shell redirected to one file.
    fn may_share(&self, other: &Place) -> bool {
        let is_device = |found: &Metadata| is_device(found.file_type());
        let streams = self.given.is_none() && other.given.is_none();
        match (self.use_, other.use_) {
            (Use::Read, Use::Read) => true,
            (Use::Write(_), Use::Write(_)) if streams => true,
            _ => self.found.as_ref().is_some_and(is_device),
        }
    }
}

/// Where a path leads, without links, `.` and `..`, even if the file does not exist yet.
fn real(path: &Path) -> PathBuf {
    const LINKS: usize = 40; // as many as the system follows
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let name = path.file_name().map(PathBuf::from);
        let folder = path.parent().map(real).unwrap_or_default();
        // A link to a file that does not exist yet: writing to the link creates it.
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => return name.map_or_else(|| tidy(&path), |name| folder.join(name)),
        }
    }
    path
}

/// The path without `.` and `..`.
fn tidy(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut tidy, part| {
        match part {
            Component::ParentDir => _ = tidy.pop(),
            Component::CurDir => {}
            part => tidy.push(part),
        }
        tidy
    })
}

#[cfg(unix)]
fn stream(number: i32) -> Option<Metadata> {
    use std::os::fd::AsFd;
    let file = match number {
        0 => io::stdin().as_fd().try_clone_to_owned(),
        1 => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    File::from(file.ok()?).metadata().ok()
}

#[cfg(unix)]
fn same_file(one: &Metadata, two: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (two.dev(), two.ino())
}

/// Whether it is a device, such as `/dev/null` or a terminal, that any number may write to.
#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device()
}

#[cfg(not(unix))]
fn stream(_: i32) -> Option<Metadata> {
    None
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, _: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_device(_: FileType) -> bool {
    false
}
