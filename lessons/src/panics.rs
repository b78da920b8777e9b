//! A panic as a value: its message, and the place in the code.
