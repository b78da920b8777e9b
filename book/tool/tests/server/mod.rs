//! `cargo book`, started for a test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use harness::{Child, children};

/// The book, served until this is dropped.
pub(crate) struct Server {
    program: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start() -> Server {
        Server::start_with(Command::new(env!("CARGO_BIN_EXE_book")))
    }

    /// The server of all tests that run at the same time and only read its pages: it takes seconds
    /// to build them. It ends with the last of these tests.
    #[allow(dead_code, reason = "not every test program that starts servers shares one")]
    pub(crate) fn shared() -> Arc<Server> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Server::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// Starts one with arguments, or an environment, of its own. It builds nothing in advance.
    pub(crate) fn start_with(mut command: Command) -> Server {
        command.arg("--no-warm-up");
        Server::start_warm(command)
    }

    /// The same, but it builds the steps before they are asked for.
    pub(crate) fn start_warm(mut command: Command) -> Server {
        command.args(["--no-open", "--port", "0"]).stdout(Stdio::piped());
        let mut program = Child::start(&mut command).unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        let address = address.unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Server { program, address }
    }

    /// Ends it as Ctrl-C does, which leaves it the time to end what it has started.
    #[allow(dead_code, reason = "not every test program looks at its end")]
    pub(crate) fn end(&self) {
        let kill = Command::new("kill").arg(self.program.pid().to_string()).status().unwrap();
        assert!(kill.success());
    }

    /// The pids of the steps that it runs.
    pub(crate) fn steps(&self) -> Vec<u32> {
        let is_step = |pid: &u32| {
            let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            program.parent().is_some_and(|folder| folder.ends_with("examples"))
        };
        children(self.program.pid()).into_iter().filter(is_step).collect()
    }
}
