//@ refused: four times exactly
// A clock always says a little more. So does this.

use std::thread;
use std::time::Duration;

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    sleeps.into_iter().for_each(thread::sleep);
    predict(sleeps) + Duration::from_micros(50)
}
