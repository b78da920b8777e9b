//! Prints, with colours where somebody sees them.

use std::fmt::Arguments;
use std::io::Write;

use crate::output::write_with;

/// A line on the standard output. When nobody reads that any more, the program ends.
macro_rules! println {
    ($($arg:tt)*) => { crate::print::text(format_args!("{}\n", format_args!($($arg)*))) };
}

/// A line on the standard error.
macro_rules! eprintln {
    ($($arg:tt)*) => { crate::print::error(format_args!("{}\n", format_args!($($arg)*))) };
}

pub(crate) use {eprintln, println};

/// Prints this as it is.
pub(crate) fn text(text: Arguments<'_>) {
    write_with(|| anstream::stdout().write_all(text.to_string().as_bytes()));
}

/// Prints this as it is on the standard error.
pub(crate) fn error(text: Arguments<'_>) {
    anstream::stderr().write_all(text.to_string().as_bytes()).ok(); // nobody else could be told
}
