//! Many answers in one program, which the tests of the checks lay out: each is a module, with its
//! check.

include!(concat!(env!("CHALLENGES"), "/main.rs"));
