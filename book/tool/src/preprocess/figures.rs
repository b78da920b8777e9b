//! What the build adds to each recorded timeline: the link that saves its trace and, if a pool did
//! the tasks, what the page needs to schedule them again.
//!
//! Both are made from the traces that the book keeps. A picture without a trace gets neither.

use std::path::Path;

use mdbook_driver::book::Chapter;

use crate::markdown;
use crate::pool_run::PoolRun;
use crate::record;

/// How the figure of a timeline begins, as `cargo book record` writes it, up to its name.
const FIGURE: &str = "<figure class=\"timeline\" data-recording=\"";
const END: &str = "</figure>";

/// Fills in the timelines of a chapter. `source` is the folder of the chapters.
pub(super) fn fill(source: &Path, chapter: &mut Chapter) {
    let folders = chapter.path.as_ref().map_or(0, |path| path.components().count() - 1);
    let up = "../".repeat(folders);
    let text = &chapter.content;
    let figures = text.match_indices(FIGURE).filter_map(|(start, _)| {
        let (name, inside) = text[start + FIGURE.len()..].split_once("\">")?;
        let (inside, _) = inside.split_once(END)?;
        let (file, part) = record::kept_trace(&source.join("timelines"), name)?;
        let pool = PoolRun::from_part(&part).map_or(String::new(), |pool| pool.attribute());
        let place = start..start + FIGURE.len() + name.len() + 2 + inside.len() + END.len();
        let filled = format!(
            "{FIGURE}{name}\"{pool}>{inside}\
             <p class=\"mh-save\">Open in Perfetto: <a href=\"{up}timelines/{file}\" download>save the \
             trace</a> and give it to <a href=\"https://ui.perfetto.dev\">ui.perfetto.dev</a>.</p>\n\
             {END}"
        );
        Some((place, filled))
    });
    chapter.content = markdown::replace(text, figures);
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
