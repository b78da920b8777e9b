//! Nothing. The answers to the challenges are modules of their checks, which are the tests of this
//! package: see `challenges/Cargo.toml`.
