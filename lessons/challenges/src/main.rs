//! `cargo challenge`: from the list to done.
//!
//! ```text
//! cargo challenge                     the list, and how far you are; `list --all` unfolds it
//! cargo challenge next                check the one that you are working on, or the next
//! cargo challenge 03_imap             check this one
//! cargo challenge hint 03_imap        a hint; `hint 03_imap 2` gives a stronger one
//! cargo challenge watch 03_imap       check it each time you save
//! cargo challenge reset 03_imap       start over; what you had is kept as 03_imap.old.rs, .old2.rs …
//! cargo challenge solution 03_imap    one way to do it
//! cargo challenge diff 03_imap        that way beside yours
//! ```
//!
//! The reader's files lie in `challenges/`, and git ignores them: `git pull` never touches them,
//! and no half-finished answer is part of a step, a test or the book. The stubs stay as they are in
//! `lessons/challenges/exercises/NN_name/challenge.rs`. One is copied the first time its challenge
//! is checked.

// The library's own file, so that the list of challenges doesn't wait for the rest of the library.
// It is no crate of its own, because `hands` must be one package that can be used on its own.
#[allow(dead_code, reason = "the library's programs use all of it")]
#[path = "../../hands/src/output.rs"]
mod output;
mod print;
mod runner;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use runner::Runner;

const AFTER: &str = "\
To check a challenge, name it: cargo challenge 03_imap (part of the name will do)

Your answers are in challenges/, or in the folder that the environment variable CHALLENGES names

Exit code: 0 if all is well; 1 if an answer doesn't compile or its check refuses it; 2 if the command
makes no sense, or a file can't be read or written; 141 if nobody reads the output (`| head -1`)";

/// The command line. It does without clap's derive, which would add half again to the first build.
fn command_line() -> Command {
    let challenge = || Arg::new("name").value_name("CHALLENGE");
    let next = "Its name; without one, the challenge that you are working on, or the next";
    let one = |name, about| Command::new(name).about(about).arg(challenge().required(true));
    let hint = Arg::new("number").help("1, or 2 for the stronger one");
    let all = Arg::new("all").long("all").action(ArgAction::SetTrue).help("Unfold every chapter");
    Command::new("cargo challenge")
        .bin_name("cargo challenge")
        .about(
            "Write the missing part of a program, and a check says whether it does what it should",
        )
        .after_help(AFTER)
        .allow_external_subcommands(true)
        .subcommand(
            Command::new("list")
                .about("List the challenges, and which of them are done (the default)")
                .arg(all),
        )
        .subcommand(
            Command::new("next").about("Check the challenge that you are working on, or the next"),
        )
        .subcommand(
            Command::new("hint")
                .about("Print a hint")
                .arg(challenge().help(next))
                .arg(hint.default_value("1").value_parser(value_parser!(u8).range(1..=2))),
        )
        .subcommand(
            Command::new("watch")
                .about("Check a challenge now, and again each time you save its file")
                .arg(challenge().help(format!("{next}, and then the one after it"))),
        )
        .subcommand(one(
            "reset",
            "Start a challenge over; what you have is kept beside it, under a new name each time",
        ))
        .subcommand(one("solution", "Print one way to do it"))
        .subcommand(one("diff", "Compare your file with the solution"))
        .subcommand(
            Command::new("editor")
                .about("Print what the compiler says about your answers, as JSON, for an editor"),
        )
}

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    match run(&matches) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            print::error(format_args!("error: {error}\n"));
            ExitCode::from(2)
        }
    }
}

/// Whether all is well, or an answer was refused.
fn run(matches: &ArgMatches) -> io::Result<bool> {
    let runner = Runner::new()?;
    let Some((command, its)) = matches.subcommand() else { return runner.list(false) };
    match command {
        "list" => runner.list(its.get_flag("all")),
        "next" => runner.next(),
        "hint" => runner.hint(name(its), its.get_one("number").copied().unwrap_or(1)),
        "watch" => runner.watch(name(its)),
        "reset" => runner.reset(name(its).unwrap_or_default()),
        "solution" => runner.solution(name(its).unwrap_or_default()),
        "diff" => runner.diff(name(its).unwrap_or_default()),
        "editor" => runner.editor(),
        first => {
            let others = its.get_many::<OsString>("").unwrap_or_default();
            let others = others.map(|name| name.to_string_lossy().into_owned());
            runner.check(&[first.to_owned()].into_iter().chain(others).collect::<Vec<_>>())
        }
    }
}

/// The name of the challenge, if there is one.
fn name(matches: &ArgMatches) -> Option<&str> {
    matches.get_one("name").map(String::as_str)
}
