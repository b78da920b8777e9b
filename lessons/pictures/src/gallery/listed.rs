//! The pictures that a gallery lists, and the page that shows them.

/// A picture that the page shows and the API lists.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) content_type: &'static str,
}

/// A page with all pictures, for a person with a browser.
pub(super) fn page(listed: &[Listed]) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><title>The gallery</title>\
         <meta name=viewport content='width=device-width'>\
         <style>body{background:#222}img{max-width:100%;max-height:90vh;margin:1em auto;display:block}</style>\n",
    );
    for Listed { path, .. } in listed {
        let path = path.replace('&', "&amp;").replace('"', "&quot;");
        page +=
            &format!("<a href=\"{path}\"><img src=\"{path}\" alt=\"{path}\" loading=lazy></a>\n");
    }
    page
}
