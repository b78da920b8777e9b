// Predict, then measure.
//
// Three sleeps, one after the other. How long do they take together? Say so in `predict`, before you measure. Then
// let `measure` sleep them, one after the other, and return how long that took.

use std::time::Duration;

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    todo!("how long do {} sleeps take?", sleeps.len())
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    todo!("sleep {} times, and measure", sleeps.len())
}
