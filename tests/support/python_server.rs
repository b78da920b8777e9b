//! `python3 -m http.server`: a server that isn't ours, and knows nothing about this project.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use harness::Child;

/// It ends when this is dropped.
pub(crate) struct PythonServer {
    port: u16,
    _child: Child,
}

impl PythonServer {
    /// Serves the files of a folder, on loopback.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = Command::new("python3");
        command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]);
        command.arg(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = Child::start(&mut command).expect("python3 is installed");
        let mut line = String::new();
        BufReader::new(child.stdout()).read_line(&mut line).unwrap();
        let port = line.split_whitespace().skip_while(|word| *word != "port").nth(1);
        let port = port.and_then(|port| port.parse().ok()).unwrap_or_else(|| panic!("{line:?}"));
        PythonServer { port, _child: child }
    }

    pub(crate) fn link(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}/{}", self.port, file.replace(' ', "%20"))
    }
}
