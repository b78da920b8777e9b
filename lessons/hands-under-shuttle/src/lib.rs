//! The crate `hands` once more, with the locks and threads of shuttle, and with bugs that can be
//! put in: the copy that the build script has made.

#![allow(warnings, clippy::all, reason = "the lints are for the original")]

#[cfg(not(test))] // nor are its unit tests run once more
include!(concat!(env!("OUT_DIR"), "/hands/lib.rs"));
