//! The client and the folder of one process, made again in another.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::fetch::Client;
use super::folder::{Folder, FolderError, FolderOptions};
use super::limits::ClientLimits;
use super::progress::Progress;

/// What a worker needs. Threads share one set; each process needs its own, because connections and
/// open files cannot be sent to it.
#[derive(Debug)]
pub struct Tools {
    /// Fetches pictures.
    pub client: Client,
    /// Where results are saved.
    pub dir: Folder,
    /// Prints what happens.
    pub progress: Progress,
}

/// All it takes to make the same tools in another process, in a form that can be sent there.
///
/// ```
/// use pictures::download::{Client, ClientLimits, Settings, setup_download_dir};
///
/// let parent = tempfile::tempdir()?;
/// let here = setup_download_dir(parent.path())?;
/// let client = Client::new(ClientLimits { attempts: 2, ..ClientLimits::default() });
/// let sent = serde_json::to_vec(&Settings::new(&client, &here))?;
///
/// // In the other process:
/// let tools = serde_json::from_slice::<Settings>(&sent)?.tools()?;
/// let saved = tools.dir.save_bytes("a.png", b"a", "http://host/a.png")?;
/// assert_eq!(saved.path, here.path().join("a.png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    limits: ClientLimits,
    /// An `OsString`, so that a path that isn't UTF-8 arrives, too.
    folder: OsString,
    options: FolderOptions,
}

impl Settings {
    /// The settings of this client and this folder.
    pub fn new(client: &Client, dir: &Folder) -> Settings {
        let folder = dir.path().as_os_str().to_owned();
        Settings { limits: client.limits().clone(), folder, options: dir.options.clone() }
    }

    /// Makes the tools. Each process has its own limit on the requests that a host gets at a time,
    /// because the clients do not know of each other.
    ///
    /// # Errors
    /// If a folder cannot be used.
    pub fn tools(&self) -> Result<Tools, FolderError> {
        let dir = Folder::open(&self.folder, self.options.clone())?;
        let client = Client::new(self.limits.clone());
        Ok(Tools { client, dir, progress: Progress::for_worker() })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::download::setup_download_dir;

    #[test]
    fn the_other_process_gets_every_setting() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        let options = FolderOptions {
            originals: Some(path("originals").into()),
            again: true,
            gallery: Some("http://127.0.0.1:4001".to_owned()),
        };
        let dir = Folder::open(path("out"), options).unwrap();
        let client =
            Client::new(ClientLimits { attempts: 7, per_host: 3, ..ClientLimits::default() });
        let settings = Settings::new(&client, &dir);

        let tools = settings.tools().unwrap();
        assert_eq!(Settings::new(&tools.client, &tools.dir), settings);
        assert_eq!(tools.client.limits().attempts, 7);
        assert_eq!(tools.dir.path(), path("out"));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf_8_arrives() {
        use std::os::unix::ffi::OsStrExt;
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
        let dir = setup_download_dir(&path).unwrap();
        let settings = Settings::new(&Client::new(ClientLimits::default()), &dir);
        let sent = serde_json::to_string(&settings).unwrap();
        let arrived: Settings = serde_json::from_str(&sent).unwrap();
        assert_eq!(arrived, settings);
        assert_eq!(Path::new(&arrived.folder), path);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error() {
        let parent = tempfile::tempdir().unwrap();
        let dir = setup_download_dir(parent.path().join("out")).unwrap();
        let settings = Settings::new(&Client::new(ClientLimits::default()), &dir);
        std::fs::remove_dir_all(dir.path()).unwrap();
        std::fs::write(dir.path(), "a file").unwrap();
        assert!(matches!(settings.tools(), Err(FolderError::NotAFolder(_))));
    }
}
