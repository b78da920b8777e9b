use hands::pool::ThreadPool;

fn main() {
    let words = vec!["many".to_owned(), "hands".to_owned()];
    let pool = ThreadPool::new(2).unwrap();
    let lengths = pool.map(|word: &String| word.len(), &words).unwrap();
    println!("{lengths:?}");
}
