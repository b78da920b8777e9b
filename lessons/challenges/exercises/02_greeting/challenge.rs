// A greeting for a child process, and its answer.
//
// `command` describes a program that reads its standard input to the end, writes a line to its
// standard output, and ends. Start it, give it the greeting, read its answer, and wait for it. A
// process that nobody waits for stays behind as a *zombie*: an entry in the system's table.
//
// So far, a child has shared our standard input and output. `command.stdin(Stdio::piped())` gives
// it a pipe instead, and the `Child` that `spawn` returns has the other end: `child.stdin.take()`.
// The same goes for `stdout`. You can write to anything that is a `std::io::Write`, and read from
// anything that is a `std::io::Read`.

use std::io;
use std::process::Command;

/// What the child answers to the greeting: its line, with or without the newline at the end.
pub fn ask(command: Command, greeting: &str) -> io::Result<String> {
    todo!("start {command:?}, and tell it {greeting:?}")
}
