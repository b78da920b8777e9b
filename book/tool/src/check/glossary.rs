//! Checks of the glossary. That a link leads to a term which exists is seen in the built pages, as
//! for all links; here, each term is linked where it is first used, or nobody would find it.

use std::path::Path;

use crate::files;
use crate::markdown::headings;
use crate::problem::Problem;

/// The page with the terms, each a heading of the third level.
const PAGE: &str = "glossary.md";

/// A book without a glossary has no problem with it.
pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let folder = root.join("book/src");
    let page = folder.join(PAGE);
    if !page.exists() {
        return Ok(Vec::new());
    }
    let mut others = String::new();
    for file in files::with_extensions(&folder, &["md"])?.iter().filter(|file| **file != page) {
        others += &files::read(file)?;
    }
    let text = files::read(&page)?;
    let unlinked = terms(&text).filter_map(|(line, term)| {
        let link = format!("{PAGE}#{}", id(term));
        let is_linked = others.contains(&format!("{link})"));
        (!is_linked).then(|| (line, format!("no page links to the term {term}: [{term}]({link})")))
    });
    Ok(Problem::all(root, &page, unlinked).collect())
}

fn terms(text: &str) -> impl Iterator<Item = (usize, &str)> {
    headings(text).filter_map(|(line, source)| Some((line, source.strip_prefix("### ")?)))
}

/// The id that mdBook gives to a heading.
fn id(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_that_no_page_links_to_is_reported() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            files::write(&root.path().join("book/src").join(name), text).unwrap();
        };
        assert_eq!(check(root.path()).unwrap(), []);
        write(PAGE, "# Glossary\n\n## Time\n\n### I/O-bound\n\nIt.\n\n### Amdahl's law\n\nIt.\n");
        write("a.md", "a [task](glossary.md#io-bound)\n");
        let problems = check(root.path()).unwrap();
        let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let what = "book/src/glossary.md:9: no page links to the term Amdahl's law: \
                    [Amdahl's law](glossary.md#amdahls-law)";
        assert_eq!(said, [what]);
    }
}
