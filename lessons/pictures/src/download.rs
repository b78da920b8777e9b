//! A downloader that survives the internet.
//!
//! Its functions are named as in the Python lesson: [`get_links`] returns what to download,
//! [`setup_download_dir`] makes the folder for it, and [`download_link`] downloads one link. To
//! give a worker the first arguments, Python has `partial`; here a closure captures them:
//!
//! ```
//! use pictures::download::{
//!     Client, ClientLimits, LinkOutcome, Report, download_link, setup_download_dir,
//! };
//! use pictures::gallery::{Answer, Gallery};
//! # let parent = tempfile::tempdir()?;
//! # let out = parent.path();
//! # let a_small_picture = pictures::gallery::paint::picture(1, 8, 8, pictures::gallery::paint::Format::Png);
//! let gallery = Gallery::builder()
//!     .answer("/cat.png", Answer::picture(a_small_picture, "image/png"))
//!     .start()?;
//! let links = [gallery.link("/cat.png"), gallery.link("/dog.png")];
//!
//! let client = Client::new(ClientLimits::default());
//! let dir = setup_download_dir(out)?;
//! let report = Report::new(&links, None)?;
//! for entry in links.iter().map(|link| download_link(&client, &dir, link)) {
//!     report.add(entry);
//! }
//! let summary = report.finish();
//! assert_eq!(summary.count(LinkOutcome::Saved), 1, "{summary}");
//! assert_eq!(summary.count(LinkOutcome::Failed), 1, "there is no dog");
//!
//! // The second time, nothing is requested.
//! assert_eq!(download_link(&client, &dir, &links[0]).outcome, LinkOutcome::Skipped);
//! assert_eq!(gallery.asked("/cat.png"), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every link ends as exactly one [`Entry`]: saved, skipped, or failed with a reason. Each module
//! takes care of one thing that can go wrong:
//!
//! - [`links`]: where links come from;
//! - `address`: links that need repair, and the passwords in them;
//! - `fetch`, `retry` and `gate`: when to try, how often, and how many at a time for one host;
//! - `redirects` and `cookies`: servers that send us elsewhere;
//! - `http`, `head`, `proxy` and `limits`: one request, its timeouts and its largest body;
//! - `fault`: what went wrong, and what to do about it;
//! - [`name`]: file names that a stranger chose;
//! - `folder`: no partial file, nothing overwritten, nothing done twice;
//! - `entry` and `report`: how each link ended;
//! - `progress`: bars and lines on the terminal;
//! - `settings`: the same tools in another process.
//!
//! The message of each error is complete: which link or file, what happened, what to do. So an
//! error has no [`source`](std::error::Error::source), which would only repeat a part of it.

mod address;
mod cookies;
mod entry;
mod fault;
mod fetch;
mod folder;
mod gate;
mod head;
mod http;
mod limits;
pub mod links;
mod lock;
pub mod name;
mod progress;
mod proxy;
mod redirects;
mod report;
mod retry;
mod settings;
#[cfg(test)]
mod tests;

pub use entry::{Entry, LinkOutcome, Saved, Visit};
pub use fault::{Fault, FetchError, LinkFailure};
pub use fetch::{Client, Fetched};
pub use folder::{Folder, FolderError, FolderOptions, SaveError, setup_download_dir};
pub use limits::ClientLimits;
pub use links::{LinkSource, LinkStream, Links, LinksError};
pub use progress::{Progress, StageBar, Stages};
pub use report::{REPORT, Report, ReportError, Summary};
pub use settings::{Settings, Tools};

// ANCHOR: links
/// The links from this source, each once.
///
/// # Errors
/// If the source cannot be used. The error says what to do.
pub fn get_links(client: &Client, source: impl Into<LinkSource>) -> Result<Links, LinksError> {
    match source.into() {
        LinkSource::Gallery(gallery) => links::from_gallery(client, gallery.start()?),
        LinkSource::File(path) => links::from_file(&path),
        LinkSource::Imgur => links::from_imgur(client),
        LinkSource::Nasa => Ok(links::nasa()),
    }
}

/// Downloads `link` into `dir`, unless an earlier run did.
pub fn download_link(client: &Client, dir: &Folder, link: &str) -> Entry {
    dir.save_unless_kept(link, || Ok(client.fetch(link)?))
}
// ANCHOR_END: links

/// The same links, each read only when it is asked for: for more of them than fit into memory.
///
/// # Errors
/// As [`get_links`].
pub fn stream_links(
    client: &Client,
    source: impl Into<LinkSource>,
) -> Result<LinkStream, LinksError> {
    match source.into() {
        LinkSource::File(path) => links::stream_file(&path),
        source => get_links(client, source).map(LinkStream::from),
    }
}
