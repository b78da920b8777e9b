use std::time::Instant;

fn main() {
    let start = Instant::now();
    if start.elapsed() > 2 {
        println!("That took long");
    }
}
