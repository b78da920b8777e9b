//! The anchors of a listing: `ANCHOR: name` and `ANCHOR_END: name`, each in a line of its own, as
//! mdBook knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::problem::Found;

/// The anchor that begins or ends in a line.
struct Mark<'t> {
    name: &'t str,
    is_end: bool,
}

impl<'t> Mark<'t> {
    fn in_line(line: &'t str) -> Option<Mark<'t>> {
        static MARK: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"\bANCHOR(_END)?:\s*([\w-]+)").expect("the pattern is valid")
        });
        let found = MARK.captures(line)?;
        Some(Mark { name: found.get(2)?.as_str(), is_end: found.get(1).is_some() })
    }
}

/// The names of the anchors in a file.
pub(crate) fn names(content: &str) -> BTreeSet<&str> {
    content.lines().filter_map(Mark::in_line).map(|mark| mark.name).collect()
}

/// What is wrong with the anchors of a file.
pub(crate) fn problems(content: &str) -> Found {
    let mut seen = BTreeSet::new();
    let mut open = BTreeMap::new();
    let mut problems = Found::new();
    for (line, number) in content.lines().zip(1..) {
        let Some(Mark { name, is_end }) = Mark::in_line(line) else { continue };
        if is_end {
            if open.remove(name).is_none() {
                problems.push((number, format!("the anchor {name} ends here but never begins")));
            }
        } else if seen.insert(name) {
            open.insert(name, number);
        } else {
            problems.push((number, format!("an anchor {name} already exists above")));
        }
    }
    let unclosed = |(name, line)| (line, format!("the anchor {name} is never closed"));
    problems.extend(open.into_iter().map(unclosed));
    problems
}

/// The lines between an anchor and its end, without those that mark anchors. `None` if the anchor
/// does not exist.
pub(crate) fn part(content: &str, name: &str) -> Option<String> {
    let (mut text, mut inside, mut found) = (String::new(), false, false);
    for line in content.lines() {
        match Mark::in_line(line) {
            Some(mark) if mark.name == name => (inside, found) = (!mark.is_end, true),
            Some(_) => {}
            None if inside => text = text + line + "\n",
            None => {}
        }
    }
    found.then_some(text)
}

/// All lines but those that mark anchors.
pub(crate) fn without(content: &str) -> String {
    let lines = content.lines().filter(|line| Mark::in_line(line).is_none());
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_come_in_pairs() {
        let lines = |text| problems(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines("// ANCHOR: a\n// ANCHOR: b\n// ANCHOR_END: a\n# ANCHOR_END: b"), [0; 0]);
        assert_eq!(lines("\n// ANCHOR: a"), [2]);
        assert_eq!(lines("// ANCHOR_END: a"), [1]);
        assert_eq!(lines("// ANCHOR: a\n// ANCHOR_END: a\n// ANCHOR: a\n// ANCHOR_END: a"), [3, 4]);
    }

    #[test]
    fn a_part_may_lie_in_another() {
        let text = "0\n// ANCHOR: a\n1\n// ANCHOR: b-2\n2\n// ANCHOR_END: b-2\n// ANCHOR_END: a\n3";
        assert_eq!(part(text, "a").unwrap(), "1\n2\n");
        assert_eq!(part(text, "b-2").unwrap(), "2\n");
        assert_eq!(part(text, "c"), None);
        assert_eq!(without(text), "0\n1\n2\n3\n");
        assert_eq!(names(text).into_iter().collect::<Vec<_>>(), ["a", "b-2"]);
        assert_eq!(names("AN_ANCHOR: a, ANCHOR:"), BTreeSet::new(), "these are no anchors");
    }
}
