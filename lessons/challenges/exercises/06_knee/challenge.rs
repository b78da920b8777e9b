// Find the knee.
//
// `measure(n)` lets `n` workers ask a server for a while, and returns how many requests per second
// were answered. More workers help until the server has as many requests as it can handle; behind
// that *knee* they only wait in its queue.
//
// Return the smallest number of workers that reaches 90 % of the best. Measuring is expensive, so
// try only these, each once: 1, 2, 4, 8, 16, 32, 64, 128, 256. As always, each measurement is a
// little different.

pub fn knee(mut measure: impl FnMut(u32) -> f64) -> u32 {
    todo!("with one worker it is {} a second", measure(1))
}
