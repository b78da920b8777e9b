//! Listings that are a few lines from the middle of a program: they begin at the left.

/// Takes from each fence of Rust what all its lines are indented by.
pub(crate) fn to_the_left(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        out += line;
        if !line.starts_with("```rust") {
            continue;
        }
        let listing: Vec<&str> =
            lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
        let is_blank = |line: &&&str| line.trim().is_empty();
        let by = listing.iter().filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
        out.extend(listing.iter().map(|line| if is_blank(&line) { "\n" } else { &line[by..] }));
        out += "```\n"; // the end that was taken
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_lines_are_indented_by_is_taken_away() {
        let text = "a\n\n```rust,ignore\n    one {\n\n        two\n    }\n```\n\n  b\n";
        assert_eq!(to_the_left(text), "a\n\n```rust,ignore\none {\n\n    two\n}\n```\n\n  b\n");
    }

    #[test]
    fn everything_else_stays() {
        let text =
            "```rust\nfn a() {\n    b();\n}\n```\n\n```text\n  c\n```\n> ```rust\n>   d\n> ```\n";
        assert_eq!(to_the_left(text), text);
        assert_eq!(to_the_left("```rust\n```\n"), "```rust\n```\n");
    }
}
