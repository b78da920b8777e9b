//! Does a picture show what the text beside it says? Both must come from the same run.

use std::sync::LazyLock;

use figures::plot::{Curve, Plot};
use hands::timeline::Trace;
use regex::Regex;

use crate::compare::pattern;

/// Compares a plot with what its run has printed, and says where they differ. Nothing differs if
/// both come from the same run.
///
/// - The points of each curve must be two columns of a table: of the rows that have its name in a
///   cell, or of the column below its name. A number in the text stands for all numbers that round
///   to it. A model that is level is only a line to compare with, and needs no numbers.
/// - For each mark there must be a line that has the words of its label, and whose first number is
///   the mark's. For each knee in the text there must be a mark.
///
/// Cells are separated by two spaces or more; a table ends at an empty line.
///
/// ```
/// use figures::plot::{Axis, Plot};
///
/// let text = "using    workers  speed-up\nthreads        1    1.00 ×\nthreads        2    1.90 ×\n";
/// let plot = |y| {
///     Plot::new("", Axis::log2("workers"), "").curve("threads", [(1.0, 1.0), (2.0, y)])
/// };
/// assert_eq!(harness::differs_from_plot(text, &plot(1.897)), [""; 0]);
/// assert_eq!(harness::differs_from_plot(text, &plot(1.7)).len(), 1);
/// ```
pub fn differs_from_plot(text: &str, plot: &Plot) -> Vec<String> {
    let tables: Vec<Vec<Row<'_>>> =
        text.split("\n\n").map(|table| table.lines().map(Row::parse).collect()).collect();
    let mut differences = Vec::new();
    let mut measured = "";
    for curve in plot.curves() {
        if !curve.is_model {
            measured = &curve.name;
        }
        let level = curve.points.windows(2).all(|two| two[0].1 == two[1].1);
        if (curve.is_model && level) || tables.iter().any(|table| holds(table, measured, curve)) {
            continue;
        }
        let of = if curve.is_model { format!("{measured}, ") } else { String::new() };
        differences.push(format!("no table has the points of the curve {of}{}", curve.name));
    }
    for (x, label) in plot.marks() {
        if !text.lines().any(|line| mentions(line, label, *x)) {
            differences.push(format!("no line mentions the mark {label:?} at {x}"));
        }
    }
    static KNEE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^Knee of (\w+): (\d+) workers? "));
    for knee in KNEE.captures_iter(text) {
        let (label, x) = (format!("knee: {}", &knee[1]), knee[2].parse().unwrap_or(f64::NAN));
        if !plot.marks().contains(&(x, label)) {
            differences
                .push(format!("no mark at {x}, where the text has the knee of {}", &knee[1]));
        }
    }
    differences
}

/// Compares a part of a timeline with the text that its run has printed. `None` if the text has
/// that very timeline, or none at all; otherwise the name of the part.
///
/// ```
/// use hands::timeline::{Timeline, span};
///
/// let timeline = Timeline::start("01_sync");
/// timeline.section("one");
/// drop(span("work"));
/// let trace = timeline.stop();
/// assert_eq!(harness::differs_from_timeline(&trace.text(), &trace.parts()[0]), None);
/// assert!(harness::differs_from_timeline("one: 2.00 s\n     0 s    2.00 s\n", &trace.parts()[0]).is_some());
/// ```
pub fn differs_from_timeline(text: &str, part: &Trace) -> Option<String> {
    static AXIS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^ +0 s {2,}\d+(\.\d+)? (s|ms|µs)$"));
    let plain = |text: &str| {
        let lines = text.lines().map(|line| format!("\n{}", line.trim_end()));
        lines.collect::<String>() + "\n"
    };
    let is_printed = plain(text).contains(&plain(&part.text()));
    (AXIS.is_match(text) && !is_printed).then(|| part.name().to_owned())
}

/// The cells of a line.
struct Row<'t>(Vec<&'t str>);

impl<'t> Row<'t> {
    fn parse(line: &'t str) -> Self {
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        Row(cells.collect())
    }

    /// Whether the cell in this column holds this number, rounded or not.
    fn has(&self, column: usize, number: f64) -> bool {
        self.0.get(column).is_some_and(|cell| stands_for(cell, number))
    }
}

/// Whether two columns of the table are the points of the curve: all of them, in the same order.
fn holds(table: &[Row<'_>], name: &str, curve: &Curve) -> bool {
    let labelled: Vec<&Row<'_>> = table.iter().filter(|row| row.0.contains(&name)).collect();
    let head = table.iter().enumerate().find_map(|(line, row)| {
        let column = row.0.iter().position(|cell| names(cell, name))?;
        Some((column, table[line + 1..].iter().collect::<Vec<_>>()))
    });
    are_points(&labelled, None, curve)
        || head.is_some_and(|(column, below)| are_points(&below, Some(column), curve))
}

/// Whether the rows are the points: y in this column, or in any if there is none given, and x in
/// one before it.
fn are_points(rows: &[&Row<'_>], column: Option<usize>, curve: &Curve) -> bool {
    let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    let pairs = (0..width).flat_map(|x| (x + 1..width).map(move |y| (x, y)));
    let mut pairs = pairs.filter(|(_, y)| column.is_none_or(|column| column == *y));
    let points = &curve.points;
    rows.len() == points.len()
        && pairs.any(|(at_x, at_y)| {
            let same =
                |(row, (x, y)): (&&Row<'_>, &(f64, f64))| row.has(at_x, *x) && row.has(at_y, *y);
            rows.iter().zip(points).all(same)
        })
}

/// Whether all words of the cell are words of the name.
fn names(cell: &str, name: &str) -> bool {
    let known: Vec<String> = words(name).collect();
    words(cell).all(|word| known.contains(&word)) && words(cell).next().is_some()
}

/// Whether the line has the words of the label, and this number before any other.
fn mentions(line: &str, label: &str, number: f64) -> bool {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d+(\.\d+)?"));
    let there: Vec<String> = words(line).collect();
    // The line may say "cores" where the label says "core".
    let is_there = |word: &String| there.iter().any(|other| other.starts_with(word.as_str()));
    let is_word = |word: &String| word.parse::<f64>().is_err();
    words(label).filter(is_word).all(|word| is_there(&word))
        && NUMBER.find(line).is_some_and(|found| stands_for(found.as_str(), number))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether the text begins with a number that this one rounds to.
fn stands_for(text: &str, number: f64) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let digits = &text[..end];
    let decimals = digits.split_once('.').map_or(0, |(_, behind)| behind.len() as i32);
    let half = 0.5 * 10_f64.powi(-decimals) * (1.0 + 1e-9);
    digits.parse::<f64>().is_ok_and(|shown| (shown - number).abs() <= half)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use figures::plot::Axis;

    use super::*;

    const SWEEP: &str = "\
Cores: num_cpus::get() 2, num_cpus::get_physical() 4

Medians of 3 round(s)
work       workers         tasks    each takes   switches
requests         1        96.8/s      10.32 ms  1.0 + 0.0
requests         4       387.3/s      10.31 ms  1.1 + 0.3
computing        1      1124.0/s       0.89 ms  0.0 + 0.0
computing        4      2152.8/s       1.80 ms  0.0 + 0.5
Knee of requests: 4 workers with 387.3/s, at least 90 % of the best, 387.3/s

Plot: target/plots/06b_sweep.svg
";

    fn sweep() -> Plot {
        Plot::new("", Axis::log2("workers"), "tasks per second")
            .curve("requests", [(1.0, 96.77), (4.0, 387.34)])
            .curve("computing", [(1.0, 1123.96), (4.0, 2152.84)])
            .mark(4.0, "knee: requests")
            .mark(2.0, "2 cores")
    }

    #[test]
    fn one_run_agrees_with_itself() {
        assert_eq!(differs_from_plot(SWEEP, &sweep()), [""; 0]);
    }

    #[test]
    fn another_runs_points_are_found_whether_changed_missing_or_added() {
        let requests = "no table has the points of the curve requests";
        for (text, other) in [
            (SWEEP.replace("387.3/s   ", "388.0/s   "), requests),
            (SWEEP.replace("requests         4", "requests         8"), requests),
            (
                SWEEP.replace("requests         1        96.8/s      10.32 ms  1.0 + 0.0\n", ""),
                requests,
            ),
            (
                SWEEP.replace("2152.8/s", "2133.3/s"),
                "no table has the points of the curve computing",
            ),
        ] {
            assert_eq!(differs_from_plot(&text, &sweep()), [other], "{text}");
        }
        let plot = sweep().curve("rayon", [(1.0, 1.0)]);
        assert_eq!(differs_from_plot(SWEEP, &plot).len(), 1);
    }

    #[test]
    fn marks_are_compared_both_ways() {
        let text = SWEEP.replace("requests: 4 workers", "requests: 8 workers");
        let both = [
            "no line mentions the mark \"knee: requests\" at 4",
            "no mark at 8, where the text has the knee of requests",
        ];
        assert_eq!(differs_from_plot(&text, &sweep()), both);
        let flat =
            SWEEP.replace("requests: 4 workers", "requests: none, the curve is flat: 4 workers");
        assert_eq!(differs_from_plot(&flat, &sweep()), [""; 0], "its first number is the mark's");
        let flat = flat.replace("flat: 4 workers with 387.3/s", "flat: 387.3/s with 4 workers");
        assert_eq!(differs_from_plot(&flat, &sweep()), [both[0]]);
        let text = SWEEP.replace("num_cpus::get() 2", "num_cpus::get() 4");
        assert_eq!(
            differs_from_plot(&text, &sweep()),
            ["no line mentions the mark \"2 cores\" at 2"]
        );
    }

    #[test]
    fn models_stand_beside_what_they_are_models_of() {
        let text = "\
using        workers      real  speed-up    Amdahl
one-by-one         1    8.00 s    1.00 ×
thread-pool        1   10.00 s    0.80 ×    0.80 ×
thread-pool        2    5.00 s    1.60 ×    1.33 ×
";
        let plot = |law: f64| {
            Plot::new("", Axis::log2("workers"), "times as fast")
                .curve("thread-pool", [(1.0, 0.8), (2.0, 1.6)])
                .model("Amdahl's law", [(1.0, 0.8), (2.0, law)])
        };
        assert_eq!(differs_from_plot(text, &plot(1.3333)), [""; 0]);
        let other = "no table has the points of the curve thread-pool, Amdahl's law";
        assert_eq!(differs_from_plot(text, &plot(1.5)), [other]);
    }

    #[test]
    fn a_curve_may_be_a_column_below_its_name() {
        let text = "\
60 ms of work, cut into tasks: times as fast as a for loop
      a task      tasks   one by one    1 ms chunks    rayon
     0.11 µs     480000       0.09 ×         1.38 ×   1.83 ×
     8.31 µs       7500       0.87 ×         1.70 ×   2.25 ×
";
        let plot = |rayon| {
            Plot::new("", Axis::log2("microseconds"), "times as fast as a for loop")
                .curve("pool, one by one", [(0.11018, 0.0859), (8.30597, 0.8662)])
                .curve("pool, chunks of 1 ms", [(0.11018, 1.3834), (8.30597, 1.704)])
                .curve("rayon", [(0.11018, 1.8326), (8.30597, rayon)])
                .model("a for loop", [(0.11018, 1.0), (8.30597, 1.0)])
        };
        assert_eq!(differs_from_plot(text, &plot(2.2465)), [""; 0]);
        let other = differs_from_plot(text, &plot(1.7));
        assert_eq!(other, ["no table has the points of the curve rayon"]);
    }

    #[test]
    fn a_timeline_must_be_the_one_that_was_printed() {
        let trace = |ms| {
            let mut trace = Trace::new("01_sync", Duration::ZERO, Duration::from_millis(ms));
            let main = trace.add_row("main", 1);
            trace.add_span(main, "sleep 1", Duration::ZERO, Duration::from_millis(1000));
            trace
        };
        let text = format!("Finished\n\n{}\nTimeline: x.json\n", trace(1000).text());
        assert_eq!(differs_from_timeline(&text, &trace(1000)), None);
        assert_eq!(differs_from_timeline(&text, &trace(2000)), Some("01_sync".to_owned()));
        assert_eq!(differs_from_timeline("Finished\n", &trace(2000)), None, "none was printed");
    }
}
