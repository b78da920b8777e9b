//! What is added to each recorded timeline: the link that saves its trace, and, if it is a pool's, the tasks
//! that the page schedules again.
//!
//! Both are made from the traces that the book keeps. A picture without one has neither.

use std::path::Path;
use std::sync::LazyLock;

use mdbook_driver::book::Chapter;
use regex::{Captures, Regex};

use crate::pool_run::PoolRun;
use crate::record;

/// Fills in the timelines of a chapter. `source` is the folder of the chapters.
pub(super) fn fill(source: &Path, chapter: &mut Chapter) {
    static FIGURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)<figure class="timeline" data-recording="([\w-]+)">(.*?)</figure>"#)
            .expect("a pattern of ours")
    });
    let folders = chapter.path.as_ref().map_or(0, |path| path.components().count() - 1);
    let up = "../".repeat(folders);
    let filled = FIGURE.replace_all(&chapter.content, |found: &Captures<'_>| {
        let (name, inside) = (&found[1], &found[2]);
        let Some((file, part)) = record::kept_trace(&source.join("timelines"), name) else {
            return found[0].to_owned();
        };
        let pool = PoolRun::of(&part).map_or(String::new(), |pool| pool.attribute());
        format!(
            "<figure class=\"timeline\" data-recording=\"{name}\"{pool}>{inside}\
             <p class=\"mh-save\">Open in Perfetto: <a href=\"{up}timelines/{file}\" download>save the \
             trace</a> and give it to <a href=\"https://ui.perfetto.dev\">ui.perfetto.dev</a>.</p>\n\
             </figure>"
        )
    });
    chapter.content = filled.into_owned();
}

#[cfg(test)]
mod tests {
    use super::*;
    use hands::timeline::Timeline;

    #[test]
    fn a_timeline_with_a_trace_gets_a_link_to_it_from_where_the_chapter_is() {
        let source = tempfile::tempdir().unwrap();
        let trace = Timeline::start("one").stop();
        trace.write(&source.path().join("timelines/one.json")).unwrap();
        let figure = |name: &str| {
            format!(
                "<figure class=\"timeline\" data-recording=\"{name}\">\n<svg></svg>\n</figure>\n"
            )
        };
        let text = figure("one") + "\n" + &figure("none");
        for (path, link) in
            [("a.md", "\"timelines/one.json\""), ("x/a.md", "\"../timelines/one.json\"")]
        {
            let mut chapter = Chapter::new("c", text.clone(), path, Vec::new());
            fill(source.path(), &mut chapter);
            assert_eq!(chapter.content.matches("save the").count(), 1, "{}", chapter.content);
            assert!(chapter.content.contains(link), "{}", chapter.content);
            assert!(chapter.content.ends_with(&figure("none")), "as it was: {}", chapter.content);
            assert!(chapter.content.lines().all(|line| !line.is_empty() || !line.contains('<')));
        }
    }
}
