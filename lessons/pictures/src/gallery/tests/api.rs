//! The API that lists the pictures.

use super::*;

fn page(gallery: &Gallery, authorization: &str) -> (u16, serde_json::Value) {
    let answer = say(
        gallery,
        format!("GET {RANDOM} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\r\n"),
    );
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status(&answer), serde_json::from_str(body).unwrap())
}

#[test]
fn the_api_lists_the_pictures_and_an_album_without_a_type() {
    let gallery = Gallery::builder()
        .picture("/a.png", CAT, "image/png")
        .picture("/b.jpg", CAT, "image/jpeg")
        .answer("/not-listed.png", cat())
        .start()
        .unwrap();
    let (status, page) = page(&gallery, "Authorization: Client-ID 123\r\n");
    assert_eq!((status, &page["status"], &page["success"]), (200, &200.into(), &true.into()));
    let items = page["data"].as_array().unwrap();
    let pictures: Vec<_> = items.iter().filter(|item| item.get("type").is_some()).collect();
    assert_eq!(items.len(), 3);
    assert_eq!(pictures[0]["link"], gallery.link("/a.png"));
    assert_eq!(pictures[0]["type"], "image/png");
    assert_eq!(pictures[1]["type"], "image/jpeg");
    assert_eq!(gallery.links(), [gallery.link("/a.png"), gallery.link("/b.jpg")]);
    let asked = gallery.requests();
    assert_eq!(asked[0].authorization.as_deref(), Some("Client-ID 123"));
}

#[test]
fn the_api_wants_a_client_id() {
    let gallery = Gallery::builder().start().unwrap();
    for authorization in ["", "Authorization: Bearer 1\r\n", "Authorization: Client-ID \r\n"] {
        let (status, page) = page(&gallery, authorization);
        assert_eq!((status, &page["status"], &page["success"]), (401, &401.into(), &false.into()));
        assert_eq!(page["data"]["error"], "Authentication required");
    }
}

#[test]
fn an_answer_given_by_the_caller_takes_the_place_of_the_api() {
    let gallery = Gallery::builder().answer(RANDOM, Answer::status(403)).start().unwrap();
    assert_eq!(status(&get(&gallery, RANDOM).0), 403);
}
