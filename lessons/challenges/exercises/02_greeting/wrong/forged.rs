//@ refused: what another process has answered
// The child hears nothing, and its answer is made up.

use std::io;
use std::process::{Command, Stdio};

pub fn ask(mut command: Command, greeting: &str) -> io::Result<String> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    child.wait()?;
    Ok(format!("{}|1234|{greeting}\n", child.id()))
}
