use hands::pool::{ThreadPool, as_completed};

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    let handles = ["many", "hands"].map(|word| pool.submit(str::len, word));
    for length in as_completed(handles) {
        println!("{length:?}");
    }
}
