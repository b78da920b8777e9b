use hands::process::Task;

fn main() {
    let factor = 3;
    let scale: Task<u64, u64> = Task::new("scale", |n| n * factor);
    println!("{}", scale.name());
}
