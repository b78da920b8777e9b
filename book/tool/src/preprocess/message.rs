//! What the compiler says, in its colours, and with a mark that says what it means.

use std::fmt::Write;

use crate::html::escape;

/// A message of the compiler as HTML, or `None` if this text is something else.
pub(super) fn html(lines: &[&str]) -> Option<String> {
    let is_error = lines.iter().any(|line| line.starts_with("error"));
    let first = lines.first()?;
    let is_message =
        ["error[", "error: ", "warning: "].iter().any(|start| first.starts_with(start));
    // Cargo and the programs themselves print errors, too; only the compiler shows where.
    let shows_where = lines.iter().any(|line| line.trim_start().starts_with("--> "));
    if !is_message || !shows_where {
        return None;
    }
    let (class, mark) = if is_error {
        ("compiler", "✗ Does not compile")
    } else {
        ("compiler is-warning", "⚠ Compiles, with a warning")
    };
    let mut out = format!(
        "<div class=\"{class}\">\n<p class=\"compiler-mark\">{mark}</p>\n\
         <pre><code class=\"nohighlight\">"
    );
    let mut level = "m-error";
    for line in lines {
        if line.starts_with("warning") {
            level = "m-warning";
        } else if line.starts_with("error") {
            level = "m-error";
        }
        // No line of this HTML is blank: that would end it.
        let _ = writeln!(out, "<span>{}</span>", coloured(line, level));
    }
    Some(out + "</code></pre>\n</div>")
}

fn coloured(line: &str, level: &str) -> String {
    let span = |class: &str, text: &str| format!("<span class=\"{class}\">{}</span>", escape(text));
    let trimmed = line.trim_start();
    if line.starts_with("error") || line.starts_with("warning") {
        let (name, rest) = line.split_once(':').unwrap_or((line, ""));
        let colon = if rest.is_empty() { "" } else { ":" };
        return format!("{}<b>{}</b>", span(level, &format!("{name}{colon}")), escape(rest));
    }
    if trimmed.starts_with("--> ") || trimmed.starts_with("= ") || trimmed == "|" {
        return span("m-note", line);
    }
    // `12 |     code`, and below it what is wrong with the code.
    let Some((margin, rest)) = line.split_once('|') else {
        let is_help = trimmed.starts_with("help:") || trimmed.starts_with("note:");
        return if is_help { span("m-note", line) } else { escape(line) };
    };
    if margin.chars().any(|c| !c.is_ascii_digit() && c != ' ') {
        return escape(line);
    }
    let is_code = margin.trim() != "";
    let class = if rest.contains('^') { level } else { "m-note" };
    let rest = if is_code { escape(rest) } else { span(class, rest) };
    format!("{}{rest}", span("m-note", &format!("{margin}|")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_marked_and_keeps_its_text() {
        let lines = [
            "error[E0308]: mismatched <types>",
            " --> a.rs:1:5",
            "  |",
            "1 |     a += 1",
            "  |     ^^^^^^ no",
            "",
            "error: aborting due to 1 previous error",
        ];
        let html = html(&lines).unwrap();
        for part in [
            "<div class=\"compiler\">\n<p class=\"compiler-mark\">✗ Does not compile</p>",
            "<span class=\"m-error\">error[E0308]:</span><b> mismatched &lt;types&gt;</b>",
            "<span class=\"m-note\">1 |</span>     a += 1",
            "<span class=\"m-note\">  |</span><span class=\"m-error\">     ^^^^^^ no</span>",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
    }

    #[test]
    fn what_programs_print_is_no_message_of_the_compiler() {
        assert_eq!(html(&["error: no such file"]), None);
        assert_eq!(html(&["Sleeping 1 second(s)...", " --> a"]), None);
    }
}
