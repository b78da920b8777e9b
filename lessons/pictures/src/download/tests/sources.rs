//! Where links come from.

use super::*;

#[test]
fn the_gallery_is_asked_as_imgur_is() {
    let gallery = Gallery::builder()
        .picture("/a.png", picture(), "image/png")
        .picture("/b.tif", picture(), "image/tiff")
        .picture("/c.mp4", *b"moving", "video/mp4")
        .start()
        .unwrap();
    let (a, b) = (gallery.link("/a.png"), gallery.link("/b.tif"));
    let links = links::from_gallery(&Client::new(limits()), gallery).unwrap();
    assert_eq!(links.as_slice(), [a, b]);
    let asked = links.gallery().unwrap().requests();
    assert_eq!(asked[0].authorization.as_deref(), Some("Client-ID many-hands"));
}

#[test]
fn a_client_id_that_is_missing_or_refused_is_one_clear_line() {
    let client = Client::new(limits());
    let mut said = vec![links::from_api(&client, links::IMGUR, "").unwrap_err().to_string()];
    for status in [401, 403, 429] {
        let gallery = Gallery::builder()
            .answer(crate::gallery::RANDOM, Answer::status(status))
            .start()
            .unwrap();
        let error = links::from_api(&client, &gallery.url(), "me").unwrap_err();
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        said.push(error.to_string());
    }
    said.push(links::from_api(&client, links::IMGUR, "me\nX: y").unwrap_err().to_string());
    for line in said {
        assert!(line.contains("IMGUR_CLIENT_ID") && line.contains("offline gallery"), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn a_list_that_makes_no_sense_is_told() {
    let client = Client::new(limits());
    for list in ["", "<html>", "{}", r#"{"data":{"error":"no"}}"#, r#"{"data":[]}"#] {
        let gallery =
            Gallery::builder().answer(crate::gallery::RANDOM, Answer::bytes(list)).start().unwrap();
        let error = links::from_api(&client, &gallery.url(), "me").unwrap_err();
        assert!(matches!(error, LinksError::Answer { .. }), "{list}: {error}");
    }
}

#[test]
fn a_links_file_is_forgiving_and_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("links.txt");
    fs::write(&file, "\u{feff}# mine\r\n\r\n  http://h/a.png \r\nno link\nhttp://h/a.png").unwrap();
    assert_eq!(links::from_file(&file).unwrap().as_slice(), ["http://h/a.png", "no link"]);

    for content in [&b""[..], b"\n \n# nothing\n", b"http://h/\xff.png"] {
        fs::write(&file, content).unwrap();
        let error = links::from_file(&file).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
        assert!(error.contains("one http(s) link a line"), "{error}");
    }
    for path in [dir.path().join("missing.txt"), dir.path().to_owned()] {
        let error = links::from_file(&path).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(error.contains("one http(s) link a line"), "{error}");
    }
}

#[test]
fn the_public_list_has_only_distinct_https_links() {
    let links = links::nasa();
    assert_eq!(links.as_slice().len(), 15);
    assert!(links.as_slice().iter().all(|link| link.starts_with("https://")));
}
