use hands::pool::{ThreadPool, as_completed};

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    // ANCHOR: fix
    let handles = ["many", "hands"].map(|word| (word, pool.submit(str::len, word)));
    for (word, length) in as_completed(handles) {
        println!("{word}: {length:?}");
    }
    // ANCHOR_END: fix
}
