use std::thread;

fn main() {
    let lists = thread::scope(|s| {
        // ANCHOR: fix
        let one = s.spawn(|| vec![0.25]);
        let other = s.spawn(|| vec![0.75]);
        [one.join().unwrap(), other.join().unwrap()]
        // ANCHOR_END: fix
    });
    println!("{:?}", lists.concat());
}
