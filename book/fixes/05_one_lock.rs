use std::sync::Mutex;
use std::thread;

fn main() {
    let lists = Mutex::new(Vec::new());
    thread::scope(|s| {
        for seed in 0..2 {
            let lists = &lists;
            s.spawn(move || {
                // ANCHOR: fix
                let list = make_list(seed);
                lists.lock().unwrap().push(list); // locked for this one line
                // ANCHOR_END: fix
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
