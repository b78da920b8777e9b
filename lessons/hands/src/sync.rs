//! What threads share and wait for. All of this crate that the tests of schedules are to see takes
//! its locks, channels and threads from here: those of the standard library and of crossbeam or, in
//! such a test, those of shuttle or loom. Two packages set the `cfg`s for that:
//! `hands-under-shuttle` and `hands-under-loom`, in `lessons/`.

#[cfg(any(hands_under_shuttle, hands_under_loom))]
pub(crate) mod channel;
#[cfg(hands_under_loom)]
mod loom;
#[cfg(not(any(hands_under_shuttle, hands_under_loom)))]
mod real;
#[cfg(hands_under_shuttle)]
mod shuttle;
#[cfg(any(hands_under_shuttle, hands_under_loom))]
mod wait_group;

#[cfg(hands_under_loom)]
pub(crate) use self::loom::*;
#[cfg(not(any(hands_under_shuttle, hands_under_loom)))]
pub(crate) use self::real::*;
#[cfg(hands_under_shuttle)]
pub(crate) use self::shuttle::*;
#[cfg(any(hands_under_shuttle, hands_under_loom))]
pub(crate) use self::wait_group::WaitGroup;
