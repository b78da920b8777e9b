//! The quiz of a chapter, in `book/quizzes/NAME.toml` for the chapter `NAME.md`.
//!
//! ```toml
//! [[question]]
//! ask = "What does it print?"            # Markdown
//! program = "03_panic.rs"                # in book/quizzes
//! [[question.choice]]
//! prints = "5\n2\n"
//! right = true
//! why = "…"
//! ```
//!
//! The answers are proved, not only claimed, by what the question is about:
//!
//! | the question has | a choice has | the right one is proved by |
//! |---|---|---|
//! | `program` | `prints`, `panics` or `error` | compiling it and running it |
//! | `step` and `args` | `lines` | running the step: it prints these lines in this order |
//! | `recording` | `lines` | the recorded run |
//! | none of these | `text` | nothing; but there is exactly one, and each choice says why |
//!
//! A wrong choice must not be what happens. If a choice has a `text` as well, the page shows that.
//!
//! On the page, each choice is a disclosure: it opens on the answer to it, and closes the other
//! choices of its question. That needs no script, works by keyboard, and screen readers announce
//! it.

mod data;
mod page;
mod proof;
mod read;

pub(crate) use data::{Quiz, file};

/// The comment that the quiz takes the place of.
pub(crate) const WORD: &str = "quiz";
