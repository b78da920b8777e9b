use std::time::Instant;

fn main() {
    let start = Instant::now();
    println!("Done sleeping");
    let end = Instant::now();
    println!("Finished in {:.2} second(s)", end - start);
}
