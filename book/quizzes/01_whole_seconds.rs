use std::time::Duration;

fn main() {
    let nap = Duration::from_millis(1500);
    println!("{} {}", (nap + nap).as_secs(), nap.as_secs() + nap.as_secs());
}
