//! How a folder is to be used.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

/// How a [`Folder`](super::Folder) is to be used, beyond what is always so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderOptions {
    /// Keeps originals in another folder.
    ///
    /// A link is then [`kept`](super::Folder::kept) only if both folders hold its file. (It's an
    /// `OsString`, so that a path that isn't UTF-8 can be sent to another process, too.)
    ///
    /// ```
    /// use pictures::download::{Folder, FolderOptions};
    ///
    /// let (link, parent) = ("http://host/a.png", tempfile::tempdir()?);
    /// let thumbnails = parent.path().join("thumbnails");
    /// let dir = Folder::open(&thumbnails, FolderOptions::default())?;
    /// dir.save_bytes("small.png", b"made of a.png", link)?;
    /// assert!(dir.kept(link).is_some());
    ///
    /// let originals = Some(parent.path().join("originals").into());
    /// let dir = Folder::open(&thumbnails, FolderOptions { originals, ..FolderOptions::default() })?;
    /// assert!(dir.kept(link).is_none(), "there is no original yet");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub originals: Option<OsString>,
    /// Redoes what the manifest says is done. The new files replace those that earlier runs saved
    /// for the same links.
    pub again: bool,
    /// Treats links that begin with this URL as the offline gallery's.
    ///
    /// The gallery has another port in each run, so with its URL a second run would never skip
    /// anything. The manifest therefore writes `gallery:` in place of the URL.
    ///
    /// ```
    /// use pictures::download::{Folder, FolderOptions};
    ///
    /// let parent = tempfile::tempdir()?;
    /// let open = |port: u16| {
    ///     let gallery = Some(format!("http://127.0.0.1:{port}"));
    ///     Folder::open(parent.path(), FolderOptions { gallery, ..FolderOptions::default() })
    /// };
    /// let saved = open(4001)?.save_bytes("a.png", b"a", "http://127.0.0.1:4001/a.png")?;
    /// assert_eq!(open(4002)?.kept("http://127.0.0.1:4002/a.png"), Some(saved));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub gallery: Option<String>,
}
