use hands::cancel;
use hands::pool::ThreadPool;
use std::sync::mpsc;
use std::time::Duration;

fn main() {
    let (begins, begun) = mpsc::channel();
    let pool = ThreadPool::new(1).unwrap();
    // ANCHOR: fix
    let nap = move |time| {
        begins.send(()).unwrap();
        cancel::current().sleep(time)
    };
    // ANCHOR_END: fix
    let nap = pool.submit(nap, Duration::from_secs(3600));
    begun.recv().unwrap();
    nap.cancel();
    println!("{:?}", nap.join());
}
