//! What the reader is told.

use std::path::Path;

use challenges::style::{BAD, FAINT};
use challenges::{Challenge, Ending, Refusal, Verdict, from_root};

use super::build::Remark;
use super::run::{Ended, Left, Ran, how_it_ended};
use crate::print::{eprintln, println};

/// How many compiler errors are shown at a time, and how many lines of each.
const ERRORS: usize = 3;
const LINES: usize = 40;

/// Says what came of a run.
pub(super) fn report(challenge: &Challenge, ran: &Ran) {
    if ran.not_shown > 0 {
        println!("\n{FAINT}[... it printed {} bytes more]{FAINT:#}", ran.not_shown);
    }
    let fault = match &ran.ended {
        Ended::Judged { is_passed: true, verdict } if !ran.left_behind.is_empty() => {
            let passed = verdict.rsplit_once('\n').map_or("", |(passed, _)| passed);
            println!("{passed}\n{}", left_behind(challenge, &ran.left_behind));
            return;
        }
        Ended::Judged { verdict, .. } => {
            println!("{verdict}");
            return;
        }
        Ended::Early(status) => {
            format!("the check didn't get to its end: {}", how_it_ended(*status))
        }
        Ended::TimedOut(limit) => {
            format!("the check was still running after {} seconds, and was killed", limit.as_secs())
        }
    };
    println!("  {BAD}✗{BAD:#} {fault}");
    println!("{BAD}{} isn't done yet.{BAD:#}", challenge.name);
}

/// The verdict on an answer that passed all parts of its check but left processes behind.
fn left_behind(challenge: &Challenge, left: &[Left]) -> Verdict {
    let each = left.iter().map(|left| format!("process {} ({})", left.pid, left.command));
    Verdict {
        challenge: challenge.name.clone(),
        passed: Vec::new(),
        part: Some("no process is left when the check has ended".to_owned()),
        ending: Ending::Refused(Refusal {
            expected: "that every process the answer started has ended".to_owned(),
            seen: format!("left behind, now killed: {}", each.collect::<Vec<_>>().join(", ")),
            page: "02_process.md#key-points".to_owned(),
        }),
        panic: None,
    }
}

/// What the compiler says, up to a limit.
pub(super) fn show_remarks(remarks: &[Remark]) {
    for remark in remarks.iter().take(ERRORS) {
        let lines: Vec<&str> = remark.text.lines().collect();
        for line in lines.iter().take(LINES) {
            eprintln!("{line}");
        }
        if lines.len() > LINES {
            eprintln!("[... and {} more lines]", lines.len() - LINES);
        }
        eprintln!("");
    }
    if remarks.len() > ERRORS {
        eprintln!("[... and {} more errors or warnings]\n", remarks.len() - ERRORS);
    }
}

/// A path as the reader would write it.
pub(super) fn shown(path: &Path) -> String {
    from_root(&path.display().to_string())
}

/// Markdown links as a terminal shows them: `[text](page.md)` becomes `text (book/src/page.md)`.
pub(super) fn plain_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (Some((before, text)), Some((page, after))) =
            (before.rsplit_once('['), after.split_once(')'))
        else {
            break;
        };
        plain += &format!("{before}{text} (book/src/{page})");
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::plain_links;

    #[test]
    fn links_are_shown_and_other_brackets_stay() {
        let text = "`x[0]`: see [*Two*](02_process.md#two), and [this] too";
        let plain = "`x[0]`: see *Two* (book/src/02_process.md#two), and [this] too";
        assert_eq!(plain_links(text), plain);
        let text = "`[100, 200].map` ([*Net*](08.md#net))";
        assert_eq!(plain_links(text), "`[100, 200].map` (*Net* (book/src/08.md#net))");
    }
}
