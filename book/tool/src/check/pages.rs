//! Checks of the built pages: links, pictures, and what a browser would fetch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::files;
use crate::html::{self, Tag};
use crate::problem::Problem;
use crate::site::{decode, target};

pub(crate) fn check(site: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut pages: BTreeMap<PathBuf, Page> = BTreeMap::new();
    for file in files::with_extensions(site, &["html"])? {
        let page = Page::read(&files::read(&file)?);
        pages.insert(file, page);
    }
    let mut problems = Vec::new();
    for (file, page) in &pages {
        // The 404 page is shown at any address, so its links start from the host. The page for
        // printing repeats all chapters.
        if file.file_name().is_some_and(|name| name == "404.html" || name == "print.html") {
            continue;
        }
        for (n, tag) in page.tags.iter().enumerate() {
            if let Some(what) = wrong(tag, page.tags.get(n + 1), site, file, &pages) {
                let problem = Problem::new(site, file, what).line(tag.line);
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    static OUTSIDE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r#"(?:url\(\s*["']?|@import\s*["'])(?:https?:)?//"#;
        Regex::new(pattern).expect("the pattern is valid")
    });
    for file in files::with_extensions(site, &["css"])? {
        if OUTSIDE.is_match(&files::read(&file)?) {
            problems.push(Problem::new(site, &file, "fetches something from outside"));
        }
    }
    Ok(problems)
}

struct Page {
    tags: Vec<Tag>,
    ids: BTreeSet<String>,
    /// Those of its ids that it has more than once.
    repeated: BTreeSet<String>,
}

impl Page {
    fn read(html: &str) -> Page {
        let tags = html::tags(html);
        let (mut ids, mut repeated) = (BTreeSet::new(), BTreeSet::new());
        for id in tags.iter().filter_map(|tag| tag.get("id")) {
            if !ids.insert(id.to_owned()) {
                repeated.insert(id.to_owned());
            }
        }
        Page { tags, ids, repeated }
    }
}

/// What is wrong with a tag, which `next` follows.
fn wrong(
    tag: &Tag,
    next: Option<&Tag>,
    site: &Path,
    file: &Path,
    pages: &BTreeMap<PathBuf, Page>,
) -> Option<String> {
    let fetched = match &*tag.name {
        "link" if tag.get("rel") == Some("canonical") => None,
        "link" => tag.get("href"),
        "script" | "img" | "iframe" | "embed" | "source" | "video" | "audio" | "input" => {
            tag.get("src")
        }
        "object" => tag.get("data"),
        _ => None,
    };
    if let Some(address) = fetched.filter(|address| is_outside(address)) {
        return Some(format!("<{}> fetches {address} from outside", tag.name));
    }
    if tag.name == "img" && tag.get("alt").is_none_or(|alt| alt.trim().is_empty()) {
        return Some(format!("the picture {} has no alt text", tag.get("src").unwrap_or("")));
    }
    let has_title = next.is_some_and(|next| next.name == "title");
    if tag.name == "svg" && tag.get("role") == Some("img") && !has_title {
        return Some("a picture (svg) has no title".to_owned());
    }
    let page = &pages[file];
    if let Some(id) = tag.get("id").filter(|id| page.repeated.contains(*id)) {
        return Some(format!("the page has the id {id} twice"));
    }
    let link = match &*tag.name {
        "a" | "area" => tag.get("href")?,
        _ => fetched?,
    };
    leads_nowhere(link, site, file, pages)
        .map(|why| format!("the link {link:?} leads nowhere: {why}"))
}

fn is_outside(address: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    ["http:", "https:", "//", "ftp:", "ws:", "wss:"].iter().any(|start| address.starts_with(start))
}

fn leads_nowhere(
    link: &str,
    site: &Path,
    file: &Path,
    pages: &BTreeMap<PathBuf, Page>,
) -> Option<String> {
    if is_outside(link) || link.starts_with("mailto:") || link.starts_with("data:") {
        return None; // a reader may follow it, but the page does not
    }
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, f)| (path, Some(f)));
    let path = path.split('?').next().unwrap_or("");
    let folder = file.parent().unwrap_or(site);
    let target = if path.is_empty() { Some(file.to_owned()) } else { target(site, folder, path) };
    let Some(target) = target else { return Some("it leaves the site".to_owned()) };
    if !target.exists() {
        let name = target.strip_prefix(site).unwrap_or(&target);
        return Some(format!("there is no {}", name.display()));
    }
    let fragment = decode(fragment.filter(|fragment| !fragment.is_empty())?);
    let page = pages.get(&target)?;
    (!page.ids.contains(&*fragment)).then(|| format!("nothing there has the id {fragment}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(pages: &[(&str, &str)]) -> Vec<String> {
        let site = tempfile::tempdir().unwrap();
        for (name, html) in pages {
            files::write(&site.path().join(name), html).unwrap();
        }
        check(site.path()).unwrap().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_whole_site_has_no_problems() {
        let pages = [
            (
                "index.html",
                "<a href='sub/b.html#one'>b</a> <a href=\"sub\">c</a> <a href=https://x.example>x</a>",
            ),
            (
                "sub/b.html",
                "<p id=\"one\"><a href=\"../index.html\">a</a><a href=\"#one\">1</a>\
              <img src=\"a%20b.png\" alt=\"a cat\"><script>'<a href=\"nowhere.html\">'</script>\
              <!-- <img src=\"x\"> --><svg role=\"img\"><title>t</title></svg>",
            ),
            ("sub/index.html", ""),
            ("sub/a b.png", ""),
            ("404.html", "<a href=\"/nowhere.html\">a</a>"),
        ];
        assert_eq!(problems(&pages), Vec::<String>::new());
    }

    #[test]
    fn links_that_lead_nowhere_are_found_with_their_line() {
        let found = problems(&[(
            "a.html",
            "\n<a href=\"b.html\">b</a>\n<a href=\"#x\">x</a>\n<a href=\"../../c\">",
        )]);
        assert_eq!(
            found,
            [
                "a.html:2: the link \"b.html\" leads nowhere: there is no b.html",
                "a.html:3: the link \"#x\" leads nowhere: nothing there has the id x",
                "a.html:4: the link \"../../c\" leads nowhere: it leaves the site",
            ]
        );
    }

    #[test]
    fn pictures_have_a_text() {
        let found = problems(&[("a.html", "<img src=\"a.html\"><svg role=\"img\"><path/></svg>")]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn nothing_is_fetched_from_outside() {
        let found = problems(&[
            (
                "a.html",
                "<script src=\"https://x.example/a.js\"></script><img alt=\"a\" src=\"//x.example/a.png\">",
            ),
            (
                "b.css",
                "@import 'https://x.example/a.css'; a { background: url(\"//x.example/a.png\") }",
            ),
        ]);
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn an_id_is_unique_on_a_page() {
        let found = problems(&[("a.html", "<p id=\"a\"><p id=\"b\"><p id=\"a\">")]);
        assert_eq!(found, ["a.html:1: the page has the id a twice"]);
    }
}
