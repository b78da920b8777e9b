//@ refused: Who could still write to it?
// The pipe is kept open while the answer is waited for: both wait for each other.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

pub fn ask(mut command: Command, greeting: &str) -> io::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(greeting.as_bytes())?;
    let mut answer = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut answer)?;
    }
    drop(stdin);
    child.wait()?;
    Ok(answer)
}
