use std::thread;

fn main() {
    let numbers = vec![1, 2, 3, 4];
    let (even, odd) = thread::scope(|s| {
        let even = s.spawn(|| numbers.iter().filter(|n| *n % 2 == 0).sum::<i32>());
        let odd = s.spawn(|| numbers.iter().filter(|n| *n % 2 == 1).sum::<i32>());
        (even.join().unwrap(), odd.join().unwrap())
    });
    println!("{even} {odd}");
}
