use std::sync::Mutex;
use std::thread;

fn main() {
    let lists = Mutex::new(Vec::new());
    thread::scope(|s| {
        for seed in 0..2 {
            let lists = &lists;
            s.spawn(move || {
                let mut lists = lists.lock().unwrap(); // from here on nobody else computes
                println!("begin");
                lists.push(make_list(seed));
                println!("end");
            });
        }
    });
    println!("{} lists", lists.lock().unwrap().len());
}

fn make_list(seed: u64) -> Vec<u64> {
    (0..1_000_000)
        .map(|n: u64| n.wrapping_mul(6364136223846793005).rotate_left(17) ^ seed)
        .collect()
}
