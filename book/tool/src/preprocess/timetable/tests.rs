use super::*;
use crate::markdown;
use crate::preprocess::lesson::tests::lesson;
use crate::preprocess::quiz::Quiz;

pub(in crate::preprocess) fn stops() -> Vec<Stop> {
    let stop = |name: &str, lesson| Stop {
        title: format!("Step {name}"),
        name: name.to_owned(),
        lesson,
        quiz: Quiz::default(),
    };
    vec![
        stop("01_a", lesson(Some(10), None)),
        stop("02_b", lesson(None, Some(15))),
        stop("03_c", lesson(Some(5), Some(10))),
    ]
}

const GOOD: &str = r#"<!-- timetable
session = "half_day"
minutes = 25
part = [
  { what = "**Welcome**", minutes = 4, how = "Say hello." },
  { lesson = "03_c", what = "the curve", how = "Draw it." },
  { what = "Break", minutes = 6, how = "Tea." },
  { lesson = "01_a", how = "Run it." },
]
-->"#;

fn timetable(text: &str) -> Result<Timetable, Found> {
    Timetable::read("guide", &markdown::comments(text).next().unwrap(), &stops())
}

#[track_caller]
fn assert_refused(part: &str, other: &str, line: usize, what: &str) {
    assert!(GOOD.contains(part), "{part}");
    let found = timetable(&GOOD.replacen(part, other, 1)).unwrap_err();
    assert!(found.iter().any(|(at, said)| *at == line && said.contains(what)), "{found:?}");
}

#[test]
fn a_timetable_is_computed_from_the_minutes_of_the_chapters() {
    let timetable = timetable(GOOD).unwrap();
    assert_eq!(
        timetable.table(),
        "| from | minutes | what | how |\n|---|---|---|---|\n\
         | 0:00 | 4 | **Welcome** | Say hello. |\n\
         | 0:04 | 5 | [3. Step 03_c](03_c.md): the curve | Draw it. |\n\
         | 0:09 | 6 | Break | Tea. |\n\
         | 0:15 | 10 | [1. Step 01_a](01_a.md) | Run it. |\n\
         | 0:25 | | the end | |"
    );
    let line = timetable.summary().unwrap();
    assert!(line.starts_with(
        "- Half a day, 25 minutes with a break: chapters 3 (the curve) and 1, in this order. \
         The [instructor's guide](guide.md)"
    ));
}

#[test]
fn a_timetable_that_does_not_add_up_is_refused() {
    assert_refused("minutes = 25", "minutes = 30", 3, "the parts take 25 minutes, not 30");
    assert_refused("\"01_a\"", "\"02_b\"", 8, "02_b does not set half_day");
    assert_refused("\"01_a\"", "\"04_d\"", 8, "the road has no chapter 04_d");
    assert_refused("\"01_a\"", "\"03_c\"", 8, "this chapter is listed above already");
    let last = "  { lesson = \"01_a\", how = \"Run it.\" },\n";
    assert_refused(last, "", 1, "01_a sets half_day, but is not listed");
    assert_refused("what = \"Break\", ", "", 7, "a part has a lesson");
    assert_refused("lesson = \"01_a\"", "lesson = \"01_a\", minutes = 3", 8, "a part has a lesson");
    assert_refused("\"Tea.\"", "\"\"", 7, "how is empty");
    assert_refused("\"half_day\"", "\"whole_day\"", 2, "unknown variant `whole_day`");
}
