//! A downloader that survives the internet.
//!
//! The words are those of the Python lesson: [`get_links`] says what to download,
//! [`setup_download_dir`] where to, and [`download_link`] downloads one link. A worker binds the
//! first arguments in a closure where Python has `partial`:
//!
//! ```
//! use pictures::download::{Client, Limits, Outcome, Report, download_link, setup_download_dir};
//! use pictures::gallery::{Answer, Gallery};
//! # let parent = tempfile::tempdir()?;
//! # let out = parent.path();
//! # let a_small_picture = pictures::gallery::paint::picture(1, 8, 8, pictures::gallery::paint::Format::Png);
//! let gallery = Gallery::builder()
//!     .answer("/cat.png", Answer::picture(a_small_picture, "image/png"))
//!     .start()?;
//! let links = [gallery.link("/cat.png"), gallery.link("/dog.png")];
//!
//! let client = Client::new(Limits::default());
//! let dir = setup_download_dir(out)?;
//! let report = Report::new(&links, None)?;
//! for entry in links.iter().map(|link| download_link(&client, &dir, link)) {
//!     report.add(entry);
//! }
//! let summary = report.finish();
//! assert_eq!(summary.count(Outcome::Saved), 1, "{summary}");
//! assert_eq!(summary.count(Outcome::Failed), 1, "there is no dog");
//!
//! // The second time there is nothing to ask for.
//! assert_eq!(download_link(&client, &dir, &links[0]).outcome, Outcome::Skipped);
//! assert_eq!(gallery.asked("/cat.png"), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every link ends as exactly one [`Entry`]: saved, skipped, or failed with a reason. What can go
//! wrong is the business of one module each:
//!
//! - `address`: what is written in place of a link, and passwords in it;
//! - `redirects` and `cookies`: servers that send us on;
//! - `fetch` and `head`: timeouts, repetitions, limits, pictures that are none;
//! - `gate`: not too many requests for one host;
//! - [`name`]: file names that a stranger chose;
//! - `folder` and `manifest`: no partial file, nothing overwritten, nothing done twice;
//! - [`links`]: where they come from;
//! - `report`: what became of each link;
//! - `progress`: bars and lines on the terminal;
//! - `settings`: the same in another process.
//!
//! The message of each error is whole: which link or file, what happened, what to do. So they have
//! no [`source`](std::error::Error::source) that would say a part of it again.

mod address;
mod cookies;
mod fault;
mod fetch;
mod folder;
mod gate;
mod head;
pub mod links;
mod manifest;
pub mod name;
mod progress;
mod proxy;
mod redirects;
mod report;
mod retry;
mod settings;

pub use fault::{Failure, Fault, FetchError};
pub use fetch::{Client, Fetched, Limits};
pub use folder::{Folder, FolderError, SaveError, Saved, setup_download_dir};
pub use links::{LinkStream, Links, LinksError};
pub use progress::{Progress, StageBar, Stages};
pub use report::{Entry, Outcome, REPORT, Report, ReportError, Summary, Visit};
pub use settings::{Settings, Tools};

use crate::args::Source;

// ANCHOR: links
/// The links of the chosen source, each once: the offline gallery, opened for this, by default.
///
/// # Errors
/// If the source cannot be used: the error says what to do.
pub fn get_links(client: &Client, source: &Source) -> Result<Links, LinksError> {
    if let Some(file) = &source.links {
        links::of_file(file)
    } else if source.imgur {
        links::imgur(client)
    } else if source.nasa {
        Ok(links::nasa())
    } else {
        Links::of_gallery(client, source.gallery()?)
    }
}

/// Downloads `link` into `dir`, unless an earlier run did.
pub fn download_link(client: &Client, dir: &Folder, link: &str) -> Entry {
    dir.unless_kept(link, || client.fetch(link))
}
// ANCHOR_END: links

/// The same links, each read when it is asked for: for more of them than fit into memory.
///
/// # Errors
/// As [`get_links`].
pub fn stream_links(client: &Client, source: &Source) -> Result<LinkStream, LinksError> {
    match &source.links {
        Some(file) => links::stream_of_file(file),
        None => get_links(client, source).map(LinkStream::from),
    }
}

#[cfg(test)]
mod tests;
