use std::sync::mpsc::sync_channel;

fn main() {
    let (sender, receiver) = sync_channel(2);
    for row in 1..=3 {
        println!("{}", sender.try_send(row).is_ok());
    }
    drop(sender);
    println!("{:?}", receiver.iter().collect::<Vec<i32>>());
}
