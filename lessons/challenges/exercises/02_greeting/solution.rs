// The child reads to the end of its input, so that has to have one: a pipe ends when nobody can
// write to it any more. Here `stdin` is dropped at the end of its block.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

pub fn ask(mut command: Command, greeting: &str) -> io::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(greeting.as_bytes())?;
    }
    let mut answer = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut answer)?;
    }
    child.wait()?;
    Ok(answer)
}
