fn main() {
    let (serial, workers) = (0.1, 1000.0);
    let speed_up = 1.0 / (serial + (1.0 - serial) / workers);
    println!("{speed_up:.1} times as fast");
}
