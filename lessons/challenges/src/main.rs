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
//! `lessons/challenges/NN_name/challenge.rs`. A stub is copied when its challenge is first asked for.

/// As [`lessons::println!`], with colours where somebody sees them.
macro_rules! println {
    ($($arg:tt)*) => {
        lessons::output::write_with(|| {
            let text = format_args!($($arg)*);
            std::io::Write::write_fmt(&mut anstream::stdout(), format_args!("{text}\n"))
        })
    };
}

/// As [`lessons::eprintln!`], with colours where somebody sees them.
macro_rules! eprintln {
    ($($arg:tt)*) => {{
        let text = format!($($arg)*);
        std::io::Write::write_fmt(&mut anstream::stderr(), format_args!("{text}\n")).ok();
    }};
}

mod runner;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use runner::Runner;

/// Challenges: write the missing part, and a check says whether it does what it should.
#[derive(Parser)]
#[command(name = "cargo challenge", bin_name = "cargo challenge", after_help = AFTER)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER: &str = "\
To check a challenge, name it: cargo challenge 03_imap (a part of the name will do)

Exit code: 0 if all is well, 1 if a check refuses an answer, 2 if the command makes no sense,
141 if nobody reads the output any more (`| head -1`)";

#[derive(Subcommand)]
enum Command {
    /// List the challenges, and which are done (this is what no command does, too)
    List,
    /// Check the first challenge that is not done
    Next,
    /// Print a hint
    Hint {
        /// The challenge; without it, the first that is not done
        name: Option<String>,
        /// The first hint, or the stronger second
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        number: u8,
    },
    /// Check a challenge at once, and again each time its file is saved
    Watch {
        /// The challenge; without it, the first that is not done, and then the next
        name: Option<String>,
    },
    /// Begin a challenge anew; what you have is kept beside it, under a new name each time
    Reset {
        /// The challenge
        name: String,
    },
    /// Print one way to do it
    Solution {
        /// The challenge
        name: String,
    },
    /// Compare your file with the solution
    Diff {
        /// The challenge
        name: String,
    },
    #[command(external_subcommand)]
    Check(Vec<String>),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runner = Runner::new();
    let done = match args.command.unwrap_or(Command::List) {
        Command::List => runner.list(),
        Command::Next => runner.next(),
        Command::Hint { name, number } => runner.hint(name.as_deref(), number),
        Command::Watch { name } => runner.watch(name.as_deref()),
        Command::Reset { name } => runner.reset(&name),
        Command::Solution { name } => runner.solution(&name),
        Command::Diff { name } => runner.diff(&name),
        Command::Check(names) => runner.check(&names),
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
