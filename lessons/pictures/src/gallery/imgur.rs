//! The gallery speaks Imgur's API, so that the code that asks Imgur is the code that runs offline.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Answer, Request};

/// The path of the one call of Imgur's API that the gallery answers: a random page of its gallery.
///
/// It needs a header `Authorization: Client-ID …` (any id will do); without one it is status 401 and
/// a JSON error as Imgur words it. The pictures come as `data`, each with its `link` and its
/// `type`. One item among them is an album, as on Imgur: it has a link, but no `type`, for it is no picture.
///
/// ```
/// use pictures::gallery::{Gallery, RANDOM};
///
/// let gallery = Gallery::builder().picture("/cat.png", *b"not much of a cat", "image/png").start()?;
/// let page = ureq::get(gallery.link(RANDOM))
///     .header("Authorization", "Client-ID anyone")
///     .call()?
///     .body_mut()
///     .read_to_string()?;
/// let page: serde_json::Value = serde_json::from_str(&page)?;
/// assert_eq!(page["data"][0]["link"], gallery.link("/cat.png"));
/// assert_eq!(page["data"][0]["type"], "image/png");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const RANDOM: &str = "/3/gallery/random/random/";

/// A picture that the API lists.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) content_type: &'static str,
    pub(super) size: u64,
    pub(super) dimensions: Option<(u32, u32)>,
}

/// The API's answers, by path.
pub(super) fn answers(address: SocketAddr, listed: &[Listed]) -> HashMap<String, Answer> {
    let mut data: Vec<Value> = listed.iter().map(|picture| item(address, picture)).collect();
    data.insert(data.len() / 2 + data.len() % 2, album(address));
    let page = json!({ "data": data, "success": true, "status": 200 });

    let page = Answer::json(&page);
    let random = Answer::with(move |request| match client_id(request) {
        Some(_) => page.clone(),
        None => unauthorized(request),
    });
    HashMap::from([
        (RANDOM.trim_end_matches('/').to_owned(), random.clone()),
        (RANDOM.to_owned(), random),
    ])
}

fn item(address: SocketAddr, picture: &Listed) -> Value {
    let name = picture.path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let mut item = json!({
        "id": stem,
        "title": stem.replace('-', " "),
        "type": picture.content_type,
        "animated": false,
        "size": picture.size,
        "is_album": false,
        "link": format!("http://{address}{}", picture.path),
    });
    if let Some((width, height)) = picture.dimensions {
        item["width"] = width.into();
        item["height"] = height.into();
    }
    item
}

fn album(address: SocketAddr) -> Value {
    json!({
        "id": "holidays",
        "title": "holidays",
        "is_album": true,
        "images_count": 3,
        "link": format!("http://{address}/a/holidays"),
    })
}

/// The id in `Authorization: Client-ID …`, if there is one.
fn client_id(request: &Request) -> Option<&str> {
    let (scheme, id) = request.authorization.as_deref()?.split_once(' ')?;
    let id = id.trim();
    (scheme.eq_ignore_ascii_case("Client-ID") && !id.is_empty()).then_some(id)
}

fn unauthorized(request: &Request) -> Answer {
    Answer::json(&json!({
        "data": {
            "error": "Authentication required",
            "request": request.path,
            "method": request.method,
        },
        "success": false,
        "status": 401,
    }))
    .with_status(401)
}
