//! Values on a step's command line, read by the same rules everywhere.

use std::time::Duration;

/// Reads a number of seconds: `1`, `0.25`.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(lessons::args::seconds("0.25"), Ok(Duration::from_millis(250)));
/// assert!(lessons::args::seconds("-1").is_err());
/// ```
///
/// # Errors
///
/// If the text is no number, or one that nobody can wait for: negative, infinite, over a day.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 =
        text.parse().map_err(|_| "write a number of seconds, such as 0.5".to_owned())?;
    match number {
        0.0..=86_400.0 => Ok(Duration::from_secs_f64(number)),
        _ => Err("seconds go from 0 to 86400, which is a day".to_owned()),
    }
}

/// Reads a number of workers: from 1 to 4096.
///
/// # Errors
///
/// If the text is no whole number, or out of that range.
pub fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=4096) => Ok(number),
        _ => Err("workers are a whole number from 1 to 4096".to_owned()),
    }
}

/// Says that `--release` is better, where the program is built without optimisation. `why` is a sentence
/// without its full stop.
pub fn advise_release(why: &str) {
    if cfg!(debug_assertions) {
        eprintln!("Note: built without optimisation. {why}:");
        eprintln!("      cargo run --release --example … is better.");
    }
}
