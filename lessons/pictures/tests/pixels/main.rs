//! Pictures as they are painted, decoded, blurred and shrunk. The crates that do it are compiled
//! with optimisation, and their tests would be as well: so they are here, in one program.

mod decoding;
mod filters;
mod hostile;
mod paint;

/// The crate of the same name, which the module `paint` tests.
use pictures::gallery::paint as painting;
