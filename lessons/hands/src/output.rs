//! The standard output, and what happens when it cannot be written to any more.
//!
//! [`println!`](crate::println) is used as the standard library's, which panics when its line cannot be written: when
//! `| head -1` has read enough, or the disk is full. This one does what other programs do on Unix.
//!
//! - Has the reader gone, the program ends without a word, with exit code [`READER_GONE`].
//! - Is it anything else, such as a full disk, the program says so on the standard error, and ends with exit code 1.
//! - A task of a pool or of a process goes on: it has work to do, and nobody must hear of it. What it prints is lost,
//!   and the main thread ends the program when it wants to print itself.
//! - After [`go_on`] nothing ends the program, and [`exit_code`] says at its end what to return from `main`.
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

/// The exit code of a program that nobody reads any more: what a shell says of one that was ended by SIGPIPE.
pub const READER_GONE: u8 = 141;

static GOES_ON: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// Why nothing can be printed any more.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// As the standard library's, but no panic if the line cannot be written: see [this module](crate::output).
#[macro_export]
macro_rules! println {
    () => {
        $crate::output::print(::core::format_args!("\n"))
    };
    ($($arg:tt)*) => {
        $crate::output::print(::core::format_args!("{}\n", ::core::format_args!($($arg)*)))
    };
}

/// As the standard library's, but no panic if the text cannot be written: see [this module](crate::output).
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => {
        $crate::output::print(::core::format_args!($($arg)*))
    };
}

/// As the standard library's, but no panic if the line cannot be written: there is nowhere else to say it.
#[macro_export]
macro_rules! eprintln {
    () => {
        $crate::output::tell(::core::format_args!("\n"))
    };
    ($($arg:tt)*) => {
        $crate::output::tell(::core::format_args!("{}\n", ::core::format_args!($($arg)*)))
    };
}

/// What [`println!`](crate::println) does.
pub fn print(text: Arguments<'_>) {
    // In one piece, because several processes may write here.
    let text = text.to_string();
    write_with(|| io::stdout().write_all(text.as_bytes()));
}

/// What [`eprintln!`](crate::eprintln) does.
pub fn tell(text: Arguments<'_>) {
    io::stderr().write_all(text.to_string().as_bytes()).ok();
}

/// Writes by other means, if nothing has failed yet, under the same rule as [`print()`]: through a stream that takes
/// the colours out, for instance.
pub fn write_with(write: impl FnOnce() -> io::Result<()>) {
    if FAILED.get().is_none()
        && let Err(error) = write()
    {
        FAILED.get_or_init(|| error);
    }
    if FAILED.get().is_some() && !GOES_ON.load(Ordering::Relaxed) && !IN_TASK.get() {
        process::exit(i32::from(code()));
    }
}

/// Runs a task: meanwhile, what this thread cannot print is no reason to end the program. A panic of the task is
/// passed on.
pub fn in_task<R>(task: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            IN_TASK.set(self.0);
        }
    }
    let _before = Before(IN_TASK.replace(true));
    task()
}

/// From now on, what cannot be printed is no reason to end the program: it has other things to do.
pub fn go_on() {
    GOES_ON.store(true, Ordering::Relaxed);
}

/// What `main` returns if all else is well: 0, [`READER_GONE`], or 1 if the output could not be written, which is
/// then said on the standard error.
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
