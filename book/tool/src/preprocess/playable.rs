//! Which listings keep mdBook's play button, which runs them on the Rust playground: whole programs that
//! need nothing but the standard library. All others run on the reader's machine, where their crates are.

use std::sync::LazyLock;

use regex::Regex;

/// The text, with each listing of Rust marked as one with the button or without.
pub(super) fn mark(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(marks) = line.trim_end().strip_prefix("```rust").filter(|rest| are_marks(rest))
        else {
            marked += line;
            continue;
        };
        let mut listing = String::new();
        let mut end = "";
        for line in lines.by_ref() {
            if line.trim_end() == "```" {
                end = line;
                break;
            }
            listing += line;
        }
        let wanted = !marks.contains("noplayground") && is_playable(&listing);
        marked += if wanted { "```rust\n" } else { "```rust,noplayground\n" };
        marked += &listing;
        marked += end;
    }
    marked
}

/// What may stand behind the name of the language.
fn are_marks(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(',')
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
    fn whole_programs_of_the_standard_library_keep_the_button() {
        let whole = "text\n\n```rust\nuse std::thread;\n\nfn main() {}\n```\n\nmore\n";
        assert_eq!(mark(whole), whole);
        for not in ["fn helper() {}", "use lessons::pool;\nfn main() {}"] {
            let page = format!("```rust\n{not}\n```\n```text\nfn main() {{}}\n```\n");
            assert_eq!(mark(&page), page.replace("```rust", "```rust,noplayground"));
        }
        let refused = "```rust,noplayground,ignore\nfn main() {}\n```\n";
        assert_eq!(mark(refused), "```rust,noplayground\nfn main() {}\n```\n");
    }
}
