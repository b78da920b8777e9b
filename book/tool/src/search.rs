//! The search index, made again after mdBook has made its own.
//!
//! mdBook cuts a text into words at spaces alone, so that `pool.starmap(f, …)` is one word, and runs
//! the cells of a table together. Here a word of code counts by its parts, too, and cells stay
//! apart in the excerpts. A section can name what else a reader may call it, in a comment below its
//! heading:
//!
//! ```text
//! <!-- search: starmap, apply_async -->
//! ```

mod section;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use elasticlunr::{Index, IndexBuilder};
use serde_json::Value;

use crate::files;
use section::{Section, sections};

/// What stands around the index in its file, whose `'` and `\` are escaped.
const AROUND: [&str; 2] = ["window.search = Object.assign(window.search, JSON.parse('", "'));"];

/// No word is longer, as for mdBook.
const LONGEST: usize = 80;

/// Replaces mdBook's index in a built book.
pub(crate) fn improve(site: &Path) -> anyhow::Result<()> {
    let mut scripts = files::with_extensions(site, &["js"])?;
    scripts.retain(|file| {
        file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("searchindex"))
    });
    for file in scripts {
        let mut found = unwrap(&files::read(&file)?)
            .context("mdBook's search index is unlike its older ones")?;
        let index = index(site, &found)?;
        found["index"] = serde_json::to_value(index)?;
        files::write(&file, &wrap(&found))?;
    }
    Ok(())
}

/// An index of what mdBook indexed, with the text of each section from its page.
fn index(site: &Path, found: &Value) -> anyhow::Result<Index> {
    let docs = &found["index"]["documentStore"]["docs"];
    let urls = found["doc_urls"].as_array().context("the search index has no addresses")?;
    let mut index = IndexBuilder::new();
    for field in ["title", "body", "breadcrumbs"] {
        index = index.add_field_with_tokenizer(field, Box::new(words));
    }
    let mut index = index.build();
    let mut pages: BTreeMap<&str, BTreeMap<String, Section>> = BTreeMap::new();
    for (n, url) in urls.iter().enumerate() {
        let url = url.as_str().unwrap_or("");
        let (page, id) = url.split_once('#').unwrap_or((url, ""));
        if !pages.contains_key(page) {
            pages.insert(page, sections(&files::read(&site.join(page))?));
        }
        let section = pages[page].get(id);
        ensure!(section.is_some(), "the page {page} has no section {id:?} to search");
        let doc = &docs[&n.to_string()];
        let [title, breadcrumbs] =
            ["title", "breadcrumbs"].map(|field| doc[field].as_str().unwrap_or(""));
        let Some(Section { body, also }) = section else { continue };
        // The results show the breadcrumbs, not the title.
        index.add_doc(&n.to_string(), [&format!("{title} {also}"), body, breadcrumbs]);
    }
    Ok(index)
}

/// The words of a text as a reader types them: `pool.starmap(f` is one, and so are its parts.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let spaced = text.split(|c: char| c.is_whitespace() || c == '-');
    for word in spaced.map(str::to_lowercase).filter(|word| (1..=LONGEST).contains(&word.len())) {
        let parts = word.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            parts.clear();
        }
        words.extend(parts.into_iter().map(str::to_owned));
        words.push(word);
    }
    words
}

fn unwrap(script: &str) -> anyhow::Result<Value> {
    let [before, after] = AROUND;
    let inside = script.trim().strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let inside = inside.context("it begins or ends in another way")?;
    Ok(serde_json::from_str(&inside.replace("\\'", "'").replace("\\\\", "\\"))?)
}

fn wrap(index: &Value) -> String {
    let [before, after] = AROUND;
    format!("{before}{}{after}", index.to_string().replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{self, For};

    #[test]
    fn a_word_of_code_counts_whole_and_by_its_parts() {
        assert_eq!(
            words("Pool.starmap(f, x) well-known"),
            ["pool", "starmap", "f", "pool.starmap(f,", "x)", "well", "known"]
        );
    }

    #[test]
    fn an_index_can_be_taken_out_of_its_script_and_put_back() {
        let index = serde_json::json!({ "a": "it's \\ \"quoted\" \\'", "b": [1, 2] });
        assert_eq!(unwrap(&wrap(&index)).unwrap(), index);
        assert!(unwrap("window.search = {}").is_err());
    }

    /// The addresses of the sections that have a word, or one that begins with it.
    fn found(index: &Value, word: &str) -> Vec<String> {
        let pipeline = elasticlunr::lang::English::new();
        let word = elasticlunr::Language::make_pipeline(&pipeline).run(vec![word.to_lowercase()]);
        let mut hits = Vec::new();
        for field in ["title", "body"] {
            let mut node = &index["index"]["index"][field]["root"];
            for letter in word[0].chars() {
                node = &node[letter.to_string()];
            }
            below(node, &mut hits);
        }
        let urls = &index["doc_urls"];
        hits.iter().map(|hit| urls[hit].as_str().unwrap().to_owned()).collect()
    }

    fn below(node: &Value, hits: &mut Vec<usize>) {
        for (key, value) in node.as_object().into_iter().flatten() {
            if key == "docs" {
                hits.extend(value.as_object().unwrap().keys().map(|n| n.parse::<usize>().unwrap()));
            } else {
                below(value, hits);
            }
        }
    }

    #[test]
    fn pythons_names_lead_to_the_section_that_answers() {
        let site = tempfile::tempdir().unwrap();
        site::build(harness::root(), site.path(), For::ThisMachine).unwrap();
        let scripts = files::with_extensions(site.path(), &["js"]).unwrap();
        let script = scripts.iter().find(|file| file.to_string_lossy().contains("searchindex"));
        let index = unwrap(&files::read(script.unwrap()).unwrap()).unwrap();
        for (word, page) in [
            ("chunk_size", "03_pool.html#"),
            ("chunksize", "03_pool.html#"),
            ("starmap", "03_pool.html#"),
            ("apply_async", "04_futures.html#"),
            ("Executor.submit", "04_futures.html#"),
        ] {
            let found = found(&index, word);
            assert!(found.iter().any(|url| url.starts_with(page)), "{word}: {found:?}");
        }
        let docs = index["index"]["documentStore"]["docs"].as_object().unwrap();
        let cells = docs
            .values()
            .any(|doc| doc["body"].as_str().unwrap().contains("time.sleep(1) · thread::sleep("));
        assert!(cells, "cells are apart");
    }
}
