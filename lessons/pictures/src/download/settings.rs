//! What a worker process must be told, and what it makes of it.

use std::ffi::OsString;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fetch::{Client, Limits};
use super::folder::{Folder, FolderError};
use super::progress::Progress;

/// What a worker works with. Threads share those of their program; a process needs some of its own,
/// because connections and open files do not travel.
#[derive(Debug)]
pub struct Tools {
    /// Who asks the servers.
    pub client: Client,
    /// Where the results go.
    pub dir: Folder,
    /// Where to say what happens.
    pub progress: Progress,
}

/// How to make the same tools in another process: this travels.
///
/// ```
/// use pictures::download::{Client, Limits, Settings, setup_download_dir};
///
/// let parent = tempfile::tempdir()?;
/// let here = setup_download_dir(parent.path())?;
/// let client = Client::new(Limits { attempts: 2, ..Limits::default() });
/// let sent = serde_json::to_vec(&Settings::of(&client, &here))?;
///
/// // In the other process:
/// let tools = serde_json::from_slice::<Settings>(&sent)?.tools()?;
/// let saved = tools.dir.save("a.png", b"a", "http://host/a.png")?;
/// assert_eq!(saved.path, here.path().join("a.png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    limits: Limits,
    folder: OsString,
    originals: Option<OsString>,
    again: bool,
    gallery: Option<String>,
}

impl Settings {
    /// Those of this client and this folder.
    pub fn of(client: &Client, dir: &Folder) -> Settings {
        // As text of the system: a path that is no UTF-8 must arrive, too.
        let path = |dir: &Folder| dir.path().as_os_str().to_owned();
        Settings {
            limits: client.limits().clone(),
            folder: path(dir),
            originals: dir.originals().map(path),
            again: dir.is_again(),
            gallery: dir.gallery().map(str::to_owned),
        }
    }

    /// Makes the tools. Their client knows nothing of other processes: each has its own limit of
    /// requests for a host.
    ///
    /// # Errors
    /// If a folder cannot be used.
    pub fn tools(&self) -> Result<Tools, FolderError> {
        let originals = self.originals.as_deref().map(Path::new);
        let dir =
            Folder::open(Path::new(&self.folder), originals, self.again, self.gallery.as_deref())?;
        let client = Client::new(self.limits.clone());
        Ok(Tools { client, dir, progress: Progress::of_worker() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::setup_download_dir;

    #[test]
    fn the_other_process_gets_every_setting() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        let dir = setup_download_dir(path("out"))
            .and_then(|dir| dir.with_originals(setup_download_dir(path("originals"))?))
            .unwrap()
            .again(true)
            .with_gallery("http://127.0.0.1:4001");
        let client = Client::new(Limits { attempts: 7, per_host: 3, ..Limits::default() });
        let settings = Settings::of(&client, &dir);

        let tools = settings.tools().unwrap();
        assert_eq!(Settings::of(&tools.client, &tools.dir), settings);
        assert_eq!(tools.client.limits().attempts, 7);
        assert_eq!(tools.dir.path(), path("out"));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_travels() {
        use std::os::unix::ffi::OsStrExt;
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
        let dir = setup_download_dir(&path).unwrap();
        let settings = Settings::of(&Client::new(Limits::default()), &dir);
        let sent = serde_json::to_string(&settings).unwrap();
        let come: Settings = serde_json::from_str(&sent).unwrap();
        assert_eq!(come, settings);
        assert_eq!(Path::new(&come.folder), path);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error() {
        let parent = tempfile::tempdir().unwrap();
        let dir = setup_download_dir(parent.path().join("out")).unwrap();
        let settings = Settings::of(&Client::new(Limits::default()), &dir);
        std::fs::remove_dir_all(dir.path()).unwrap();
        std::fs::write(dir.path(), "a file").unwrap();
        assert!(matches!(settings.tools(), Err(FolderError::NotAFolder(_))));
    }
}
