//! What `cargo challenge` does.

mod build;
mod catalogue;
mod desk;
mod run;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use anstyle::{AnsiColor, Style};
use build::{Built, Remark};
use catalogue::Challenge;
use challenges::{Ending, Refusal, Verdict};
use desk::Desk;
use run::{Ended, Ran};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const LABEL: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// How many errors of the compiler are shown at a time, and how many lines of each.
const ERRORS: usize = 3;
const LINES: usize = 40;

/// How often `watch` looks whether a file was saved.
const LOOK: Duration = Duration::from_millis(200);

/// The workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .and_then(Path::parent)
        .expect("lessons/challenges lies in the workspace")
}

/// The challenges, and the reader's folder.
pub(crate) struct Runner {
    challenges: Vec<Challenge>,
    desk: Desk,
}

/// Whether all is well, or an answer was refused.
type Done = io::Result<bool>;

impl Runner {
    pub(crate) fn new() -> Self {
        Runner { challenges: catalogue::all(), desk: Desk::new(root()) }
    }

    pub(crate) fn list(&self) -> Done {
        let done = self.desk.done()?;
        let next = self.first_not_done()?.map(|challenge| &challenge.name);
        let count = self.challenges.iter().filter(|c| done.contains(&c.name)).count();
        let title = self.challenges.iter().map(|c| c.title.chars().count()).max().unwrap_or(0);
        let name = self.challenges.iter().map(|c| c.name.len()).max().unwrap_or(0);
        println!("{LABEL}Challenges: {count} of {} done{LABEL:#}", self.challenges.len());
        let mut chapter = "";
        for challenge in &self.challenges {
            if challenge.chapter() != chapter {
                chapter = challenge.chapter();
                println!(
                    "{FAINT}{}{FAINT:#}",
                    shown(&root().join("book/src").join(&challenge.page))
                );
            }
            let mark = match () {
                () if done.contains(&challenge.name) => format!("{GOOD}✓{GOOD:#}"),
                () if next == Some(&challenge.name) => format!("{LABEL}→{LABEL:#}"),
                () => "·".to_owned(),
            };
            let Challenge { name: its, title: says, minutes, .. } = challenge;
            println!("  {mark} {its:name$}  {says:title$}  {minutes:>2} min");
        }
        match self.first_not_done()? {
            Some(challenge) => println!("\nNext: cargo challenge {}", challenge.name),
            None => println!("\n{GOOD}All are done.{GOOD:#}"),
        }
        Ok(true)
    }

    pub(crate) fn next(&self) -> Done {
        match self.first_not_done()? {
            Some(challenge) => self.check_one(challenge),
            None => self.list(),
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
        let Some(challenge) = self.named_or_next(name)? else { return self.list() };
        let text = challenge.read("hint.md")?;
        let number = usize::from(number);
        let hint = text.split("## Hint ").nth(number).unwrap_or_default();
        println!("{LABEL}{}, hint {number} of 2{LABEL:#}", challenge.name);
        println!("{}", plain_links(hint.split_once('\n').map_or("", |(_, hint)| hint.trim_end())));
        println!("");
        match number {
            1 => println!("Stuck? cargo challenge hint {} 2", challenge.name),
            _ => println!("Still stuck? cargo challenge solution {}", challenge.name),
        }
        Ok(true)
    }

    pub(crate) fn watch(&self, name: Option<&str>) -> Done {
        loop {
            let Some(challenge) = self.named_or_next(name)? else { return self.list() };
            let answer = self.desk.answer(challenge);
            loop {
                let before = fs::read(&answer).ok();
                let is_done = self.check_one(challenge)?;
                if is_done && name.is_none() {
                    break; // on to the next
                }
                println!("{FAINT}Watching {}; Ctrl-C ends it.{FAINT:#}", shown(&answer));
                // An editor may remove a file for a moment while it saves it.
                while fs::read(&answer).ok().is_none_or(|now| before.as_ref() == Some(&now)) {
                    thread::sleep(LOOK);
                }
                println!("");
            }
        }
    }

    pub(crate) fn reset(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        let kept = self.desk.begin_anew(challenge)?;
        println!("{} begins anew.", shown(&self.desk.answer(challenge)));
        if let Some(kept) = kept {
            println!("What you had is in {}.", shown(&kept));
        }
        Ok(true)
    }

    pub(crate) fn solution(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        print_exactly(&challenge.read("solution.rs")?);
        Ok(true)
    }

    pub(crate) fn diff(&self, name: &str) -> Done {
        let challenge = self.find(name)?;
        let answer = self.desk.answer(challenge);
        let yours = fs::read(&answer).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::other(format!(
                "there is no {} yet: cargo challenge {} begins it",
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

    /// Compiles the reader's answer with its check, runs it, and says what came out.
    fn check_one(&self, challenge: &Challenge) -> Done {
        let answer = self.desk.answer(challenge);
        let Challenge { name, title, minutes, .. } = challenge;
        println!("{LABEL}{name}{LABEL:#}: {title} ({minutes} minutes)");
        if self.desk.begin(challenge)? {
            println!("Your file: {}. Open it: it says what to do.", shown(&answer));
        }
        let colours = io::stderr().is_terminal();
        let (program, remarks) = match build::build(challenge, self.desk.folder(), colours)? {
            Built::Program(program, remarks) => (program, remarks),
            Built::Errors(errors) => {
                show_remarks(&errors);
                if errors.iter().all(|error| error.is_in_check) {
                    println!(
                        "The check could not call your function: what the stub gives must keep its \
                              name, its parameters and what it returns."
                    );
                }
                println!("{BAD}{} does not compile yet.{BAD:#}", shown(&answer));
                return Ok(false);
            }
            Built::Cargo(errors) => {
                eprintln!("{}", errors.trim_end());
                return Err(io::Error::other(format!("cargo could not build {name}")));
            }
        };
        let ran = run::run(&program)?;
        let is_done = ran.is_passed();
        if is_done {
            self.desk.set_done(challenge)?; // whoever hears of it
        }
        report(challenge, &ran);
        if is_done {
            show_remarks(&remarks);
            match self.first_not_done()? {
                Some(next) => println!("Next: cargo challenge {}", next.name),
                None => println!("{GOOD}That was the last one.{GOOD:#}"),
            }
        } else {
            println!(
                "{FAINT}Your file: {}. A hint: cargo challenge hint {name}{FAINT:#}",
                shown(&answer)
            );
        }
        Ok(is_done)
    }

    fn first_not_done(&self) -> io::Result<Option<&Challenge>> {
        let done = self.desk.done()?;
        Ok(self.challenges.iter().find(|challenge| !done.contains(&challenge.name)))
    }

    fn named_or_next(&self, name: Option<&str>) -> io::Result<Option<&Challenge>> {
        match name {
            Some(name) => self.find(name).map(Some),
            None => self.first_not_done(),
        }
    }

    /// The challenge of this name, or the only one whose name holds it.
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
                wrong(format!("{name} may be any of {}", names.join(", ")))
            }
        }
    }
}

/// Text with links as a terminal shows them: `[text](page.md)` becomes `text (book/src/page.md)`.
fn plain_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (Some((before, text)), Some((page, after))) =
            (before.rsplit_once('['), after.split_once(')'))
        else {
            break;
        };
        plain += &format!("{before}{text} (book/src/{page})");
        rest = after;
    }
    plain + rest
}

/// Says what came out of a run.
fn report(challenge: &Challenge, ran: &Ran) {
    if ran.not_shown > 0 {
        println!("\n{FAINT}[... and {} bytes more that it printed]{FAINT:#}", ran.not_shown);
    }
    let fault = match &ran.ended {
        Ended::Judged { is_passed: true, verdict } if ran.left_behind > 0 => {
            let passed = verdict.rsplit_once('\n').map_or("", |(passed, _)| passed);
            return println!("{passed}\n{}", left_behind(challenge, ran.left_behind));
        }
        Ended::Judged { verdict, .. } => return println!("{verdict}"),
        Ended::Early(status) => {
            format!("the check did not come to its end: {}", run::how_it_ended(*status))
        }
        Ended::TimedOut(limit) => {
            format!("the check was still running after {} seconds, and was ended", limit.as_secs())
        }
    };
    println!("  {BAD}✗{BAD:#} {fault}");
    println!("{BAD}{} is not done yet.{BAD:#}", challenge.name);
}

/// What is said of an answer that passed all parts of its check, and has left processes behind.
fn left_behind(challenge: &Challenge, count: usize) -> Verdict {
    let processes = match count {
        1 => "1 process was".to_owned(),
        n => format!("{n} processes were"),
    };
    Verdict {
        challenge: challenge.name.clone(),
        passed: Vec::new(),
        part: Some("no process is left when the check has ended".to_owned()),
        ending: Ending::Refused(Refusal {
            expected: "that all processes which were started have ended".to_owned(),
            seen: format!("{processes} left behind, and ended now"),
            page: "02_process.md#key-points".to_owned(),
        }),
        panic: None,
    }
}

fn show_remarks(remarks: &[Remark]) {
    for remark in remarks.iter().take(ERRORS) {
        let lines: Vec<&str> = remark.text.lines().collect();
        for line in lines.iter().take(LINES) {
            eprintln!("{line}");
        }
        if lines.len() > LINES {
            eprintln!("[... and {} lines more]", lines.len() - LINES);
        }
        eprintln!("");
    }
    if remarks.len() > ERRORS {
        eprintln!("[... and {} more of them]\n", remarks.len() - ERRORS);
    }
}

/// Without a line break of our own.
fn print_exactly(text: &str) {
    use std::io::Write;
    crate::output::write_with(|| anstream::stdout().write_all(text.as_bytes()));
}

/// A path as the reader would write it.
fn shown(path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root()).unwrap_or(path).to_owned();
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::plain_links;

    #[test]
    fn links_are_shown_and_brackets_that_are_none_stay() {
        let text = "`x[0]`: see [*Two*](02_process.md#two), and [this] too";
        let plain = "`x[0]`: see *Two* (book/src/02_process.md#two), and [this] too";
        assert_eq!(plain_links(text), plain);
        let text = "`[100, 200].map` ([*Net*](08.md#net))";
        assert_eq!(plain_links(text), "`[100, 200].map` (*Net* (book/src/08.md#net))");
    }
}
