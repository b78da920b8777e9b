//! Listings and messages of the compiler, as a page shows them. A few lines from the middle of a
//! program move to the left margin. Whole programs that need only the standard library keep
//! mdBook's play button, which runs them on the Rust playground; all others run on the reader's
//! machine, where their crates are.

use std::sync::LazyLock;

use regex::Regex;

use super::message;
use crate::markdown;

/// The text, with each listing of Rust, and each message of the compiler, as its page shows it.
pub(super) fn prepare(text: &str) -> String {
    let fences = markdown::fences(text).filter(|fence| !fence.is_nested);
    let prepared = fences.filter_map(|fence| {
        let lines: Vec<&str> = fence.code.iter().map(|(_, line)| *line).collect();
        if fence.language() == "text" {
            return Some((fence.place, message::html(&lines)?));
        }
        if fence.language() != "rust" {
            return None;
        }
        let listing = to_the_left(&lines);
        let has_button = !fence.info.contains("noplayground") && is_playable(&listing);
        let info = if has_button { "rust" } else { "rust,noplayground" };
        let source = &text[fence.place.clone()];
        let marks = &source[..source.find('r').unwrap_or(0)]; // of its info
        Some((fence.place, format!("{marks}{info}\n{listing}{}", marks.trim_end())))
    });
    markdown::replace(text, prepared)
}

/// The lines, without the indentation that all of them share.
fn to_the_left(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let is_blank = |line: &&str| line.trim().is_empty();
    let by = lines.iter().filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
    lines.iter().flat_map(|line| [line.get(by..).unwrap_or(""), "\n"]).collect()
}

fn is_playable(listing: &str) -> bool {
    static CRATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*(?:pub )?use (?:::)?(\w+)").expect("the pattern is valid")
    });
    let is_std = |name: &str| matches!(name, "std" | "core" | "alloc" | "crate" | "self" | "super");
    listing.contains("fn main()") && CRATE.captures_iter(listing).all(|found| is_std(&found[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_lines_are_indented_by_is_taken_away() {
        let text = "a\n\n```rust\n    one {\n\n        two\n    }\n```\n\n  b\n";
        let left = "a\n\n```rust,noplayground\none {\n\n    two\n}\n```\n\n  b\n";
        assert_eq!(prepare(text), left);
        assert_eq!(prepare(left), left);
    }

    #[test]
    fn whole_programs_of_the_standard_library_keep_the_button() {
        let whole = "text\n\n```rust\nuse std::thread;\n\nfn main() {}\n```\n\nmore\n";
        assert_eq!(prepare(whole), whole);
        for not in ["fn helper() {}", "use hands::pool;\nfn main() {}"] {
            let page = format!("```rust\n{not}\n```\n```text\nfn main() {{}}\n```\n");
            assert_eq!(prepare(&page), page.replace("```rust", "```rust,noplayground"));
        }
        let refused = "```rust,noplayground,ignore\nfn main() {}\n```\n";
        assert_eq!(prepare(refused), "```rust,noplayground\nfn main() {}\n```\n");
    }

    #[test]
    fn everything_else_stays() {
        let text = "```text\n  c\n```\n> ```rust\n>   d\n> ```\n```rustdoc\n  e\n```\n";
        assert_eq!(prepare(text), text);
    }
}
