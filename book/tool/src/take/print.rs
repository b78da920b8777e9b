//! HTML on paper: Chromium prints it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::{book, slides};
use crate::files;
use crate::html::pieces;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// The whole book, with answers at its end
    Book,
    /// Slides for the half-day
    Slides,
    /// A handout for the half-day, with room for notes
    Handout,
}

/// On what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Paper {
    A4,
    Letter,
}

/// What the browsers are called that can print.
const BROWSERS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/// The page that is printed, in the built site, so that it finds its fonts.
const PAGE: &str = "take-along.html";

impl What {
    pub(crate) fn name(self) -> &'static str {
        match self {
            What::Book => "book",
            What::Slides => "slides",
            What::Handout => "handout",
        }
    }
}

impl Paper {
    pub(crate) fn name(self) -> &'static str {
        if self == Paper::A4 { "a4" } else { "letter" }
    }
}

/// Writes a PDF of a built site. `book` is the folder of `book.toml`.
pub(crate) fn write(
    book: &Path,
    site: &Path,
    what: What,
    paper: Paper,
    file: &Path,
) -> anyhow::Result<()> {
    let body = match what {
        What::Book => whole(site)?,
        What::Slides => slides::slides(book, site)?,
        What::Handout => slides::handout(book, site)?,
    };
    let page = site.join(PAGE);
    files::write(&page, document(site, &style(what, paper), &body)?)?;
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    print(&page, file)
}

/// All chapters in one page, after a title and a table of contents.
fn whole(site: &Path) -> anyhow::Result<String> {
    let parts = book::parts(site)?;
    let places = book::places(&parts);
    let entries = parts
        .iter()
        .map(|part| format!("<li><a href=\"#{}\">{}</a></li>\n", part.name, part.title));
    let mut out = format!(
        "<section class=\"cover\"><p class=\"title\">Many Hands</p><p>Concurrency in Rust, one runnable step at a time</p>\
         </section>\n<nav><h1>Contents</h1>\n<ul>\n{}</ul></nav>\n",
        entries.collect::<String>()
    );
    for part in &parts {
        let known = |id: &str| places.contains_key(id);
        let body = without_dead_links(&part.body, known);
        out += &format!("<article id=\"{}\">\n{body}\n</article>\n", part.name);
    }
    Ok(out)
}

/// Links within the book lead to something, or lose their address.
fn without_dead_links(html: &str, known: impl Fn(&str) -> bool) -> String {
    let dead = pieces(html).filter_map(|piece| {
        let href = if piece.name() == "a" { piece.get("href")? } else { return None };
        (!href.contains("://") && !href.strip_prefix('#').is_some_and(&known)).then_some(href)
    });
    let dead: std::collections::BTreeSet<&str> = dead.collect();
    dead.iter().fold(html.to_owned(), |html, href| html.replace(&format!(" href=\"{href}\""), ""))
}

fn style(what: What, paper: Paper) -> String {
    let size = match (what, paper) {
        (What::Slides, _) => "13.333in 7.5in",
        (_, Paper::A4) => "A4",
        (_, Paper::Letter) => "letter",
    };
    let own = match what {
        What::Book => "body { font-size: 10.5pt } article, nav { break-before: page }",
        What::Slides => {
            ".slide { break-after: page; font-size: 19pt } .slide h1 { font-size: 32pt; margin: 0 } \
             .slide svg { max-width: 11in; max-height: 4.2in } .slide dl { font-size: 15pt; margin: 0 } \
             .slide .lesson-card { padding: 0.6em 1em } .cover { padding-top: 0; font-size: 17pt }"
        }
        What::Handout => {
            "body { font-size: 9.5pt } .sheet { break-before: page } .sheet svg { max-height: 4.5cm } .sheet :is(ul, dl) { margin-block: 0.2em } .notes { height: 3cm; border: 1px solid #bbb; border-radius: 6px }"
        }
    };
    format!(
        "{}\n@page {{ size: {size}; margin: 16mm 15mm 18mm; @bottom-center {{ content: counter(page); font: 9pt sans-serif }} }}\n\
         .cover {{ padding-top: 5cm }} .title {{ font-size: 40pt; font-weight: 700; margin: 0 }}\n{own}\n",
        include_str!("take.css")
    )
}

/// A page with the fonts and the highlighter of the site.
fn document(site: &Path, style: &str, body: &str) -> anyhow::Result<String> {
    let find = |folder: &str, start: &str, end: &str| {
        let names = site.join(folder).read_dir().ok()?.flatten();
        let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.find(|name| name.starts_with(start) && name.ends_with(end))
    };
    let fonts = find("fonts", "fonts-", ".css").context("the built book has no fonts")?;
    // On a screen, a font that comes late is done without. Paper waits.
    let waiting = files::read(&site.join("fonts").join(fonts))?.replace("optional", "block");
    files::write(&site.join("fonts/take-along.css"), &waiting)?;
    let colours =
        find("", "highlight-", ".css").context("the built book has no colours for code")?;
    let script = find("", "highlight-", ".js").context("the built book has no highlighter")?;
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\" class=\"light\"><head><meta charset=\"utf-8\"><title>Many Hands</title>\n\
         <link rel=\"stylesheet\" href=\"fonts/take-along.css\">\n<link rel=\"stylesheet\" href=\"{colours}\">\n\
         <style>{style}\n.hljs {{ background: none }}</style></head>\n<body>\n{body}\n<script src=\"{script}\"></script>\n\
         <script>document.querySelectorAll('pre code[class*=language]').forEach(code => hljs.highlightElement(code))</script>\n\
         </body></html>\n"
    ))
}

fn print(page: &Path, file: &Path) -> anyhow::Result<()> {
    let file = std::path::absolute(file)?;
    std::fs::remove_file(&file).ok(); // so that what is there afterwards is new
    for browser in BROWSERS {
        let mut command = Command::new(browser);
        command.args([
            "--headless=new",
            "--disable-gpu",
            "--no-pdf-header-footer",
            "--allow-file-access-from-files", // its fonts
            "--generate-pdf-document-outline",
        ]);
        if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            command.arg("--no-sandbox"); // Chromium refuses to give root one
        }
        command
            .arg(format!("--print-to-pdf={}", file.display()))
            .arg(format!("file://{}", page.display()));
        match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot start {browser}")),
            Ok(_) => {
                ensure!(file.exists(), "{browser} has printed nothing into {}", file.display());
                return Ok(());
            }
        }
    }
    bail!(
        "it takes Chromium or Chrome to print a PDF: install one (Debian: apt-get install chromium)"
    )
}
