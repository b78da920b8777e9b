//! Small programs that use the library as others do, to be run under many schedules.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::list::Mutation;
use crate::switch::put_in;

/// A small program, and what must have been seen under some schedule: otherwise it doesn't test
/// what it is meant to test.
#[derive(Debug)]
pub struct Scenario {
    /// What it's called.
    pub name: &'static str,
    /// Runs it once. It panics if something is wrong.
    pub run: fn(&Seen),
    /// What it must have [noted](Seen::note) once all schedules are through.
    pub sees: &'static [&'static str],
}

/// What was seen, under all schedules together.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<BTreeSet<&'static str>>>);

impl Seen {
    /// Notes something that happened under this schedule.
    pub fn note(&self, what: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    fn has(&self, what: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(what)
    }
}

impl Scenario {
    /// The scenario of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn named<'s>(scenarios: &'s [Scenario], name: &str) -> &'s Scenario {
        let found = scenarios.iter().find(|scenario| scenario.name == name);
        found.unwrap_or_else(|| panic!("no scenario is called {name}"))
    }

    /// Has it run under many schedules: `check` is given a function that runs it once, and calls
    /// that as often as it likes. Returns what `check` returns.
    ///
    /// # Errors
    ///
    /// What went wrong, or what was seen under no schedule.
    pub fn check<T>(
        &self,
        check: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Result<T, String>,
    ) -> Result<T, String> {
        self.check_with("", check)
    }

    fn check_with<T>(
        &self,
        bug: &'static str,
        check: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Result<T, String>,
    ) -> Result<T, String> {
        let seen = Seen::default();
        let (run, noted) = (self.run, seen.clone());
        let result = check(Box::new(move || {
            put_in(bug);
            run(&noted);
        }))?;
        match self.sees.iter().find(|what| !seen.has(what)) {
            Some(what) => Err(format!("under no schedule {what}")),
            None => Ok(result),
        }
    }
}

impl Mutation {
    /// Puts the bug in, and has the scenario [checked](Scenario::check) that must find it. Returns
    /// how it showed.
    ///
    /// # Errors
    ///
    /// If the scenario found nothing, or something else than the list says.
    ///
    /// # Panics
    ///
    /// If its scenario isn't among these.
    pub fn must_be_found<T>(
        &self,
        scenarios: &[Scenario],
        check: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Result<T, String>,
    ) -> Result<String, String> {
        let Mutation { what, scenario, found, .. } = self;
        match Scenario::named(scenarios, scenario).check_with(what, check) {
            Err(how) if how.contains(found) => Ok(how),
            Err(how) => Err(format!("{what}: {scenario} found {how:?}, instead of {found:?}")),
            Ok(_) => Err(format!("{what}: {scenario} found nothing")),
        }
    }
}
