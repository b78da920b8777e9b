//! The challenges, from the list to done.
//!
//! ```text
//! cargo challenge                     the list, and how far you are
//! cargo challenge next                check the first that is not done
//! cargo challenge 03_imap             check this one
//! cargo challenge hint 03_imap        a hint; `hint 03_imap 2` is a stronger one
//! cargo challenge watch 03_imap       check it each time you save
//! cargo challenge reset 03_imap       begin anew; what was there is kept as 03_imap.old.rs, .old2.rs …
//! cargo challenge solution 03_imap    one way to do it
//! cargo challenge diff 03_imap        your way beside it
//! ```
//!
//! The reader's files lie in a folder of their own, `challenges/`, which git ignores: `git pull` never meets
//! them, and no half-finished one is part of a step, a test or the book. The pristine stubs stay in
//! `lessons/challenges/exercises/NN_name/challenge.rs`. A stub is copied when its challenge is first asked for.

/// As [`output::println!`], with colours where somebody sees them.
macro_rules! println {
    ($($arg:tt)*) => {
        crate::output::write_with(|| {
            let text = format_args!($($arg)*);
            std::io::Write::write_fmt(&mut anstream::stdout(), format_args!("{text}\n"))
        })
    };
}

/// As [`output::eprintln!`], with colours where somebody sees them.
macro_rules! eprintln {
    ($($arg:tt)*) => {{
        let text = format!($($arg)*);
        std::io::Write::write_fmt(&mut anstream::stderr(), format_args!("{text}\n")).ok();
    }};
}

// The library's, by its file: the list of challenges does not wait for the rest of the library.
#[allow(dead_code, reason = "the library's programs use all of it")]
#[path = "../../hands/src/output.rs"]
mod output;
mod runner;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use runner::Runner;

const AFTER: &str = "\
To check a challenge, name it: cargo challenge 03_imap (a part of the name will do)

Exit code: 0 if all is well, 1 if a check refuses an answer, 2 if the command makes no sense,
141 if nobody reads the output any more (`| head -1`)";

/// The command line. Without clap's derive, which would take a third of the time until the first line appears.
fn command_line() -> Command {
    let challenge = || Arg::new("name").value_name("CHALLENGE");
    let next = "Its name; without it, the first challenge that is not done";
    let one = |name, about| Command::new(name).about(about).arg(challenge().required(true));
    let hint = Arg::new("number").help("The first hint, or the stronger second");
    Command::new("cargo challenge")
        .bin_name("cargo challenge")
        .about(
            "Challenges: write the missing part, and a check says whether it does what it should",
        )
        .after_help(AFTER)
        .allow_external_subcommands(true)
        .subcommand(
            Command::new("list").about("List the challenges, and which are done (the default)"),
        )
        .subcommand(Command::new("next").about("Check the first challenge that is not done"))
        .subcommand(
            Command::new("hint")
                .about("Print a hint")
                .arg(challenge().help(next))
                .arg(hint.default_value("1").value_parser(value_parser!(u8).range(1..=2))),
        )
        .subcommand(
            Command::new("watch")
                .about("Check a challenge at once, and again each time its file is saved")
                .arg(challenge().help(format!("{next}, and then the next"))),
        )
        .subcommand(one(
            "reset",
            "Begin a challenge anew; what you have is kept beside it, under a new name each time",
        ))
        .subcommand(one("solution", "Print one way to do it"))
        .subcommand(one("diff", "Compare your file with the solution"))
}

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let runner = Runner::new();
    let (command, its) = matches.subcommand().unwrap_or(("list", &matches));
    let done = match command {
        "list" => runner.list(),
        "next" => runner.next(),
        "hint" => runner.hint(name(its), its.get_one("number").copied().unwrap_or(1)),
        "watch" => runner.watch(name(its)),
        "reset" => runner.reset(name(its).unwrap_or_default()),
        "solution" => runner.solution(name(its).unwrap_or_default()),
        "diff" => runner.diff(name(its).unwrap_or_default()),
        first => {
            let others = its.get_many::<OsString>("").unwrap_or_default();
            let others = others.map(|name| name.to_string_lossy().into_owned());
            runner.check(&[first.to_owned()].into_iter().chain(others).collect::<Vec<_>>())
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The challenge that was named, if one was.
fn name(matches: &ArgMatches) -> Option<&str> {
    matches.get_one("name").map(String::as_str)
}
