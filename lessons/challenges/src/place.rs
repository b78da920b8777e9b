//! Paths as the reader would write them.

use std::path::Path;

/// A path in the workspace, seen from its root.
pub fn from_root(path: &str) -> String {
    let path = without_detours(path);
    let from_root = Path::new(&path).strip_prefix(harness::root()).ok();
    from_root.map_or_else(|| path.clone(), |path| path.display().to_string())
}

/// The text with shorter paths: each `folder/../` in it goes. The compiler finds an answer by way
/// of its check, and names it so.
pub fn without_detours(text: &str) -> String {
    let mut text = text.to_owned();
    let mut from = 0;
    while let Some(at) = text[from..].find("/../").map(|at| from + at) {
        let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        let begin = text[..at].trim_end_matches(is_name).len();
        if matches!(&text[begin..at], "" | "." | "..") {
            from = at + 1; // there is no folder to leave
        } else {
            text.replace_range(begin..at + 4, "");
            from = begin.saturating_sub(1);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without_detours;

    #[test]
    fn a_detour_is_left_out() {
        for (text, short) in [
            ("challenges/../lessons/a/b/../../../challenges/03.rs:4:1", "challenges/03.rs:4:1"),
            ("--> /root/x/../y.rs:1 and /z/../../w", "--> /root/y.rs:1 and /../w"),
            ("../a/../b", "../b"),
            ("é/../ö/../x", "x"),
            ("a.rs", "a.rs"),
        ] {
            assert_eq!(without_detours(text), short);
        }
    }
}
