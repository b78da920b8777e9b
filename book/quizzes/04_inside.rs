use hands::pool::ThreadPool;

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    let parse = |text: &str| text.parse::<u8>().map_err(|error| error.to_string());
    match pool.submit(parse, "seven").join() {
        Ok(Ok(n)) => println!("a number: {n}"),
        Ok(Err(reason)) => println!("its own error: {reason}"),
        Err(failure) => println!("it did not end: {failure}"),
    }
}
