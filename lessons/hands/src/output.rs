//! Printing to standard output without a panic when that can't be written any more.
//!
//! The standard library's `println!` panics if it can't write its line: because `| head -1` has
//! read enough, say, or the disk is full. [`println!`](crate::println!) is used in the same way,
//! and does what other Unix programs do:
//!
//! - If the reader is gone, the program ends quietly, with exit code [`READER_GONE`].
//! - On any other error, such as a full disk, the program reports it on standard error and ends
//!   with exit code 1.
//! - A task of a pool or process goes on, because its work matters even if nobody reads along. What
//!   it prints is lost. The program ends as soon as the main thread wants to print something.
//! - After [`go_on`] nothing ends the program. [`exit_code`] then says what `main` should return.
//!
//! ```
//! use hands::println;
//!
//! println!("Finished in {:.2} second(s)", 1.5);
//! ```

use std::cell::Cell;
use std::fmt::Arguments;
use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a program whose reader is gone: the one that a shell reports after SIGPIPE.
pub const READER_GONE: u8 = 141;

static GOES_ON: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// The error that ended the output, if one did.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Like the standard library's `println!`, without a panic if the line can't be written: see
/// [`output`](crate::output).
#[macro_export]
macro_rules! println {
    () => {
        $crate::output::print(::core::format_args!("\n"))
    };
    ($($arg:tt)*) => {
        $crate::output::print(::core::format_args!("{}\n", ::core::format_args!($($arg)*)))
    };
}

/// Like the standard library's `print!`, without a panic if the text can't be written: see
/// [`output`](crate::output).
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => {
        $crate::output::print(::core::format_args!($($arg)*))
    };
}

/// Like the standard library's `eprintln!`, without a panic if the line can't be written: there's
/// nowhere left to report that.
#[macro_export]
macro_rules! eprintln {
    () => {
        $crate::output::tell(::core::format_args!("\n"))
    };
    ($($arg:tt)*) => {
        $crate::output::tell(::core::format_args!("{}\n", ::core::format_args!($($arg)*)))
    };
}

/// Prints to standard output. [`println!`](crate::println!) and [`print!`](crate::print!) call
/// this.
pub fn print(text: Arguments<'_>) {
    // With one call, because several processes may write here.
    let text = text.to_string();
    write_with(|| io::stdout().write_all(text.as_bytes()));
}

/// Prints to standard error. [`eprintln!`](crate::eprintln!) calls this.
pub fn tell(text: Arguments<'_>) {
    io::stderr().write_all(text.to_string().as_bytes()).ok();
}

/// Calls `write`, under the same rules as [`print()`]: it isn't called once writing has failed, and
/// an error may end the program. For output that goes through a stream of its own, such as one that
/// strips colours.
pub fn write_with(write: impl FnOnce() -> io::Result<()>) {
    if FAILED.get().is_none()
        && let Err(error) = write()
    {
        FAILED.get_or_init(|| error);
    }
    if FAILED.get().is_some() && !GOES_ON.load(Ordering::Relaxed) && !is_in_task() {
        process::exit(i32::from(code()));
    }
}

/// Says whether this thread is in a task, whose output doesn't end the program if it can't be
/// printed. Returns whether it was in one before.
pub(crate) fn set_in_task(is_in_task: bool) -> bool {
    IN_TASK.replace(is_in_task)
}

/// Whether this thread is in a task.
pub(crate) fn is_in_task() -> bool {
    IN_TASK.get()
}

/// From now on, output that can't be printed doesn't end the program: for one that has more to do
/// than print.
pub fn go_on() {
    GOES_ON.store(true, Ordering::Relaxed);
}

/// What `main` should return if all else went well: 0, [`READER_GONE`], or 1 if the output couldn't
/// be written, which is then reported on standard error.
pub fn exit_code() -> ExitCode {
    ExitCode::from(code())
}

fn code() -> u8 {
    match FAILED.get() {
        None => 0,
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => READER_GONE,
        Some(error) => {
            eprintln!("error: cannot write to the standard output: {error}");
            1
        }
    }
}
