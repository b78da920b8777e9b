//! What all steps have in common: how they print, which files they write, and what these are
//! called.

mod files;
mod names;
mod output;
