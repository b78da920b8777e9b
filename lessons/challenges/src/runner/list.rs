//! The list of the challenges: what is done, how long the rest takes, which hints were read. The
//! chapters are folded, except the one where the reader is.

use challenges::Challenge;
use challenges::style::{FAINT, GOOD, LABEL};

use super::progress::Progress;
use crate::print::println;

/// Prints the list. `next` is where the reader goes on. `is_whole` unfolds every chapter.
pub(super) fn show(
    challenges: &[Challenge],
    progress: &Progress,
    next: Option<&Challenge>,
    is_whole: bool,
) {
    let done = challenges.iter().filter(|challenge| progress.is_done(challenge)).count();
    let left = challenges.iter().filter(|challenge| !progress.is_done(challenge));
    let left = left.map(|challenge| challenge.minutes).sum();
    print_heading(done, challenges.len(), left);
    let widths = Widths {
        title: challenges.iter().map(|c| c.title.chars().count()).max().unwrap_or(0),
        name: challenges.iter().map(|c| c.name.len()).max().unwrap_or(0),
    };
    for chapter in challenges.chunk_by(|a, b| a.chapter() == b.chapter()) {
        let is_here = next.is_some_and(|next| next.chapter() == chapter[0].chapter());
        print_chapter(chapter, progress, is_here);
        if is_here || is_whole {
            for challenge in chapter {
                print_challenge(challenge, progress, next == Some(challenge), &widths);
            }
        }
    }
    match next {
        Some(next) => println!("\nNext: cargo challenge {}", next.name),
        None => println!("\n{GOOD}All of them are done.{GOOD:#}"),
    }
    if !is_whole {
        println!("{FAINT}cargo challenge list --all unfolds every chapter.{FAINT:#}");
    }
}

struct Widths {
    title: usize,
    name: usize,
}

fn print_heading(done: usize, all: usize, minutes_left: u32) {
    let left = match minutes_left {
        0 => String::new(),
        minutes => format!(", {} to go", duration(minutes)),
    };
    println!("{LABEL}Challenges: {done} of {all} done{left}{LABEL:#}");
}

fn print_chapter(chapter: &[Challenge], progress: &Progress, is_here: bool) {
    let done = chapter.iter().filter(|challenge| progress.is_done(challenge)).count();
    let mark = mark(done == chapter.len(), is_here);
    let left = chapter.iter().filter(|challenge| !progress.is_done(challenge));
    let left = match left.map(|challenge| challenge.minutes).sum() {
        0 => String::new(),
        minutes => duration(minutes),
    };
    println!(
        "{mark} {done} of {}  {left:>10}  {FAINT}book/src/{}{FAINT:#}",
        chapter.len(),
        chapter[0].page
    );
}

fn print_challenge(challenge: &Challenge, progress: &Progress, is_next: bool, widths: &Widths) {
    let mark = mark(progress.is_done(challenge), is_next);
    let Widths { title, name } = *widths;
    let Challenge { name: its, title: says, minutes, .. } = challenge;
    let hint = match progress.hint(challenge) {
        0 => String::new(),
        number => format!("  {FAINT}hint {number} of 2 read{FAINT:#}"),
    };
    println!("    {mark} {its:name$}  {says:title$}  {minutes:>2} min{hint}");
}

fn mark(is_done: bool, is_here: bool) -> String {
    match (is_done, is_here) {
        (true, _) => format!("{GOOD}✓{GOOD:#}"),
        (false, true) => format!("{LABEL}→{LABEL:#}"),
        (false, false) => "·".to_owned(),
    }
}

/// Minutes, as one says them.
fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn minutes_become_hours() {
        assert_eq!([5, 60, 310].map(duration), ["5 min", "1 h", "5 h 10 min"]);
    }
}
