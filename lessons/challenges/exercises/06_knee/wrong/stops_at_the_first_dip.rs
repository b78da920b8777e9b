//@ refused: is measured once
// Goes up as long as it rises, and takes the first dip for the end.

pub fn knee(mut measure: impl FnMut(u32) -> f64) -> u32 {
    let (mut workers, mut rate) = (1, measure(1));
    while workers < 256 {
        let next = measure(2 * workers);
        if next < 1.1 * rate {
            break;
        }
        (workers, rate) = (2 * workers, next);
    }
    workers
}
