//! What the programs are called that this test program can be started as, and what they are told.

/// The file in which every process notes that it has started.
pub(crate) const JOURNAL: &str = "PROCESSES_TEST_JOURNAL";

/// What a worker does instead of what it should: `exit`, `hang`, `other tasks`, `babble`.
pub(crate) const BEFORE_INIT: &str = "PROCESSES_TEST_BEFORE_INIT";

pub(crate) const FORGETS_INIT: &str = "forgets-init";
pub(crate) const SAME_NAME_TWICE: &str = "same-name-twice";
pub(crate) const TWO_INITS: &str = "two-inits";
pub(crate) const STARTS_A_POOL: &str = "starts-a-pool";
pub(crate) const DELETES_ITSELF: &str = "deletes-itself";
pub(crate) const WAITS_IDLE: &str = "waits-idle";
pub(crate) const WAITS_BUSY: &str = "waits-busy";
pub(crate) const WAITS_WITH_PROGRAMS: &str = "waits-with-programs";
pub(crate) const CRASHES: &str = "crashes";
pub(crate) const PRINTS: &str = "prints";
