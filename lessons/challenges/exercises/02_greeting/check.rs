//! A child process hears the greeting, its answer comes back, and the answer waits for its end.

use std::env;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use answer::ask;
use challenges::{Judged, Note, Notes, check, is_alive, note, require};

challenges::answer!("../../../../challenges/02_greeting.rs");

const PROCESS: &str = "02_process.md#a-process";

fn main() {
    if env::args().nth(1).as_deref() == Some("--child") {
        return child();
    }
    check("02_greeting", |check| {
        check.if_stuck(
            "the child reads until its input ends. Who could still write to it?",
            PROCESS,
        );
        let notes = Notes::begin();
        let mut pid = 0;
        check.part("the child hears the greeting, and its answer comes back", || {
            pid = ask_and_hear(&notes)?;
            Ok(())
        })?;
        check.part("the child has ended, and was waited for", || waited_for(pid))
    })
}

/// It answers with a number that nobody else knows, and notes it and what it has heard. So neither
/// can be made up. It ends a moment after its answer.
fn child() {
    let mut greeting = String::new();
    let _ = io::stdin().read_to_string(&mut greeting);
    let number = fastrand::u32(1000..10_000);
    note(&format!("{number}|{greeting}"));
    // Perhaps nobody listens.
    let _ = writeln!(io::stdout(), "{}|{number}|{greeting}", process::id());
    thread::sleep(Duration::from_millis(50));
}

fn ask_and_hear(notes: &Notes) -> Result<u32, challenges::Refusal> {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg("--child");
    let greeting = format!("Hello from process {}!", process::id());
    let answer = ask(command, &greeting).unwrap_or_else(|error| format!("an error: {error}"));
    let (pid, said) = answer.split_once('|').unwrap_or(("0", &answer));
    let (pid, said) = (pid.parse().unwrap_or(0), said.trim_end());
    let is_its_own = notes.read().contains(&Note { text: said.to_owned(), pid });
    require(
        is_its_own && said.ends_with(&format!("|{greeting}")),
        format!("what another process has answered when it had heard {greeting:?}"),
        format!("{answer:?}"),
        PROCESS,
    )?;
    Ok(pid)
}

fn waited_for(pid: u32) -> Judged {
    let is_zombie = !is_alive(pid) && Path::new("/proc").join(pid.to_string()).exists();
    require(
        !is_alive(pid) && !is_zombie,
        "that the child has ended when the function returns, and that someone has waited for it",
        if is_zombie {
            format!("process {pid} has ended, but is still in the system's table: a zombie")
        } else {
            format!("process {pid} is still alive")
        },
        PROCESS,
    )
}
