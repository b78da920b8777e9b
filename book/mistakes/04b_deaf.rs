use hands::pool::ThreadPool;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() {
    let (begins, begun) = mpsc::channel();
    let pool = ThreadPool::new(1).unwrap();
    let nap = move |time| {
        begins.send(()).unwrap();
        thread::sleep(time);
    };
    let nap = pool.submit(nap, Duration::from_millis(500));
    begun.recv().unwrap();
    nap.cancel();
    println!("{:?}", nap.join());
}
