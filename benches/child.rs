//! Child processes: this program again, or another one that answers.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use harness::Child;

/// This program, to be started again with these arguments.
///
/// # Errors
///
/// If the system doesn't say where it is.
pub fn again(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Command> {
    let mut command = Command::new(env::current_exe().context("the path of this program")?);
    command.args(args);
    Ok(command)
}

/// What a program prints on its standard output, once it has ended well. Its standard error is
/// shown.
///
/// # Errors
///
/// If it can't be started, fails, or prints something that isn't UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// A program that answers what it is sent: each line with a line, if you [`ask`](Service::ask). It
/// ends when this is dropped.
pub struct Service {
    /// Where it reads.
    pub input: ChildStdin,
    /// What it writes.
    pub output: BufReader<ChildStdout>,
    child: Child,
}

impl Service {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub fn start(command: &mut Command) -> Result<Service> {
        let mut child = Child::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let input = child.stdin().context("its standard input")?;
        let output = BufReader::new(child.stdout());
        Ok(Service { input, output, child })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The next line that it prints.
    ///
    /// # Errors
    ///
    /// If it has ended.
    pub fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let length = self.output.read_line(&mut line)?;
        ensure!(length > 0, "it has ended; see above for what it said");
        Ok(line.trim_end().to_owned())
    }

    /// Sends it a line, and returns its answer.
    ///
    /// # Errors
    ///
    /// If it has ended.
    pub fn ask(&mut self, line: &str) -> Result<String> {
        writeln!(self.input, "{line}")?;
        self.line()
    }
}
