//! An error that can travel.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The text of an error, which can travel to another process although the error itself can't. Any
/// error becomes one with `?`, its sources included.
///
/// ```
/// use hands::process::{ErrorText, Task};
/// use std::fs;
/// use std::path::PathBuf;
///
/// const LINES: Task<PathBuf, Result<usize, ErrorText>> = Task::new("lines", |file| {
///     let text = fs::read_to_string(file)?;
///     if text.is_empty() {
///         return Err("there is nothing in it".into());
///     }
///     Ok(text.lines().count())
/// });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorText(String);

impl<E: Into<Box<dyn Error>>> From<E> for ErrorText {
    fn from(error: E) -> Self {
        let error = error.into();
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text += &format!(": {cause}");
            source = cause.source();
        }
        ErrorText(text)
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::TaskError;
    use crate::process::Failure;

    #[test]
    fn any_error_becomes_its_text() {
        let failed = TaskError { task: 7, failure: Failure::Cancelled };
        for (text, expected) in [
            (ErrorText::from(failed), "task 7 was cancelled"),
            (ErrorText::from("plain"), "plain"),
            (ErrorText::from(Box::<dyn Error>::from("boxed")), "boxed"),
        ] {
            assert_eq!(text.to_string(), expected);
        }
    }
}
