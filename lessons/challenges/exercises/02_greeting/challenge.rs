// A greeting for a child process, and its answer.
//
// `command` describes a program. It reads its standard input to the end, writes a line to its standard output, and
// ends. Start it, give it the greeting, read what it answers, and wait for it: one that nobody waits for stays
// behind as a *zombie*, a number in the system's table.
//
// So far a child has had our own standard input and output. `command.stdin(Stdio::piped())` gives it a pipe
// instead, and the `Child` that `spawn` returns then has the other end: `child.stdin.take()`. The same goes for
// `stdout`. What can be written to is a `std::io::Write`, what can be read from is a `std::io::Read`.

use std::io;
use std::process::Command;

/// What the child answers to the greeting.
pub fn ask(command: Command, greeting: &str) -> io::Result<String> {
    todo!("start {command:?}, and tell it {greeting:?}")
}
