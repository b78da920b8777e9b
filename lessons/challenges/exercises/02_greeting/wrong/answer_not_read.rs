//@ refused: what another process has answered
// The child hears the greeting, and nobody hears the child.

use std::io::{self, Write};
use std::process::{Command, Stdio};

pub fn ask(mut command: Command, greeting: &str) -> io::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(greeting.as_bytes())?;
    }
    child.wait()?;
    Ok(format!("{}|{greeting}\n", child.id()))
}
