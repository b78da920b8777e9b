//@ refused: what another process has answered
// Answers itself, without a child.

use std::io;
use std::process::{self, Command};

pub fn ask(_command: Command, greeting: &str) -> io::Result<String> {
    Ok(format!("{}|{greeting}", process::id()))
}
