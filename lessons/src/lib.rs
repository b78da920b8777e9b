//! What every step of *Many Hands* shares.
