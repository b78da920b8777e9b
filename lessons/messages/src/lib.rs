//! The problem that all of step 07 works on: [`heat`].

pub mod heat;
