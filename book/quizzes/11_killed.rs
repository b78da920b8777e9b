use std::collections::VecDeque;

fn main() {
    let mut tasks = VecDeque::from(["moon", "galaxy"]); // on the server, until they are acked
    let mut stored = Vec::new();
    let mut killed = false;
    while let Some(task) = tasks.front() {
        stored.push(task.to_uppercase());
        if !killed {
            killed = true; // kill -9: the next round is another worker
            continue;
        }
        tasks.pop_front(); // ack
    }
    println!("{stored:?}");
}
