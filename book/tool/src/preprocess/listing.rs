//! Listings of Rust, as they stand on a page. Those that are a few lines from the middle of a program begin
//! at the left. Whole programs that need nothing but the standard library keep mdBook's play button, which runs
//! them on the Rust playground; all others run on the reader's machine, where their crates are.

use std::sync::LazyLock;

use regex::Regex;

/// The text, with each listing of Rust as it is to stand there.
pub(super) fn prepare(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(marks) = line.trim_end().strip_prefix("```rust").filter(|rest| are_marks(rest))
        else {
            prepared += line;
            continue;
        };
        let listing: Vec<&str> =
            lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
        let listing = to_the_left(&listing);
        let has_button = !marks.contains("noplayground") && is_playable(&listing);
        prepared += if has_button { "```rust\n" } else { "```rust,noplayground\n" };
        prepared += &listing;
        prepared += "```\n"; // the end that was taken
    }
    prepared
}

/// What may stand behind the name of the language.
fn are_marks(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(',')
}

/// The lines, without what all of them are indented by.
fn to_the_left(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let is_blank = |line: &&str| line.trim().is_empty();
    let by = lines.iter().filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
    lines.iter().map(|line| if is_blank(line) { "\n" } else { &line[by..] }).collect()
}

fn is_playable(listing: &str) -> bool {
    static CRATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*(?:pub )?use (?:::)?(\w+)").expect("a pattern of ours")
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
