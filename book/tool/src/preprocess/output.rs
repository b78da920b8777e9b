//! Recorded output, folded to what matters. What is folded opens with a click.
//!
//! - Four or more lines that are the same become one, and how many more like it there are.
//! - A chapter can name the beginnings of other lines that say little after the first, in a
//!   comment above the fence, separated by `|`:
//!
//!   ```text
//!   <!-- fold: Sleeping | Done -->
//!   ```
//! - Beside Rust, Python's output is folded where it is the same but for the numbers.

use std::ops::Range;

use crate::markdown::{self, Block, Fence};

const WORD: &str = "fold:";

/// This many equal lines in a row are folded.
const MANY: usize = 4;

/// How a panel of a twin begins.
const PANEL: &str = "<div data-language=\"";

/// Folds the outputs of a text.
pub(super) fn fold(text: &str) -> String {
    let mut folded: Vec<(Range<usize>, String)> = Vec::new();
    let mut named: Option<(Range<usize>, Vec<&str>)> = None;
    let mut rust: Vec<String> = Vec::new(); // what the first panel of a twin shows
    let mut at = 0;
    for block in markdown::blocks(text) {
        match block {
            Block::Comment(comment) if comment.word == WORD => {
                let starts = comment.body.split('|').map(str::trim).collect();
                named = Some((comment.place, starts));
            }
            Block::Fence(fence) if fence.language() == "console" && !fence.is_nested => {
                let panel = text[at..fence.place.start].rfind(PANEL);
                let panel = panel.map(|found| &text[at + found + PANEL.len()..]);
                let is_twin = panel.is_some_and(|panel| panel.starts_with("Python"));
                let (place, starts) = named.take().unwrap_or((fence.place.start..0, Vec::new()));
                let first = if is_twin { &rust[..] } else { &[] };
                let parts = parts(&fence, &starts, first);
                if parts.iter().any(|part| part.more.is_some()) {
                    folded.push((place.start..fence.place.end, show(&parts)));
                } else if !starts.is_empty() {
                    folded.push((place, String::new()));
                }
                rust = fence.code.iter().map(|(_, line)| shape(line)).collect();
                at = fence.place.end;
            }
            _ => {}
        }
    }
    markdown::replace(text, folded)
}

/// Lines that are shown, or folded under a summary.
struct Part<'t> {
    lines: Vec<&'t str>,
    more: Option<String>,
}

/// The lines of an output, split where some are folded.
fn parts<'t>(fence: &Fence<'t>, starts: &[&str], rust: &[String]) -> Vec<Part<'t>> {
    let lines: Vec<&str> = fence.code.iter().map(|(_, line)| *line).collect();
    let mut parts = vec![Part { lines: Vec::new(), more: None }];
    let mut rest = &lines[..];
    while let [line, after @ ..] = rest {
        let is_like = |other: &&&str| rust.contains(&shape(other)) && !other.is_empty();
        let as_in_rust = rest.iter().take_while(is_like).count();
        let named = starts.iter().find(|start| line.starts_with(**start));
        let same = |other: &&&str| named.map_or(*other == line, |start| other.starts_with(start));
        let same = after.iter().take_while(same).count();
        let (shown, hidden, summary) = if as_in_rust >= MANY {
            (0, as_in_rust, format!("… {as_in_rust} lines as in Rust"))
        } else if same + 1 >= if named.is_some() { 3 } else { MANY } {
            (1, same, format!("… {same} more like this"))
        } else {
            (1, 0, String::new())
        };
        if let Some(last) = parts.last_mut() {
            last.lines.extend(&rest[..shown]);
        }
        if hidden > 0 {
            let lines = rest[shown..shown + hidden].to_vec();
            parts.push(Part { lines, more: Some(summary) });
            parts.push(Part { lines: Vec::new(), more: None });
        }
        rest = &rest[shown + hidden..];
    }
    parts.retain(|part| !part.lines.is_empty());
    parts
}

/// A line without what differs from run to run.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    for c in line.chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('0') {
            shape.push('0');
        }
    }
    shape
}

fn show(parts: &[Part<'_>]) -> String {
    let shown = parts.iter().map(|Part { lines, more }| {
        let fence = format!("```console\n{}\n```\n", lines.join("\n"));
        match more {
            Some(summary) => {
                format!("<details>\n<summary>{summary}</summary>\n\n{fence}\n</details>\n")
            }
            None => fence,
        }
    });
    format!("<div class=\"folded\">\n\n{}\n</div>", shown.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(lines: &[&str]) -> String {
        format!("```console\n{}\n```\n", lines.join("\n"))
    }

    fn more(summary: &str, lines: &[&str]) -> String {
        format!("<details>\n<summary>… {summary}</summary>\n\n{}\n</details>\n", console(lines))
    }

    #[test]
    fn lines_that_are_the_same_become_one_and_the_others_open() {
        let page = console(&["$ run", "a", "a", "a", "a", "b", "b", "b"]);
        let shown = [
            console(&["$ run", "a"]),
            more("3 more like this", &["a", "a", "a"]),
            console(&["b", "b", "b"]),
        ];
        assert_eq!(
            fold(&page),
            format!("<div class=\"folded\">\n\n{}\n</div>\n", shown.join("\n"))
        );
        let few = console(&["a", "a", "a"]);
        assert_eq!(fold(&few), few);
        let text = "```text\na\na\na\na\n```\n";
        assert_eq!(fold(text), text, "only what was recorded");
    }

    #[test]
    fn a_chapter_names_lines_that_say_little() {
        let page = format!(
            "<!-- fold: Sleep | Done -->\n\n{}",
            console(&["Sleep 1", "Sleep 2", "Sleep 3", "Done 1", "x 1", "x 2"])
        );
        let folded = fold(&page);
        assert!(folded.contains(&more("2 more like this", &["Sleep 2", "Sleep 3"])), "{folded}");
        assert!(folded.contains(&console(&["Done 1", "x 1", "x 2"])), "{folded}");
        assert!(!folded.contains("fold:"), "{folded}");
    }

    #[test]
    fn python_shows_where_it_differs_from_rust() {
        let panel = |name, lines: &[&str]| {
            format!("<div data-language=\"{name}\">\n\n{}\n</div>\n", console(lines))
        };
        let rust = panel("Rust", &["$ cargo run", "a 1", "b 2", "c", "d", "Finished in 1.0"]);
        let python = panel("Python", &["$ python3", "a 12", "c", "b 3", "d", "Python's own"]);
        let twin = format!("<div class=\"twin\">\n{rust}{python}</div>\n");
        let folded = fold(&twin);
        assert!(folded.contains(&rust), "as it was: {folded}");
        assert!(folded.contains(&console(&["$ python3"])), "{folded}");
        assert!(
            folded.contains(&more("4 lines as in Rust", &["a 12", "c", "b 3", "d"])),
            "{folded}"
        );
        assert!(folded.contains(&console(&["Python's own"])), "{folded}");
        assert!(!fold(&format!("{rust}\n{python}").replace("Python\"", "C\"")).contains("folded"));
    }
}
