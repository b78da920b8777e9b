//@ refused: 900 is just enough
// Whoever reaches 90 % is left out.

pub fn knee(mut measure: impl FnMut(u32) -> f64) -> u32 {
    let measured = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(|workers| (workers, measure(workers)));
    let best = measured.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let reach = measured.iter().find(|(_, rate)| *rate > 0.9 * best);
    reach.map_or(1, |(workers, _)| *workers)
}
