// Find the knee.
//
// `measure(n)` lets `n` workers ask a server for a while, and tells how many requests were answered in a second. More workers help,
// until the server has as many as it can work on; behind that *knee* they only wait in its queue.
//
// Return the fewest workers that reach 90 % of the best. To measure is dear, so try these and no others, each once:
// 1, 2, 4, 8, 16, 32, 64, 128, 256. What is measured is a little different each time, as it always is.

pub fn knee(mut measure: impl FnMut(u32) -> f64) -> u32 {
    todo!("with one worker it is {} a second", measure(1))
}
