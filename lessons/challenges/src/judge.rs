//! Runs a check: part by part, under a watchdog.

use std::io::Read;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use harness::{children, cpu_time_of_children, kill_group};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getpgrp, getpid, getrlimit, kill_process, setrlimit,
};

use crate::place::from_root;
use crate::ready::others_are_ready;
use crate::verdict::{Ending, Judged, LEASH, Panic, Stuck, VERDICT, Verdict};

/// How long a check may stand still while nobody in it could go on; and how much it may compute
/// while it stands still. Whatever makes progress says so with [`sign_of_life`].
const STILL: Duration = Duration::from_secs(10);

/// How long a part may take, however much it computes and whatever progress it makes.
const PART: Duration = Duration::from_secs(120);

/// How often the watchdog looks.
const LAP: Duration = Duration::from_millis(100);

/// Runs the parts of a check, says what came of it, and ends the process: with exit code 0 if the
/// answer passed, and with 1 if it didn't.
///
/// It also reports a panic in the answer, whichever thread it happens in. If there is no sign of
/// life for ten seconds and nothing is computed, or if ten seconds of processor time bring none,
/// the check ends, and says which part is stuck and whether it waits or computes. It counts
/// processor time, so that an answer gets as much on a busy machine as on an idle one.
pub fn check(challenge: &'static str, parts: impl FnOnce(&Check) -> Judged) -> ! {
    state().challenge = challenge;
    panic::set_hook(Box::new(note_panic));
    if env::var_os(LEASH).is_some() {
        thread::spawn(end_with_standard_input);
    }
    limit_memory();
    thread::spawn(watch);
    let ending = match panic::catch_unwind(AssertUnwindSafe(|| parts(&Check(())))) {
        Ok(Ok(())) => Ending::Passed,
        Ok(Err(refusal)) => Ending::Refused(refusal),
        Err(_) => Ending::Panicked,
    };
    finish(ending)
}

/// A check that is running.
#[derive(Debug)]
pub struct Check(());

impl Check {
    /// Checks one thing. The name is printed when it passes, and when it doesn't.
    ///
    /// # Errors
    ///
    /// If it does not hold.
    pub fn part(&self, name: &str, part: impl FnOnce() -> Judged) -> Judged {
        state().begin(name);
        part()?;
        state().pass();
        Ok(())
    }

    /// Where to look if a part that follows gets stuck, and the page that explains it.
    pub fn if_stuck(&self, advice: &str, page: &str) {
        state().advice = Some((advice.to_owned(), page.to_owned()));
    }

    /// Another sign of life: a number that changes as long as there is progress, such as the length
    /// of a file that worker processes write to.
    pub fn watch(&self, number: impl Fn() -> u64 + Send + 'static) {
        *PULSE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(number));
    }

    /// A panic whose message begins with this text belongs to the check, and isn't the answer's
    /// fault.
    pub fn expect_panic(&self, text: &'static str) {
        state().expected_panics.push(text);
    }
}

/// Tells the watchdog that there is progress.
pub fn sign_of_life() {
    SIGNS.fetch_add(1, Relaxed);
}

static SIGNS: AtomicU64 = AtomicU64::new(0);

/// See [`Check::watch`].
static PULSE: Mutex<Option<Pulse>> = Mutex::new(None);

type Pulse = Box<dyn Fn() -> u64 + Send>;

struct State {
    challenge: &'static str,
    passed: Vec<String>,
    part: Option<String>,
    advice: Option<(String, String)>,
    expected_panics: Vec<&'static str>,
    panic: Option<Panic>,
    finished: bool,
}

static STATE: Mutex<State> = Mutex::new(State {
    challenge: "",
    passed: Vec::new(),
    part: None,
    advice: None,
    expected_panics: Vec::new(),
    panic: None,
    finished: false,
});

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn begin(&mut self, part: &str) {
        self.part = Some(part.to_owned());
        sign_of_life();
    }

    fn pass(&mut self) {
        self.passed.extend(self.part.take());
        sign_of_life();
    }
}

/// Says what came of the check, and ends the process. Whatever is still running in it ends as well.
fn finish(ending: Ending) -> ! {
    let mut state = state();
    if state.finished {
        drop(state);
        loop {
            thread::park(); // another thread is about to end the process
        }
    }
    state.finished = true;
    let mut panic = state.panic.take();
    if ending == Ending::Passed {
        panic = None; // the answer has dealt with it
    }
    let verdict = Verdict {
        challenge: state.challenge.to_owned(),
        passed: state.passed.clone(),
        part: state.part.clone(),
        ending,
        panic,
    };
    drop(state);
    if !verdict.is_passed() {
        // Otherwise they would complain, above the verdict, that we have gone.
        end_children();
    }
    tell(&verdict);
    process::exit(i32::from(!verdict.is_passed()))
}

/// Ends the check if a panic that it has caught itself is a `todo!()` in the answer.
pub fn end_if_todo(message: &str, place: &str) {
    let panic = Panic { message: message.to_owned(), place: from_root(place) };
    if panic.todo().is_some() {
        state().panic = Some(panic);
        finish(Ending::Panicked);
    }
}

fn end_children() {
    for child in children(process::id()) {
        let child = i32::try_from(child).ok().and_then(Pid::from_raw);
        child.map(|child| kill_process(child, Signal::KILL).ok());
    }
}

fn tell(verdict: &Verdict) {
    let file = env::var_os(VERDICT);
    if file.is_none_or(|file| fs::write(file, verdict.to_string()).is_err()) {
        anstream::eprintln!("{verdict}");
    }
}

fn note_panic(info: &PanicHookInfo<'_>) {
    sign_of_life();
    let text =
        match (info.payload().downcast_ref::<&str>(), info.payload().downcast_ref::<String>()) {
            (Some(text), _) => text,
            (_, Some(text)) => text.as_str(),
            _ => "a value that isn't text",
        };
    let mut state = state();
    let is_expected = state.expected_panics.iter().any(|expected| text.starts_with(expected));
    if !is_expected && state.panic.is_none() {
        let place =
            info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let panic = Panic { message: text.to_owned(), place: from_root(&place) };
        let is_todo = panic.todo().is_some();
        state.panic = Some(panic);
        drop(state);
        if is_todo {
            finish(Ending::Panicked); // nobody needs to wait for the rest
        }
    }
}

/// How much memory an answer may have, and each process that it starts. One that collects an
/// endless iterator would otherwise take all there is, and the machine would come to a halt.
const MEMORY: u64 = 2 << 30;

fn limit_memory() {
    let now = getrlimit(Resource::Data);
    let current = Some(now.current.unwrap_or(MEMORY).min(MEMORY));
    // If the machine has no such limit, the check goes on without it.
    setrlimit(Resource::Data, Rlimit { current, maximum: now.maximum }).ok();
}

/// Ends the process if there is no progress.
fn watch() {
    let mut last = Instant::now();
    let mut part = (last, None);
    let mut sign = (last, (0, None));
    let mut still = Still::default();
    loop {
        thread::sleep(LAP);
        let (now, current) = (Instant::now(), state().part.clone());
        let pulse =
            PULSE.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|pulse| pulse());
        let signs = (SIGNS.load(Relaxed), pulse);
        // While the process was stopped, or the machine asleep, it wasn't standing still.
        let stopped = (now - last).saturating_sub(LAP * 20);
        last = now;
        part.0 += stopped;
        sign.0 += stopped;
        if current != part.1 {
            part = (now, current);
        }
        if signs != sign.1 {
            sign = (now, signs);
            still = Still::default();
        }
        let (time, whole) = (now - sign.0, now - part.0);
        if time >= STILL / 10 {
            still.look();
        }
        let (time, how) = if still.quiet >= STILL * 9 / 10 {
            (time, Stuck::Waits)
        } else if still.computed() >= STILL || (whole >= PART && time >= STILL) {
            (time, Stuck::Computes)
        } else if whole >= PART {
            (whole, Stuck::GoesOn)
        } else {
            continue;
        };
        let advice = state().advice.clone();
        finish(Ending::Stuck { seconds: time.as_secs(), how, advice });
    }
}

/// What happens while there is no sign of life.
#[derive(Default)]
struct Still {
    /// How long nobody could go on. Where a thread waits for a core or a disk, it's the machine
    /// that is slow.
    quiet: Duration,
    /// What had been computed at the first look, and at the last.
    looks: Option<(Duration, Duration)>,
}

impl Still {
    /// Looks once more, after another [`LAP`].
    fn look(&mut self) {
        let now = cpu_time();
        let (first, last) = self.looks.unwrap_or((now, now));
        // Whoever looks computes a little, too.
        if !others_are_ready() && now.saturating_sub(last) < LAP / 5 {
            self.quiet += LAP;
        }
        self.looks = Some((first, now));
    }

    fn computed(&self) -> Duration {
        self.looks.map_or(Duration::ZERO, |(first, last)| last.saturating_sub(first))
    }
}

/// How long this process and its children have computed so far. (Only Linux knows about the
/// children.)
fn cpu_time() -> Duration {
    let ours = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(ours).unwrap_or_default() + cpu_time_of_children(process::id())
}

/// The runner holds the other end. When it has gone, we end too, and with us everything in our
/// process group.
fn end_with_standard_input() {
    let mut nothing = [0; 64];
    while !matches!(std::io::stdin().read(&mut nothing), Ok(0) | Err(_)) {}
    if getpgrp() == getpid() {
        kill_group(process::id());
    }
    process::abort()
}
