//! What all steps have in common: how they print, which files they write, and how those are called.

mod files;
mod names;
mod output;
