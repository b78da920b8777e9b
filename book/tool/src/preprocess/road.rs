//! The road: the chapters of that part of the book, what each says about itself, and what the build
//! makes from it.
//!
//! | a comment | becomes |
//! |---|---|
//! | `<!-- lesson … -->` | the chapter's card: see [`lesson`] |
//! | `<!-- key-points -->` | its key points |
//! | `<!-- quiz -->` | its [`quiz`] |
//! | `<!-- challenges -->` | its challenges: see [`challenge`] |
//! | `<!-- road -->` | a table of all chapters, with their minutes |
//! | `<!-- timetable … -->` | the [`timetable`](super::timetable) of a [`Session`] |
//! | `<!-- first-sight -->` | the welcome's picture and buttons: see [`welcome`] |
//! | `<!-- progress -->` | the table of the reader's own progress, which the page's script fills in |
//! | `<!-- half-day -->` | an item of a list: which chapters a half-day teaches |

use std::fmt::Write;
use std::path::Path;

use mdbook_driver::book::{Book, BookItem, Chapter};

use super::challenge::{self, Challenges};
use super::lesson::{self, Session};
use super::quiz::{self, Quiz};
use super::stop::{Stop, name, path};
use super::timetable::Timetable;
use super::welcome;
use crate::markdown;
use crate::problem::Problem;

/// The part of SUMMARY.md whose chapters are the road.
const PART: &str = "The road";
const TABLE: &str = "road";
const TIMETABLE: &str = "timetable";
const HALF_DAY: &str = "half-day";
const PROGRESS: &str = "progress";

/// The chapters of the road, in order, and the timetables of its sessions.
#[derive(Debug)]
pub(crate) struct Road {
    pub(crate) stops: Vec<Stop>,
    pub(crate) challenges: Challenges,
    timetables: Vec<Timetable>,
}

impl Road {
    /// Reads what the chapters say about themselves. `folder` is that of the book.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn read(folder: &Path, sources: &Path, book: &Book) -> Result<Road, Vec<Problem>> {
        let root = folder.parent().unwrap_or(folder);
        let mut problems = Vec::new();
        let challenges = Challenges::read(root).unwrap_or_else(|found| {
            let list = root.join(challenge::FOLDER).join(challenge::LIST);
            problems.extend(Problem::all(root, &list, found));
            Challenges::default()
        });
        let mut stops = Vec::new();
        for chapter in on_the_road(book) {
            match Stop::read(folder, sources, chapter) {
                Ok(stop) => stops.push(stop),
                Err(found) => problems.extend(found),
            }
        }
        // A timetable needs the minutes of all chapters.
        let timetables = match timetables(root, sources, book, &stops) {
            Ok(timetables) => timetables,
            Err(found) if problems.is_empty() => {
                problems = found;
                Vec::new()
            }
            Err(_) => Vec::new(),
        };
        problems.extend(misplaced(root, sources, book));
        if problems.is_empty() { Ok(Road { stops, timetables, challenges }) } else { Err(problems) }
    }

    pub(crate) fn into_quizzes(self) -> impl Iterator<Item = Quiz> {
        self.stops.into_iter().map(|stop| stop.quiz)
    }

    /// Fills in what a chapter leaves to the build.
    pub(crate) fn fill(&self, chapter: &mut Chapter) {
        let page = name(chapter);
        let stop = self.stops.iter().find(|stop| stop.name == page);
        let mut timetables = self.timetables.iter().filter(|table| table.page == page);
        let filled = markdown::comments(&chapter.content).filter_map(|comment| {
            let part = match comment.word {
                lesson::WORD => stop?.lesson.card(),
                lesson::KEY_POINTS => stop?.lesson.key_points(),
                quiz::WORD => stop?.quiz.section(),
                challenge::WORD => self.challenges.section(&page),
                TABLE => self.table(),
                TIMETABLE => timetables.next()?.table(),
                HALF_DAY => self.half_day()?,
                PROGRESS => self.progress(),
                welcome::WORD => welcome::section(&self.stops, self.challenges.pages().next()),
                _ => return None,
            };
            Some((comment.place, part))
        });
        chapter.content = markdown::replace(&chapter.content, filled);
        if let Some(stop) = stop {
            stop.put_number(chapter);
        }
    }

    /// All chapters, and their minutes.
    fn table(&self) -> String {
        let mut out = "| step | you learn | minutes |\n|---|---|---|\n".to_owned();
        for stop in &self.stops {
            let (learn, minutes) = (stop.lesson.learn(), stop.lesson.minutes());
            let _ = writeln!(out, "| {} | {learn} | {minutes} |", stop.link());
        }
        let whole: u32 = self.stops.iter().map(|stop| stop.lesson.minutes()).sum();
        out + &format!("| all of it | | {} h {:02} |", whole / 60, whole % 60)
    }

    /// A row for each chapter, with what the page's script needs to count.
    fn progress(&self) -> String {
        let mut out =
            "<table class=\"progress-table\">\n<thead><tr><th>step</th><th>state</th><th>quiz</th>\
                       <th>guesses</th><th>challenges</th></tr></thead>\n<tbody>\n"
                .to_owned();
        for stop in &self.stops {
            let Stop { title, name, quiz, .. } = stop;
            let number = stop.number();
            let challenges: Vec<&str> = self.challenges.names_on(name).collect();
            let _ = writeln!(
                out,
                "<tr data-page=\"{name}\" data-questions=\"{}\" data-challenges=\"{}\"><td>\
                 <a href=\"{name}.html\">{number}. {title}</a></td><td>–</td><td>{0} questions</td><td>–</td>\
                 <td>{}</td></tr>",
                quiz.count(),
                challenges.join(" "),
                challenges.len(),
            );
        }
        out + "</tbody>\n</table>\n"
    }

    /// One line: what a half-day teaches.
    fn half_day(&self) -> Option<String> {
        self.timetables.iter().find(|table| table.session == Session::HalfDay)?.summary()
    }
}

/// The timetables of a book, one for each session; none if there is no road.
fn timetables(
    root: &Path,
    sources: &Path,
    book: &Book,
    stops: &[Stop],
) -> Result<Vec<Timetable>, Vec<Problem>> {
    let (mut timetables, mut problems) = (Vec::new(), Vec::new());
    for chapter in book.chapters() {
        let comments = markdown::comments(&chapter.content);
        for comment in comments.filter(|comment| comment.word == TIMETABLE) {
            match Timetable::read(&name(chapter), &comment, stops) {
                Ok(timetable) => timetables.push(timetable),
                Err(found) => {
                    problems.extend(Problem::all(root, &sources.join(path(chapter)), found));
                }
            }
        }
    }
    if problems.is_empty() && !stops.is_empty() {
        for session in Session::ALL {
            let count = timetables.iter().filter(|table| table.session == session).count();
            let what = format!("a timetable of {}, <!-- {TIMETABLE} … -->", session.key());
            problems.extend(not_one(root, sources, count, &what));
        }
    }
    if problems.is_empty() { Ok(timetables) } else { Err(problems) }
}

/// Comments for chapters of the road on other pages, and a table of the road that is missing.
fn misplaced(root: &Path, sources: &Path, book: &Book) -> Vec<Problem> {
    let road: Vec<String> = on_the_road(book).into_iter().map(name).collect();
    let (mut problems, mut tables) = (Vec::new(), 0);
    for chapter in book.chapters() {
        let is_stop = road.contains(&name(chapter));
        for comment in markdown::comments(&chapter.content) {
            match comment.word {
                lesson::WORD | lesson::KEY_POINTS | quiz::WORD if !is_stop => {
                    let what = format!("<!-- {} --> is for chapters of the road", comment.word);
                    let file = sources.join(path(chapter));
                    problems.push(Problem::new(root, &file, what).line(comment.line));
                }
                TABLE => tables += 1,
                _ => {}
            }
        }
    }
    if !road.is_empty() {
        let what = format!("the table of the road, <!-- {TABLE} -->");
        problems.extend(not_one(root, sources, tables, &what));
    }
    problems
}

/// A problem, unless one page has it.
fn not_one(root: &Path, sources: &Path, count: usize, what: &str) -> Option<Problem> {
    let what = format!("{count} pages have {what}, not one");
    (count != 1).then(|| Problem::new(root, &sources.join("SUMMARY.md"), what).line(1))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocess::timetable::tests::stops;

    #[test]
    fn the_table_of_the_road_has_all_chapters_and_their_sum() {
        let road =
            Road { stops: stops(), timetables: Vec::new(), challenges: Challenges::default() };
        let table = road.table();
        assert!(table.contains("| [2. Step 02_b](02_b.md) | to measure | 15 |"), "{table}");
        assert!(table.ends_with("| all of it | | 0 h 45 |"), "{table}");
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
            &["book/src/SUMMARY.md:1: 0 pages have a timetable of second_half_day"],
        );
        assert_said(
            &said(LESSON, &format!("{guide}<!-- key-points -->\n<!-- road -->")),
            &[
                "book/src/guide.md:11: <!-- key-points --> is for chapters of the road",
                "book/src/SUMMARY.md:1: 2 pages have the table of the road",
            ],
        );
        // The chapter that is wrong is reported, but not the timetables that count on it.
        assert_said(
            &said(&LESSON.replace("learn", "learns"), &guide),
            &["book/src/01_a.md:7: lesson: unknown field `learns`"],
        );
    }
}
