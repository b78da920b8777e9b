//! The links of Imgur's random gallery, or of an offline gallery, which has the same API.

use std::env;

use serde::Deserialize;
use step::text::shown;
use ureq::http::{HeaderMap, HeaderValue, header};

use super::super::fault::Fault;
use super::super::fetch::Client;
use super::distinct::{Links, link_in};
use super::error::{CLIENT_ID, LinksError};
use crate::gallery::Gallery;

/// The service whose API the gallery offers.
pub const IMGUR: &str = "https://api.imgur.com";

/// The largest answer of the API, in bytes. Most have some hundred thousand.
const LARGEST_LIST: u64 = 16 << 20;

/// The links of Imgur's random gallery. The environment variable `IMGUR_CLIENT_ID` holds the
/// client's id.
///
/// # Errors
/// If that variable is not set, or Imgur refuses the id, or does not answer as it should.
pub fn from_imgur(client: &Client) -> Result<Links, LinksError> {
    let id = env::var(CLIENT_ID).unwrap_or_default();
    from_api(client, IMGUR, id.trim())
}

/// The links of an offline gallery, which stays open as long as the result lives.
///
/// # Errors
/// If the gallery's API does not answer as it should.
pub fn from_gallery(client: &Client, gallery: Gallery) -> Result<Links, LinksError> {
    Ok(from_api(client, &gallery.url(), "many-hands")?.with_gallery(gallery))
}

/// The links of the random gallery at `base`: [`IMGUR`], or the URL of an offline gallery.
///
/// Pictures that cannot be decoded here are left out: only JPEG, PNG, GIF, TIFF and WebP are kept.
///
/// # Errors
/// If `client_id` is empty or refused, or the answer is not as it should be.
pub fn from_api(client: &Client, base: &str, client_id: &str) -> Result<Links, LinksError> {
    if client_id.is_empty() {
        return Err(LinksError::NoClientId);
    }
    let unusual = || LinksError::Refused("it has characters that no id has".to_owned());
    if !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusual());
    }
    let authorization = HeaderValue::try_from(format!("Client-ID {client_id}"));
    let authorization = authorization.map_err(|_| unusual())?;
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, authorization)]);
    let link = format!("{}/3/gallery/random/random/", base.trim_end_matches('/'));
    let answer = client.ask(&link, &headers, LARGEST_LIST, |_| Ok(()));
    let (answer, _) = answer.map_err(|error| match &error.fault {
        Fault::Status { status, .. } | Fault::TooLong { status, .. }
            if [401, 403, 429].contains(&status.as_u16()) =>
        {
            LinksError::Refused(status.to_string())
        }
        _ => LinksError::Fetch(error),
    })?;

    let nonsense = |why: &str| LinksError::Answer { base: shown(base), why: shown(why) };
    let list: List =
        serde_json::from_slice(&answer.bytes).map_err(|error| nonsense(&error.to_string()))?;
    let links = Links::new(list.data.into_iter().filter_map(Item::picture));
    if links.as_slice().is_empty() { Err(nonsense("it has no picture")) } else { Ok(links) }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Item>,
}

/// A picture, or something else, which lacks these fields.
#[derive(Deserialize)]
struct Item {
    link: Option<String>,
    r#type: Option<String>,
}

impl Item {
    fn picture(self) -> Option<String> {
        const DECODED: [&str; 5] =
            ["image/jpeg", "image/png", "image/gif", "image/tiff", "image/webp"];
        let link = link_in(&self.link?)?;
        DECODED.contains(&self.r#type?.as_str()).then_some(link)
    }
}
