//! What a chapter includes from other files: `{{#include PATH:PART}}`, which mdBook fills in.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::{anchors, files};

/// One include.
pub(crate) struct Include<'t> {
    /// As it is written, braces and all.
    pub(crate) whole: &'t str,
    /// The file, as seen from the chapter's folder.
    pub(crate) path: &'t str,
    /// An anchor, or lines: `12`, `12:20`, `:20`, `12:`. Empty for the whole file.
    part: &'t str,
}

/// The includes of a text, except those with a backslash before them, which mdBook shows as they
/// are.
pub(crate) fn includes(text: &str) -> impl Iterator<Item = Include<'_>> {
    static INCLUDE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(\\)?\{\{\s*#(?:include|rustdoc_include|playground)\s+([^}\s:]+)(?::([^}]*?))?\s*\}\}";
        Regex::new(pattern).expect("the pattern is valid")
    });
    INCLUDE.captures_iter(text).filter(|found| found.get(1).is_none()).map(|found| Include {
        whole: found.get(0).map_or("", |whole| whole.as_str()),
        path: found.get(2).map_or("", |path| path.as_str()),
        part: found.get(3).map_or("", |part| part.as_str()),
    })
}

/// The include that this line is, and nothing else.
pub(crate) fn include(line: &str) -> Option<Include<'_>> {
    includes(line).next().filter(|include| include.whole == line.trim())
}

impl Include<'_> {
    /// The file, for an include in this chapter.
    pub(crate) fn file(&self, chapter: &Path) -> PathBuf {
        files::tidy(&chapter.parent().unwrap_or(Path::new("")).join(self.path))
    }

    /// What it takes from a file with this content: an anchor, or all of it. `None` for lines.
    pub(crate) fn text(&self, content: &str) -> Option<String> {
        match self.part {
            "" => Some(anchors::without(content)),
            name => anchors::part(content, name),
        }
    }

    /// Why its part cannot be taken from a file with this content.
    pub(crate) fn missing(&self, content: &str) -> Option<String> {
        let bounds = self.part.split(':').filter(|bound| !bound.is_empty()).map(str::parse);
        let Ok(lines) = bounds.collect::<Result<Vec<usize>, _>>() else {
            let exists = anchors::names(content).contains(self.part);
            return (!exists).then(|| "the file has no such anchor".to_owned());
        };
        let Some(last) = lines.into_iter().max() else {
            let has_anchors = !anchors::names(content).is_empty();
            let what = "the file has anchors, which the page would show: include one of them";
            return has_anchors.then(|| what.to_owned());
        };
        let count = content.lines().count();
        (last > count).then(|| format!("the file has only {count} lines"))
    }
}
