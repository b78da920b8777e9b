// Predict, then measure.
//
// How long do three sleeps take, one after the other? Say so in `predict`, before you measure. Then
// let `measure` do the sleeps, one after the other, and return how long they took.

use std::time::Duration;

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    todo!("how long do {} sleeps take?", sleeps.len())
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    todo!("sleep {} times, and measure", sleeps.len())
}
