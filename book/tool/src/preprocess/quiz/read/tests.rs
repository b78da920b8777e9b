use super::*;

pub(in super::super) const GOOD: &str = r#"
[[question]]
ask = "What does it *print*?"
program = "99_two.rs"
[[question.choice]]
prints = "1\n2\n"
right = true
why = "It says so."
[[question.choice]]
error = "E0382: borrow of moved value: `a`"
why = "Nothing <moves>."
[[question.choice]]
panics = "out of luck"
why = "No luck is needed."

[[question]]
ask = "Which?"
[[question.choice]]
text = "`a`"
why = "Not *a*."
[[question.choice]]
text = "`b`"
right = true
why = "Because."
"#;
const PROGRAM: &str = "fn main() {\n    println!(\"1\\n2\");\n}\n";

pub(in super::super) fn read(text: &str) -> Result<Quiz, Found> {
    let book = tempfile::tempdir().unwrap();
    files::write(&file(book.path(), "99_end"), text).unwrap();
    files::write(&book.path().join("quizzes/99_two.rs"), PROGRAM).unwrap();
    Quiz::read(book.path(), "99_end")
}

/// What is wrong once a part of the file is replaced by another.
fn with(part: &str, other: &str) -> Found {
    assert!(GOOD.contains(part), "{part}");
    read(&GOOD.replacen(part, other, 1)).unwrap_err()
}

#[track_caller]
fn assert_said(found: &Found, line: usize, what: &str) {
    assert!(found.iter().any(|(at, said)| *at == line && said.contains(what)), "{found:?}");
}

#[test]
fn exactly_one_choice_is_right() {
    let found = with("right = true\nwhy = \"It says so.\"", "why = \"It says so.\"");
    assert_said(&found, 2, "exactly one choice is right, not 0");
    let found = with("why = \"Nothing", "right = true\nwhy = \"Nothing");
    assert_said(&found, 2, "exactly one choice is right, not 2");
}

#[test]
fn each_choice_says_why() {
    assert_said(&with("\"No luck is needed.\"", "\" \""), 12, "does not say why");
    assert_said(&with("why = \"No luck is needed.\"", ""), 12, "missing field `why`");
}

#[test]
fn a_choice_claims_what_its_question_can_show() {
    let found = with("panics = \"out of luck\"", "lines = [\"out of luck\"]");
    assert_said(&found, 12, "has one of prints, panics and error");
    let found = with("panics = \"out of luck\"", "text = \"It panics\"");
    assert_said(&found, 12, "has one of prints, panics and error");
    assert_said(&with("text = \"`a`\"", "prints = \"a\""), 18, "a choice has a text");
    let found = with("ask = \"Which?\"", "ask = \"Which?\"\nstep = \"03_pool\"");
    assert_said(&found, 19, "a choice about a step or a recording has lines");
}

#[test]
fn questions_are_two_or_three_and_about_one_thing() {
    let one = GOOD.split("[[question]]\nask = \"Which?\"").next().unwrap();
    assert_said(&read(one).unwrap_err(), 1, "two or three questions, not 1");
    let found = with("program = ", "recording = \"01_sync\"\nprogram = ");
    assert_said(&found, 2, "about one thing");
    assert_said(&with("\"Which?\"", "\"\""), 16, "asks nothing");
    assert_said(&with("\"Which?\"", "\"Which?\"\nargs = [\"-h\"]"), 16, "only a step takes args");
    assert_said(&with("text = \"`b`\"", "text = \"`a`\""), 21, "another choice says the same");
    assert_said(&with("99_two.rs", "99_three.rs"), 2, "cannot read");
}

#[test]
fn an_unknown_field_is_refused_in_its_line() {
    assert_said(&with("ask = \"Which?\"", "asks = \"Which?\""), 17, "unknown field `asks`");
    let none = Quiz::read(Path::new("/no-book-of-a-test"), "99_end").unwrap_err();
    assert_said(&none, 1, "has no quiz");
}
