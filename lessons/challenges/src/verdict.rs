//! What a check found out, and how it says so.

use std::fmt;

use crate::style::{BAD, GOOD, LABEL};

/// The environment variable that names a file for the [`Verdict`], which is text with colours.
/// Without it, the verdict is printed. The exit code says whether the answer is right.
pub const VERDICT: &str = "CHALLENGE_VERDICT";

/// If this environment variable is set, the check ends as soon as its standard input does: then
/// nobody waits for it any more.
pub const LEASH: &str = "CHALLENGE_LEASH";

/// What came of one part of a check.
pub type Judged = Result<(), Refusal>;

/// Why an answer was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the check expected.
    pub expected: String,
    /// What it saw.
    pub seen: String,
    /// Where the book explains it: `02_process.md#ten-processes`.
    pub page: String,
}

/// An assertion that teaches: unless `holds` is true, the answer is refused, with what was
/// expected, what was seen, and the page of the book that explains it.
///
/// # Errors
///
/// The refusal.
pub fn require(
    holds: bool,
    expected: impl Into<String>,
    seen: impl Into<String>,
    page: impl Into<String>,
) -> Judged {
    if holds {
        return Ok(());
    }
    Err(Refusal { expected: expected.into(), seen: seen.into(), page: page.into() })
}

/// A panic in the answer, in any of its threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said.
    pub message: String,
    /// File, line and column.
    pub place: String,
}

impl Panic {
    /// The `todo!()` that panicked, if it was one.
    pub fn todo(&self) -> Option<String> {
        let rest = self.message.strip_prefix("not yet implemented")?;
        Some(match rest.strip_prefix(": ") {
            Some(what) => format!("todo!({what:?})"),
            None => "todo!()".to_owned(),
        })
    }
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The answer is right.
    Passed,
    /// The answer is wrong.
    Refused(Refusal),
    /// The answer panicked, perhaps because it still has a `todo!()`.
    Panicked,
    /// It didn't come to an end.
    Stuck {
        /// For how many seconds.
        seconds: u64,
        /// What it was doing.
        how: Stuck,
        /// Where to look, and the page that explains it.
        advice: Option<(String, String)>,
    },
}

/// What a program is doing that doesn't come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It waits.
    Waits,
    /// It computes, without any result.
    Computes,
    /// There is progress all the time.
    GoesOn,
}

/// What a check says about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The challenge.
    pub challenge: String,
    /// The parts that were passed.
    pub passed: Vec<String>,
    /// The part in which it ended.
    pub part: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// The first panic that nobody expected.
    pub panic: Option<Panic>,
}

impl Verdict {
    /// Whether the answer is right.
    pub fn is_passed(&self) -> bool {
        self.ending == Ending::Passed
    }

    /// The `todo!()` that is still in the answer, and its place.
    pub fn todo(&self) -> Option<(String, &str)> {
        let panic = self.panic.as_ref()?;
        Some((panic.todo()?, &panic.place))
    }
}

/// With colours, which `anstream` takes out where nobody would see them.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { challenge, passed, part, ending, panic } = self;
        for part in passed {
            writeln!(f, "  {GOOD}✓{GOOD:#} {part}")?;
        }
        if self.is_passed() {
            return write!(f, "{GOOD}{challenge} is done.{GOOD:#}");
        }
        if let Some(part) = part {
            writeln!(f, "  {BAD}✗{BAD:#} {part}")?;
        }
        if let Some((todo, place)) = self.todo() {
            return write!(
                f,
                "{LABEL}{challenge} is yours to write:{LABEL:#} {place} still says {todo}"
            );
        }
        match ending {
            Ending::Passed | Ending::Panicked => {}
            Ending::Refused(refusal) => {
                line(f, "expected", &refusal.expected)?;
                line(f, "seen", &refusal.seen)?;
                line(f, "read", &format!("book/src/{}", refusal.page))?;
            }
            Ending::Stuck { seconds, how, advice } => {
                let seen = match how {
                    Stuck::Waits => {
                        "nothing moves and nothing is computed: someone waits for something that never comes (a deadlock?)"
                    }
                    Stuck::Computes => {
                        "it computes and computes, without a result (an endless loop?)"
                    }
                    Stuck::GoesOn => "it goes on and on",
                };
                line(f, "expected", "an end")?;
                line(f, "seen", &format!("for {seconds} seconds {seen}"))?;
                if let Some((advice, page)) = advice {
                    line(f, "look", advice)?;
                    line(f, "read", &format!("book/src/{page}"))?;
                }
            }
        }
        if let Some(Panic { message, place }) = panic {
            line(f, "panic", &format!("{message}\nat {place}"))?;
        }
        write!(f, "{BAD}{challenge} isn't done yet.{BAD:#}")
    }
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    for (n, text) in text.lines().enumerate() {
        let label = if n == 0 { label } else { "" };
        writeln!(f, "    {LABEL}{label:<9}{LABEL:#} {text}")?;
    }
    Ok(())
}
