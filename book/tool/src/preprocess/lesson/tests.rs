use super::*;

const GOOD: &str = r#"# Title

<!-- lesson
teaching = 10
exercises = 5
half_day = 12
learn = "to measure"
questions = ["How *long*?", "And how\nlong?"]
objectives = ["Measure."]
key_points = ["Times add up.", "`Instant` measures."]
-->

Text.
"#;

pub(crate) fn lesson(half_day: Option<u32>, second_half_day: Option<u32>) -> Lesson {
    let [half_day, second_half_day] =
        [half_day, second_half_day].map(|minutes| Some(Spanned::new(0..0, minutes?)));
    Lesson { half_day, second_half_day, ..Lesson::read(GOOD).unwrap() }
}

/// What is wrong once one line is replaced by another.
fn with(line: &str, other: &str) -> Found {
    assert!(GOOD.contains(line), "{line}");
    Lesson::read(&GOOD.replace(line, other)).unwrap_err()
}

#[test]
fn a_card_and_key_points_are_made_of_the_data() {
    let lesson = Lesson::read(GOOD).unwrap();
    assert_eq!(lesson.minutes(), 15);
    assert_eq!(lesson.minutes_in(Session::HalfDay), Some(12));
    assert_eq!(lesson.minutes_in(Session::SecondHalfDay), None);
    assert_eq!(
        lesson.card(),
        "<section class=\"lesson-card\" aria-label=\"About this chapter\">\n\n\
         Time\n: 15 minutes: 10 to read, 5 for the exercises\n\n\
         Questions\n: - How *long*?\n  - And how\n    long?\n\n\
         Objectives\n: - Measure.\n\n</section>"
    );
    assert_eq!(
        lesson.key_points(),
        "<div class=\"key-points\">\n\n## Key points\n\n- Times add up.\n- `Instant` measures.\n\n</div>"
    );
}

#[test]
fn data_that_are_missing_are_named() {
    let found = with("questions = [\"How *long*?\", \"And how\\nlong?\"]\n", "");
    assert_eq!(found, [(3, "lesson: missing field `questions`".to_owned())]);
    let found = Lesson::read("# Title\n").unwrap_err();
    assert!(found[0].1.contains("has no <!-- lesson"), "{found:?}");
}

#[test]
fn data_that_nobody_knows_are_refused_in_their_line() {
    let found = with("half_day", "halfday");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, 6);
    assert!(found[0].1.contains("unknown field `halfday`"), "{found:?}");
}

#[test]
fn what_is_no_toml_is_refused_in_its_line() {
    assert_eq!(with("exercises = 5", "exercises = five")[0].0, 5);
    assert_eq!(with("exercises = 5", "exercises = -5")[0].0, 5);
}

#[test]
fn nothing_may_be_empty() {
    let said = |line, other| with(line, other).remove(0);
    assert_eq!(said("teaching = 10", "teaching = 0"), (4, "teaching takes no time".to_owned()));
    assert_eq!(said("\"to measure\"", "\" \""), (7, "learn is empty".to_owned()));
    assert_eq!(said("[\"Measure.\"]", "[]"), (9, "objectives has no entry".to_owned()));
    assert_eq!(
        said("\"`Instant` measures.\"", "\n\"\""),
        (11, "entry 2 of key_points is empty".to_owned())
    );
    assert_eq!(
        said("\"Measure.\"", "\"One.\\n\\nTwo.\""),
        (9, "entry 1 of objectives is more than one paragraph".to_owned())
    );
}

#[test]
fn minutes_must_add_up() {
    let found = with("half_day = 12", "half_day = 12\nsecond_half_day = 4");
    assert_eq!(
        found,
        [(7, "the sessions give it 16 minutes, but teaching and exercises take 15".to_owned())]
    );
    let found = with("half_day = 12\n", "");
    assert!(found[0].1.starts_with("no session teaches it"), "{found:?}");
    let found = with("half_day = 12", "half_day = 0");
    assert_eq!(found[0], (6, "half_day takes no time: leave it out".to_owned()));
}

#[test]
fn data_stand_once() {
    let twice = format!("{GOOD}{GOOD}");
    let found = Lesson::read(&twice).unwrap_err();
    assert_eq!(found, [(16, "line 3 already has the lesson".to_owned())]);
}
