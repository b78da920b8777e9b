//! Imgur's API, so that the code that asks Imgur is the code that runs offline.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::listed::Listed;
use super::{Answer, Request};

/// The path of the one call of Imgur's API that the gallery answers: a random page of its gallery.
///
/// It needs a header `Authorization: Client-ID …`, with any id. Without one, the answer is status
/// 401 and a JSON error in Imgur's words. The pictures are in `data`, each with its `link` and its
/// `type`. As on Imgur, one item is an album: it has a `link`, but no `type`, because it is not a
/// picture.
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

/// The API's answers, by path.
pub(super) fn answers(address: SocketAddr, listed: &[Listed]) -> HashMap<String, Answer> {
    let item = |picture: &Listed| {
        json!({
            "link": format!("http://{address}{}", picture.path),
            "type": picture.content_type,
        })
    };
    let mut data: Vec<Value> = listed.iter().map(item).collect();
    let album = json!({ "link": format!("http://{address}/a/holidays"), "is_album": true });
    data.insert(data.len().div_ceil(2), album);
    let page = json!({ "data": data, "success": true, "status": 200 });

    let page = Answer::json(&page);
    let random =
        Answer::with(
            move |request| {
                if has_client_id(request) { page.clone() } else { unauthorized(request) }
            },
        );
    HashMap::from([
        (RANDOM.trim_end_matches('/').to_owned(), random.clone()),
        (RANDOM.to_owned(), random),
    ])
}

/// Whether there is an id in `Authorization: Client-ID …`.
fn has_client_id(request: &Request) -> bool {
    let authorization = request.authorization.as_deref().and_then(|value| value.split_once(' '));
    authorization.is_some_and(|(scheme, id)| {
        scheme.eq_ignore_ascii_case("Client-ID") && !id.trim().is_empty()
    })
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
