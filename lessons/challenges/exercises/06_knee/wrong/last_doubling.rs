//@ refused: 128 workers measure best
// Goes up until twice the workers bring less than a tenth more.

pub fn knee(mut measure: impl FnMut(u32) -> f64) -> u32 {
    let measured = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(|workers| (workers, measure(workers)));
    let gain = |pair: &[(u32, f64)]| pair[1].1 > 1.1 * pair[0].1;
    let last = measured.windows(2).rfind(|pair| gain(pair));
    last.map_or(1, |pair| pair[0].0)
}
