//! Compares two outputs of the same step.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Compares two texts that have been [redacted](redact), line by line. Lines that begin with one of
/// `free` may come in any order, but each as many times, as when workers print while the main
/// thread prints too. An empty string stands for all lines.
///
/// # Errors
///
/// The lines that differ: `-` marks one that is missing, `+` one that is unexpected.
pub fn compare(expected: &str, actual: &str, free: &[&str]) -> Result<(), String> {
    let is_free = |line: &str| free.iter().any(|start| line.starts_with(start));
    let lines = |text: &str| {
        let lines = text.trim().lines().map(str::trim_end);
        let (mut free, fixed): (Vec<&str>, Vec<&str>) = lines.partition(|line| is_free(line));
        free.sort_unstable();
        [fixed, free].concat().join("\n") + "\n"
    };
    let (expected, actual) = (lines(expected), lines(actual));
    if expected == actual {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&expected, &actual);
    let mut text = String::new();
    for change in diff.iter_all_changes() {
        let _ = write!(text, "{} {change}", change.tag());
    }
    Err(text)
}

/// Replaces everything that differs from run to run: measured times, shares, rates, sizes, pids,
/// ports, the clock, and the bars of a timeline (the names of its rows stay).
///
/// How long a sleep was *meant* to take stays too: `Sleeping 4 second(s)...` and `sleep 4` say what
/// the program does, and are the same in each run with the same arguments.
///
/// ```
/// assert_eq!(harness::redact("Finished in 2.00 second(s)"), "Finished in [TIME]");
/// assert_eq!(harness::redact("Sleeping 1 second(s)..."), "Sleeping 1 second(s)...");
/// ```
pub fn redact(text: &str) -> String {
    /// A time, and the word before it that says the time was an argument.
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i:\b(sleep(?:ing|s)?(?: for)?) )?\b\d+(?:\.\d+)?(?: second\(s\)| ?(?:seconds?|minutes?|min|ms|µs|ns|s)\b)",
        )
    });
    let text = redact_timelines(text);
    let text = TIMES.replace_all(&text, |found: &Captures<'_>| match found.get(1) {
        Some(_) => found[0].to_owned(),
        None => "[TIME]".to_owned(),
    });
    REDACTIONS.iter().fold(text.into_owned(), |text, (pattern, placeholder)| {
        pattern.replace_all(&text, *placeholder).into_owned()
    })
}

/// As [`redact`], and also replaces what the arguments say: how long sleeps should take, how many
/// random numbers, requests and computations there should be, and what was computed from them
/// (checksums). So a recording can be compared to a quicker run.
pub fn redact_asked(text: &str) -> String {
    static ASKED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(sleep(?:ing|s)?(?: for)?) \d+(\.\d+)?( second\(s\)|s)?"));
    static NUMBERS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b\d+ (random numbers|requests|computations)\b"));
    let text = redact(text);
    static CHECKSUMS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bchecksum [0-9a-f]{16}\b"));
    let text = ASKED.replace_all(&text, "$1 [TIME]");
    let text = NUMBERS.replace_all(&text, "[COUNT] $1");
    CHECKSUMS.replace_all(&text, "checksum [CHECKSUM]").into_owned()
}

/// What is replaced, in this order.
static REDACTIONS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let list: &[(&str, &str)] = &[
        (r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?", "[CLOCK]"),
        (r"\b\d{4}-\d{2}-\d{2}\b", "[DATE]"),
        // Python's time.ctime()
        (r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}\b", "[CLOCK]"),
        (r"\b\d{1,2}:\d{2}:\d{2}(\.\d+)?\b", "[CLOCK]"),
        (r"\b(127\.0\.0\.1|localhost|\[::1\]):\d+\b", "$1:[PORT]"),
        (r"(?i)\b(pid|port)([ :=]+)\d+\b", "$1$2[NUMBER]"),
        (r"\breal threads: \d+ of \d+ runs fail\b", "real threads: [LUCK]"),
        (r"\bThreadId\(\d+\)", "[THREAD]"),
        (r"(?m)^Timeline: .*? \(", "Timeline: [FILE] ("),
        (r"(?m)^Cores: .*$", "Cores: [CORES]"),
        // Whether somebody else needed the cores is chance, and so is which bars are half full.
        (r" \([^()]* for a core\)", ""),
        (r"(?m)^Computing .* of the time it had a task, on a busy machine.*\n", ""),
        (r"(?m)^ +[█▄─◂▾▴◆] (computes|about half|waits|stolen|input|result|both).*$", "[LEGEND]"),
        // Which of several equal tasks took longest is chance.
        (r"(?m)^Bound for any number of workers: .*$", "Bound for any number of workers: [BOUND]"),
        (r"\b\d+(\.\d+)? ?%", "[SHARE]"),
        (r"\b\d+(\.\d+)? ?(×|x\b|times\b)", "[RATIO]"),
        (r"\b\d+(\.\d+)? ?([KMGT]i?B|kB|B|bytes?|MP|megapixels?|megabytes?)\b", "[SIZE]"),
        (r"\[SIZE\]/s\b", "[RATE]"),
        (r"(?m)^(Knee of \w+): .*$", "$1: [KNEE]"),
        (r"\b\d+(\.\d+)?/s\b", "[RATE]"),
        (r"\b\d+\.\d \+ \d+\.\d\b", "[SWITCHES]"),
        // A column of seconds: the last one, or the one before a ratio.
        (r"(?m) {2,}\d+\.\d\d$", "  [TIME]"),
        (r" {2,}\d+\.\d\d( +\[RATIO\])", "  [TIME]$1"),
        // Columns are as wide as their widest number.
        (r"[-─═]{3,}", "---"),
        (r"(?m)[ \t]+$", ""),
        (r"[ \t]{2,}", "  "),
    ];
    list.iter().map(|(text, placeholder)| (pattern(text), *placeholder)).collect()
});

pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("our own pattern is valid")
}

/// Replaces the rows of each timeline by `name [BAR]`. A timeline ends with its axis.
fn redact_timelines(text: &str) -> String {
    static AXIS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^( +)0 s {2,}\d+(\.\d+)? (s|ms|µs)$"));
    static TITLE: LazyLock<Regex> = LazyLock::new(|| pattern(r": \d+(\.\d+)? (s|ms|µs)$"));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for axis in 0..lines.len() {
        let Some(found) = AXIS.captures(&lines[axis]) else { continue };
        // The axis begins below the first cell, and names are shorter than that.
        let width = found[1].len() - 1;
        lines[axis] = "[AXIS]".to_owned();
        for row in (0..axis).rev() {
            let name: String = lines[row].chars().take(width).collect();
            let cells: String = lines[row].chars().skip(width).collect();
            let cells = cells.trim_start();
            if name.is_empty()
                || TITLE.is_match(&lines[row])
                || !(cells.is_empty()
                    || cells.starts_with(['├', '─', '█', '▄', '◂', '▾', '▴', '◆'])
                    || lines[row].starts_with('…'))
            {
                break; // the title, or whatever was printed before it
            }
            if !lines[row].starts_with('…') {
                lines[row] = format!("{} [BAR]", name.trim_end());
            }
        }
    }
    lines.join("\n") + if text.ends_with('\n') { "\n" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_replaced() {
        for (text, expected) in [
            ("Finished in 12.34 second(s)", "Finished in [TIME]"),
            ("took 350 µs, then 45.1 ms, then 1.23 s.", "took [TIME], then [TIME], then [TIME]."),
            ("1.5s 2 s 3 s", "[TIME] [TIME] [TIME]"),
            ("busy 99% of 12:34:56.789", "busy [SHARE] of [CLOCK]"),
            ("Hello from process: 09:05:00", "Hello from process: [CLOCK]"),
            ("Hello from process: Sun Nov  2 09:05:00 2026", "Hello from process: [CLOCK]"),
            (
                "pid 4711 at http://127.0.0.1:35123/3/gallery",
                "pid [NUMBER] at http://127.0.0.1:[PORT]/3/gallery",
            ),
            ("3.8 times, 3.8x, 3.8×", "[RATIO], [RATIO], [RATIO]"),
            ("12.5 MB at 3 MiB/s", "[SIZE] at [RATE]"),
            ("Cores: num_cpus::get() 8", "Cores: [CORES]"),
            ("Knee of requests: 32 workers with 2935.1/s", "Knee of requests: [KNEE]"),
            ("requests  32  2935.1/s  1.2 + 0.8", "requests  32  [RATE]  [SWITCHES]"),
            ("a | 1.00 s |", "a | [TIME] |"),
            ("cat.jpg  saved  1.2 MB         1     0.36", "cat.jpg  saved  [SIZE]  1  [TIME]"),
            ("threads          12      0.80    4.70 ×", "threads  12  [TIME]  [RATIO]"),
            ("Timeline: /tmp/x/t.json (opens in a viewer)", "Timeline: [FILE] (opens in a viewer)"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn what_the_program_says_stays() {
        for text in [
            "Sleeping 1 second(s)...",
            "Sleeping 0.5 second(s)...",
            "worker 3: sleep 4",
            "process 1",
            "8 workers, 64 links, 9 saved",
            "Saved processed_7.png",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn what_the_arguments_say_is_replaced_on_demand() {
        assert_eq!(redact_asked("Sleeping 0.5 second(s)..."), "Sleeping [TIME]...");
        assert_eq!(redact_asked("sleep 4 done"), "sleep [TIME] done");
        let lists = redact_asked("96 lists of 200000 random numbers");
        assert_eq!(lists, "96 lists of [COUNT] random numbers");
        let sweep = redact_asked("round 1: 256 requests, 256 computations, 8 worker(s)");
        assert_eq!(sweep, "round 1: [COUNT] requests, [COUNT] computations, 8 worker(s)");
    }

    #[test]
    fn a_timeline_keeps_the_names_of_its_rows_in_their_order() {
        let text = "\
before

threads: 2.00 s
main     ▾                                                           ▴
worker 1 ├───────── sleep 1 ──────────┤                                50%
worker 2                                 ├───────── sleep 1 ──────────┤   5%
         0 s                                                   2.00 s
2 workers: busy 2.00 s, idle 2.00 s, overhead 350 µs
";
        assert_eq!(
            redact(text),
            "\
before

threads: [TIME]
main [BAR]
worker 1 [BAR]
worker 2 [BAR]
[AXIS]
2 workers: busy [TIME], idle [TIME], overhead [TIME]
"
        );
    }

    #[test]
    fn how_full_bars_are_is_chance() {
        let quiet = "\
                                                       has a task / computes
main ├───────── sleep 1 ──────────┤████████ compute 1 █████████▌ 100 % /  50 %
     0 s                                                   2.00 s
     █ computes   ─ waits
working 1.00 s, waiting 1.00 s, idle 0 s
";
        let busy = "\
                                                       has a task / computes
main ├───────── sleep 1 ──────────┤▄▄▄▄▄▄▄▄ compute 1 ▄▄▄▄▄▄▄▄▄▖ 100 % /  25 %
     0 s                                                   2.00 s
     ▄ about half of the time   ─ waits
working 0.50 s, waiting 1.50 s (0.50 s for a core), idle 0 s
Computing 25 % of the time it had a task, on a busy machine: it waited 0.50 s for a core
";
        assert_eq!(redact(busy), redact(quiet));
        assert_eq!(
            redact(quiet),
            "has a task / computes\nmain [BAR]\n[AXIS]\n[LEGEND]\n\
             working [TIME], waiting [TIME], idle [TIME]\n"
        );
    }

    #[test]
    fn a_timeline_with_rows_left_out_is_one_timeline() {
        let text = "process 16 ├──┤\n…          and 9 more rows, which are in the trace\n           \
                    0 s    1.80 s\n";
        let rows = "process 16 [BAR]\n…  and 9 more rows, which are in the trace\n[AXIS]\n";
        assert_eq!(redact(text), rows);
    }

    #[test]
    fn a_title_that_is_shorter_than_the_names_is_not_a_row() {
        let text =
            "map: 1.80 s\nmain\nprocess 12: worker 1 ├──┤\n                     0 s    1.80 s\n";
        let rows = "map: [TIME]\nmain [BAR]\nprocess 12: worker 1 [BAR]\n[AXIS]\n";
        assert_eq!(redact(text), rows);
    }

    #[test]
    fn the_timeline_of_a_real_run_is_recognised() {
        let timeline = hands::timeline::Timeline::start("test");
        drop(hands::timeline::span("work"));
        let text = redact(&timeline.stop().text());
        assert!(text.contains("[BAR]\n[AXIS]\n"), "{text}");
    }

    #[test]
    fn order_counts_or_does_not() {
        assert_eq!(compare("a\nb\n", "a\nb", &[]), Ok(()));
        assert_eq!(compare("a\nb\n", "b\na\n", &[""]), Ok(()));
        let difference = compare("a\nb\n", "b\na\n", &[]).unwrap_err();
        assert!(difference.contains("- b") && difference.contains("+ b"), "{difference}");
        assert!(compare("a\na\n", "a\n", &[""]).is_err(), "each line counts");
        let free = &["Sleeping"];
        let (one, other) = ("Sleeping 1\nSleeping 2\na\nb", "Sleeping 2\na\nSleeping 1\nb");
        assert_eq!(compare(one, other, free), Ok(()));
        assert!(compare(one, "Sleeping 1\nSleeping 2\nb\na", free).is_err());
    }
}
