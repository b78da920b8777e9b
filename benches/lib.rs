//! What the benchmarks share.

use std::fs;

/// The one in the middle; of an even number, the mean of the two there.
///
/// ```
/// assert_eq!(benches::median([3.0, 1.0, 2.0]), 2.0);
/// assert_eq!(benches::median([4.0, 1.0, 2.0, 3.0]), 2.5);
/// ```
///
/// # Panics
///
/// If there are none.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2])
}

/// What Linux says of the memory of a process, in KiB: as `field`, `VmRSS` is what it has now, and `VmHWM` the most
/// that it ever had. `None` if there is no such process, or this is not Linux.
///
/// ```
/// let pid = std::process::id();
/// let [now, most] = ["VmRSS", "VmHWM"].map(|field| benches::status_kib(pid, field));
/// assert!(now <= most);
/// ```
pub fn status_kib(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
