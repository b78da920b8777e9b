use std::time::Instant;

fn main() {
    let start = Instant::now();
    println!("Done sleeping");
    let end = Instant::now();
    // ANCHOR: fix
    println!("Finished in {:.2} second(s)", (end - start).as_secs_f64());
    // ANCHOR_END: fix
}
