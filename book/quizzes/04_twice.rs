use hands::pool::ThreadPool;

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    let handle = pool.submit(|n| n * n, 7);
    println!("{}", handle.join().unwrap());
    println!("{}", handle.join().unwrap());
}
