//! The book as an EPUB 3.

use std::path::Path;
use std::time::SystemTime;

use super::book::{self, Part};
use super::xhtml::xhtml;
use super::zip::zip;
use crate::files;

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">
<rootfiles><rootfile full-path=\"book/book.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles>
</container>
";
const STYLE: &str = include_str!("take.css");

/// Writes the EPUB of a built site.
pub(crate) fn write(site: &Path, file: &Path) -> anyhow::Result<()> {
    let parts = book::parts(site)?;
    let places = book::places(&parts);
    let address = |href: &str| match href.strip_prefix('#') {
        Some(id) => {
            let file = places.get(id)?;
            Some(if file == id { format!("{file}.xhtml") } else { format!("{file}.xhtml#{id}") })
        }
        None => href.contains("://").then(|| href.to_owned()),
    };
    let mut contents = vec![
        ("mimetype".to_owned(), b"application/epub+zip".to_vec()), // first, so that it is found
        ("META-INF/container.xml".to_owned(), CONTAINER.into()),
        ("book/take.css".to_owned(), STYLE.into()),
        ("book/book.opf".to_owned(), package(&parts).into()),
        ("book/nav.xhtml".to_owned(), navigation(&parts).into()),
    ];
    for part in &parts {
        let page = document(&part.title, &xhtml(&part.body, address));
        contents.push((format!("book/{}.xhtml", part.name), page.into()));
    }
    files::write(file, zip(&contents))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"en\" xml:lang=\"en\">\n\
         <head><title>{title}</title><link rel=\"stylesheet\" href=\"take.css\"/></head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

fn navigation(parts: &[Part]) -> String {
    let entry =
        |part: &Part| format!("<li><a href=\"{}.xhtml\">{}</a></li>\n", part.name, part.title);
    let entries: String = parts.iter().map(entry).collect();
    let body = format!("<nav epub:type=\"toc\"><h1>Contents</h1>\n<ol>\n{entries}</ol></nav>");
    document("Contents", &body)
}

fn package(parts: &[Part]) -> String {
    let item = |part: &Part| {
        let svg = if part.body.contains("<svg") { " properties=\"svg\"" } else { "" };
        format!(
            "<item id=\"p-{0}\" href=\"{0}.xhtml\" media-type=\"application/xhtml+xml\"{svg}/>\n",
            part.name
        )
    };
    let items: String = parts.iter().map(item).collect();
    let spine: String =
        parts.iter().map(|part| format!("<itemref idref=\"p-{}\"/>\n", part.name)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"en\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <dc:identifier id=\"id\">urn:many-hands:book</dc:identifier>\n<dc:title>Many Hands</dc:title>\n\
         <dc:description>Concurrency in Rust, one runnable step at a time</dc:description>\n\
         <dc:creator>The authors of Many Hands</dc:creator>\n<dc:language>en</dc:language>\n\
         <meta property=\"dcterms:modified\">{}</meta>\n</metadata>\n<manifest>\n\
         <item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\n\
         <item id=\"style\" href=\"take.css\" media-type=\"text/css\"/>\n{items}</manifest>\n<spine>\n{spine}</spine>\n</package>\n",
        humantime::format_rfc3339_seconds(SystemTime::now())
    )
}
