//! The road: the chapters of that part of the book, what each says of itself, and what is made of it.
//!
//! | a comment | becomes |
//! |---|---|
//! | `<!-- lesson … -->` | the card of the chapter: see [`lesson`] |
//! | `<!-- key-points -->` | its key points |
//! | `<!-- quiz -->` | its [`quiz`] |
//! | `<!-- challenges -->` | its challenges: see [`challenge`] |
//! | `<!-- road -->` | a table of all chapters, with their minutes |
//! | `<!-- timetable … -->` | the timetable of a [`Session`] |
//! | `<!-- half-day -->` | an entry of a list: which chapters a half-day teaches |

use std::fmt::Write;
use std::path::{Path, PathBuf};

use mdbook_driver::book::{Book, BookItem, Chapter};
use serde::Deserialize;
use toml::Spanned;

use super::challenge::{self, Challenges};
use super::comment::{self, Comment};
use super::lesson::{self, Found, Lesson, Session};
use super::quiz::{self, Quiz};
use crate::check::Problem;

/// The part of SUMMARY.md whose chapters are the road.
const PART: &str = "The road";
const TABLE: &str = "road";
const TIMETABLE: &str = "timetable";
const HALF_DAY: &str = "half-day";

/// The chapters of the road, in their order, and the timetables of its sessions.
#[derive(Debug)]
pub(crate) struct Road {
    stops: Vec<Stop>,
    timetables: Vec<Timetable>,
    challenges: Challenges,
}

/// A chapter of the road.
#[derive(Debug)]
pub(crate) struct Stop {
    /// Its title in SUMMARY.md.
    pub(crate) title: String,
    /// Its file, without `.md`.
    pub(crate) name: String,
    lesson: Lesson,
    quiz: Quiz,
}

/// A session of a room, and when it does what.
#[derive(Debug)]
struct Timetable {
    session: Session,
    /// The page on which it stands.
    page: String,
    /// How long it is, in minutes.
    minutes: u32,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// The chapter of the road, by its position in it.
    stop: Option<usize>,
    what: Option<String>,
    minutes: u32,
    how: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    session: Session,
    minutes: Spanned<u32>,
    part: Vec<Spanned<Part>>,
}

/// A chapter of the road, whose minutes it says itself; or something else, with its minutes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    lesson: Option<String>,
    what: Option<String>,
    minutes: Option<u32>,
    how: String,
}

impl Road {
    /// Reads what the chapters say of themselves. `folder` is that of the book.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub(crate) fn read(folder: &Path, sources: &Path, book: &Book) -> Result<Road, Vec<Problem>> {
        let root = folder.parent().unwrap_or(folder);
        let mut problems = Vec::new();
        let add = |problems: &mut Vec<Problem>, file: &Path, found: Found| {
            let problem = |(line, what): (usize, String)| Problem::new(root, file, what).line(line);
            problems.extend(found.into_iter().map(problem));
        };
        let challenges = Challenges::read(root).unwrap_or_else(|found| {
            add(&mut problems, &root.join(challenge::FOLDER).join(challenge::LIST), found);
            Challenges::default()
        });
        let mut road = Road { stops: Vec::new(), timetables: Vec::new(), challenges };
        let on_the_road = on_the_road(book);
        for chapter in &on_the_road {
            let (file, name) = (sources.join(path(chapter)), name(chapter));
            add(&mut problems, &file, marks(&chapter.content));
            let lesson = Lesson::read(&chapter.content);
            let quiz = Quiz::read(folder, &name);
            road.stops.push(Stop {
                title: chapter.name.clone(),
                lesson: lesson.unwrap_or_else(|found| {
                    add(&mut problems, &file, found);
                    Lesson::default()
                }),
                quiz: quiz.unwrap_or_else(|found| {
                    add(&mut problems, &quiz::file(folder, &name), found);
                    Quiz::default()
                }),
                name,
            });
        }
        // Where a chapter is wrong, the timetables that count on it would be, too.
        let sound = problems.is_empty();
        let (mut tables, mut refused) = (0, false);
        for chapter in book.chapters() {
            let (file, page) = (sources.join(path(chapter)), name(chapter));
            for comment in comment::comments(&chapter.content) {
                match comment.word {
                    lesson::WORD | lesson::KEY_POINTS | quiz::WORD
                        if !road.stops.iter().any(|stop| stop.name == page) =>
                    {
                        let what = format!("{} is for chapters of the road", comment.word);
                        add(&mut problems, &file, vec![(comment.line, what)]);
                    }
                    TABLE => tables += 1,
                    TIMETABLE if sound => match road.timetable(&page, &comment) {
                        Ok(timetable) => road.timetables.push(timetable),
                        Err(found) => {
                            refused = true;
                            add(&mut problems, &file, found);
                        }
                    },
                    _ => {}
                }
            }
        }
        let summary = sources.join("SUMMARY.md");
        let has_road = !road.stops.is_empty();
        if has_road && tables != 1 {
            let what =
                format!("one page has the table of the road, <!-- {TABLE} -->, not {tables}");
            add(&mut problems, &summary, vec![(1, what)]);
        }
        for session in Session::ALL.into_iter().filter(|_| has_road && sound && !refused) {
            let count = road.timetables.iter().filter(|table| table.session == session).count();
            if count != 1 {
                let what = format!(
                    "one page has a timetable of {}, <!-- {TIMETABLE} … -->, not {count}",
                    session.key()
                );
                add(&mut problems, &summary, vec![(1, what)]);
            }
        }
        if problems.is_empty() { Ok(road) } else { Err(problems) }
    }

    pub(crate) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub(crate) fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    pub(crate) fn quizzes(&self) -> impl Iterator<Item = &Quiz> {
        self.stops.iter().map(|stop| &stop.quiz)
    }

    /// Fills in what a chapter leaves to be made of it.
    pub(crate) fn fill(&self, chapter: &mut Chapter) {
        let page = name(chapter);
        let stop = self.stops.iter().find(|stop| stop.name == page);
        let mut timetables = self.timetables.iter().filter(|table| table.page == page);
        chapter.content = comment::replace(&chapter.content, |comment| match comment.word {
            lesson::WORD => stop.map(|stop| stop.lesson.card()),
            lesson::KEY_POINTS => stop.map(|stop| stop.lesson.key_points()),
            quiz::WORD => stop.map(|stop| stop.quiz.section()),
            challenge::WORD => Some(self.challenges.section(&page)),
            TABLE => Some(self.table()),
            TIMETABLE => timetables.next().map(|table| self.table_of(table)),
            HALF_DAY => self.half_day(),
            _ => None,
        });
    }

    /// All chapters, and their minutes.
    fn table(&self) -> String {
        let mut out = "| step | you learn | minutes |\n|---|---|---|\n".to_owned();
        for (n, stop) in self.stops.iter().enumerate() {
            let (title, name, lesson) = (&stop.title, &stop.name, &stop.lesson);
            let minutes = lesson.minutes();
            let _ =
                writeln!(out, "| [{}. {title}]({name}.md) | {} | {minutes} |", n + 1, lesson.learn);
        }
        let whole: u32 = self.stops.iter().map(|stop| stop.lesson.minutes()).sum();
        out + &format!("| all of it | | {} h {:02} |", whole / 60, whole % 60)
    }

    fn timetable(&self, page: &str, comment: &Comment<'_>) -> Result<Timetable, Found> {
        let data: Data = toml::from_str(comment.body).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![(comment.line_at(at), format!("the timetable: {}", error.message()))]
        })?;
        let session = data.session;
        let mut found = Found::new();
        let mut rows: Vec<Row> = Vec::new();
        for part in data.part {
            let line = comment.line_at(part.span().start);
            let part = part.into_inner();
            if part.how.trim().is_empty() {
                found.push((line, "how is empty".to_owned()));
            }
            let (stop, minutes) = match (&part.lesson, part.minutes) {
                (Some(name), None) => match self.in_session(name, session) {
                    Ok((stop, _)) if rows.iter().any(|row| row.stop == Some(stop)) => {
                        found.push((line, format!("{name} stands here twice")));
                        continue;
                    }
                    Ok((stop, minutes)) => (Some(stop), minutes),
                    Err(what) => {
                        found.push((line, what));
                        continue;
                    }
                },
                (None, Some(minutes @ 1..)) if part.what.is_some() => (None, minutes),
                _ => {
                    let what =
                        "a part has a lesson, which says its minutes itself; or what and minutes";
                    found.push((line, what.to_owned()));
                    continue;
                }
            };
            rows.push(Row { stop, what: part.what, minutes, how: part.how });
        }
        for (n, stop) in self.stops.iter().enumerate() {
            if stop.lesson.minutes_in(session).is_some()
                && !rows.iter().any(|row| row.stop == Some(n))
            {
                let what = format!("{} says {}, and does not stand here", stop.name, session.key());
                found.push((comment.line, what));
            }
        }
        let (sum, minutes) =
            (rows.iter().map(|row| row.minutes).sum::<u32>(), *data.minutes.get_ref());
        if found.is_empty() && sum != minutes {
            let line = comment.line_at(data.minutes.span().start);
            found.push((line, format!("the parts take {sum} minutes, not {minutes}")));
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Timetable { session, page: page.to_owned(), minutes, rows })
    }

    /// A chapter's position on the road, and its minutes in this session.
    fn in_session(&self, name: &str, session: Session) -> Result<(usize, u32), String> {
        let position = self.stops.iter().position(|stop| stop.name == name);
        let stop = position.ok_or_else(|| format!("no chapter of the road is called {name}"))?;
        let minutes = self.stops[stop].lesson.minutes_in(session);
        let missing = || format!("{name} does not say {}, in minutes", session.key());
        Ok((stop, minutes.ok_or_else(missing)?))
    }

    fn table_of(&self, table: &Timetable) -> String {
        let mut out = "| from | minutes | what | how |\n|---|---|---|---|\n".to_owned();
        let mut at = 0;
        for row in &table.rows {
            let lesson = row.stop.map(|n| {
                let Stop { title, name, .. } = &self.stops[n];
                format!("[{}. {title}]({name}.md)", n + 1)
            });
            let what: Vec<&str> =
                lesson.iter().chain(&row.what).map(|what| what.as_str()).collect();
            let (from, how) = (clock(at), row.how.trim().replace('\n', " "));
            let _ = writeln!(out, "| {from} | {} | {} | {how} |", row.minutes, what.join(": "));
            at += row.minutes;
        }
        out + &format!("| {} | | the end | |", clock(at))
    }

    /// What a half-day teaches, in a line.
    fn half_day(&self) -> Option<String> {
        let table = self.timetables.iter().find(|table| table.session == Session::HalfDay)?;
        let mut chapters: Vec<String> = Vec::new();
        for row in &table.rows {
            let Some(stop) = row.stop else { continue };
            chapters.push(match &row.what {
                Some(what) => format!("{} ({what})", stop + 1),
                None => (stop + 1).to_string(),
            });
        }
        let last = chapters.pop()?;
        let (page, minutes) = (&table.page, table.minutes);
        Some(format!(
            "- Half a day, {minutes} minutes with a break: chapters {} and {last}, in this order. The \
             [instructor's guide]({page}.md) has the timetable, and what to prepare.",
            chapters.join(", ")
        ))
    }
}

/// What is wrong with the marks of a chapter of the road: each once, and in their order.
fn marks(text: &str) -> Found {
    let comments = comment::comments(text);
    let mut found = Found::new();
    let mut last = 0;
    for word in [quiz::WORD, challenge::WORD, lesson::KEY_POINTS] {
        let lines: Vec<usize> =
            comments.iter().filter(|comment| comment.word == word).map(|c| c.line).collect();
        match lines[..] {
            [line] if line > last => last = line,
            [line] => found.push((line, format!("<!-- {word} --> stands too early"))),
            [] => found.push((1, format!("the chapter has no <!-- {word} -->"))),
            [_, second, ..] => found.push((second, format!("<!-- {word} --> stands twice"))),
        }
    }
    found
}

/// The chapters of the part called "The road".
fn on_the_road(book: &Book) -> Vec<&Chapter> {
    let is_road = |item: &&BookItem| matches!(item, BookItem::PartTitle(title) if title == PART);
    let part = book.items.iter().skip_while(|item| !is_road(item)).skip(1);
    part.take_while(|item| !matches!(item, BookItem::PartTitle(_)))
        .filter_map(|item| match item {
            BookItem::Chapter(chapter) if !chapter.is_draft_chapter() => Some(chapter),
            _ => None,
        })
        .collect()
}

fn path(chapter: &Chapter) -> PathBuf {
    chapter.source_path.clone().unwrap_or_default()
}

fn name(chapter: &Chapter) -> String {
    path(chapter).with_extension("").to_string_lossy().into_owned()
}

/// Hours and minutes.
fn clock(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocess::lesson::tests::lesson;

    fn road() -> Road {
        let stop = |name: &str, lesson| Stop {
            title: format!("Step {name}"),
            name: name.to_owned(),
            lesson,
            quiz: Quiz::default(),
        };
        let stops = vec![
            stop("01_a", lesson(Some(10), None)),
            stop("02_b", lesson(None, Some(15))),
            stop("03_c", lesson(Some(5), Some(10))),
        ];
        Road { stops, timetables: Vec::new(), challenges: Challenges::default() }
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
        road().timetable("guide", &comment::comments(text)[0])
    }

    #[track_caller]
    fn assert_refused(part: &str, other: &str, line: usize, what: &str) {
        assert!(GOOD.contains(part), "{part}");
        let found = timetable(&GOOD.replacen(part, other, 1)).unwrap_err();
        assert!(found.iter().any(|(at, said)| *at == line && said.contains(what)), "{found:?}");
    }

    #[test]
    fn a_timetable_is_computed_from_the_minutes_of_the_chapters() {
        let mut road = road();
        road.timetables.push(timetable(GOOD).unwrap());
        assert_eq!(
            road.table_of(&road.timetables[0]),
            "| from | minutes | what | how |\n|---|---|---|---|\n\
             | 0:00 | 4 | **Welcome** | Say hello. |\n\
             | 0:04 | 5 | [3. Step 03_c](03_c.md): the curve | Draw it. |\n\
             | 0:09 | 6 | Break | Tea. |\n\
             | 0:15 | 10 | [1. Step 01_a](01_a.md) | Run it. |\n\
             | 0:25 | | the end | |"
        );
        let line = road.half_day().unwrap();
        assert!(line.starts_with(
            "- Half a day, 25 minutes with a break: chapters 3 (the curve) and 1, in this order. \
             The [instructor's guide](guide.md)"
        ));
    }

    #[test]
    fn a_timetable_that_does_not_add_up_is_refused() {
        assert_refused("minutes = 25", "minutes = 30", 3, "the parts take 25 minutes, not 30");
        assert_refused("\"01_a\"", "\"02_b\"", 8, "02_b does not say half_day");
        assert_refused("\"01_a\"", "\"04_d\"", 8, "no chapter of the road is called 04_d");
        assert_refused("\"01_a\"", "\"03_c\"", 8, "03_c stands here twice");
        let last = "  { lesson = \"01_a\", how = \"Run it.\" },\n";
        assert_refused(last, "", 1, "01_a says half_day, and does not stand here");
        assert_refused("what = \"Break\", ", "", 7, "a part has a lesson");
        assert_refused(
            "lesson = \"01_a\"",
            "lesson = \"01_a\", minutes = 3",
            8,
            "a part has a lesson",
        );
        assert_refused("\"Tea.\"", "\"\"", 7, "how is empty");
        assert_refused("\"half_day\"", "\"whole_day\"", 2, "unknown variant `whole_day`");
    }

    #[test]
    fn the_table_of_the_road_has_all_chapters_and_their_sum() {
        let table = road().table();
        assert!(table.contains("| [2. Step 02_b](02_b.md) | to measure | 15 |"), "{table}");
        assert!(table.ends_with("| all of it | | 0 h 45 |"), "{table}");
    }

    #[test]
    fn a_chapter_has_its_marks_once_and_in_order() {
        let said = |text| marks(text).into_iter().map(|(_, what)| what).collect::<Vec<_>>();
        assert_eq!(said("<!-- quiz -->\n<!-- challenges -->\n<!-- key-points -->"), [""; 0]);
        assert_eq!(
            said("<!-- quiz -->\n<!-- challenges -->"),
            ["the chapter has no <!-- key-points -->"]
        );
        assert_eq!(
            said("<!-- challenges -->\n<!-- key-points -->\n<!-- quiz -->"),
            ["<!-- challenges --> stands too early", "<!-- key-points --> stands too early"]
        );
        assert_eq!(
            said("<!-- quiz -->\n<!-- quiz -->\n<!-- challenges -->\n<!-- key-points -->"),
            ["<!-- quiz --> stands twice"]
        );
    }

    const LESSON: &str = r#"<!-- lesson
teaching = 25
exercises = 0
half_day = 25
learn = "a"
questions = ["a"]
objectives = ["a"]
key_points = ["a"]
-->"#;
    const QUIZ: &str = r#"
[[question]]
ask = "a"
choice = [{ text = "a", right = true, why = "a" }, { text = "b", why = "b" }]
[[question]]
ask = "b"
choice = [{ text = "a", right = true, why = "a" }, { text = "b", why = "b" }]
"#;

    /// What is said of a book of three pages: a chapter of the road, and two that are not.
    fn said(lesson: &str, guide: &str) -> Vec<String> {
        let chapter = |name: &str, text: &str| {
            BookItem::Chapter(Chapter::new(name, text.to_owned(), format!("{name}.md"), Vec::new()))
        };
        let part = |title: &str| BookItem::PartTitle(title.to_owned());
        let road =
            format!("# A\n\n{lesson}\n\n<!-- quiz -->\n<!-- challenges -->\n<!-- key-points -->\n");
        let book = Book::new_with_items(vec![
            chapter("welcome", "<!-- road -->\n\n<!-- half-day -->\n"),
            part("The road"),
            chapter("01_a", &road),
            part("And then"),
            chapter("guide", guide),
        ]);
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("book");
        crate::files::write(&quiz::file(&folder, "01_a"), QUIZ).unwrap();
        let read = Road::read(&folder, &folder.join("src"), &book);
        read.err().unwrap_or_default().iter().map(Problem::to_string).collect()
    }

    #[track_caller]
    fn assert_said(found: &[String], starts: &[&str]) {
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        for (found, start) in found.iter().zip(starts) {
            assert!(found.starts_with(start), "{found}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_book_is_told_with_file_and_line() {
        let half = "<!-- timetable\nsession = \"half_day\"\nminutes = 25\n\
                    part = [{ lesson = \"01_a\", how = \"a\" }]\n-->\n";
        let other = "<!-- timetable\nsession = \"second_half_day\"\nminutes = 5\n\
                     part = [{ what = \"a\", minutes = 5, how = \"a\" }]\n-->\n";
        let guide = format!("{half}{other}");
        assert_said(&said(LESSON, &guide), &[]);
        assert_said(
            &said(LESSON, &half.replace("25", "20")),
            &["book/src/guide.md:3: the parts take 25 minutes, not 20"],
        );
        assert_said(
            &said(LESSON, half),
            &["book/src/SUMMARY.md:1: one page has a timetable of second_half_day"],
        );
        assert_said(
            &said(LESSON, &format!("{guide}<!-- key-points -->\n<!-- road -->")),
            &[
                "book/src/guide.md:11: key-points is for chapters of the road",
                "book/src/SUMMARY.md:1: one page has the table of the road",
            ],
        );
        // One that is wrong is told, and not what counts on it.
        assert_said(
            &said(&LESSON.replace("learn", "learns"), &guide),
            &["book/src/01_a.md:7: the lesson's data: unknown field `learns`"],
        );
    }
}
