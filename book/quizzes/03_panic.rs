use hands::pool::ThreadPool;

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    for share in pool.imap(|hands: u32| 12 / hands, [4, 0, 3]) {
        match share {
            Ok(share) => println!("{share}"),
            Err(_) => println!("failed"),
        }
    }
}
