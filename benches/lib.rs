//! What the benchmarks share.

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
