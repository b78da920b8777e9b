//! A child process hears the greeting, its answer comes back, and the answer waits for its end.

use std::env;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{self, Command};

use answer::ask;
use challenges::{Judged, check, is_alive, require};

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
        let mut pid = 0;
        check.part("the child hears the greeting, and its answer comes back", || {
            pid = ask_and_hear()?;
            Ok(())
        })?;
        check.part("the child has ended, and was waited for", || waited_for(pid))
    })
}

fn child() {
    let mut greeting = String::new();
    let _ = io::stdin().read_to_string(&mut greeting);
    let _ = writeln!(io::stdout(), "{}|{greeting}", process::id()); // perhaps nobody listens
}

fn ask_and_hear() -> Result<u32, challenges::Refusal> {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg("--child");
    let greeting = format!("Hello from process {}!", process::id());
    let answer = ask(command, &greeting).unwrap_or_else(|error| format!("an error: {error}"));
    let (pid, heard) = answer.split_once('|').unwrap_or(("0", &answer));
    let pid = pid.parse().unwrap_or(0);
    require(
        pid != 0 && pid != process::id() && heard.trim_end() == greeting,
        format!("an answer from another process, which has heard {greeting:?}"),
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
