//! The commands of `cargo challenge`.

mod answers;
mod build;
mod files;
mod list;
mod progress;
mod report;
mod run;
mod watch;

use std::fs;
use std::io::{self, IsTerminal};

use answers::Answers;
use build::Built;
use challenges::Challenge;
use challenges::style::{BAD, FAINT, GOOD, LABEL};
use progress::Progress;
use report::{plain_links, report, show_remarks, shown};

use crate::print::{self, eprintln, println};

/// The challenges, and the reader's folder.
pub(crate) struct Runner {
    challenges: Vec<Challenge>,
    answers: Answers,
}

/// Whether all is well, or an answer was refused.
type Done = io::Result<bool>;

impl Runner {
    pub(crate) fn new() -> io::Result<Self> {
        let challenges = challenges::challenges(challenges::home())
            .map_err(|fault| io::Error::other(fault.to_string()))?;
        Ok(Runner { challenges, answers: Answers::new(harness::root())? })
    }

    /// Prints how far the reader is.
    pub(crate) fn list(&self, is_whole: bool) -> Done {
        list::show(&self.challenges, &self.progress()?, self.next_one()?, is_whole);
        Ok(true)
    }

    pub(crate) fn next(&self) -> Done {
        match self.next_one()? {
            Some(challenge) => self.check_one(challenge),
            None => self.list(false),
        }
    }

    pub(crate) fn check(&self, names: &[String]) -> Done {
        let challenges: Vec<_> =
            names.iter().map(|name| self.find(name)).collect::<Result<_, _>>()?;
        let mut all = true;
        for challenge in challenges {
            all &= self.check_one(challenge)?;
        }
        Ok(all)
    }

    pub(crate) fn hint(&self, name: Option<&str>, number: u8) -> Done {
        let Some(challenge) = self.named_or_next(name)? else { return self.list(false) };
        let [first, second] = challenge.hints()?;
        println!("{LABEL}{}, hint {number} of 2{LABEL:#}", challenge.name);
        println!("\n{}", plain_links(if number == 1 { &first } else { &second }));
        println!("");
        match number {
            1 => println!("Stuck? cargo challenge hint {} 2", challenge.name),
            _ => println!("Still stuck? cargo challenge solution {}", challenge.name),
        }
        self.progress()?.set_hint(challenge, number)?;
        Ok(true)
    }

    pub(crate) fn watch(&self, name: Option<&str>) -> Done {
        loop {
            let Some(challenge) = self.named_or_next(name)? else { return self.list(false) };
            let answer = self.answers.answer(challenge);
            loop {
                let before = fs::read(&answer).ok();
                let is_done = self.check_one(challenge)?;
                if is_done && name.is_none() {
                    break; // on to the next
                }
                println!("{FAINT}Watching {}. Press Ctrl-C to stop.{FAINT:#}", shown(&answer));
                watch::wait_for_save(&answer, before.as_deref());
                println!("");
            }
        }
    }

    pub(crate) fn reset(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        let kept = self.answers.start_over(challenge)?;
        self.progress()?.forget(challenge)?;
        println!("{} starts over.", shown(&self.answers.answer(challenge)));
        if let Some(kept) = kept {
            println!("What you had is in {}.", shown(&kept));
        }
        Ok(true)
    }

    pub(crate) fn solution(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        print::text(format_args!("{}", challenge.read("solution.rs")?));
        Ok(true)
    }

    pub(crate) fn diff(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        let answer = self.answers.answer(challenge);
        let yours = fs::read(&answer).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::other(format!(
                "there is no {} yet: cargo challenge {} creates it",
                shown(&answer),
                challenge.name
            )),
            _ => io::Error::new(error.kind(), format!("{}: {error}", answer.display())),
        })?;
        let yours = String::from_utf8_lossy(&yours);
        let solution = challenge.read("solution.rs")?;
        println!("{LABEL}--- {}{LABEL:#}", shown(&answer));
        println!("{LABEL}+++ {}{LABEL:#}", shown(&challenge.path("solution.rs")));
        for line in diff::lines(&yours, &solution) {
            match line {
                diff::Result::Left(line) => println!("{BAD}-{line}{BAD:#}"),
                diff::Result::Right(line) => println!("{GOOD}+{line}{GOOD:#}"),
                diff::Result::Both(line, _) => println!(" {line}"),
            }
        }
        Ok(true)
    }

    /// Compiles the reader's answer together with its check, runs it, and says what came of it.
    fn check_one(&self, challenge: &Challenge) -> Done {
        let answer = self.answers.answer(challenge);
        let Challenge { name, title, minutes, .. } = challenge;
        println!("{LABEL}{name}{LABEL:#}: {title} ({minutes} minutes)");
        if self.answers.begin(challenge)? {
            println!("Your file is {}. Open it: it says what to do.", shown(&answer));
        }
        let colours = io::stderr().is_terminal();
        let (program, remarks) = match build::build(challenge, &self.answers, colours)? {
            Built::Program(program, remarks) => (program, remarks),
            Built::Errors(errors) => {
                show_remarks(&errors);
                if errors.iter().all(|error| error.is_in_check) {
                    println!(
                        "The check can't call your function: its name, its parameters and what it \
                         returns must stay as they are in the stub."
                    );
                }
                println!("{BAD}{} doesn't compile yet.{BAD:#}", shown(&answer));
                return Ok(false);
            }
            Built::Cargo(errors) => {
                eprintln!("{}", errors.trim_end());
                return Err(io::Error::other(format!("cargo couldn't build {name}")));
            }
        };
        let ran = run::run(&program)?;
        let is_done = ran.is_passed();
        if is_done {
            self.progress()?.set_done(challenge)?; // even if nobody reads what is printed next
        }
        report(challenge, &ran);
        if is_done {
            show_remarks(&remarks);
            match self.first_not_done(Some(challenge))? {
                Some(next) => println!("Next: cargo challenge {}", next.name),
                None => println!("{GOOD}That was the last one.{GOOD:#}"),
            }
        } else {
            println!(
                "{FAINT}Your file is {}. For a hint: cargo challenge hint {name}{FAINT:#}",
                shown(&answer)
            );
        }
        Ok(is_done)
    }

    /// What the compiler says about the answers that were begun, for an editor.
    pub(crate) fn editor(&self) -> Done {
        build::errors_for_editor(&self.challenges, &self.answers)
    }

    fn progress(&self) -> io::Result<Progress> {
        Progress::read(self.answers.folder())
    }

    /// Where the reader goes on: with the answer that they saved last, unless it's done, and then
    /// with the first one after it that isn't.
    fn next_one(&self) -> io::Result<Option<&Challenge>> {
        let saved = |challenge: &&Challenge| self.answers.saved_at(challenge);
        let begun = self.challenges.iter().filter(|challenge| saved(challenge).is_some());
        self.first_not_done(begun.max_by_key(saved))
    }

    /// The first one that isn't done, from this one on. If all of these are done, one before it.
    fn first_not_done(&self, here: Option<&Challenge>) -> io::Result<Option<&Challenge>> {
        let progress = self.progress()?;
        let here = here.and_then(|here| self.challenges.iter().position(|one| one == here));
        let (before, behind) = self.challenges.split_at(here.unwrap_or(0));
        Ok(behind.iter().chain(before).find(|challenge| !progress.is_done(challenge)))
    }

    fn named_or_next(&self, name: Option<&str>) -> io::Result<Option<&Challenge>> {
        match name {
            Some(name) => self.find(name).map(Some),
            None => self.next_one(),
        }
    }

    /// The challenge with this name, or the only one whose name contains it.
    fn find(&self, name: &str) -> io::Result<&Challenge> {
        let wrong = |message| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        if let Some(challenge) = self.challenges.iter().find(|challenge| challenge.name == name) {
            return Ok(challenge);
        }
        let found: Vec<_> = self.challenges.iter().filter(|c| c.name.contains(name)).collect();
        match found[..] {
            [challenge] => Ok(challenge),
            [] => wrong(format!("no challenge is called {name}: cargo challenge lists them")),
            _ => {
                let names: Vec<_> = found.iter().map(|challenge| challenge.name.as_str()).collect();
                wrong(format!("{name} could be any of {}", names.join(", ")))
            }
        }
    }
}
